// Is it the same resource: ARNs of six parts, compared whole (Resource) or part by part (ArnLike).

import type { RequestContext } from './context.ts';
import {
  type Fault,
  matchesPattern,
  type Pattern,
  type Piece,
  parsePieces,
  patternOf,
} from './pattern.ts';

const PARTS = 6;

/** A test of one value: `undefined` when a variable or the value itself leaves it undecided. */
export type Test = (value: string, context: RequestContext) => boolean | undefined;

/**
 * A test of the request's resource against one entry of `Resource` or `NotResource`.
 * SIMPLIFICATION: AWS says that a `*` which ends a part may reach over colons; here every `*` may.
 */
export const resourceTest = (source: string, variables: boolean): Test | Fault => {
  const pieces = parsePieces(source, { variables, wildcards: true });
  if ('fault' in pieces) return pieces;
  const everything = pieces.length === 1 && pieces[0]?.kind === 'many';
  if (everything) return () => true;
  const parts = partsOf(pieces);
  const isArn = isLiteral(parts[0], 'arn');
  const isWhole = parts.length === PARTS || (isArn && pieces.at(-1)?.kind === 'many');
  if (!isArn || !isWhole) {
    return {
      fault: `\`${source}\` is not an ARN`,
      hint: 'write `*` or `arn:partition:service:region:account:resource`',
    };
  }
  const early = parts.slice(0, PARTS - 1).some((part) => part.some((p) => p.kind === 'variable'));
  if (early) {
    return {
      fault: `a variable before the fifth colon of \`${source}\``,
      hint: 'AWS takes variables in the last part of a resource only',
    };
  }
  const pattern = patternOf(pieces);
  return (value, context) => matchesPattern(pattern, value, context);
};

/**
 * A test for `ArnEquals` and `ArnLike`, which AWS says behave alike: six parts, each on its own.
 * A value that is no ARN is neither like nor unlike (assumed, as in iam-simulate 0.1.173).
 */
export const arnTest = (source: string, variables: boolean): Test | Fault => {
  const pieces = parsePieces(source, { variables, wildcards: true });
  if ('fault' in pieces) return pieces;
  const parts = partsOf(pieces);
  if (parts.length < PARTS || !isLiteral(parts[0], 'arn')) {
    return {
      fault: `\`${source}\` is not an ARN of six parts`,
      hint: 'write `arn:partition:service:region:account:resource`, with wildcards if need be',
    };
  }
  const patterns = parts.map((part) => patternOf(part));
  return (value, context) => likeParts(patterns, value, context);
};

const likeParts = (
  patterns: readonly Pattern[],
  value: string,
  context: RequestContext,
): boolean | undefined => {
  const parts = splitArn(value);
  if (parts === undefined) return undefined;
  let every = true;
  for (const [index, pattern] of patterns.entries()) {
    const like = matchesPattern(pattern, parts[index] ?? '', context);
    if (like === undefined) return undefined;
    every &&= like;
  }
  return every;
};

/** Six parts, the last with what colons it has; `undefined` when there are fewer. */
const splitArn = (arn: string): readonly string[] | undefined => {
  const parts = arn.split(':');
  if (parts.length < PARTS) return undefined;
  return [...parts.slice(0, PARTS - 1), parts.slice(PARTS - 1).join(':')];
};

/** The pieces of each part, divided at the first five colons that stand in literal text. */
const partsOf = (pieces: readonly Piece[]): readonly (readonly Piece[])[] => {
  const parts: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind !== 'text') {
      parts.at(-1)?.push(piece);
      continue;
    }
    let rest = piece.text;
    for (let colon = rest.indexOf(':'); colon >= 0; colon = rest.indexOf(':')) {
      if (parts.length === PARTS) break;
      if (colon > 0) parts.at(-1)?.push({ kind: 'text', text: rest.slice(0, colon) });
      parts.push([]);
      rest = rest.slice(colon + 1);
    }
    if (rest !== '') parts.at(-1)?.push({ kind: 'text', text: rest });
  }
  return parts;
};

const isLiteral = (part: readonly Piece[] | undefined, text: string): boolean =>
  part?.length === 1 && part[0]?.kind === 'text' && part[0].text === text;
