// How fast is a contract, and where are its edges? What patterns and the adversary are scaled to.

import { impliedLimits } from '../../domain/ceiling.ts';
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
  /** Who calls; so many that together they can spend what they share. */
  readonly keys: readonly [string, ...string[]];
  /** Of each limit that can decide, shortest first: so many requests in so long. */
  readonly ceilings: readonly Ceiling[];
}

export interface Ceiling {
  readonly requests: number;
  readonly windowUs: number;
  readonly isShared: boolean;
}

const FEW_KEYS = ['tenant-a', 'tenant-b', 'tenant-c'] as const;

/** A limit that more keys share is not spent by all patterns; assumed. */
const KEYS_MAX = 1000;

const PERIOD_US = { day: DAY_US, week: 7 * DAY_US, month: 31 * DAY_US } as const;

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
  const ceilings = ceilingsOf(limits);
  const keys = keysOf(limits);
  if (tightest === undefined) {
    // With quotas alone, the pace at which the quota lasts three hours; assumed.
    const paceOfQuotaUs = Math.max(1, Math.floor(DAY_US / 8 / Math.max(1, requestsOfPeriod)));
    const permitNs = Math.min(paceOfQuotaUs, 60 * SECOND_US) * 1000;
    return {
      ...{ startUs, permitNs, burst: 5, requestsOfPeriod, periodOf, keys, ceilings },
      windowUs: (5 * permitNs) / 1000,
    };
  }
  const { requests, windowUs } = windowOf(tightest);
  const permitNs =
    'permitNs' in tightest ? tightest.permitNs : Math.max(1, (windowUs * 1000) / requests);
  return {
    ...{ startUs, permitNs, burst: requests, windowUs, requestsOfPeriod, periodOf },
    ...{ keys, ceilings },
  };
};

const paceUs = (limit: Exclude<Limit, { readonly kind: 'quota' }>): number => {
  const { requests, windowUs } = windowOf(limit);
  return windowUs / requests;
};

const ceilingOf = (limit: Limit): Ceiling => ({
  ...(limit.kind === 'quota'
    ? { requests: limit.requests, windowUs: PERIOD_US[limit.period] }
    : windowOf(limit)),
  isShared: limit.scope === 'all',
});

const ceilingsOf = (limits: readonly Limit[]): readonly Ceiling[] => {
  const implied = impliedLimits(limits);
  return limits
    .filter(({ name }) => !implied.includes(name))
    .map(ceilingOf)
    .toSorted((a, b) => a.windowUs - b.windowUs);
};

/** One more than a shared limit's burst and rate hold of the keys' own. */
const keysOf = (limits: readonly Limit[]): Tempo['keys'] => {
  const own = limits.filter(({ scope }) => scope === 'key');
  const shared = limits.filter(({ scope }) => scope === 'all');
  const most = Math.max(
    FEW_KEYS.length,
    ...shared.flatMap((all) => own.map((one) => 1 + Math.ceil(shareOf(all, one)))),
  );
  const more = Math.min(KEYS_MAX, most) - FEW_KEYS.length;
  return [...FEW_KEYS, ...Array.from({ length: more }, (_, index) => `tenant-${index + 4}`)];
};

/** How many keys' own limit a shared one holds. */
const shareOf = (all: Limit, one: Limit): number => {
  const [shared, own] = [ceilingOf(all), ceilingOf(one)];
  const atOnce = shared.requests / Math.max(1, own.requests);
  if (all.kind === 'quota' && one.kind !== 'quota') return 0;
  // A quota of each key must outlast the time until the shared rate is spent.
  if (one.kind === 'quota' && all.kind !== 'quota') return 2 * atOnce;
  return Math.max(atOnce, (atOnce * own.windowUs) / shared.windowUs);
};
