// What does a condition operator compare, and how: one row for each that is supported.

import { arnTest, type Test } from './arn.ts';
import { instantUs, isAmbiguousInstant } from './instant.ts';
import { type Fault, matchesPattern, parsePieces, patternOf } from './pattern.ts';

/** An operator without its `ForAllValues:`, `ForAnyValue:` and `IfExists`. */
export interface Operator {
  /** Negated operators hold when no policy value matches, and on an absent key. */
  readonly negated: boolean;
  /** Makes the test against one policy value, or says why there is none. */
  readonly test: (source: string, variables: boolean) => Test | Fault;
}

type Compare = (value: number, limit: number) => boolean;

/** Names that AWS has and that are refused, each with the reason. */
export const UNSUPPORTED_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['IpAddress', 'no request here has a network address'],
  ['NotIpAddress', 'no request here has a network address'],
  ['BinaryEquals', 'no context key here is binary'],
]);

const equalTo: Compare = (value, limit) => value === limit;
const lessThan: Compare = (value, limit) => value < limit;
const lessThanOrEqual: Compare = (value, limit) => value <= limit;
const greaterThan: Compare = (value, limit) => value > limit;
const greaterThanOrEqual: Compare = (value, limit) => value >= limit;

const stringTest =
  (wildcards: boolean, ignoreCase: boolean) =>
  (source: string, variables: boolean): Test | Fault => {
    const pieces = parsePieces(source, { variables, wildcards });
    if ('fault' in pieces) return pieces;
    const pattern = patternOf(pieces, ignoreCase);
    return (value, context) => matchesPattern(pattern, value, context);
  };

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

const numericTest =
  (compare: Compare) =>
  (source: string): Test | Fault => {
    if (!NUMBER.test(source)) {
      return {
        fault: `\`${source}\` is not a number`,
        hint: 'variables and wildcards are not taken here',
      };
    }
    const limit = Number(source);
    return (value) => (NUMBER.test(value) ? compare(Number(value), limit) : undefined);
  };

const dateTest =
  (compare: Compare) =>
  (source: string): Test | Fault => {
    const limitUs = instantUs(source);
    if (limitUs === undefined || isAmbiguousInstant(source)) {
      return {
        fault: `\`${source}\` is not a date`,
        hint: 'write `2026-07-01T08:00:00Z` or UNIX seconds, without variables or wildcards',
      };
    }
    return (value) => {
      const valueUs = instantUs(value);
      return valueUs === undefined ? undefined : compare(valueUs, limitUs);
    };
  };

/** AWS's two pages disagree on variables in `Bool`; they are taken, as its operators page says. */
const boolTest = (source: string, variables: boolean): Test | Fault => {
  const pieces = parsePieces(source, { variables, wildcards: false });
  if ('fault' in pieces) return pieces;
  const pattern = patternOf(pieces, true);
  if (pattern.exact !== undefined && !isBool(pattern.exact)) {
    return { fault: `\`${source}\` is not a Boolean`, hint: 'write `true` or `false`' };
  }
  return (value, context) =>
    isBool(value.toLowerCase()) ? matchesPattern(pattern, value, context) : undefined;
};

const isBool = (text: string): boolean => text === 'true' || text === 'false';

const affirmed = (test: Operator['test']): Operator => ({ negated: false, test });
const negated = (test: Operator['test']): Operator => ({ negated: true, test });

/** Every supported operator but `Null`, which looks at presence and compares nothing. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', affirmed(stringTest(false, false))],
  ['StringNotEquals', negated(stringTest(false, false))],
  ['StringEqualsIgnoreCase', affirmed(stringTest(false, true))],
  ['StringNotEqualsIgnoreCase', negated(stringTest(false, true))],
  ['StringLike', affirmed(stringTest(true, false))],
  ['StringNotLike', negated(stringTest(true, false))],
  ['ArnEquals', affirmed(arnTest)],
  ['ArnNotEquals', negated(arnTest)],
  ['ArnLike', affirmed(arnTest)],
  ['ArnNotLike', negated(arnTest)],
  ['NumericEquals', affirmed(numericTest(equalTo))],
  ['NumericNotEquals', negated(numericTest(equalTo))],
  ['NumericLessThan', affirmed(numericTest(lessThan))],
  ['NumericLessThanEquals', affirmed(numericTest(lessThanOrEqual))],
  ['NumericGreaterThan', affirmed(numericTest(greaterThan))],
  ['NumericGreaterThanEquals', affirmed(numericTest(greaterThanOrEqual))],
  ['DateEquals', affirmed(dateTest(equalTo))],
  ['DateNotEquals', negated(dateTest(equalTo))],
  ['DateLessThan', affirmed(dateTest(lessThan))],
  ['DateLessThanEquals', affirmed(dateTest(lessThanOrEqual))],
  ['DateGreaterThan', affirmed(dateTest(greaterThan))],
  ['DateGreaterThanEquals', affirmed(dateTest(greaterThanOrEqual))],
  ['Bool', affirmed(boolTest)],
]);
