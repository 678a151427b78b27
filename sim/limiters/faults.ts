// How does a limiter go wrong? Seeded faults, each the smallest change to one that is right.

import type { Contract } from '../domain/contract.ts';
import { DAY_US, SECOND_US } from '../kernel/clock.ts';
import { changed, hearing, limitIn, thereafter, withCells } from './breaking.ts';
import { Counted, OpenedWindow } from './cell.ts';
import { COUNTER, LOG, PLAN, TENTHS } from './fault-contracts.ts';
import {
  ByteCounter,
  ClockTrusting,
  dayOf24Hours,
  FloatBucket,
  forgetfulAtReset,
  forgetfulOfKeys,
  lostUpdates,
  OddBucket,
  quotaEach,
  RoundedCounter,
  throttledCostsQuota,
} from './faulty.ts';
import type { SimulatedLimiter } from './limiter.ts';

/** What a fault must be caught at: wrong admissions, wrong refusals, or one of the two. */
export type Harm = 'admits' | 'refuses' | 'either';

export interface LimiterFault {
  readonly id: string;
  readonly harm: Harm;
  readonly does: string;
  readonly contract: Contract;
  readonly make: () => SimulatedLimiter;
}

const TEN_MS_NS = 10_000_000;

type Row = readonly [
  id: string,
  harm: Harm,
  does: string,
  contract: Contract,
  make: () => SimulatedLimiter,
];

const BUCKETS: readonly Row[] = [
  [
    'one-more',
    'admits',
    'lets one more into the burst',
    PLAN,
    changed(PLAN, 'token-bucket', (one) => ({ ...one, burst: one.burst + 1 })),
  ],
  [
    'one-less',
    'refuses',
    'refuses the last of the burst',
    PLAN,
    changed(PLAN, 'token-bucket', (one) => ({ ...one, burst: one.burst - 1 })),
  ],
  [
    'refill-early',
    'admits',
    'rounds the time of a permit down to 10 ms',
    PLAN,
    changed(PLAN, 'token-bucket', (one) => ({
      ...one,
      permitNs: one.permitNs - (one.permitNs % TEN_MS_NS),
    })),
  ],
  [
    'refill-late',
    'refuses',
    'rounds the time of a permit up to 10 ms',
    PLAN,
    changed(PLAN, 'token-bucket', (one) => ({
      ...one,
      permitNs: one.permitNs - (one.permitNs % TEN_MS_NS) + TEN_MS_NS,
    })),
  ],
  [
    'float-drift',
    'refuses',
    'adds tenths of permits as floating numbers',
    TENTHS,
    withCells(TENTHS, 'token-bucket', (one) => new FloatBucket(one)),
  ],
  [
    'runs-over',
    'admits',
    'lets a bucket grow beyond its burst while nobody calls',
    PLAN,
    withCells(PLAN, 'token-bucket', (one) => new OddBucket(one, 'runs over')),
  ],
  [
    'begins-empty',
    'refuses',
    'gives a new key an empty bucket',
    PLAN,
    withCells(PLAN, 'token-bucket', (one) => new OddBucket(one, 'begins empty')),
  ],
  [
    'clock-back-mints',
    'admits',
    'counts a second twice when the clock was put back',
    TENTHS,
    () => new ClockTrusting(limitIn(TENTHS, 'token-bucket')),
  ],
  [
    'whole-seconds',
    'either',
    'reads a clock of whole seconds',
    PLAN,
    hearing(PLAN, (call) => ({ ...call, clockUs: call.clockUs - (call.clockUs % SECOND_US) })),
  ],
];

const WINDOWS: readonly Row[] = [
  [
    'window-edge',
    'admits',
    'counts from edge to edge in place of any interval',
    LOG,
    changed(LOG, 'sliding-log', (one) => ({ ...one, kind: 'fixed-window', begins: 'epoch' })),
  ],
  [
    'edge-included',
    'refuses',
    'still counts what is exactly one window old',
    LOG,
    changed(LOG, 'sliding-log', (one) => ({ ...one, windowUs: one.windowUs + 1 })),
  ],
  [
    'edge-excluded',
    'admits',
    'forgets a microsecond before the window is over',
    LOG,
    changed(LOG, 'sliding-log', (one) => ({ ...one, windowUs: one.windowUs - 1 })),
  ],
  [
    'share-rounded',
    'admits',
    'rounds the share of the window before down',
    COUNTER,
    withCells(COUNTER, 'sliding-counter', (one) => new RoundedCounter(one)),
  ],
];

const QUOTAS: readonly Row[] = [
  [
    'quota-one-more',
    'admits',
    'admits one more than the quota',
    PLAN,
    changed(PLAN, 'quota', (one) => ({ ...one, requests: one.requests + 1 })),
  ],
  [
    'quota-one-less',
    'refuses',
    'refuses the last of the quota',
    PLAN,
    changed(PLAN, 'quota', (one) => ({ ...one, requests: one.requests - 1 })),
  ],
  [
    'wrong-zone',
    'either',
    'resets by the clock of UTC',
    PLAN,
    changed(PLAN, 'quota', (one) => ({ ...one, zone: 'UTC' })),
  ],
  [
    'day-of-24-hours',
    'either',
    'takes no notice of clocks that go forward',
    PLAN,
    withCells(PLAN, 'quota', (one) => new Counted(one.requests, dayOf24Hours(one))),
  ],
  [
    'rolling-day',
    'either',
    'counts a day from the first request',
    PLAN,
    withCells(PLAN, 'quota', ({ requests }) => new OpenedWindow({ requests, windowUs: DAY_US })),
  ],
  [
    'counter-wraps',
    'admits',
    'keeps the count of the day in a byte',
    PLAN,
    withCells(PLAN, 'quota', (one) => new ByteCounter(one)),
  ],
  [
    'forgets-at-reset',
    'admits',
    'fills the bucket too when the quota is reset',
    PLAN,
    () => forgetfulAtReset(PLAN.limits, limitIn(PLAN, 'quota')),
  ],
];

const ACCOUNTS: readonly Row[] = [
  [
    'refusal-costs',
    'refuses',
    'takes a permit for a refused call',
    PLAN,
    thereafter(PLAN, (answer, _, take) => {
      take();
      return answer;
    }),
  ],
  [
    'throttled-costs-quota',
    'refuses',
    'takes of the quota for a throttled call',
    PLAN,
    () => throttledCostsQuota(PLAN.limits),
  ],
  [
    'uncounted',
    'admits',
    'does not count each hundredth admission',
    PLAN,
    thereafter(PLAN, (answer, turn, take) => {
      if (answer.kind === 'admitted' && turn % 100 !== 0) take();
      return answer;
    }),
  ],
  [
    'needless',
    'refuses',
    'refuses each hundredth call that has room',
    PLAN,
    thereafter(PLAN, (answer, turn, take) => {
      if (answer.kind === 'refused') return answer;
      if (turn % 100 === 0) return { kind: 'refused' };
      take();
      return answer;
    }),
  ],
  [
    'wrong-reason',
    'refuses',
    'says that the quota is spent when the bucket is empty',
    PLAN,
    thereafter(PLAN, (answer, _, take) => {
      if (answer.kind === 'refused') return { ...answer, by: limitIn(PLAN, 'quota').name };
      take();
      return answer;
    }),
  ],
];

const KEYS_AND_REPLICAS: readonly Row[] = [
  [
    'key-cut',
    'refuses',
    'knows keys by their first six characters',
    PLAN,
    hearing(PLAN, (call) => ({ ...call, key: call.key.slice(0, 6) })),
  ],
  ['key-evicted', 'admits', 'remembers two keys only', PLAN, () => forgetfulOfKeys(PLAN.limits)],
  [
    'quota-each',
    'admits',
    'lets each replica count the quota for itself',
    PLAN,
    () => quotaEach(PLAN.limits),
  ],
  [
    'lost-update',
    'admits',
    'loses a count when two replicas write within a millisecond',
    PLAN,
    () => lostUpdates(PLAN.limits),
  ],
];

export const LIMITER_FAULTS: readonly LimiterFault[] = [
  ...BUCKETS,
  ...WINDOWS,
  ...QUOTAS,
  ...ACCOUNTS,
  ...KEYS_AND_REPLICAS,
].map(([id, harm, does, contract, make]) => ({ id, harm, does, contract, make }));
