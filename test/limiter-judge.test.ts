// Does the judge see every fault of a limiter, accuse none wrongly, and agree with brute force?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LimitContract, Quota, RateLimit, Refusal } from '../sim/domain/limit.ts';
import { parseInstantUs } from '../sim/kernel/calendar.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { DAY_US, HOUR_US, SECOND_US } from '../sim/kernel/clock.ts';
import { LimiterJudge, type LimiterVerdict } from '../sim/measures/limiter-judge.ts';
import { UsagePlanLimiter } from '../sim/protocol/limiter.ts';

interface Decision {
  readonly atUs: number;
  readonly admitted: boolean;
  readonly by?: Refusal;
}

const EVENING_US = parseInstantUs('2026-07-14T23:00:00Z') ?? 0;

const judged = (contract: LimitContract, trace: readonly Decision[], toleranceUs = 0) => {
  const judge = new LimiterJudge(contract, toleranceUs);
  for (const { atUs, admitted, by } of trace) judge.see(atUs, admitted, by);
  return judge.conclude();
};

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

// ---- The reference limiter, and limiters with planted faults.

const BASIC: LimitContract = {
  rate: { requestsPerSecond: 2, burst: 5 },
  quota: { requests: 50, period: 'day', resetOffsetMinutes: 0 },
};
const PREMIUM: LimitContract = {
  rate: { requestsPerSecond: 10, burst: 20 },
  quota: { requests: 500, period: 'day', resetOffsetMinutes: 0 },
};

/** Bursts, steady overload and silence over many days. */
const nextGapUs = (chance: Chance): number => {
  const mood = chance.float();
  if (mood < 0.5) return chance.integer(0, 120_000);
  if (mood < 0.95) return chance.integer(0, 12) * 100_000;
  if (mood < 0.997) return chance.integer(0, 20 * SECOND_US);
  return chance.integer(0, 9 * HOUR_US);
};

test('the reference limiter has no wrong decision in 420,000, whatever the contract', () => {
  const tiers: readonly LimitContract[] = [
    BASIC,
    PREMIUM,
    { rate: { requestsPerSecond: 3, burst: 4 } },
    { quota: { requests: 700, period: 'week', resetOffsetMinutes: 60 } },
    {
      rate: { requestsPerSecond: 7, burst: 1 },
      quota: { ...PREMIUM.quota, period: 'month' } as Quota,
    },
    {},
  ];
  for (const first of tiers) {
    const chance = new Chance(7).fork(tiers.indexOf(first));
    const limiter = new UsagePlanLimiter();
    const judge = new LimiterJudge(first);
    let contract = first;
    let atUs = EVENING_US;
    for (let step = 0; step < 70_000; step += 1) {
      atUs += nextGapUs(chance);
      if (chance.happens(0.002)) {
        contract = tiers[chance.integer(0, tiers.length - 1)] ?? first;
        limiter.setContract('clinic-a', contract, atUs);
        judge.setContract(contract, atUs);
      }
      const permit = limiter.admit('clinic-a', contract, atUs);
      judge.see(
        atUs,
        permit.kind === 'admitted',
        permit.kind === 'refused' ? permit.by : undefined,
      );
    }
    const verdict = judge.conclude();
    expect(verdict).toMatchObject({ wrongAdmissions: 0, wrongRefusals: 0 });
    expect(verdict.admitted).toBeGreaterThan(1_000);
    expect(verdict.refused).toBeGreaterThan(1_000);
    const { worstWindow } = verdict;
    expect(worstWindow?.admitted).toBeLessThanOrEqual(worstWindow?.allowed ?? 0);
  }
});

/** What can be wrong with the plain limiter below; nothing by default. */
interface Fault {
  readonly burst?: number;
  readonly quota?: number;
  /** Permits a second. */
  readonly grows?: number;
  readonly resetsLateUs?: number;
  readonly fixedWindow?: boolean;
  readonly throttledCostsQuota?: boolean;
  readonly spentCostsPermit?: boolean;
  readonly needless?: number;
  readonly spentSays?: Refusal;
}

/** A plain limiter for `BASIC`, written to be broken. */
const decisionsWith = (fault: Fault): readonly Decision[] => {
  const { burst = 5, quota = 50, grows = 2, resetsLateUs = 0, needless = 0 } = fault;
  const chance = new Chance(11).fork('faults');
  // Millionths of a permit: whole at 2 a second.
  let level = burst * SECOND_US;
  let used = 0;
  let inSecond = 0;
  let atUs = EVENING_US;
  return Array.from({ length: 60_000 }, (): Decision => {
    const lastUs = atUs;
    const begins = (lengthUs: number, lateUs = 0): boolean =>
      Math.floor((atUs - lateUs) / lengthUs) !== Math.floor((lastUs - lateUs) / lengthUs);
    atUs += Math.floor(nextGapUs(chance) / 100_000) * 100_000;
    level = Math.min(burst * SECOND_US, level + (atUs - lastUs) * grows);
    if (begins(DAY_US, resetsLateUs)) used = 0;
    if (begins(SECOND_US)) inSecond = 0;
    const hasPermit = fault.fixedWindow === true ? inSecond < burst : level >= SECOND_US;
    if (!hasPermit || chance.happens(needless)) {
      if (fault.throttledCostsQuota === true) used += 1;
      return { atUs, admitted: false, by: 'THROTTLED' };
    }
    if (used >= quota) {
      if (fault.spentCostsPermit === true) level -= SECOND_US;
      return { atUs, admitted: false, by: fault.spentSays ?? 'QUOTA_EXCEEDED' };
    }
    level -= SECOND_US;
    inSecond += 1;
    used += 1;
    return { atUs, admitted: true };
  });
};

test('the plain limiter has no wrong decision while it is whole', () => {
  const verdict = judged(BASIC, decisionsWith({}));
  expect(verdict).toMatchObject({ wrongAdmissions: 0, wrongRefusals: 0 });
  expect(verdict.firstWrongAdmissionUs).toBeUndefined();
  expect(verdict.quotaWorst).toMatchObject({ admitted: 50, allowed: 50 });
});

test.each<readonly [string, Fault, 'wrongAdmissions' | 'wrongRefusals']>([
  ['has one more in the burst', { burst: 6 }, 'wrongAdmissions'],
  ['has one less in the burst', { burst: 4 }, 'wrongRefusals'],
  ['fills twice as fast', { grows: 4 }, 'wrongAdmissions'],
  ['fills a hundredth too slowly', { grows: 1.98 }, 'wrongRefusals'],
  ['counts in fixed windows', { fixedWindow: true }, 'wrongAdmissions'],
  ['has one more in the quota', { quota: 51 }, 'wrongAdmissions'],
  ['has one less in the quota', { quota: 49 }, 'wrongRefusals'],
  ['resets an hour late', { resetsLateUs: HOUR_US }, 'wrongRefusals'],
  ['resets an hour early', { resetsLateUs: -HOUR_US }, 'wrongAdmissions'],
  ['takes quota for throttled calls', { throttledCostsQuota: true }, 'wrongRefusals'],
  ['takes permits for calls above the quota', { spentCostsPermit: true }, 'wrongRefusals'],
  ['refuses one in a thousand needlessly', { needless: 0.001 }, 'wrongRefusals'],
  ['names the wrong limit', { spentSays: 'THROTTLED' }, 'wrongRefusals'],
])('a limiter that %s is caught', (_, fault, count) => {
  expect(judged(BASIC, decisionsWith(fault))[count]).toBeGreaterThan(0);
});

test('the worst window of a burst too large shows it by one', () => {
  const { worstWindow } = judged(BASIC, decisionsWith({ burst: 6 }));
  expect(worstWindow?.admitted).toBe((worstWindow?.allowed ?? 0) + 1);
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
