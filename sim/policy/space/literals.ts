// With which constants do policies compare a value?

import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { isRecord } from '../../domain/wire.ts';
import { childrenOf, nodeOf, partOf, type Term, termOf } from '../../protocol/cedar.ts';

export type Literal = string | number | boolean;

/** A term's name as an axis has it. */
export const termName = (term: Term): string =>
  term.kind === 'tag' ? `tag ${term.name}` : `input ${term.path.join('.')}`;

/** The constants that each term is compared with, by the term's name. */
export const literalsOf = (
  policies: readonly PolicyJson[],
): ReadonlyMap<string, ReadonlySet<Literal>> => {
  const found = new Map<string, Set<Literal>>();
  const note = (term: Term, literals: readonly Literal[]): void => {
    const known = found.get(termName(term)) ?? new Set();
    for (const literal of literals) known.add(literal);
    found.set(termName(term), known);
  };
  const visit = (expression: unknown): void => {
    const node = nodeOf(expression);
    if (node === undefined) return;
    const [left, right] = [partOf(node.body, 'left'), partOf(node.body, 'right')];
    const [leftTerm, rightTerm] = [termOf(left), termOf(right)];
    if (leftTerm !== undefined) note(leftTerm, constantsIn(right));
    if (rightTerm !== undefined) note(rightTerm, constantsIn(left));
    if (node.operator === 'like' && leftTerm !== undefined)
      note(leftTerm, [sampleOf(partOf(node.body, 'pattern'))]);
    // An extension's method, such as `lessThan`, has its receiver and argument in a list.
    if (Array.isArray(node.body)) {
      for (const part of node.body) {
        const term = termOf(part);
        if (term !== undefined) note(term, node.body.flatMap(constantsIn));
      }
    }
    for (const child of childrenOf(node) ?? []) visit(child);
  };
  for (const { conditions } of policies) for (const { body } of conditions) visit(body);
  return found;
};

const constantsIn = (expression: unknown): readonly Literal[] => {
  const node = nodeOf(expression);
  if (node === undefined) return [];
  if (node.operator === 'Value') return isLiteral(node.body) ? [node.body] : [];
  if (node.operator === 'neg') {
    const [value] = constantsIn(partOf(node.body, 'arg'));
    return typeof value === 'number' ? [-value] : [];
  }
  if (node.operator === 'decimal' && Array.isArray(node.body)) {
    const [text] = constantsIn(node.body[0]);
    return text === undefined ? [] : [Number(text)];
  }
  return node.operator === 'Set' && Array.isArray(node.body) ? node.body.flatMap(constantsIn) : [];
};

const isLiteral = (value: unknown): value is Literal =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** A text of the pattern: each wildcard stands for nothing. */
const sampleOf = (pattern: unknown): string =>
  (Array.isArray(pattern) ? pattern : [])
    .map((part) => (isRecord(part) && typeof part['Literal'] === 'string' ? part['Literal'] : ''))
    .join('');
