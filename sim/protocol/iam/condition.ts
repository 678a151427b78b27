// Does a request meet a statement's Condition: operators and keys are joined by AND, values by OR.

import { closest, distance } from 'fastest-levenshtein';
import type { Test } from './arn.ts';
import { type ContextKey, contextKey, type RequestContext, readContext } from './context.ts';
import { OPERATORS, type Operator, UNSUPPORTED_OPERATORS } from './operator.ts';
import { fieldsOf, inside, type Place, readItems, refuse } from './place.ts';

/** One operator on one key. */
export type Condition =
  | { readonly kind: 'presence'; readonly key: ContextKey; readonly nulls: readonly boolean[] }
  | {
      readonly kind: 'comparison';
      readonly key: ContextKey;
      readonly quantifier: Quantifier;
      readonly whenAbsent: boolean;
      readonly negated: boolean;
      readonly tests: readonly Test[];
    };

type Quantifier = 'single' | 'all' | 'any';

interface OperatorName {
  readonly quantifier: Quantifier;
  readonly base: string;
  readonly ifExists: boolean;
}

/** Reads a `Condition` block; `variables` when the document's version has them. */
export const readConditions = (
  place: Place,
  value: unknown,
  variables: boolean,
): readonly Condition[] =>
  [...(fieldsOf(place, value) ?? [])].flatMap(([name, keys]) => {
    const at = inside(place, name);
    const compile = compilerOf(at, name);
    return [...(fieldsOf(at, keys) ?? [])].flatMap(([key, values]) => {
      const keyAt = inside(at, key);
      if (!CONTEXT_KEY.test(key)) {
        refuse(keyAt, `\`${key}\` is not a context key`, 'write `prefix:name`, without variables');
      }
      return compile === undefined ? [] : [compile(keyAt, key, { values, variables })];
    });
  });

const CONTEXT_KEY = /^[A-Za-z0-9-]+:[^${}]+$/;

/**
 * Whether the request meets the condition.
 * - An operator without a qualifier never holds on a multivalued key, not even when negated: AWS
 *   requires a qualifier there (outcome as in iam-simulate 0.1.173).
 * - A negated operator does not hold when a variable or a value of the right kind is missing.
 */
export const meets = (condition: Condition, context: RequestContext): boolean => {
  const value = readContext(context, condition.key);
  if (condition.kind === 'presence') return condition.nulls.includes(isNull(value));
  if (value === undefined) return condition.whenAbsent;
  const { negated, tests } = condition;
  if (typeof value === 'string') return passes(value, { negated, tests, context });
  const passesOne = (one: string): boolean => passes(one, { negated, tests, context });
  if (condition.quantifier === 'single') return false;
  return condition.quantifier === 'all' ? value.every(passesOne) : value.some(passesOne);
};

/**
 * Absent or without values: `Null: false` asks that "the key exists and its value is not null", as
 * AWS's guard against `ForAllValues` on keys that are missing or empty (multivalued key examples).
 */
const isNull = (value: string | readonly string[] | undefined): boolean =>
  value === undefined || (typeof value !== 'string' && value.length === 0);

interface Comparison {
  readonly negated: boolean;
  readonly tests: readonly Test[];
  readonly context: RequestContext;
}

/** OR over the policy's values; negated, all must be decided and none may match. */
const passes = (value: string, comparison: Comparison): boolean => {
  for (const test of comparison.tests) {
    const outcome = test(value, comparison.context);
    if (comparison.negated ? outcome !== false : outcome === true) return !comparison.negated;
  }
  return comparison.negated;
};

type Compiler = (place: Place, key: string, from: Source) => Condition;

interface Source {
  readonly values: unknown;
  readonly variables: boolean;
}

/** The compiler of an operator's conditions, or `undefined` with a complaint. */
const compilerOf = (place: Place, written: string): Compiler | undefined => {
  const name = operatorName(written);
  if (name.base === 'Null') {
    if (written !== 'Null') return refuse(place, `\`Null\` takes no prefix and no \`IfExists\``);
    return presence;
  }
  const reason = UNSUPPORTED_OPERATORS.get(name.base);
  if (reason !== undefined) return refuse(place, `\`${name.base}\` is not supported: ${reason}`);
  const operator = OPERATORS.get(name.base);
  if (operator === undefined) {
    return refuse(place, `unknown condition operator \`${written}\``, didYouMean(name.base));
  }
  return (at, key, from) => comparison(operator, name, { place: at, key, ...from });
};

const didYouMean = (base: string): string => {
  const names = [...OPERATORS.keys(), 'Null'];
  const near = closest(base, names);
  return distance(base, near) <= 4 ? `did you mean \`${near}\`?` : `known are ${names.join(', ')}`;
};

const operatorName = (written: string): OperatorName => {
  const [, set, base = '', exists] =
    /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/s.exec(written) ?? [];
  const quantifier = set === undefined ? 'single' : set === 'ForAllValues:' ? 'all' : 'any';
  return { quantifier, base, ifExists: exists !== undefined };
};

const presence: Compiler = (place, key, from) => ({
  kind: 'presence',
  key: contextKey(key),
  nulls: readItems(place, from.values, (at, item) => {
    const text = String(item).toLowerCase();
    if (text === 'true' || text === 'false') return text === 'true';
    return refuse(at, `\`Null\` takes \`true\` or \`false\`, not \`${String(item)}\``);
  }),
});

/** `ForAllValues` holds on an absent key, `ForAnyValue` does not, `IfExists` holds with either. */
const comparison = (
  operator: Operator,
  name: OperatorName,
  from: Source & { readonly place: Place; readonly key: string },
): Condition => ({
  kind: 'comparison',
  key: contextKey(from.key),
  quantifier: name.quantifier,
  whenAbsent:
    name.ifExists ||
    name.quantifier === 'all' ||
    (name.quantifier === 'single' && operator.negated),
  negated: operator.negated,
  tests: readItems(from.place, from.values, (at, item) => {
    if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean') {
      return refuse(at, 'must be text, a number or a Boolean');
    }
    const test = operator.test(String(item), from.variables);
    return typeof test === 'function' ? test : refuse(at, test.fault, test.hint);
  }),
});
