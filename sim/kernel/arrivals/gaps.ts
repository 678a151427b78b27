// How long is it from one request to the next: gaps of mean 1, Gamma or Weibull, of a given shape.

import type { Chance } from '../chance.ts';
import { logGamma } from './log-gamma.ts';
import type { GapFamily } from './model.ts';

/** Draws of a renewal process that has been running for ever, in units of the mean gap. */
export interface UnitGaps {
  /** From an arbitrary instant to the first start: what is left of the gap that covers it. */
  first(chance: Chance): number;
  /** From one start to the next; mean 1. */
  next(chance: Chance): number;
}

/** `shape` is the family's usual first parameter, above 0; the scale follows from the mean of 1. */
export const unitGaps = (family: GapFamily, shape: number): UnitGaps =>
  family === 'gamma' ? gammaGaps(shape) : weibullGaps(shape);

/** The shape whose gaps have this coefficient of variation (0.01 to 100). */
export const shapeOf = (family: GapFamily, cv: number): number =>
  family === 'gamma' ? 1 / (cv * cv) : weibullShape(cv);

// A gap that covers an arbitrary instant is longer than most: gaps are met in proportion to their
// length, and the instant falls anywhere in it. Both families are closed under that weighting.

const gammaGaps = (shape: number): UnitGaps => ({
  first: (chance) => (chance.float() * gammaDraw(shape + 1, chance)) / shape,
  next: (chance) => gammaDraw(shape, chance) / shape,
});

const weibullGaps = (shape: number): UnitGaps => {
  const logScale = -logGamma(1 + 1 / shape);
  // If G is exponential, G^(1/shape) is Weibull; with G of shape 1 + 1/shape, weighted by length.
  const scaled = (drawn: number): number => Math.exp(logScale + Math.log(drawn) / shape);
  return {
    first: (chance) => chance.float() * scaled(gammaDraw(1 + 1 / shape, chance)),
    next: (chance) => scaled(chance.exponential(1)),
  };
};

/** A Gamma draw of scale 1 (Marsaglia and Tsang, 2000; below shape 1 with their boost). */
const gammaDraw = (shape: number, chance: Chance): number => {
  if (shape === 1) return chance.exponential(1);
  if (shape < 1) {
    const boost = Math.exp(Math.log(1 - chance.float()) / shape);
    return gammaDraw(shape + 1, chance) * boost;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = chance.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const bound = 0.5 * x * x + d * (1 - v + Math.log(v));
    if (Math.log(1 - chance.float()) < bound) return d * v;
  }
};

/** Halves an interval of 1/shape until doubles end: the variation rises with 1/shape. */
const weibullShape = (cv: number): number => {
  const target = Math.log(1 + cv * cv);
  let low = 0;
  let high = 16;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return 1 / high;
    if (logGamma(1 + 2 * middle) - 2 * logGamma(1 + middle) < target) low = middle;
    else high = middle;
  }
};
