// How fast is a contract, and where are its edges? What patterns and the adversary are scaled to.

import type { Contract, Limit } from '../../domain/contract.ts';
import { DAY_US, SECOND_US } from '../../kernel/clock.ts';
import { type Span, zonedPeriod } from '../../kernel/zoned-periods.ts';
import { windowOf } from '../../limiters.ts';

export interface Tempo {
  readonly startUs: number;
  /** The time in which the tightest limit of one key lets one more in, in nanoseconds. */
  readonly permitNs: number;
  /** What that limit lets in at once. */
  readonly burst: number;
  /** The window of that limit; of a bucket, the time in which it is full again. */
  readonly windowUs: number;
  /** The quota's, or 200 where there is none. */
  readonly requestsOfPeriod: number;
  /** The quota's period, or a day of UTC. */
  readonly periodOf: (atUs: number) => Span;
}

export const tempoOf = ({ limits, startUs }: Contract): Tempo => {
  const rates = limits.flatMap((limit) => (limit.kind === 'quota' ? [] : [limit]));
  const own = rates.filter(({ scope }) => scope === 'key');
  const [tightest] = (own.length > 0 ? own : rates).toSorted((a, b) => paceUs(b) - paceUs(a));
  const quota = limits.find((limit) => limit.kind === 'quota');
  const [period, zone, resetMinutes] =
    quota?.kind === 'quota'
      ? ([quota.period, quota.zone, quota.resetMinutes] as const)
      : (['day', 'UTC', 0] as const);
  const requestsOfPeriod = quota?.kind === 'quota' ? quota.requests : 200;
  const periodOf = (atUs: number): Span => zonedPeriod(atUs, period, zone, resetMinutes);
  if (tightest === undefined) {
    // With quotas alone, the pace at which the quota lasts three hours; assumed.
    const paceOfQuotaUs = Math.max(1, Math.floor(DAY_US / 8 / Math.max(1, requestsOfPeriod)));
    const permitNs = Math.min(paceOfQuotaUs, 60 * SECOND_US) * 1000;
    return {
      ...{ startUs, permitNs, burst: 5, requestsOfPeriod, periodOf },
      windowUs: (5 * permitNs) / 1000,
    };
  }
  const { requests, windowUs } = windowOf(tightest);
  const permitNs =
    'permitNs' in tightest ? tightest.permitNs : Math.max(1, (windowUs * 1000) / requests);
  return { startUs, permitNs, burst: requests, windowUs, requestsOfPeriod, periodOf };
};

const paceUs = (limit: Exclude<Limit, { readonly kind: 'quota' }>): number => {
  const { requests, windowUs } = windowOf(limit);
  return windowUs / requests;
};
