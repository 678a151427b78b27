// Can Cedar take these arguments: do they have the types that the schema promised to the policies?

import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { InputSchema, ObjectSchema } from '../../domain/tool.ts';
import { isRecord } from '../../domain/wire.ts';

type Input = Readonly<Record<string, unknown>>;

/**
 * Why the arguments do not have the schema's types, or `undefined`. Policies were validated against
 * those types, so an argument of another one never reaches them; that also keeps out `__entity` and
 * `__extn`, by which a caller could forge an entity. Bounds on lengths and sizes are not looked at.
 */
export const inputProblem = (schema: ObjectSchema, input: Input): string | undefined => {
  for (const name in input) {
    const value = fieldOf(input, name);
    if (value === undefined) continue;
    if (!Object.hasOwn(schema.properties, name))
      return `input has the undeclared field \`${name}\``;
    const rule = schema.properties[name];
    if (rule === undefined || !fits(rule, value)) {
      return `input field \`${name}\` is not of its type, \`${rule?.type}\``;
    }
  }
  for (const name of schema.required) {
    if (fieldOf(input, name) === undefined) return `input lacks the field \`${name}\``;
  }
  return undefined;
};

/** A field of one's own, never one of the prototype's. */
export const fieldOf = (input: Input, name: string): unknown =>
  Object.hasOwn(input, name) ? input[name] : undefined;

/** The named top-level fields as Cedar takes them; the input must fit. `undefined` names all. */
export const cedarInput = (
  schema: ObjectSchema,
  input: Input,
  names?: ReadonlySet<string>,
): Record<string, CedarValueJson> => {
  const fields: [string, CedarValueJson][] = [];
  for (const [name, rule] of Object.entries(schema.properties)) {
    const value = fieldOf(input, name);
    if (value !== undefined && (names === undefined || names.has(name))) {
      fields.push([name, cedarValue(rule, value)]);
    }
  }
  return Object.fromEntries(fields);
};

/** Whether the text has no half of a surrogate pair alone, which Cedar's JSON cannot carry. */
export const isWellFormed = (text: string): boolean => !LONE_SURROGATE.test(text);

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether the value is of the schema's type, so that it reaches the policies. */
export const fits = (rule: InputSchema, value: unknown): boolean => {
  switch (rule.type) {
    case 'string':
      return typeof value === 'string' && isWellFormed(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' && isDecimal(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value) && value.every((item) => fits(rule.items, item));
    case 'object':
      return isRecord(value) && inputProblem(rule, value) === undefined;
  }
};

/** Cedar's decimals have four places; more would have to be rounded, perhaps past a limit. */
const isDecimal = (value: number): boolean =>
  Math.abs(value) <= DECIMAL_MAX && Number(value.toFixed(4)) === value;

/** Cedar keeps a decimal in 64 bits, in ten-thousandths; this stays well inside. */
export const DECIMAL_MAX = 900_000_000_000_000;

const cedarValue = (rule: InputSchema, value: unknown): CedarValueJson => {
  if (rule.type === 'object') return cedarInput(rule, value as Input);
  if (rule.type === 'array') {
    return (value as readonly unknown[]).map((item) => cedarValue(rule.items, item));
  }
  if (rule.type === 'number') {
    return { __extn: { fn: 'decimal', arg: (value as number).toFixed(4) } };
  }
  return value as string | number | boolean;
};
