// Which values of one kind can policies tell apart: their constants, what lies beside them, and others.

import type { InputSchema, ObjectSchema } from '../../domain/tool.ts';
import type { Literal } from './literals.ts';

/** Two texts that no policy names, the same for every value, so that values are equal or differ. */
export const STRANGERS: readonly string[] = ['value-1', 'value-2'];

/** Values of the schema's type; `literals` are what policies compare them with. */
export const valuesOf = (schema: InputSchema, literals: readonly Literal[]): readonly unknown[] => {
  const numbers = literals.filter((each) => typeof each === 'number');
  const texts = literals.filter((each) => typeof each === 'string');
  switch (schema.type) {
    case 'string':
      return [...new Set([...texts, ...STRANGERS])];
    case 'boolean':
      return [true, false];
    case 'integer':
      return besides(numbers, 1);
    case 'number':
      return besides(numbers, 0.0001);
    case 'array': {
      const items = valuesOf(schema.items, literals);
      return [[], ...items.map((item) => [item]), items];
    }
    case 'object':
      return [smallest(schema)];
  }
};

/** A value of the schema, objects with what is required only. */
export const sampleOf = (schema: InputSchema): unknown => valuesOf(schema, [])[0];

/** An object with what is required only. */
export const smallest = ({ properties, required }: ObjectSchema): Record<string, unknown> =>
  Object.fromEntries(
    required.flatMap((name) => {
      const schema = properties[name];
      return schema === undefined ? [] : [[name, sampleOf(schema)]];
    }),
  );

const besides = (numbers: readonly number[], step: number): readonly number[] => {
  const near = numbers.flatMap((each) => [each - step, each, each + step]);
  const places = step < 1 ? near.map((each) => Number(each.toFixed(4))) : near;
  return [...new Set([0, ...places])].sort((left, right) => left - right);
};
