// Does a text match a policy string: text, wildcards, variables whose values are never patterns.

import { type ContextKey, contextKey, type RequestContext, readContext } from './context.ts';

/** A part of a policy string as written. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'many' }
  | { readonly kind: 'variable'; readonly key: ContextKey; readonly fallback: string | undefined };

/** Why a policy string cannot be used: one sentence, and what to do about it. */
export interface Fault {
  readonly fault: string;
  readonly hint?: string;
}

/** What counts as special in a policy string. */
export interface Dialect {
  /** Since version 2012-10-17; before it `${…}` is literal text. */
  readonly variables: boolean;
  readonly wildcards: boolean;
}

/** A policy string made ready: what stands before, between and after its `*`. */
export interface Pattern {
  readonly exact: string | undefined;
  readonly variables: readonly VariablePiece[];
  readonly ignoreCase: boolean;
  readonly head: readonly Fixed[];
  readonly middle: readonly (readonly Fixed[])[];
  /** What follows the last `*`; `undefined` when there is none. */
  readonly tail: readonly Fixed[] | undefined;
}

type VariablePiece = Extract<Piece, { kind: 'variable' }>;

/** A part of known length once variables have values: a value by its index, `?` or text. */
type Fixed = number | 'one' | { readonly text: string };

interface Subject {
  readonly text: string;
  readonly values: readonly string[];
}

const VARIABLE = /^([^,{}'$*?]*[^,{}'$*?\s])(?:, '([^']*)')?$/;

/** Takes a policy string apart, or says what is malformed in it. */
export const parsePieces = (source: string, dialect: Dialect): readonly Piece[] | Fault => {
  const pieces: Piece[] = [];
  let text = '';
  const add = (piece: Piece): void => {
    if (text !== '') pieces.push({ kind: 'text', text });
    text = '';
    pieces.push(piece);
  };
  for (let index = 0; index < source.length; index += 1) {
    const character = source[index] ?? '';
    if (dialect.variables && source.startsWith('${', index)) {
      const end = source.indexOf('}', index);
      const inside = source.slice(index + 2, end);
      if (end < 0) return { fault: `a variable without its closing brace in \`${source}\`` };
      if (inside === '*' || inside === '?' || inside === '$') text += inside;
      else {
        const [, name, fallback] = VARIABLE.exec(inside) ?? [];
        if (name?.includes(':') !== true) return malformedVariable(inside);
        add({ kind: 'variable', key: contextKey(name), fallback });
      }
      index = end;
    } else if (dialect.wildcards && character === '*') add({ kind: 'many' });
    else if (dialect.wildcards && character === '?') add({ kind: 'one' });
    else text += character;
  }
  if (text !== '') pieces.push({ kind: 'text', text });
  return pieces;
};

const malformedVariable = (inside: string): Fault => ({
  fault: `malformed variable \`\${${inside}}\``,
  hint: `write \`\${prefix:key}\` or \`\${prefix:key, 'default'}\`; \`\${*}\` is an asterisk`,
});

/** Makes pieces ready for matching. */
export const patternOf = (pieces: readonly Piece[], ignoreCase = false): Pattern => {
  const variables: VariablePiece[] = [];
  const runs: Fixed[][] = [];
  let run: Fixed[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'text') run.push({ text: fold(piece.text, ignoreCase) });
    else if (piece.kind === 'one') run.push('one');
    else if (piece.kind === 'variable') run.push(variables.push(piece) - 1);
    else {
      runs.push(run);
      run = [];
    }
  }
  const [head, ...middle] = runs;
  const plain = pieces.every((piece) => piece.kind === 'text');
  const written = pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
  return {
    exact: plain ? fold(written, ignoreCase) : undefined,
    variables,
    ignoreCase,
    head: head ?? run,
    middle,
    tail: head === undefined ? undefined : run,
  };
};

/**
 * Whether `text` matches; `undefined` when a variable has no value, so that neither can be said.
 * `?` stands for one UTF-16 unit.
 */
export const matchesPattern = (
  pattern: Pattern,
  text: string,
  context: RequestContext,
): boolean | undefined => {
  const folded = fold(text, pattern.ignoreCase);
  if (pattern.exact !== undefined) return pattern.exact === folded;
  const values: string[] = [];
  for (const variable of pattern.variables) {
    const value = resolve(variable, context);
    if (value === undefined) return undefined;
    values.push(fold(value, pattern.ignoreCase));
  }
  return spans(pattern, { text: folded, values });
};

/**
 * The text a variable stands for. A multivalued key has none (AWS, single-valued vs. multivalued
 * context keys); that its default then stands in is assumed, as in iam-simulate 0.1.173.
 */
const resolve = (variable: VariablePiece, context: RequestContext): string | undefined => {
  const value = readContext(context, variable.key);
  return typeof value === 'string' ? value : variable.fallback;
};

/** Leftmost-first between the anchored ends: never exponential, whatever the pattern. */
const spans = (pattern: Pattern, subject: Subject): boolean => {
  const { text } = subject;
  let at = endOf(pattern.head, 0, subject);
  if (pattern.tail === undefined) return at === text.length;
  for (const run of pattern.middle) {
    if (at < 0) return false;
    at = endOfFirst(run, at, subject);
  }
  const tailAt = text.length - lengthOf(pattern.tail, subject);
  return at >= 0 && tailAt >= at && endOf(pattern.tail, tailAt, subject) === text.length;
};

/** Where `run` ends when it begins at `at`, or −1 when it does not stand there. */
const endOf = (run: readonly Fixed[], at: number, subject: Subject): number => {
  let end = at;
  for (const part of run) {
    if (part === 'one') {
      if (end >= subject.text.length) return -1;
      end += 1;
    } else {
      const literal = literalOf(part, subject);
      if (!subject.text.startsWith(literal, end)) return -1;
      end += literal.length;
    }
  }
  return end;
};

const endOfFirst = (run: readonly Fixed[], from: number, subject: Subject): number => {
  const last = subject.text.length - lengthOf(run, subject);
  for (let at = from; at <= last; at += 1) {
    const end = endOf(run, at, subject);
    if (end >= 0) return end;
  }
  return -1;
};

const lengthOf = (run: readonly Fixed[], subject: Subject): number => {
  let length = 0;
  for (const part of run) length += part === 'one' ? 1 : literalOf(part, subject).length;
  return length;
};

const literalOf = (part: number | { readonly text: string }, subject: Subject): string =>
  typeof part === 'number' ? (subject.values[part] ?? '') : part.text;

const fold = (text: string, ignoreCase: boolean): string =>
  ignoreCase ? text.toLowerCase() : text;
