// Is a limiter judged within the band that is printed, and within no wider one?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Band, type Contract, type Limit, scaled } from '../sim/domain/contract.ts';
import { benchLimiter, PATTERNS } from '../sim/engines/limiter-bench.ts';
import { SECOND_US } from '../sim/kernel/clock.ts';
import { Enforcer, type LimiterPlan } from '../sim/limiters.ts';

const KEY = { scope: 'key', name: 'one' } as const;
const BUCKET = { ...KEY, kind: 'token-bucket', permitNs: 100_000_000, burst: 20 } as const;
const DAILY = { ...KEY, kind: 'quota', period: 'day', zone: 'UTC', resetMinutes: 0 } as const;
const SINGLE = { ...KEY, kind: 'fixed-window', begins: 'epoch', windowUs: 10 * SECOND_US } as const;

const log = (requests: number): Contract => ({
  ...{ name: 'log', title: 'A log.', bestEffort: undefined, startUs: 1_772_000_000_000_000 },
  limits: [{ ...KEY, kind: 'sliding-log', requests, windowUs: 1000 }],
});

test.each([
  [50, 0.1, 55, 45],
  [500, 0.1, 550, 450],
  [10, 0.1, 11, 9],
  [20, 0.001, 20, 20],
  [5, 0.1, 5, 5],
  [1, 0.1, 1, 1],
  [10, 0.3, 13, 7],
  [7, 0.5, 10, 4],
  [3, 0, 3, 3],
])('%i requests with %f more are %i, and with as many less %i', (count, share, above, below) => {
  const requests = (off: number): number => {
    const [limit] = scaled(log(count), off).limits;
    return limit !== undefined && 'requests' in limit ? limit.requests : -1;
  };
  expect([requests(share), requests(-share)]).toEqual([above, below]);
});

/** Wrong admissions and wrong refusals of a limiter that keeps other limits, under all patterns. */
const wrong = (band: Partial<Band>, limits: readonly Limit[], kept: readonly Limit[]) => {
  const bestEffort = { overshoot: 0, undershoot: 0, ...band };
  const contract: Contract = { ...log(1), limits, bestEffort };
  const plan: LimiterPlan = {
    ...{ id: 'other', does: 'keeps other limits', replicas: 1 },
    keeps: () => 'band',
    unfit: () => undefined,
    make: () => new Enforcer(kept),
  };
  const terms = { decisions: 1000, seed: 1, wallMs: () => 1, isAsked: true };
  const rows = PATTERNS.map((pattern) => benchLimiter(plan, pattern, contract, terms).row);
  return [
    rows.reduce((sum, { wrongAdmissions }) => sum + wrongAdmissions.count, 0) > 0,
    rows.reduce((sum, { wrongRefusals }) => sum + wrongRefusals.count, 0) > 0,
  ];
};

test('21 of 20 are too many where a thousandth more is none', () => {
  const more = [{ ...BUCKET, burst: 21 }];
  expect(wrong({ overshoot: 0.001 }, [BUCKET], more)).toEqual([true, false]);
  expect(wrong({ overshoot: 0.05 }, [BUCKET], more)).toEqual([false, false]);
});

test('56 of 50 are too many where a tenth more is none', () => {
  const daily = (requests: number): readonly Limit[] => [{ ...DAILY, requests }];
  expect(wrong({ overshoot: 0.1 }, daily(50), daily(56))).toEqual([true, false]);
  expect(wrong({ overshoot: 0.1 }, daily(50), daily(55))).toEqual([false, false]);
});

test('who may be a tenth below one in a window must still admit that one', () => {
  const one = { ...SINGLE, requests: 1 };
  expect(wrong({ undershoot: 0.1 }, [one], [{ ...one, requests: 0 }])).toEqual([false, true]);
  expect(wrong({ undershoot: 0.1 }, [one], [one])).toEqual([false, false]);
});

test('a smaller share never lets more through than a larger one, and none of it is the contract', () => {
  const count = fc.integer({ min: 1, max: 1_000_000 });
  const permitNs = fc.integer({ min: 1, max: 1_000_000_000 });
  const share = fc.double({ min: -0.5, max: 1, noNaN: true });
  fc.assert(
    fc.property(count, permitNs, share, share, (burst, ns, one, other) => {
      const contract = { ...log(1), limits: [{ ...BUCKET, permitNs: ns, burst }] };
      const [less, more] = [Math.min(one, other), Math.max(one, other)].map(
        (off) => scaled(contract, off).limits[0] as typeof BUCKET,
      );
      expect(less?.burst).toBeLessThanOrEqual(more?.burst ?? 0);
      expect(less?.permitNs).toBeGreaterThanOrEqual(more?.permitNs ?? 0);
      expect(scaled(contract, 0)).toEqual(contract);
    }),
    { numRuns: 300 },
  );
});
