// Does the reference limiter keep what a usage plan promises, exactly and at every epoch time?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LimitContract, Permit } from '../sim/domain/limit.ts';
import { parseInstantUs } from '../sim/kernel/calendar.ts';
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '../sim/kernel/clock.ts';
import { UsagePlanLimiter } from '../sim/protocol/limiter.ts';

const BASIC: LimitContract = {
  rate: { requestsPerSecond: 2, burst: 5 },
  quota: { requests: 50, period: 'day', resetOffsetMinutes: 0 },
};
const PREMIUM: LimitContract = {
  rate: { requestsPerSecond: 10, burst: 20 },
  quota: { requests: 500, period: 'day', resetOffsetMinutes: 0 },
};

const NOON_US = parseInstantUs('2026-07-14T12:00:00Z') ?? 0;

/** How many of `count` calls at once are admitted. */
const admittedOf = (
  limiter: UsagePlanLimiter,
  contract: LimitContract,
  atUs: number,
  count: number,
): number => {
  let admitted = 0;
  for (let call = 0; call < count; call += 1) {
    if (limiter.admit('clinic-a', contract, atUs).kind === 'admitted') admitted += 1;
  }
  return admitted;
};

const decide = (contract: LimitContract, timesUs: readonly number[]): readonly Permit[] => {
  const limiter = new UsagePlanLimiter();
  return timesUs.map((atUs) => limiter.admit('clinic-a', contract, atUs));
};

const contracts = fc
  .record({
    rate: fc.option(
      fc.record({
        requestsPerSecond: fc.constantFrom(0.001, 0.3, 1, 2, 3, 7, 10, 333, 999_001),
        burst: fc.integer({ min: 1, max: 6 }),
      }),
      { nil: undefined },
    ),
    quota: fc.option(
      fc.record({
        requests: fc.integer({ min: 1, max: 8 }),
        period: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
        resetOffsetMinutes: fc.integer({ min: -720, max: 720 }),
      }),
      { nil: undefined },
    ),
  })
  .map(
    ({ rate, quota }): LimitContract => ({
      ...(rate === undefined ? {} : { rate }),
      ...(quota === undefined ? {} : { quota }),
    }),
  );

const gapsUs = fc.oneof(
  fc.constantFrom(0, 1, 1_000, 100_000, 142_857, 333_333, 500_000, SECOND_US, HOUR_US, DAY_US),
  fc.integer({ min: 0, max: 2 * SECOND_US }),
);

const traces = fc
  .tuple(
    fc.integer({ min: 0, max: 7_000_000_000_000_000 }),
    fc.array(gapsUs, { minLength: 1, maxLength: 40 }),
  )
  .map(([startUs, gaps]) => {
    let atUs = startUs;
    return gaps.map((gapUs) => {
      atUs += gapUs;
      return atUs;
    });
  });

test('a new key has its whole burst, then waits exactly for the next permit', () => {
  const limiter = new UsagePlanLimiter();
  expect(admittedOf(limiter, BASIC, NOON_US, 5)).toBe(5);
  expect(limiter.admit('clinic-a', BASIC, NOON_US)).toEqual({
    kind: 'refused',
    by: 'THROTTLED',
    retryAfterUs: 500_000,
  });
  expect(limiter.admit('clinic-a', BASIC, NOON_US + 499_999).kind).toBe('refused');
  expect(limiter.admit('clinic-a', BASIC, NOON_US + 500_000).kind).toBe('admitted');
});

test('the quota refuses until its reset, and the day after begins anew', () => {
  const quota = { requests: 3, period: 'day', resetOffsetMinutes: 90 } as const;
  const limiter = new UsagePlanLimiter();
  expect(admittedOf(limiter, { quota }, NOON_US, 5)).toBe(3);
  const permit = limiter.admit('clinic-a', { quota }, NOON_US);
  const resetUs = 13 * HOUR_US + 30 * MINUTE_US;
  expect(permit).toEqual({ kind: 'refused', by: 'QUOTA_EXCEEDED', retryAfterUs: resetUs });
  expect(limiter.admit('clinic-a', { quota }, NOON_US + resetUs - 1).kind).toBe('refused');
  expect(admittedOf(limiter, { quota }, NOON_US + resetUs, 5)).toBe(3);
});

test('a call that both limits refuse is throttled, and told to wait for both', () => {
  const limiter = new UsagePlanLimiter();
  const quota = { requests: 5, period: 'day', resetOffsetMinutes: 0 } as const;
  const contract: LimitContract = { ...BASIC, quota };
  expect(admittedOf(limiter, contract, NOON_US, 5)).toBe(5);
  expect(limiter.admit('clinic-a', contract, NOON_US)).toEqual({
    kind: 'refused',
    by: 'THROTTLED',
    retryAfterUs: 12 * HOUR_US,
  });
});

test('retryAfterUs is the first instant at which the call would be admitted', () => {
  fc.assert(
    fc.property(contracts, traces, (contract, timesUs) => {
      const lastUs = timesUs.at(-1) ?? 0;
      const last = decide(contract, timesUs).at(-1);
      if (last?.kind !== 'refused') return;
      expect(last.retryAfterUs).toBeGreaterThan(0);
      const retryUs = lastUs + last.retryAfterUs;
      expect(decide(contract, [...timesUs, retryUs - 1]).at(-1)?.kind).toBe('refused');
      expect(decide(contract, [...timesUs, retryUs]).at(-1)?.kind).toBe('admitted');
    }),
    { numRuns: 2_000 },
  );
});

test('a refused call consumes nothing: without it the others are decided as before', () => {
  fc.assert(
    fc.property(contracts, traces, (contract, timesUs) => {
      const permits = decide(contract, timesUs);
      const admittedUs = timesUs.filter((_, index) => permits[index]?.kind === 'admitted');
      expect(decide(contract, admittedUs).every(({ kind }) => kind === 'admitted')).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('no interval holds more than its burst and what grew in it', () => {
  fc.assert(
    fc.property(contracts, traces, (contract, timesUs) => {
      const { rate } = contract;
      if (rate === undefined) return;
      const permitNs = BigInt(Math.round(1_000_000_000 / rate.requestsPerSecond));
      const permits = decide(contract, timesUs);
      const admittedUs = timesUs.filter((_, index) => permits[index]?.kind === 'admitted');
      for (const [from, fromUs] of admittedUs.entries()) {
        for (const [offset, toUs] of admittedUs.slice(from).entries()) {
          const allowedNs = BigInt(rate.burst) * permitNs + BigInt(toUs - fromUs) * 1000n;
          expect(BigInt(offset + 1) * permitNs <= allowedNs).toBe(true);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a rate decides alike in every year', () => {
  fc.assert(
    fc.property(contracts, traces, ({ rate }, timesUs) => {
      if (rate === undefined) return;
      const shiftUs = timesUs[0] ?? 0;
      const shifted = timesUs.map((atUs) => atUs - shiftUs);
      expect(decide({ rate }, timesUs)).toEqual(decide({ rate }, shifted));
    }),
  );
});

test('one key is decided alike whatever the calls of the others', () => {
  const alone = new UsagePlanLimiter();
  const among = new UsagePlanLimiter();
  for (let step = 0; step < 500; step += 1) {
    const atUs = NOON_US + step * 100_000;
    for (const stranger of ['clinic-b', 'clinic-c']) among.admit(stranger, BASIC, atUs);
    const permit = alone.admit('clinic-a', BASIC, atUs);
    expect(among.admit('clinic-a', BASIC, atUs)).toEqual(permit);
  }
});

test("a tier change carries the day's count over and does not fill the bucket", () => {
  const limiter = new UsagePlanLimiter();
  for (let call = 0; call < 48; call += 1) {
    expect(limiter.admit('clinic-a', BASIC, NOON_US + call * SECOND_US).kind).toBe('admitted');
  }
  const laterUs = NOON_US + HOUR_US;
  limiter.setContract('clinic-a', PREMIUM, laterUs);
  expect(admittedOf(limiter, PREMIUM, laterUs, 30)).toBe(5);
  expect(admittedOf(limiter, PREMIUM, laterUs + HOUR_US, 30)).toBe(20);
  expect(limiter.admit('clinic-a', BASIC, laterUs + 2 * HOUR_US)).toMatchObject({
    by: 'QUOTA_EXCEEDED',
    retryAfterUs: 9 * HOUR_US,
  });
});

test('a smaller burst empties what is above it, and a part of a permit keeps its worth', () => {
  const limiter = new UsagePlanLimiter();
  limiter.setContract('clinic-a', PREMIUM, NOON_US);
  expect(admittedOf(limiter, BASIC, NOON_US, 30)).toBe(5);
  // Half a permit at 2 a second is half a permit at 10 a second, which lacks 50 ms.
  const halfUs = NOON_US + 250_000;
  limiter.setContract('clinic-a', PREMIUM, halfUs);
  expect(limiter.admit('clinic-a', PREMIUM, halfUs)).toMatchObject({ retryAfterUs: 50_000 });
});

test('an equal contract in another object changes nothing', () => {
  fc.assert(
    fc.property(contracts, traces, (contract, timesUs) => {
      const limiter = new UsagePlanLimiter();
      const permits = timesUs.map((atUs) =>
        limiter.admit('clinic-a', structuredClone(contract), atUs),
      );
      expect(permits).toEqual(decide(contract, timesUs));
    }),
  );
});

test('a clock that goes back neither fills the bucket nor opens an old period', () => {
  const limiter = new UsagePlanLimiter();
  expect(admittedOf(limiter, BASIC, NOON_US, 5)).toBe(5);
  const earlierUs = NOON_US - DAY_US;
  const permit = limiter.admit('clinic-a', BASIC, earlierUs);
  expect(permit).toMatchObject({ by: 'THROTTLED', retryAfterUs: DAY_US + 500_000 });
  expect(admittedOf(limiter, BASIC, NOON_US, 5)).toBe(0);
});

test('a full bucket stays full when the clock goes back', () => {
  const limiter = new UsagePlanLimiter();
  limiter.setContract('clinic-a', BASIC, NOON_US);
  expect(admittedOf(limiter, BASIC, NOON_US - DAY_US, 9)).toBe(5);
});

test('a permit that lacks one nanosecond is not there', () => {
  // 1001 ns a permit.
  const rate = { requestsPerSecond: 999_001, burst: 1 };
  const limiter = new UsagePlanLimiter();
  expect(admittedOf(limiter, { rate }, NOON_US, 1)).toBe(1);
  expect(admittedOf(limiter, { rate }, NOON_US + 1, 1)).toBe(0);
  expect(admittedOf(limiter, { rate }, NOON_US + 2, 1)).toBe(1);
});

test('a slow and deep bucket is exact to its last microsecond', () => {
  const rate = { requestsPerSecond: 1 / 86_400, burst: 100 };
  const limiter = new UsagePlanLimiter();
  expect(admittedOf(limiter, { rate }, NOON_US, 101)).toBe(100);
  expect(admittedOf(limiter, { rate }, NOON_US + 50 * DAY_US - 1, 101)).toBe(49);
  expect(admittedOf(limiter, { rate }, NOON_US + 50 * DAY_US, 101)).toBe(1);
  expect(admittedOf(limiter, { rate }, NOON_US + 9_000 * DAY_US, 101)).toBe(100);
});

test.each<LimitContract>([
  { rate: { requestsPerSecond: 0, burst: 1 } },
  { rate: { requestsPerSecond: -2, burst: 1 } },
  { rate: { requestsPerSecond: Number.NaN, burst: 1 } },
  { rate: { requestsPerSecond: 1e10, burst: 1 } },
  { rate: { requestsPerSecond: 2, burst: 0 } },
  { rate: { requestsPerSecond: 2, burst: 2.5 } },
  { rate: { requestsPerSecond: 1 / 86_400, burst: 200 } },
  { quota: { requests: -1, period: 'day', resetOffsetMinutes: 0 } },
])('a contract that cannot be kept exactly is refused: %j', (contract) => {
  expect(() => new UsagePlanLimiter().admit('clinic-a', contract, NOON_US)).toThrow(RangeError);
});
