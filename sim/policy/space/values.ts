// Which values stand for all that a variable can have: those that policies name, and others than those.

import type { InputSchema, ObjectSchema } from '../../domain/tool.ts';
import type { Pattern, Reading, Sighting } from './reading.ts';
import { keyOf, type Scalar } from './variable.ts';

/** A value of a variable; `undefined` when it is absent. */
export type Value = Scalar | readonly Scalar[] | Readonly<Record<string, unknown>> | undefined;

/** Beyond so many members of a set, not every selection of them is tried. */
const MEMBERS_MAX = 4;
/** Of the decimals of Cedar, the smallest step. */
const DECIMAL_STEP = 0.0001;

/**
 * The values of every sighted variable, by key. Variables that are compared with each other draw
 * from one pool, with as many further values as there are variables, so that each of them can be
 * equal to, or differ from, each other one. `others` names further values of a pool.
 */
export const valuesOf = (
  reading: Reading,
  schema: ObjectSchema,
  others: (keys: readonly string[], index: number) => string,
): ReadonlyMap<string, readonly Value[]> => {
  const values = new Map<string, readonly Value[]>();
  for (const group of groupsOf(reading)) {
    const literals = new Set(group.flatMap((sighting) => [...sighting.literals]));
    const patterns = group.flatMap((sighting) => sighting.patterns);
    const keys = group.map(({ variable }) => keyOf(variable));
    const strings = [...literals].filter((literal) => typeof literal === 'string');
    const further = furtherTexts(group.length, strings, patterns, (index) => others(keys, index));
    for (const [index, sighting] of group.entries()) {
      const { variable } = sighting;
      const key = keyOf(variable);
      if (variable.kind !== 'input') {
        const absent = variable.kind === 'tag' ? [undefined] : [];
        values.set(key, [
          ...strings,
          ...sampled(patterns),
          ...further.slice(0, index + 1),
          ...absent,
        ]);
        continue;
      }
      const rule = ruleAt(schema, variable.path);
      const present = presentValues(rule, sighting, {
        literals,
        texts: [...strings, ...sampled(patterns), ...further.slice(0, index + 1)],
        variables: group.length,
        reading,
      });
      values.set(key, isOptional(schema, variable.path) ? [...present, undefined] : present);
    }
  }
  return values;
};

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

const furtherTexts = (
  count: number,
  literals: readonly string[],
  patterns: readonly Pattern[],
  name: (index: number) => string,
): readonly string[] => {
  const found: string[] = [];
  for (let index = 0; found.length < count && index < count + literals.length + 8; index += 1) {
    const text = name(index);
    // Where a pattern matches everything, there is nothing else.
    if (!literals.includes(text) && !patterns.some((pattern) => matches(pattern, text)))
      found.push(text);
  }
  return found;
};

const matches = (pattern: Pattern, text: string): boolean => {
  const source = pattern.map((piece) =>
    piece === undefined ? '[^]*' : piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`).test(text);
};

/** A text for each pattern, and two for those with a `*`: nothing there, and something. */
const sampled = (patterns: readonly Pattern[]): readonly string[] => [
  ...new Set(
    patterns.flatMap((pattern) =>
      ['-', ''].map((filling) => pattern.map((piece) => piece ?? filling).join('')),
    ),
  ),
];

const presentValues = (
  rule: InputSchema | undefined,
  { members }: Sighting,
  group: {
    readonly literals: ReadonlySet<Scalar>;
    readonly texts: readonly string[];
    readonly variables: number;
    readonly reading: Reading;
  },
): readonly Value[] => {
  switch (rule?.type) {
    case 'boolean':
      return [true, false];
    case 'integer':
      return numbersAround(group.literals, group.variables, 1);
    case 'number':
      return numbersAround(group.literals, group.variables, DECIMAL_STEP);
    case 'array':
      return selections([...members, somethingElse(rule.items)], group.reading);
    case 'object':
      return [filled(rule)];
    default:
      return group.texts;
  }
};

/** Each number that is named, and some below, between and above. */
const numbersAround = (
  literals: ReadonlySet<Scalar>,
  variables: number,
  step: number,
): readonly number[] => {
  const named = [...literals].filter((literal) => typeof literal === 'number');
  const around = (named.length === 0 ? [0] : named).flatMap((number) =>
    Array.from({ length: 2 * variables + 1 }, (_, index) => number + (index - variables) * step),
  );
  return [...new Set(around.map((number) => Number(number.toFixed(4))))].sort((a, b) => a - b);
};

/** Every selection of the members, the empty one included. */
const selections = (members: readonly Scalar[], { unclear }: Reading): readonly Value[] => {
  if (members.length > MEMBERS_MAX + 1) {
    unclear.add(`a set that is asked for ${members.length - 1} members`);
    return [[], members, ...members.map((member) => [member])];
  }
  return Array.from({ length: 1 << members.length }, (_, mask) =>
    members.filter((_member, index) => (mask >> index) % 2 === 1),
  );
};

const somethingElse = (rule: InputSchema): Scalar => {
  if (rule.type === 'boolean') return true;
  return rule.type === 'integer' || rule.type === 'number' ? 987_654 : 'something else';
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
      return rule.minimum ?? 0;
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
