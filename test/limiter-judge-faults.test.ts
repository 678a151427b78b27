// Does the judge see every fault of a limiter, and accuse none wrongly?

import { expect, test } from 'vitest';
import type { LimitContract, Quota, Refusal } from '../sim/domain/limit.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { DAY_US, HOUR_US, SECOND_US } from '../sim/kernel/clock.ts';
import { LimiterJudge } from '../sim/measures/limiter-judge.ts';
import { UsagePlanLimiter } from '../sim/protocol/limiter.ts';
import { BASIC, type Decision, EVENING_US, judged, nextGapUs, PREMIUM } from './limits/judged.ts';

// ---- The reference limiter, and limiters with planted faults.

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
