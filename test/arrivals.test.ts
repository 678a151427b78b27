// Do requests start when their model says: order, window, rate, variation and shape of arrivals.

import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { logGamma } from '../sim/kernel/arrivals/log-gamma.ts';
import type { ArrivalModel, GapFamily, Window } from '../sim/kernel/arrivals.ts';
import {
  arrivals,
  expectedCount,
  modelProblems,
  shapeOf,
  unitGaps,
} from '../sim/kernel/arrivals.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '../sim/kernel/clock.ts';

// 2026-01-05T00:00:00Z, a Monday.
const MONDAY_US = 1_767_571_200 * SECOND_US;
const hour: Window = { fromUs: MONDAY_US, toUs: MONDAY_US + HOUR_US };

const rate = fc.double({ min: 0, max: 200, noNaN: true });
const phaseUs = fc.integer({ min: 1000, max: 20 * SECOND_US });
const anyModel: fc.Arbitrary<ArrivalModel> = fc.oneof(
  fc.record({ kind: fc.constantFrom('constant', 'poisson'), requestsPerSecond: rate }),
  fc.record({
    kind: fc.constantFrom('gamma', 'weibull'),
    requestsPerSecond: rate,
    cv: fc.double({ min: 0.01, max: 100, noNaN: true }),
  }),
  fc.record(
    {
      kind: fc.constant('ramp'),
      fromRequestsPerSecond: rate,
      toRequestsPerSecond: rate,
      overUs: phaseUs,
    },
    { requiredKeys: ['kind', 'fromRequestsPerSecond', 'toRequestsPerSecond'] },
  ),
  phaseUs.chain((everyUs) =>
    fc.record({
      kind: fc.constant('burst'),
      everyUs: fc.constant(everyUs),
      size: fc.integer({ min: 0, max: 5 }),
      withinUs: fc.integer({ min: 1, max: everyUs }),
    }),
  ),
  fc.record({
    kind: fc.constant('on-off'),
    requestsPerSecond: rate,
    meanOnUs: phaseUs,
    meanOffUs: phaseUs,
  }),
  fc.record({
    kind: fc.constant('diurnal'),
    requestsPerDay: fc.double({ min: 0, max: 1e7, noNaN: true }),
    peakHour: fc.double({ min: 0, max: 24, noNaN: true }),
    peakToTrough: fc.double({ min: 1, max: 1000, noNaN: true }),
    utcOffsetMinutes: fc.integer({ min: -720, max: 840 }),
  }),
) as fc.Arbitrary<ArrivalModel>;

const anyWindow = fc
  .tuple(fc.integer({ min: 0, max: 2 * MONDAY_US }), fc.integer({ min: 0, max: 10 * SECOND_US }))
  .map(([fromUs, lengthUs]): Window => ({ fromUs, toUs: fromUs + lengthUs }));

test.prop([anyModel, anyWindow, fc.integer()])(
  'starts are whole microseconds inside the window and never descend',
  (model, window, seed) => {
    let lastUs = window.fromUs;
    for (const atUs of arrivals(model, window, new Chance(seed))) {
      expect(Number.isSafeInteger(atUs)).toBe(true);
      expect(atUs).toBeGreaterThanOrEqual(lastUs);
      expect(atUs).toBeLessThan(window.toUs);
      lastUs = atUs;
    }
  },
);

test.prop([anyModel, anyWindow, fc.integer()])(
  'the same chance gives the same starts, whatever else was drawn from it',
  (model, window, seed) => {
    const used = new Chance(seed);
    used.float();
    const once = [...arrivals(model, window, new Chance(seed))];
    expect([...arrivals(model, window, used)]).toEqual(once);
  },
);

test.prop([anyModel, anyWindow])('a sound model has no problems and a count', (model, window) => {
  expect(modelProblems(model)).toEqual([]);
  expect(expectedCount(model, window)).toBeGreaterThanOrEqual(0);
});

test('another chance gives other starts', () => {
  const model: ArrivalModel = { kind: 'poisson', requestsPerSecond: 1 };
  const [one, other] = [1, 2].map((seed) => [...arrivals(model, hour, new Chance(seed))]);
  expect(one).not.toEqual(other);
});

test.prop([fc.double({ min: 1e-7, max: 5000, noNaN: true }), anyWindow, fc.integer()])(
  'a constant rate is evenly spaced from the beginning on, and its count is known exactly',
  (requestsPerSecond, window, seed) => {
    const model: ArrivalModel = { kind: 'constant', requestsPerSecond };
    const startsUs = [...arrivals(model, window, new Chance(seed))];
    expect(startsUs.length).toBe(expectedCount(model, window));
    const gapUs = 1e6 / requestsPerSecond;
    for (const [index, atUs] of startsUs.entries()) {
      expect(Math.abs(atUs - window.fromUs - index * gapUs)).toBeLessThanOrEqual(1);
    }
    const nextUs = window.fromUs + startsUs.length * gapUs;
    expect(nextUs).toBeGreaterThanOrEqual(window.toUs - 1);
  },
);

// Every random model in one window that cuts spells and phases, so that a wrong steady state shows.
const minute: Window = { fromUs: MONDAY_US, toUs: MONDAY_US + MINUTE_US };
const randomModels: readonly ArrivalModel[] = [
  { kind: 'poisson', requestsPerSecond: 2 },
  { kind: 'gamma', requestsPerSecond: 2, cv: 0.3 },
  { kind: 'gamma', requestsPerSecond: 2, cv: 4 },
  { kind: 'weibull', requestsPerSecond: 2, cv: 0.3 },
  { kind: 'weibull', requestsPerSecond: 2, cv: 4 },
  { kind: 'ramp', fromRequestsPerSecond: 0, toRequestsPerSecond: 4 },
  { kind: 'ramp', fromRequestsPerSecond: 5, toRequestsPerSecond: 0 },
  { kind: 'ramp', fromRequestsPerSecond: 1, toRequestsPerSecond: 3, overUs: 20 * SECOND_US },
  { kind: 'ramp', fromRequestsPerSecond: 1, toRequestsPerSecond: 3, overUs: 200 * SECOND_US },
  { kind: 'burst', everyUs: 25 * SECOND_US, size: 30, withinUs: 20 * SECOND_US },
  { kind: 'on-off', requestsPerSecond: 6, meanOnUs: 10 * SECOND_US, meanOffUs: 20 * SECOND_US },
  {
    kind: 'diurnal',
    requestsPerDay: 200_000,
    peakHour: 18,
    peakToTrough: 9,
    utcOffsetMinutes: 60,
  },
];

for (const model of randomModels) {
  test(`the mean count over many seeds is the expected count: ${JSON.stringify(model)}`, () => {
    const runs = 2000;
    const counts = Array.from(
      { length: runs },
      (_, seed) => [...arrivals(model, minute, new Chance(seed))].length,
    );
    const { mean, deviation } = momentsOf(counts);
    // Four standard errors: a correct model fails once in 16,000 choices of seeds.
    const bound = (4 * deviation) / Math.sqrt(runs);
    expect(Math.abs(mean - expectedCount(model, minute))).toBeLessThan(bound);
    // And the bound is tight enough to notice a rate that is a tenth off.
    expect(bound).toBeLessThan(0.1 * mean);
  });
}

const families: readonly (readonly [GapFamily, number])[] = [
  ['gamma', 0.25],
  ['gamma', 0.5],
  ['gamma', 1],
  ['gamma', 2],
  ['gamma', 6],
  ['weibull', 0.25],
  ['weibull', 1],
  ['weibull', 2],
  ['weibull', 6],
];

for (const [family, cv] of families) {
  test(`gaps of ${family} with variation ${cv} have its distribution`, () => {
    const shape = shapeOf(family, cv);
    const gaps = unitGaps(family, shape);
    const chance = new Chance('gaps');
    const draws = Array.from({ length: 20_000 }, () => gaps.next(chance));
    expect(distance(draws, (x) => cdf(family, shape, x))).toBeLessThan(criticalDistance(draws));
    // The same check refuses a variation that is a tenth off.
    const wrong = shapeOf(family, cv * 1.1);
    expect(distance(draws, (x) => cdf(family, wrong, x))).toBeGreaterThan(criticalDistance(draws));
  });
}

test('gaps between starts have the rate and the variation of the model', () => {
  for (const kind of ['gamma', 'weibull'] as const) {
    for (const cv of [0.4, 1, 1.5]) {
      const model: ArrivalModel = { kind, requestsPerSecond: 20, cv };
      const startsUs = [...arrivals(model, hour, new Chance('variation'))];
      const gapsUs = startsUs.slice(1).map((atUs, index) => atUs - (startsUs[index] ?? 0));
      const { mean, deviation, fourth } = momentsOf(gapsUs);
      expect(Math.abs(mean / 50_000 - 1)).toBeLessThan((4 * cv) / Math.sqrt(gapsUs.length));
      // The relative error of a variance is √((kurtosis − 1) / n); half of it for its root.
      const error = 0.5 * Math.sqrt((fourth - 1) / gapsUs.length) + cv / Math.sqrt(gapsUs.length);
      expect(Math.abs(deviation / mean / cv - 1)).toBeLessThan(4 * error);
    }
  }
});

test.prop([fc.double({ min: 0.01, max: 100, noNaN: true })])(
  'the Weibull shape solves for the variation',
  (cv) => {
    const shape = shapeOf('weibull', cv);
    const ratio = logGamma(1 + 2 / shape) - 2 * logGamma(1 + 1 / shape);
    expect(Math.sqrt(Math.exp(ratio) - 1) / cv).toBeCloseTo(1, 8);
  },
);

test('a Weibull of variation 1 is exponential, and of shape 2 is Rayleigh', () => {
  expect(shapeOf('weibull', 1)).toBeCloseTo(1, 12);
  expect(shapeOf('weibull', Math.sqrt(4 / Math.PI - 1))).toBeCloseTo(2, 10);
});

test('the logarithm of the gamma function agrees with factorials and with half-integers', () => {
  let factorial = 0;
  for (let n = 1; n <= 170; n += 1) {
    expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-13 + 1e-14 * factorial);
    factorial += Math.log(n);
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13);
  expect(logGamma(1.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI) / 2), 13);
});

test('a ramp puts a quarter of its requests into its first half', () => {
  const model: ArrivalModel = {
    kind: 'ramp',
    fromRequestsPerSecond: 0,
    toRequestsPerSecond: 10,
  };
  const startsUs = [...arrivals(model, hour, new Chance('ramp'))];
  const early = startsUs.filter((atUs) => atUs < MONDAY_US + HOUR_US / 2).length;
  const error = Math.sqrt((0.25 * 0.75) / startsUs.length);
  expect(Math.abs(early / startsUs.length - 0.25)).toBeLessThan(4 * error);
});

test('after its time a ramp holds its last rate', () => {
  const model: ArrivalModel = {
    kind: 'ramp',
    fromRequestsPerSecond: 50,
    toRequestsPerSecond: 10,
    overUs: 10 * MINUTE_US,
  };
  const startsUs = [...arrivals(model, hour, new Chance('held'))];
  const held = startsUs.filter((atUs) => atUs >= MONDAY_US + 10 * MINUTE_US).length;
  expect(Math.abs(held - 30_000)).toBeLessThan(4 * Math.sqrt(30_000));
});

test('a ramp down to nothing ends', () => {
  const model: ArrivalModel = {
    kind: 'ramp',
    fromRequestsPerSecond: 10,
    toRequestsPerSecond: 0,
    overUs: SECOND_US,
  };
  const startsUs = [...arrivals(model, hour, new Chance(1))];
  expect(startsUs.length).toBeGreaterThan(0);
  expect(startsUs.every((atUs) => atUs < MONDAY_US + SECOND_US)).toBe(true);
});

test('a day has its peak at the local hour and the stated ratio to its trough', () => {
  const model: ArrivalModel = {
    kind: 'diurnal',
    requestsPerDay: 1_000_000,
    peakHour: 14,
    peakToTrough: 5,
    utcOffsetMinutes: -300,
  };
  const day: Window = { fromUs: MONDAY_US, toUs: MONDAY_US + DAY_US };
  const perHour = new Array<number>(24).fill(0);
  for (const atUs of arrivals(model, day, new Chance('day'))) {
    const utcHour = Math.floor((atUs - MONDAY_US) / HOUR_US);
    perHour[utcHour] = (perHour[utcHour] ?? 0) + 1;
  }
  for (const [utcHour, count] of perHour.entries()) {
    const fromUs = MONDAY_US + utcHour * HOUR_US;
    const expected = expectedCount(model, { fromUs, toUs: fromUs + HOUR_US });
    expect(Math.abs(count - expected)).toBeLessThan(4.5 * Math.sqrt(expected));
  }
  // 14:00 at UTC−5 is 19:00 UTC, so the hours on either side of it are the highest.
  const highest = (perHour[18] ?? 0) + (perHour[19] ?? 0);
  const lowest = (perHour[6] ?? 0) + (perHour[7] ?? 0);
  expect(highest).toBe(Math.max(...perHour.map((_, at) => pairAt(perHour, at))));
  expect(highest / lowest).toBeCloseTo(5, 0);
  expect(expectedCount(model, day)).toBeCloseTo(1_000_000, 6);
});

test('a burst comes whole, on time and within its time', () => {
  const model: ArrivalModel = {
    kind: 'burst',
    everyUs: 10 * MINUTE_US,
    size: 40,
    withinUs: 2 * SECOND_US,
  };
  const startsUs = [...arrivals(model, hour, new Chance(3))];
  expect(startsUs).toHaveLength(240);
  for (const [index, atUs] of startsUs.entries()) {
    const burstUs = MONDAY_US + Math.floor(index / 40) * 10 * MINUTE_US;
    expect(atUs).toBeGreaterThanOrEqual(burstUs);
    expect(atUs).toBeLessThan(burstUs + 2 * SECOND_US);
  }
  const together = [...arrivals({ ...model, withinUs: 1 }, hour, new Chance(3))];
  expect(new Set(together).size).toBe(6);
});

test('on-off traffic is silent for whole stretches that a Poisson process would not leave', () => {
  const model: ArrivalModel = {
    kind: 'on-off',
    requestsPerSecond: 20,
    meanOnUs: 10 * SECOND_US,
    meanOffUs: 10 * SECOND_US,
  };
  expect(emptySeconds(model)).toBeGreaterThan(0.35);
  expect(emptySeconds(model)).toBeLessThan(0.65);
  expect(emptySeconds({ kind: 'poisson', requestsPerSecond: 10 })).toBeLessThan(0.01);
});

test('a model out of range is refused at once, naming every field', () => {
  const model: ArrivalModel = { kind: 'gamma', requestsPerSecond: -1, cv: Number.NaN };
  expect(modelProblems(model)).toEqual([
    {
      path: 'requestsPerSecond',
      message: 'expected a number from 0 to 1000000, found `-1`',
    },
    { path: 'cv', message: 'expected a number from 0.01 to 100, found `NaN`' },
  ]);
  expect(() => arrivals(model, hour, new Chance(1))).toThrow('requestsPerSecond');
  const long: ArrivalModel = { kind: 'burst', everyUs: 2000, size: 1, withinUs: 2001 };
  expect(modelProblems(long).map(({ path }) => path)).toEqual(['withinUs']);
  const backwards: Window = { fromUs: 2, toUs: 1 };
  const sound: ArrivalModel = { kind: 'poisson', requestsPerSecond: 1 };
  expect(() => arrivals(sound, backwards, new Chance(1))).toThrow('not a window');
});

const emptySeconds = (model: ArrivalModel): number => {
  const startsUs = [...arrivals(model, hour, new Chance('silence'))];
  const busy = new Set(startsUs.map((atUs) => Math.floor(atUs / SECOND_US)));
  return 1 - busy.size / 3600;
};

const pairAt = (counts: readonly number[], at: number): number =>
  (counts[at] ?? 0) + (counts[(at + 1) % counts.length] ?? 0);

/** Mean, standard deviation and the fourth standardized moment (kurtosis). */
const momentsOf = (
  values: readonly number[],
): { readonly mean: number; readonly deviation: number; readonly fourth: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.map((value) => (value - mean) * (value - mean));
  const variance = squares.reduce((sum, square) => sum + square, 0) / values.length;
  const fourth = squares.reduce((sum, square) => sum + square * square, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance), fourth: fourth / (variance * variance) };
};

/** Kolmogorov and Smirnov: the largest distance between the draws' steps and a distribution. */
const distance = (draws: readonly number[], of: (x: number) => number): number => {
  const sorted = [...draws].sort((a, b) => a - b);
  return sorted.reduce((worst, x, index) => {
    const below = index / sorted.length;
    const value = of(x);
    return Math.max(worst, value - below, below + 1 / sorted.length - value);
  }, 0);
};

/** A correct sample is farther off than this once in a thousand samples. */
const criticalDistance = (draws: readonly number[]): number => 1.95 / Math.sqrt(draws.length);

const cdf = (family: GapFamily, shape: number, x: number): number =>
  family === 'gamma'
    ? lowerGamma(shape, x * shape)
    : 1 - Math.exp(-Math.exp(shape * (Math.log(x) + logGamma(1 + 1 / shape))));

/** The regularized lower incomplete gamma function by its power series. */
const lowerGamma = (shape: number, x: number): number => {
  if (x <= 0) return 0;
  let term = Math.exp(shape * Math.log(x) - x - logGamma(shape + 1));
  let sum = 0;
  for (let n = 1; term > 1e-14 || n < x; n += 1) {
    sum += term;
    term *= x / (shape + n);
  }
  return sum;
};
