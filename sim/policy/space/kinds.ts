// Which questions can policies tell apart, each by the values that it is made of?

import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyQuestion } from '../../domain/ports.ts';
import type { Gateway } from '../gateways.ts';
import { dimensionsOf, type PlacedTool, questionAt, type Terms } from './dimensions.ts';
import { emptyReading, readPolicy } from './reading.ts';
import type { Value } from './values.ts';

/** One thing in which questions differ, with the values that policies can tell apart in it. */
export interface Axis {
  readonly name: string;
  readonly values: readonly Value[];
}

/** The kinds of questions about one tool. */
export interface Kinds {
  readonly axes: readonly Axis[];
  /** False when policies use a value in a way that is not understood, so that kinds may be missing. */
  readonly isComplete: boolean;
  /** The question with these values by the axes' names; `undefined` when they exclude each other. */
  readonly question: (values: ReadonlyMap<string, Value>) => PolicyQuestion | undefined;
}

/** The kinds of questions about a tool, asked at its own gateway or at any of the others. */
export const kindsOf = (
  tool: PlacedTool,
  policies: readonly PolicyJson[],
  others: readonly Gateway[],
): Kinds => {
  const reading = emptyReading();
  for (const json of policies) readPolicy(json, reading);
  const { dimensions } = dimensionsOf(tool, reading, TERMS);
  const arns = [...new Set([tool.gateway, ...others].map(({ arn }) => arn))];
  const isTimed = reading.cuts.length > 0;
  const axes = dimensions
    .filter(({ variable }) => variable.kind !== 'time' || isTimed)
    .map(({ key, variable, values }) => ({
      name: key,
      values: variable.kind === 'gateway' ? arns : values,
    }));
  const places = new Map(
    dimensions.map(({ key, values }) => [key, new Map(values.map((value, at) => [value, at]))]),
  );
  return {
    axes,
    isComplete: reading.unclear.size === 0,
    question: (values) => {
      const point = dimensions.map(({ key }) =>
        values.has(key) ? places.get(key)?.get(values.get(key)) : undefined,
      );
      const question = questionAt(tool, dimensions, point, TERMS.usualUs);
      const gateway = values.get('gateway');
      return question === undefined || typeof gateway !== 'string'
        ? question
        : { ...question, gateway };
    },
  };
};

/** Every combination of the axes' values, the last axis the fastest. */
export function* combinations(axes: readonly Axis[]): Generator<ReadonlyMap<string, Value>> {
  const chosen = axes.map(() => 0);
  if (axes.some(({ values }) => values.length === 0)) return;
  for (;;) {
    const values = new Map<string, Value>();
    for (const [index, axis] of axes.entries())
      values.set(axis.name, axis.values[chosen[index] ?? 0]);
    yield values;
    let place = axes.length - 1;
    for (; place >= 0; place -= 1) {
      const next = (chosen[place] ?? 0) + 1;
      chosen[place] = next < (axes[place]?.values.length ?? 0) ? next : 0;
      if (chosen[place] !== 0) break;
    }
    if (place < 0) return;
  }
}

/** Nothing varies beside what policies read; bounds are the caller's. */
const TERMS: Terms = {
  tags: {},
  tenantTags: [],
  tenantInputs: [],
  // Noon of a summer's day.
  usualUs: 1_784_030_400_000_000,
  questionsMax: Number.MAX_SAFE_INTEGER,
  pointsMax: Number.MAX_SAFE_INTEGER,
};
