// Which limiters can be put to the test, and what is each supposed to keep?

import type { Contract } from './domain/contract.ts';
import type { Chance } from './kernel/chance.ts';
import { bestEffort } from './limiters/best-effort.ts';
import { Enforcer } from './limiters/enforcer.ts';
import {
  AsynchronousBatches,
  localBuckets,
  PeriodicSync,
  REPLICAS,
  sharedStore,
} from './limiters/fleet.ts';
import type { SimulatedLimiter } from './limiters/limiter.ts';
import { type Algorithm, inKind, isOwnKind } from './limiters/other-kind.ts';
import { usagePlan, usagePlanOf } from './limiters/usage-plan.ts';

export { ASSUMED_BAND } from './limiters/best-effort.ts';
export { Enforcer } from './limiters/enforcer.ts';
export { LIMITER_FAULTS } from './limiters/faults.ts';
export { REPLICAS, SYNC_US } from './limiters/fleet.ts';
export { FlexibleLimiter } from './limiters/flexible.ts';
export type { Limiter, SimulatedLimiter } from './limiters/limiter.ts';
export { windowOf } from './limiters/other-kind.ts';
export { PlanOnRedis } from './limiters/plan-on-redis.ts';
export type { LimiterFault } from './limiters/seeded-fault.ts';

/** A limiter that can be made for a contract. */
export interface LimiterPlan {
  readonly id: string;
  readonly does: string;
  readonly replicas: number;
  /** `exactly`; within the contract's band; or `not`, because it is built otherwise. */
  readonly keeps: (contract: Contract) => 'exactly' | 'band' | 'not';
  /** Why it cannot keep such a contract at all. */
  readonly unfit: (contract: Contract) => string | undefined;
  readonly make: (contract: Contract, chance: Chance) => SimulatedLimiter;
}

const FITS = () => undefined;

const byAlgorithm = (id: Algorithm, does: string): LimiterPlan => ({
  id,
  does,
  replicas: 1,
  keeps: ({ limits }) => (limits.every((limit) => isOwnKind(limit, id)) ? 'exactly' : 'not'),
  unfit: ({ limits }) =>
    limits.every(({ kind }) => kind === 'quota') ? 'there are quotas only' : undefined,
  make: ({ limits }) => new Enforcer(limits.map((limit) => inKind(limit, id))),
});

const fleet = (
  id: string,
  does: string,
  keeps: 'exactly' | 'not',
  make: (limits: Contract['limits']) => SimulatedLimiter,
): LimiterPlan => ({
  id,
  does,
  replicas: REPLICAS,
  keeps: () => keeps,
  unfit: FITS,
  make: ({ limits }) => make(limits),
});

/** Every simulated limiter, in the order of the report. */
export const LIMITERS: readonly LimiterPlan[] = [
  {
    id: 'exact',
    does: 'each limit by its own textbook algorithm, in order',
    replicas: 1,
    keeps: () => 'exactly',
    unfit: FITS,
    make: ({ limits }) => new Enforcer(limits),
  },
  {
    id: 'usage-plan',
    does: "the reference platform's token bucket with its quota",
    replicas: 1,
    keeps: () => 'exactly',
    unfit: (contract) => {
      const plan = usagePlanOf(contract);
      return typeof plan === 'string' ? plan : undefined;
    },
    make: usagePlan,
  },
  byAlgorithm('gcra', 'the generic cell rate algorithm'),
  byAlgorithm('fixed-window', 'counters of windows that the clock begins'),
  byAlgorithm('opened-window', 'counters of windows that the first request begins'),
  byAlgorithm('sliding-log', 'a log of all admissions of a window'),
  byAlgorithm('sliding-counter', 'this window, and a share of the one before'),
  fleet('local-buckets', '3 replicas, each with the whole limit', 'not', localBuckets),
  fleet('shared-store', '3 replicas that ask one store', 'exactly', sharedStore),
  fleet(
    'periodic-sync',
    '3 replicas that tell each other every second what they admitted',
    'not',
    (limits) => new PeriodicSync(limits),
  ),
  fleet(
    'async-batches',
    '3 replicas that send on what they admitted, 10 at a time, within 100 ms',
    'not',
    (limits) => new AsynchronousBatches(limits),
  ),
  {
    id: 'best-effort',
    does: 'targets and not ceilings: each key is off by a share within the band',
    replicas: 1,
    keeps: () => 'band',
    unfit: FITS,
    make: bestEffort,
  },
];
