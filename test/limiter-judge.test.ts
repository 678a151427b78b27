// Does the judge agree with brute force, and bear changes of contract and uncertain stamps?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LimitContract, Quota, RateLimit, Refusal } from '../sim/domain/limit.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { DAY_US, HOUR_US, SECOND_US } from '../sim/kernel/clock.ts';
import { LimiterJudge, type LimiterVerdict } from '../sim/measures/limiter-judge.ts';
import { UsagePlanLimiter } from '../sim/protocol/limiter.ts';
import { BASIC, type Decision, EVENING_US, judged, nextGapUs, PREMIUM } from './limits/judged.ts';

// ---- Brute force: every pair of admissions, every admission of the day, in big integers.

const permitNsOf = (rate: RateLimit): bigint =>
  BigInt(Math.round(1_000_000_000 / rate.requestsPerSecond));

const dayOf = (atUs: number, quota: Quota): number =>
  Math.floor((atUs - quota.resetOffsetMinutes * 60_000_000) / DAY_US);

const lesser = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other);

const bruteCounts = ({ rate, quota }: LimitContract, trace: readonly Decision[]) => {
  const permitNs = rate === undefined ? 1n : permitNsOf(rate);
  const fullNs = rate === undefined ? 0n : BigInt(rate.burst) * permitNs;
  let levelNs = fullNs;
  let wrongAdmissions = 0;
  let wrongRefusals = 0;
  for (const [index, { atUs, admitted, by }] of trace.entries()) {
    const earlier = trace.slice(0, index);
    const gapUs = atUs - (earlier.at(-1)?.atUs ?? atUs);
    levelNs = lesser(fullNs, levelNs + BigInt(gapUs) * 1000n);
    const used = earlier.filter(
      (one) => one.admitted && quota !== undefined && dayOf(one.atUs, quota) === dayOf(atUs, quota),
    ).length;
    const isEmpty = rate !== undefined && levelNs < permitNs;
    const isSpent = quota !== undefined && used >= quota.requests;
    if (admitted) {
      if (isEmpty || isSpent) wrongAdmissions += 1;
      levelNs = greater(0n, levelNs - permitNs);
    } else {
      const reasons =
        by === undefined ? isEmpty || isSpent : by === 'THROTTLED' ? isEmpty : isSpent;
      if (!reasons) wrongRefusals += 1;
    }
  }
  return { wrongAdmissions, wrongRefusals };
};

const bruteWindow = (rate: RateLimit, trace: readonly Decision[]) => {
  const permitNs = permitNsOf(rate);
  const timesUs = trace.filter(({ admitted }) => admitted).map(({ atUs }) => atUs);
  let worstNs: bigint | undefined;
  let worst: object | undefined;
  for (const [to, toUs] of timesUs.entries()) {
    for (const [from, fromUs] of timesUs.slice(0, to + 1).entries()) {
      const admitted = to - from + 1;
      const grownNs = BigInt(toUs - fromUs) * 1000n;
      const beyondNs = BigInt(admitted) * permitNs - grownNs;
      if (worstNs !== undefined && beyondNs <= worstNs) continue;
      worstNs = beyondNs;
      worst = { fromUs, toUs, admitted, allowed: rate.burst + Number(grownNs / permitNs) };
    }
  }
  return worst;
};

// ---- Small random traces.

const rates = fc.record({
  requestsPerSecond: fc.constantFrom(0.0001, 0.3, 1, 2, 3, 7, 10, 999_001),
  burst: fc.integer({ min: 1, max: 4 }),
});
const quotas = fc.record({
  requests: fc.integer({ min: 0, max: 5 }),
  period: fc.constant('day' as const),
  resetOffsetMinutes: fc.constantFrom(0, 60, -90),
});
const contracts: fc.Arbitrary<LimitContract> = fc.oneof(
  fc.record({ rate: rates }),
  fc.record({ quota: quotas }),
  fc.record({ rate: rates, quota: quotas }),
  fc.constant({}),
);
const gapsUs = fc.oneof(
  fc.constantFrom(0, 0, 1, 2, 100_000, 142_857, 142_858, 333_333, 500_000, SECOND_US, HOUR_US),
  fc.integer({ min: 0, max: 2 * SECOND_US }),
  fc.constantFrom(DAY_US, 40_000 * DAY_US),
);
const reasons = fc.constantFrom<Refusal | undefined>('THROTTLED', 'QUOTA_EXCEEDED', undefined);
const traces = fc.array(fc.tuple(gapsUs, fc.boolean(), reasons), { maxLength: 30 }).map((steps) => {
  let atUs = EVENING_US;
  return steps.map(([gapUs, admitted, by]): Decision => {
    // Two such gaps would leave the safe integers.
    atUs += gapUs > DAY_US && atUs > EVENING_US + gapUs / 2 ? 0 : gapUs;
    return admitted || by === undefined ? { atUs, admitted } : { atUs, admitted, by };
  });
});

test('the counts of wrong decisions are those of brute force', () => {
  fc.assert(
    fc.property(contracts, traces, (contract, trace) => {
      const verdict = judged(contract, trace);
      expect(verdict).toMatchObject(bruteCounts(contract, trace));
      expect(verdict.admitted + verdict.refused).toBe(trace.length);
    }),
    { numRuns: 5_000 },
  );
});

test('the worst window is the worst of all pairs of admissions', () => {
  fc.assert(
    fc.property(rates, traces, (rate, trace) => {
      expect(judged({ rate }, trace).worstWindow).toEqual(bruteWindow(rate, trace));
    }),
    { numRuns: 5_000 },
  );
});

test('an admission is wrong in a bucket exactly when some window exceeds its promise', () => {
  fc.assert(
    fc.property(rates, traces, (rate, trace) => {
      const { wrongAdmissions, worstWindow } = judged({ rate }, trace);
      const exceeds = worstWindow !== undefined && worstWindow.admitted > worstWindow.allowed;
      expect(wrongAdmissions > 0).toBe(exceeds);
    }),
    { numRuns: 5_000 },
  );
});

test('the worst period is the fullest of all days', () => {
  fc.assert(
    fc.property(quotas, traces, (quota, trace) => {
      const counts = new Map<number, number>();
      for (const { atUs, admitted } of trace) {
        const day = dayOf(atUs, quota);
        if (admitted) counts.set(day, (counts.get(day) ?? 0) + 1);
      }
      const { quotaWorst } = judged({ quota }, trace);
      expect(quotaWorst?.admitted ?? 0).toBe(Math.max(0, ...counts.values()));
      if (quotaWorst === undefined) return;
      expect(counts.get(dayOf(quotaWorst.fromUs, quota))).toBe(quotaWorst.admitted);
      expect(quotaWorst.toUs - quotaWorst.fromUs).toBe(DAY_US);
      expect(quotaWorst.allowed).toBe(quota.requests);
    }),
    { numRuns: 1_000 },
  );
});

// ---- Changes of contract, tolerance, and the judge's own limits.

test('a count carries over a change of contract, and a bucket is not filled by it', () => {
  const judge = new LimiterJudge(BASIC);
  for (let call = 0; call < 50; call += 1) judge.see(EVENING_US + call * SECOND_US, true);
  const laterUs = EVENING_US + 60 * SECOND_US;
  judge.setContract(PREMIUM, laterUs);
  for (let call = 0; call < 5; call += 1) judge.see(laterUs, true);
  expect(judge.conclude()).toMatchObject({ wrongAdmissions: 0, wrongRefusals: 0 });
  judge.see(laterUs, true);
  expect(judge.conclude()).toMatchObject({ wrongAdmissions: 1, firstWrongAdmissionUs: laterUs });
  judge.setContract(BASIC, laterUs + SECOND_US);
  judge.see(laterUs + SECOND_US, false, 'QUOTA_EXCEEDED');
  expect(judge.conclude()).toMatchObject({ wrongRefusals: 0 });
});

/** The reference limiter's decisions, each stamped up to `spreadUs` after it was made. */
const stamped = (contract: LimitContract, spreadUs: number): readonly Decision[] => {
  const chance = new Chance(5).fork('stamps');
  const limiter = new UsagePlanLimiter();
  let atUs = EVENING_US;
  return Array.from({ length: 50_000 }, (): Decision => {
    atUs += nextGapUs(chance);
    const permit = limiter.admit('clinic-a', contract, atUs);
    const stampUs = atUs + chance.integer(0, spreadUs);
    if (permit.kind === 'admitted') return { atUs: stampUs, admitted: true };
    return { atUs: stampUs, admitted: false, by: permit.by };
  });
};

test('stamps within the tolerance accuse nobody, and without it they do', () => {
  const spreadUs = 200_000;
  const contract: LimitContract = {
    rate: { requestsPerSecond: 2, burst: 5 },
    quota: { requests: 300, period: 'day', resetOffsetMinutes: 0 },
  };
  const trace = stamped(contract, spreadUs);
  expect(judged(contract, trace, spreadUs)).toMatchObject({ wrongAdmissions: 0, wrongRefusals: 0 });
  const sorted = trace.toSorted((one, other) => one.atUs - other.atUs);
  const { wrongAdmissions, wrongRefusals } = judged(contract, sorted);
  expect(wrongAdmissions).toBeGreaterThan(0);
  expect(wrongRefusals).toBeGreaterThan(0);
});

test('a tolerance does not add up: a rate a hundredth too high is still caught', () => {
  const rate = { requestsPerSecond: 2, burst: 5 };
  const judge = new LimiterJudge({ rate }, 100_000);
  for (let call = 0; call < 2_000; call += 1) judge.see(EVENING_US + call * 495_000, true);
  expect(judge.conclude().wrongAdmissions).toBeGreaterThan(0);
});

test('decisions near a reset may count for either day, and those further off may not', () => {
  const quota = { requests: 2, period: 'day', resetOffsetMinutes: 0 } as const;
  const midnightUs = EVENING_US + HOUR_US;
  const twiceAt = (judge: LimiterJudge, atUs: number): LimiterVerdict => {
    judge.see(atUs, true);
    judge.see(atUs, true);
    return judge.conclude();
  };
  const lenient = new LimiterJudge({ quota }, 1_000);
  twiceAt(lenient, EVENING_US);
  expect(twiceAt(lenient, midnightUs - 1_000).wrongAdmissions).toBe(0);
  lenient.see(midnightUs + 999, false, 'QUOTA_EXCEEDED');
  lenient.see(midnightUs + 5_000, false, 'QUOTA_EXCEEDED');
  expect(lenient.conclude().wrongRefusals).toBe(0);
  const strict = new LimiterJudge({ quota }, 999);
  twiceAt(strict, EVENING_US);
  expect(twiceAt(strict, midnightUs - 1_000).wrongAdmissions).toBe(2);
  strict.see(midnightUs + 998, false, 'QUOTA_EXCEEDED');
  expect(strict.conclude().wrongRefusals).toBe(0);
  strict.see(midnightUs + 999, false, 'QUOTA_EXCEEDED');
  expect(strict.conclude().wrongRefusals).toBe(1);
});

test('a slow rate overrun a million times is still counted exactly', () => {
  const rate = { requestsPerSecond: 1 / 86_400, burst: 1 };
  const judge = new LimiterJudge({ rate });
  for (let call = 0; call < 1_000_000; call += 1) judge.see(EVENING_US + call, true);
  judge.see(EVENING_US + 200 * DAY_US, true);
  const { worstWindow, wrongAdmissions } = judge.conclude();
  expect(wrongAdmissions).toBe(999_999);
  expect(worstWindow).toEqual({
    fromUs: EVENING_US,
    toUs: EVENING_US + 999_999,
    admitted: 1_000_000,
    allowed: 1,
  });
});

test('a judge without evidence has no worst window', () => {
  expect(judged(BASIC, [])).toMatchObject({ admitted: 0, refused: 0, worstWindow: undefined });
  const judge = new LimiterJudge(BASIC);
  judge.see(EVENING_US, false, 'THROTTLED');
  expect(judge.conclude()).toMatchObject({ worstWindow: undefined, quotaWorst: undefined });
});

test('decisions out of order, and contracts that are not exact, are mistakes', () => {
  const judge = new LimiterJudge(BASIC, 1_000);
  judge.see(EVENING_US, true);
  judge.see(EVENING_US - 1_000, true);
  expect(() => judge.see(EVENING_US - 1_001, true)).toThrow(RangeError);
  const deep = { rate: { requestsPerSecond: 1 / 86_400, burst: 200 } };
  expect(() => new LimiterJudge(deep)).toThrow(RangeError);
  const partial: Quota = { requests: 0.5, period: 'day', resetOffsetMinutes: 0 };
  expect(() => new LimiterJudge({ quota: partial })).toThrow(RangeError);
});
