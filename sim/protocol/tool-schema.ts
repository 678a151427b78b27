// Does a tool call fit the tool's schema: closed objects of bounded strings, whole numbers and flags.

import { isRecord } from '../domain/wire.ts';

/**
 * What is wrong with `input` by the schema, or `undefined`. Covers what tool schemas here use:
 * object, string (minLength, maxLength), integer (minimum, maximum), boolean, required, closed.
 */
export const schemaComplaint = (
  schema: Readonly<Record<string, unknown>>,
  input: Readonly<Record<string, unknown>>,
): string | undefined => {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(properties, name)) return `unknown argument \`${name}\``;
  }
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const name of required) {
    if (!Object.hasOwn(input, String(name))) return `missing argument \`${String(name)}\``;
  }
  for (const [name, value] of Object.entries(input)) {
    const rule = properties[name];
    if (isRecord(rule) && !fits(rule, value)) return `argument \`${name}\` does not fit its schema`;
  }
  return undefined;
};

const fits = (rule: Readonly<Record<string, unknown>>, value: unknown): boolean => {
  switch (rule['type']) {
    case 'string':
      return (
        typeof value === 'string' && within(value.length, rule['minLength'], rule['maxLength'])
      );
    case 'integer':
      return Number.isSafeInteger(value) && within(Number(value), rule['minimum'], rule['maximum']);
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return false;
  }
};

const within = (value: number, low: unknown, high: unknown): boolean =>
  (typeof low !== 'number' || value >= low) && (typeof high !== 'number' || value <= high);
