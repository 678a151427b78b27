// How does a limiter go wrong? Seeded faults of quotas, accounts, keys and replicas, and the list of all.

import { DAY_US } from '../kernel/clock.ts';
import { changed, hearing, limitIn, thereafter, withCells } from './breaking.ts';
import { Counted, OpenedWindow } from './cell.ts';
import { Enforcer } from './enforcer.ts';
import { PLAN, STAGED } from './fault-contracts.ts';
import {
  ByteCounter,
  dayOf24Hours,
  forgetfulAtReset,
  forgetfulOfKeys,
  lostUpdates,
  quotaEach,
  sharedFirst,
  throttledCostsQuota,
} from './faulty.ts';
import { BUCKETS, WINDOWS } from './rate-faults.ts';
import type { FaultRow, LimiterFault } from './seeded-fault.ts';

const QUOTAS: readonly FaultRow[] = [
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

const ACCOUNTS: readonly FaultRow[] = [
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

const KEYS_AND_REPLICAS: readonly FaultRow[] = [
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

const SHARED: readonly FaultRow[] = [
  [
    'shared-by-key',
    'admits',
    'counts what all keys share for each key',
    STAGED,
    () => new Enforcer(STAGED.limits.map((limit) => ({ ...limit, scope: 'key' }))),
  ],
  [
    'second-dropped',
    'admits',
    'asks the first limit only',
    STAGED,
    () => new Enforcer(STAGED.limits.slice(0, 1)),
  ],
  [
    'shared-first',
    'refuses',
    'takes of what all keys share before a key is asked for its own',
    STAGED,
    () => sharedFirst(STAGED.limits),
  ],
];

export const LIMITER_FAULTS: readonly LimiterFault[] = [
  ...BUCKETS,
  ...WINDOWS,
  ...QUOTAS,
  ...ACCOUNTS,
  ...KEYS_AND_REPLICAS,
  ...SHARED,
].map(([id, harm, does, contract, make]) => ({ id, harm, does, contract, make }));
