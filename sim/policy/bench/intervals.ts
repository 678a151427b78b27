// How sure is a figure that was measured on a machine that is never quiet?

import type { BenchedRatio, Estimate } from '../../domain/policy-bench.ts';
import type { Chance } from '../../kernel/chance.ts';

/** A control further from 1 than this spoils what stands beside it. Assumed. */
const CONTROL_TOLERANCE = 0.05;
/** How often samples are drawn again for an interval. Assumed: its ends move by a few per cent. */
const RESAMPLES = 200;
const TAIL = 0.025;

export const sorted = (values: readonly number[]): readonly number[] =>
  values.toSorted((a, b) => a - b);

/** Nearest rank of a sorted list; NaN of nothing. */
export const quantileOf = (ordered: readonly number[], share: number): number =>
  ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? Number.NaN;

/**
 * A quantile with the 95 % interval between two of the samples, whatever their distribution: the
 * number of samples below the true quantile is binomial. Source: order statistics (David and
 * Nagaraja, 2003, section 7.1).
 */
export const quantileEstimate = (samples: readonly number[], share: number): Estimate => {
  const ordered = sorted(samples);
  const { below, above } = binomialBounds(ordered.length, share);
  return {
    value: quantileOf(ordered, share),
    low: ordered[below - 1] ?? null,
    high: ordered[above] ?? null,
  };
};

/**
 * The greatest `below` and least `above` for which at most 2.5 % of the chance lies below and above.
 * 0 or `count` when no sample is a bound.
 */
const binomialBounds = (
  count: number,
  share: number,
): { readonly below: number; readonly above: number } => {
  // In logarithms: of some hundred samples the first chances are too small for a number.
  let logarithm = count * Math.log(1 - share);
  const odds = Math.log(share / (1 - share));
  let sum = 0;
  let below = 0;
  let isLowFound = false;
  for (let successes = 0; successes <= count; successes += 1) {
    sum += Math.exp(logarithm);
    if (!isLowFound && sum > TAIL) {
      below = successes;
      isLowFound = true;
    }
    if (sum >= 1 - TAIL) return { below, above: successes };
    logarithm += Math.log((count - successes) / (successes + 1)) + odds;
  }
  return { below, above: count };
};

/** Some figure of rounds, with the 95 % interval that drawing the rounds again gives it. */
const bootstrapped = (
  rounds: number,
  figure: (chosen: readonly number[]) => number,
  chance: Chance,
): Estimate => {
  const all = Array.from({ length: rounds }, (_, index) => index);
  const again = sorted(
    Array.from({ length: RESAMPLES }, () => figure(all.map(() => chance.integer(0, rounds - 1)))),
  );
  return {
    value: figure(all),
    low: quantileOf(again, TAIL),
    high: quantileOf(again, 1 - TAIL),
  };
};

/**
 * How many times as long `one` takes as `other`, by their 10th percentiles, which the machine's
 * other work disturbs least. Samples of one index were taken in one round.
 */
export const ratioOf = (
  one: readonly number[],
  other: readonly number[],
  chance: Chance,
): Estimate =>
  bootstrapped(one.length, (chosen) => tenth(one, chosen) / tenth(other, chosen), chance);

const tenth = (samples: readonly number[], chosen: readonly number[]): number =>
  quantileOf(sorted(chosen.map((index) => samples[index] ?? Number.NaN)), 0.1);

export const controlled = (ratio: Estimate, control: Estimate): BenchedRatio => ({
  ...ratio,
  control,
  controlIsOff: isOff(control),
  clearsControl: clears(ratio, control),
});

/** Whether even the interval's near end is further from 1 than anything that the control shows. */
const clears = ({ low, high }: Estimate, control: Estimate): boolean => {
  const noise = Math.max(control.high ?? Number.NaN, 1 / (control.low ?? Number.NaN), 1);
  return (low ?? 0) > noise || (high ?? Number.POSITIVE_INFINITY) < 1 / noise;
};

export const isOff = ({ value }: Estimate): boolean => !(Math.abs(value - 1) <= CONTROL_TOLERANCE);
