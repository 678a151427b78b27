// Which values stand for all that a variable can have: those that policies name, and others than those.

import type { InputSchema, ObjectSchema } from '../../domain/tool.ts';
import { DECIMAL_MAX, fits } from '../../protocol/cedar.ts';
import type { Pattern, Reading, Sighting } from './reading.ts';
import { keyOf, type Scalar, type Variable } from './variable.ts';

/** A value of a variable; `undefined` when it is absent. */
export type Value = Scalar | readonly unknown[] | Readonly<Record<string, unknown>> | undefined;

/** Beyond so many members of a set, not every selection of them is tried. */
const MEMBERS_MAX = 4;

/**
 * The values of every sighted variable, by key. Variables that are compared with each other draw
 * from one pool, with as many further values as there are variables, so that each of them can be
 * equal to, or differ from, each other one, whether a pattern matches it or not. `others` names
 * further values of a pool.
 */
export const valuesOf = (
  reading: Reading,
  schema: ObjectSchema,
  others: (variables: readonly Variable[], index: number) => string,
): ReadonlyMap<string, readonly Value[]> => {
  const values = new Map<string, readonly Value[]>();
  for (const group of groupsOf(reading)) {
    const literals = new Set(group.flatMap((sighting) => [...sighting.literals]));
    const patterns = distinctPatterns(group);
    // Which patterns can match together is not worked out.
    if (patterns.length > 1) reading.unclear.add(likeText(group));
    if (group.length > 1 && group.some(({ variable }) => isCompound(schema, variable)))
      reading.unclear.add(`records or lists compared with each other: ${keysOf(group)}`);
    const variables = group.map(({ variable }) => variable);
    const strings = [...literals].filter((literal) => typeof literal === 'string');
    const further = furtherTexts(group.length, strings, patterns, (index) =>
      others(variables, index),
    );
    const like = sampled(patterns, strings, group.length + 1);
    for (const [index, sighting] of group.entries()) {
      const { variable } = sighting;
      const key = keyOf(variable);
      if (variable.kind !== 'input') {
        const absent = variable.kind === 'tag' ? [undefined] : [];
        values.set(key, [...strings, ...like, ...further.slice(0, index + 1), ...absent]);
        continue;
      }
      const rule = ruleAt(schema, variable.path);
      const present = presentValues(rule, sighting, {
        literals,
        texts: [...strings, ...like, ...further.slice(0, index + 1)],
        variables: group.length,
        reading,
      });
      values.set(key, isOptional(schema, variable.path) ? [...present, undefined] : present);
    }
  }
  return values;
};

/** Whether it is a record or a list, of which only few values are tried. */
const isCompound = (schema: ObjectSchema, variable: Variable): boolean => {
  const rule = variable.kind === 'input' ? ruleAt(schema, variable.path) : undefined;
  return rule?.type === 'object' || rule?.type === 'array';
};

const keysOf = (group: readonly Sighting[]): string =>
  group.map(({ variable }) => keyOf(variable)).join(', ');

/** Sightings that are compared with each other, directly or by way of others. */
const groupsOf = ({ sightings, compared }: Reading): readonly (readonly Sighting[])[] => {
  const groupOf = new Map<string, Set<string>>();
  for (const key of sightings.keys()) groupOf.set(key, new Set([key]));
  for (const [one, other] of compared) {
    const joined = new Set([...(groupOf.get(one) ?? []), ...(groupOf.get(other) ?? [])]);
    for (const key of joined) groupOf.set(key, joined);
  }
  return [...new Set(groupOf.values())].map((keys) =>
    [...keys].flatMap((key) => sightings.get(key) ?? []),
  );
};

/** Texts that are no literal and that no pattern matches. */
const furtherTexts = (
  count: number,
  literals: readonly string[],
  patterns: readonly Pattern[],
  name: (index: number) => string,
): readonly string[] => {
  // Where a pattern matches everything, there is nothing else.
  if (patterns.some(matchesAll)) return [];
  const strange = strangeTo(patterns);
  const tries = Array.from({ length: count + literals.length + 8 }, (_, index) => index);
  const candidates = [...tries.map(name), ...tries.map((index) => strange.repeat(index + 1))];
  return [...new Set(candidates)]
    .filter((text) => !literals.includes(text))
    .filter((text) => !patterns.some((pattern) => matches(pattern, text)))
    .slice(0, count);
};

const matchesAll = (pattern: Pattern): boolean =>
  pattern.length > 0 && pattern.every((piece) => piece === undefined);

/** A character that stands in no pattern, so that no text of it alone is matched. */
const strangeTo = (patterns: readonly Pattern[]): string => {
  const used = new Set(patterns.flat().flatMap((piece) => [...(piece ?? '')]));
  for (let code = FIRST_LETTER; ; code += 1) {
    const character = String.fromCharCode(code);
    if (!used.has(character)) return character;
  }
};

const FIRST_LETTER = 97;

const matches = (pattern: Pattern, text: string): boolean => {
  const source = pattern.map((piece) =>
    piece === undefined ? '[^]*' : piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`).test(text);
};

/**
 * So many texts for each pattern with a `*`, none of them a literal: as many as can differ from each
 * other, and one more.
 */
const sampled = (
  patterns: readonly Pattern[],
  literals: readonly string[],
  count: number,
): readonly string[] => {
  // Every filling makes a text of another length or another end, and one literal spoils but one.
  const fillings = Array.from({ length: count + literals.length + 2 }, (_, index) =>
    index === 0 ? '-' : index === 1 ? '' : String(index),
  );
  const texts = patterns.flatMap((pattern) =>
    [...new Set(fillings.map((filling) => pattern.map((piece) => piece ?? filling).join('')))]
      .filter((text) => !literals.includes(text))
      .slice(0, count),
  );
  return [...new Set(texts)];
};

const distinctPatterns = (group: readonly Sighting[]): readonly Pattern[] => [
  ...new Map(
    group.flatMap(({ patterns }) => patterns).map((pattern) => [patternText(pattern), pattern]),
  ).values(),
];

/** `*` as Cedar writes it, and the character of that name with a backslash. */
const patternText = (pattern: Pattern): string =>
  JSON.stringify(
    pattern.map((piece) => (piece === undefined ? '*' : piece.replaceAll('*', '\\*'))).join(''),
  );

/** `tag department like "a*", input clinic_id like "*b"`. */
const likeText = (group: readonly Sighting[]): string =>
  group
    .flatMap(({ variable, patterns }) =>
      patterns.map((pattern) => `${keyOf(variable)} like ${patternText(pattern)}`),
    )
    .join(', ');

interface GroupValues {
  readonly literals: ReadonlySet<Scalar>;
  readonly texts: readonly string[];
  readonly variables: number;
  readonly reading: Reading;
}

/** Values that reach Cedar; none for a field that the tool does not have. */
const presentValues = (
  rule: InputSchema | undefined,
  sighting: Sighting,
  group: GroupValues,
): readonly Value[] =>
  rule === undefined ? [] : valuesLike(rule, sighting, group).filter((value) => fits(rule, value));

const valuesLike = (
  rule: InputSchema,
  { members }: Sighting,
  group: GroupValues,
): readonly Value[] => {
  switch (rule.type) {
    case 'boolean':
      return [true, false];
    case 'integer':
      return numbersAround(group.literals, group.variables, INTEGERS);
    case 'number':
      return numbersAround(group.literals, group.variables, DECIMALS);
    case 'array': {
      const fitting = [...members].filter((one) => fits(rule.items, one));
      return selections([...fitting, somethingElse(rule.items)], group.reading);
    }
    case 'object':
      return [filled(rule)];
    case 'string':
      return group.texts;
  }
};

/** Numbers that reach Cedar: how far they go to either side, and the least step between them. */
interface Numbers {
  readonly max: number;
  readonly step: number;
}

const INTEGERS: Numbers = { max: Number.MAX_SAFE_INTEGER, step: 1 };
/** Of the decimals of Cedar, the smallest step. */
const DECIMALS: Numbers = { max: DECIMAL_MAX, step: 0.0001 };

/** Each number that is named, and some below, between and above, zero, and both ends. */
const numbersAround = (
  literals: ReadonlySet<Scalar>,
  variables: number,
  { max, step }: Numbers,
): readonly number[] => {
  const named = [...literals].filter((literal) => typeof literal === 'number');
  const around = [-max, ...(named.length === 0 ? [0] : named), max].flatMap((number) =>
    Array.from({ length: 2 * variables + 1 }, (_, index) => number + (index - variables) * step),
  );
  const all = [0, ...around.map((number) => Number(number.toFixed(4)))];
  return [...new Set(all)].filter((number) => Math.abs(number) <= max).sort((a, b) => a - b);
};

/** Every selection of the members, the empty one included. */
const selections = (members: readonly unknown[], { unclear }: Reading): readonly Value[] => {
  if (members.length > MEMBERS_MAX + 1) {
    unclear.add(`a set that is asked for ${members.length - 1} members`);
    return [[], members, ...members.map((member) => [member])];
  }
  return Array.from({ length: 1 << members.length }, (_, mask) =>
    members.filter((_member, index) => (mask >> index) % 2 === 1),
  );
};

const somethingElse = (rule: InputSchema): Value => {
  switch (rule.type) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return 987_654;
    case 'string':
      return 'something else';
    case 'array':
    case 'object':
      return filled(rule);
  }
};

/** The least that fits a schema. */
export const filled = (rule: InputSchema): Value => {
  switch (rule.type) {
    case 'object':
      return Object.fromEntries(
        rule.required.flatMap((name) => {
          const inner = rule.properties[name];
          return inner === undefined ? [] : [[name, filled(inner)]];
        }),
      );
    case 'array':
      return [];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return fits(rule, rule.minimum) ? rule.minimum : 0;
    case 'string':
      return 'something';
  }
};

const ruleAt = (schema: ObjectSchema, path: readonly string[]): InputSchema | undefined => {
  let rule: InputSchema | undefined = schema;
  for (const name of path) rule = rule?.type === 'object' ? rule.properties[name] : undefined;
  return rule;
};

/** Whether the last step may be missing; what contains it is left out with it. */
const isOptional = (schema: ObjectSchema, path: readonly string[]): boolean => {
  let rule: InputSchema | undefined = schema;
  for (const name of path) {
    if (rule?.type !== 'object') return true;
    if (!rule.required.includes(name)) return true;
    rule = rule.properties[name];
  }
  return false;
};
