// How is a mistake put into words: what was found, what was expected, and what was probably meant.

import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';

export type Path = readonly (string | number)[];

/** A mistake at a path of the document; `at` says whether the key or its value is to be shown. */
export interface Problem {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly hint?: string;
}

/** User input in backticks, on one line, cut when long. */
export const shown = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(String(value)).slice(1, -1).replaceAll('\\"', '"');
  return `\`${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}\``;
};

/** `did you mean … ? declared tiers: …`. `what` says what the known words are. */
export const suggestion = (word: string, known: Iterable<string>, what: string): string => {
  const words = [...known];
  if (words.length === 0) return `there are no ${what}`;
  const list = words.slice(0, MOST_LISTED).map((each) => `\`${each}\``);
  const more = words.length > MOST_LISTED ? ` and ${words.length - MOST_LISTED} more` : '';
  const near = nearest(word, words);
  const guess = near === undefined ? '' : `did you mean \`${near}\`? `;
  return `${guess}${what}: ${list.join(', ')}${more}`;
};

/** The known word that was probably meant, or undefined when none is near. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  if (known.length === 0) return undefined;
  const found = closest(word, known);
  const most = Math.ceil(Math.min(word.length, found.length) / 3);
  return found.length > 1 && distance(word, found) <= most ? found : undefined;
};

/** An error for zod: the first line is the message, the second (if any) the hint. */
export const expecting =
  (expected: string) =>
  (issue: { readonly input?: unknown }): string =>
    issue.input === undefined
      ? `is missing\nexpected ${expected}`
      : `expected ${expected}, found ${quotedNumber(issue.input, expected)}${shown(issue.input)}`;

/** A number in quotes is a text to YAML, which `found` alone would not show. */
const quotedNumber = (input: unknown, expected: string): string =>
  typeof input === 'string' && /number/.test(expected) && /^[-+.\d]/.test(input) ? 'the text ' : '';

/**
 * Zod's words for an issue, in the manner of `expecting`. Unknown keys get one line each, the hint
 * for that key.
 */
export const worded = (issue: z.core.$ZodRawIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return expecting(NOUNS[issue.expected] ?? issue.expected)(issue);
    case 'invalid_value':
      return wordedChoice(issue.input, issue.values.map(String));
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      return issue.keys.map((key) => suggestion(key, known, 'known keys')).join('\n');
    }
    case 'invalid_union':
      return wordedChoice(discriminated(issue), optionsOf(issue.options));
    case 'too_small':
      return wordedLength('at least', issue.minimum);
    case 'too_big':
      return wordedLength('at most', issue.maximum);
    default:
      return `is not accepted, found ${shown(issue.input)}`;
  }
};

/** The problems behind zod's issues, several for one issue with several unknown keys. */
export const problemsOf = (issues: readonly z.core.$ZodIssue[], under: Path = []): Problem[] => {
  const said = new Set<string>();
  // Of a number that is too large for two reasons zod says the same words twice.
  return problemsIn(issues, under).filter((one) => {
    const key = JSON.stringify(one);
    if (said.has(key)) return false;
    said.add(key);
    return true;
  });
};

const problemsIn = (issues: readonly z.core.$ZodIssue[], under: Path): Problem[] =>
  issues.flatMap((issue): Problem[] => {
    const path = [...under, ...issue.path.map((part) => (typeof part === 'symbol' ? '' : part))];
    const lines = issue.message.split('\n');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key, index) =>
        problem([...path, key], `unknown key ${shown(key)}`, lines[index], 'key'),
      );
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      return problemsOf(likeliest(issue.errors), path);
    }
    if (issue.code === 'invalid_key') {
      const [message = '', hint] = issue.issues[0]?.message.split('\n') ?? [];
      return [problem(path, message, hint, 'key')];
    }
    const [message = '', hint] = lines;
    return [problem(path, message, hint)];
  });

/** Puts a problem together, without a hint when there is none. */
export const problem = (
  path: Path,
  message: string,
  hint?: string,
  at: Problem['at'] = 'value',
): Problem => ({ path, at, message, ...(hint === undefined ? {} : { hint }) });

const LONGEST = 60;
const MOST_LISTED = 30;

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

const wordedChoice = (found: unknown, known: readonly string[]): string => {
  const [only, ...others] = known;
  if (only !== undefined && others.length === 0) return expecting(`\`${only}\``)(wrap(found));
  const hint = suggestion(String(found), known, 'expected one of');
  return found === undefined ? `is missing\n${hint}` : `unknown value ${shown(found)}\n${hint}`;
};

const optionsOf = (options: unknown): string[] =>
  Array.isArray(options) ? options.map(String) : [];

const wrap = (input: unknown): { readonly input?: unknown } => ({ input });

const wordedLength = (relation: string, bound: number | bigint): string =>
  bound === 1 ? 'is empty\nexpected at least one entry' : `expected ${relation} ${bound} entries`;

const discriminated = (issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): unknown => {
  const { input } = issue;
  const key = String(issue.path?.at(-1) ?? '');
  return typeof input === 'object' && input !== null ? Reflect.get(input, key) : undefined;
};

/** Of a union's branches the one that the value came furthest into. */
const likeliest = (
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] => {
  const deep = branches.find((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return deep ?? branches.at(-1) ?? [];
};
