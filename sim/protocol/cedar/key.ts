// Have policies seen this question before: its facts, written as one text.

import type { PolicyQuestion } from '../../domain/ports.ts';
import { isRecord } from '../../domain/wire.ts';
import type { Fact, Term } from './facts.ts';
import { fieldOf } from './input.ts';
import { cutsIn, intervalOf, ofDay } from './time.ts';

/** Writes the facts of a question; two questions with the same text get the same answer. */
export type KeyWriter = (question: PolicyQuestion) => string;

export const keyWriter = (facts: readonly Fact[]): KeyWriter => {
  const writers = [...facts.map(writerOf), ...timeWriters(facts)].filter(
    (writer) => writer !== undefined,
  );
  return (question) => {
    let key = '';
    for (const write of writers) key += write(question);
    return key;
  };
};

/** The value of a tag or field, or `undefined` when it is absent. */
export const termValue = (term: Term, question: PolicyQuestion): unknown => {
  if (term.kind === 'tag') return fieldOf(question.principal.tags, term.name);
  let value: unknown = question.input;
  for (const name of term.path) value = isRecord(value) ? fieldOf(value, name) : undefined;
  return value;
};

const writerOf = (fact: Fact): KeyWriter | undefined => {
  switch (fact.kind) {
    case 'tag':
    case 'input':
      return (question) => written(termValue(fact, question));
    case 'has':
      return (question) => (termValue(fact.term, question) === undefined ? '-' : '+');
    case 'same':
      return (question) =>
        compared(termValue(fact.left, question), termValue(fact.right, question));
    case 'principal id':
      return ({ principal }) => written(principal.id);
    case 'all tags':
      return ({ principal }) => written(Object.entries(principal.tags).sort(byName));
    case 'gateway':
      return ({ gateway }) => written(gateway);
    case 'now':
      return ({ nowUs }) => written(milliseconds(nowUs));
    case 'action':
    case 'instant cut':
    case 'daily cut':
      return undefined;
  }
};

const timeWriters = (facts: readonly Fact[]): KeyWriter[] => {
  const instants = cutsIn(facts, 'instant cut');
  const times = cutsIn(facts, 'daily cut');
  const writers: KeyWriter[] = [];
  if (instants.length > 0) {
    writers.push(({ nowUs }) => `${intervalOf(milliseconds(nowUs), instants)}/`);
  }
  if (times.length > 0) {
    writers.push(({ nowUs }) => `${intervalOf(ofDay(milliseconds(nowUs)), times)}/`);
  }
  return writers;
};

/** Cedar's times are whole milliseconds. */
export const milliseconds = (us: number): number => Math.floor(us / 1000);

/** Values of different types or lengths never run into each other. */
const written = (value: unknown): string => {
  if (value === undefined) return '-';
  if (typeof value === 'string') return `${value.length}"${value}`;
  const text = JSON.stringify(value);
  return `${text.length}:${text}`;
};

const compared = (left: unknown, right: unknown): string => {
  if (left === undefined) return right === undefined ? '--' : '-+';
  if (right === undefined) return '+-';
  if (typeof left === 'object' || typeof right === 'object') return written(left) + written(right);
  return left === right ? '=' : '!';
};

const byName = ([left]: readonly [string, string], [right]: readonly [string, string]): number =>
  left < right ? -1 : 1;
