// What does the judge say of a trace of decisions?

import type { LimitContract, Refusal } from '../../sim/domain/limit.ts';
import { parseInstantUs } from '../../sim/kernel/calendar.ts';
import type { Chance } from '../../sim/kernel/chance.ts';
import { HOUR_US, SECOND_US } from '../../sim/kernel/clock.ts';
import { LimiterJudge } from '../../sim/measures/limiter-judge.ts';

export interface Decision {
  readonly atUs: number;
  readonly admitted: boolean;
  readonly by?: Refusal;
}

export const EVENING_US = parseInstantUs('2026-07-14T23:00:00Z') ?? 0;

export const judged = (contract: LimitContract, trace: readonly Decision[], toleranceUs = 0) => {
  const judge = new LimiterJudge(contract, toleranceUs);
  for (const { atUs, admitted, by } of trace) judge.see(atUs, admitted, by);
  return judge.conclude();
};

export const BASIC: LimitContract = {
  rate: { requestsPerSecond: 2, burst: 5 },
  quota: { requests: 50, period: 'day', resetOffsetMinutes: 0 },
};
export const PREMIUM: LimitContract = {
  rate: { requestsPerSecond: 10, burst: 20 },
  quota: { requests: 500, period: 'day', resetOffsetMinutes: 0 },
};

/** Bursts, steady overload and silence over many days. */
export const nextGapUs = (chance: Chance): number => {
  const mood = chance.float();
  if (mood < 0.5) return chance.integer(0, 120_000);
  if (mood < 0.95) return chance.integer(0, 12) * 100_000;
  if (mood < 0.997) return chance.integer(0, 20 * SECOND_US);
  return chance.integer(0, 9 * HOUR_US);
};
