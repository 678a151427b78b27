// Which platforms admit more than was promised, or less?

import type { LimitContract, Permit } from '../domain/limit.ts';
import type { LimiterPort } from '../domain/ports.ts';
import { header } from '../domain/wire.ts';
import { periodStartUs } from '../kernel/calendar.ts';
import { claimsIn, deceiving, type Make, replacing } from '../platforms/overriding.ts';
import { UsagePlanLimiter } from '../protocol/limiter.ts';
import { SESSION_HEADER } from '../protocol/session.ts';
import type { SeededFault } from './fault.ts';
import {
  ask,
  beside,
  CHEN,
  crowd,
  JONES,
  minutes,
  order,
  SMITH,
  seconds,
  wait,
} from './scripting.ts';

const CLASS = 'limits and quotas';
const ADMITTED: Permit = { kind: 'admitted' };
const THROTTLED: Permit = { kind: 'refused', by: 'THROTTLED', retryAfterUs: 1_000_000 };
const SPENT: Permit = { kind: 'refused', by: 'QUOTA_EXCEEDED', retryAfterUs: 1_000_000 };

/** The reference with another limiter at the front door, made once a platform. */
const limiting = (make: () => LimiterPort['admit']): Make =>
  replacing(({ limiters }) => ({ limiters: { ...limiters, 'front-door': { admit: make() } } }));

/** A sound limiter that is asked for something else. */
const asking = (
  change: (key: string, contract: LimitContract) => readonly [string, LimitContract],
): Make =>
  limiting(() => {
    const sound = new UsagePlanLimiter();
    const contracts = new Map<string, LimitContract>();
    return (key, contract, nowUs) => {
      const [name, asked] = change(key, contract);
      // Equal contracts must be one object, or each call would count as a change.
      const known = contracts.get(JSON.stringify(asked)) ?? asked;
      contracts.set(JSON.stringify(asked), known);
      return sound.admit(name, known, nowUs);
    };
  });

const withBurst = (contract: LimitContract, more: number): LimitContract =>
  contract.rate === undefined
    ? contract
    : { ...contract, rate: { ...contract.rate, burst: contract.rate.burst + more } };

const withQuota = (contract: LimitContract, more: number): LimitContract =>
  contract.quota === undefined
    ? contract
    : { ...contract, quota: { ...contract.quota, requests: contract.quota.requests + more } };

/** More than a basic tenant's burst of five, at once: fewer moves cannot reach a limit. */
const BURST = crowd(7, ask(SMITH, 'talk'));
/** A whole day's quota of a basic tenant and a few more, slowly enough for its rate. */
const DAY = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].flatMap(() => [
  wait(seconds(5), ask(SMITH, 'current_time')),
  ...crowd(4, ask(SMITH, 'current_time')).map(beside),
]);

export const LIMITS: readonly SeededFault[] = [
  {
    id: 'limiter-admits-everybody',
    class: CLASS,
    does: 'the limiter admits everybody',
    source: 'W61, published sample: ways past the limits',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'no limit at all',
    traits: ['no canary shows it'],
    make: limiting(() => () => ADMITTED),
    script: BURST,
  },
  {
    id: 'front-door-ignores-limiter',
    class: CLASS,
    does: 'the front door asks the limiter and does not listen',
    source: 'W61, published sample: ways past the limits',
    promise: 'I6',
    implies: [],
    boundary: 'front-door',
    mechanism: 'refusal of the limiter ignored',
    traits: ['no canary shows it'],
    make: deceiving('front-door', () => (hop) => ({
      admit: async (limiter, key, contract) => {
        await hop.admit(limiter, key, contract);
        return ADMITTED;
      },
    })),
    script: BURST,
  },
  {
    id: 'limiter-by-tier',
    class: CLASS,
    does: 'the tenants of a tier share a bucket and a quota',
    source: 'W59, published sample: one usage plan key a tier',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'keyed by tier',
    traits: ['no canary shows it'],
    make: asking((_key, contract) => [JSON.stringify(contract), contract]),
    script: [...crowd(4, ask(SMITH, 'talk')), ...crowd(4, beside(ask(CHEN, 'talk'))).map(beside)],
  },
  {
    id: 'limiter-by-user',
    class: CLASS,
    does: 'each user of a tenant has a bucket and a quota of their own',
    source: 'assumed',
    promise: 'I6',
    implies: [],
    boundary: 'front-door',
    mechanism: 'limits keyed by user',
    traits: ['no canary shows it', 'within one tenant'],
    make: deceiving('front-door', () => (hop, call) => ({
      admit: (limiter, _key, contract) =>
        hop.admit(limiter, String(claimsIn(call)['sub']), contract),
    })),
    script: [...crowd(5, ask(SMITH, 'talk')), ...crowd(5, ask(JONES, 'talk')).map(beside)],
  },
  {
    id: 'limiter-by-session',
    class: CLASS,
    does: 'a new session has a new bucket',
    source: 'W60, published sample: the key is chosen by the client',
    promise: 'I6',
    implies: [],
    boundary: 'front-door',
    mechanism: 'limits keyed by a client header',
    traits: ['no canary shows it'],
    make: deceiving('front-door', () => (hop, call) => ({
      admit: (limiter, key, contract) =>
        hop.admit(limiter, header(call.headers, SESSION_HEADER) ?? key, contract),
    })),
    script: [
      ...crowd(5, ask(SMITH, 'talk', 'one')),
      ...crowd(5, ask(SMITH, 'talk', 'two')).map(beside),
    ],
  },
  {
    id: 'limiter-two-replicas',
    class: CLASS,
    does: 'two replicas of the limiter count apart',
    source: 'W63, usage plans are best effort',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'replicas that do not share their count',
    traits: ['no canary shows it'],
    make: limiting(() => {
      const replicas = [new UsagePlanLimiter(), new UsagePlanLimiter()] as const;
      let calls = 0;
      return (key, contract, nowUs) => {
        calls += 1;
        return replicas[calls % 2 === 0 ? 0 : 1].admit(key, contract, nowUs);
      };
    }),
    script: BURST,
  },
  {
    id: 'limiter-fixed-window',
    class: CLASS,
    does: 'a minute begins with all its permits',
    source: 'assumed: a fixed window in place of a bucket',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'fixed windows',
    traits: ['no canary shows it'],
    make: limiting(() => {
      const admitted = new Map<string, number>();
      return (key, { rate }, nowUs) => {
        const window = `${key} ${Math.floor(nowUs / 60_000_000)}`;
        const count = (admitted.get(window) ?? 0) + 1;
        admitted.set(window, count);
        return count > 60 * (rate?.requestsPerSecond ?? 1) + (rate?.burst ?? 0)
          ? THROTTLED
          : ADMITTED;
      };
    }),
    script: BURST,
  },
  {
    id: 'limiter-burst-off-by-one',
    class: CLASS,
    does: 'a burst is one request larger than was promised',
    source: 'assumed: `<=` where `<` was meant',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'burst one too large',
    traits: ['no canary shows it'],
    make: asking((key, contract) => [key, withBurst(contract, 1)]),
    script: BURST,
  },
  {
    id: 'limiter-burst-one-short',
    class: CLASS,
    does: 'a burst is one request smaller than was promised',
    source: 'assumed: a bucket that starts with one permit taken',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'burst one too small',
    traits: ['no canary shows it'],
    make: asking((key, contract) => [key, withBurst(contract, -1)]),
    script: crowd(5, ask(SMITH, 'talk')),
  },
  {
    id: 'limiter-quota-one-short',
    class: CLASS,
    does: 'the quota ends one request early',
    source: 'assumed',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'quota one too small',
    traits: ['no canary shows it'],
    make: asking((key, contract) => [key, withQuota(contract, -1)]),
    script: DAY,
  },
  {
    id: 'limiter-counts-refusals',
    class: CLASS,
    does: 'a refused request uses up quota',
    source: 'assumed',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'refusals counted',
    traits: ['no canary shows it'],
    make: limiting(() => {
      const sound = new UsagePlanLimiter();
      const asked = new Map<string, number>();
      return (key, contract, nowUs) => {
        const period = periodStartUs(nowUs, 'day', 0);
        const count = (asked.get(`${key} ${period}`) ?? 0) + 1;
        asked.set(`${key} ${period}`, count);
        if (count > (contract.quota?.requests ?? Number.POSITIVE_INFINITY)) return SPENT;
        return sound.admit(key, contract, nowUs);
      };
    }),
    script: [...crowd(50, ask(SMITH, 'talk')), wait(minutes(5), ask(SMITH, 'talk'))],
  },
  {
    id: 'limiter-forgets-on-tier-change',
    class: CLASS,
    does: 'a change of tier begins a new day of quota',
    source: 'assumed',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'count dropped at a change of contract',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: asking((key, contract) => [`${key} ${contract.rate?.burst}`, contract]),
    script: [
      ...DAY.slice(0, 45),
      order({ kind: 'upgrade', tenant: SMITH.tenant, tier: 'premium' }),
      wait(minutes(65), ask(SMITH, 'current_time')),
      order({ kind: 'downgrade', tenant: SMITH.tenant, tier: 'basic' }),
      wait(minutes(65), ask(SMITH, 'current_time')),
      ...DAY.slice(0, 10),
    ],
  },
];
