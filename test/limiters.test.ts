// Do limiters keep what they promise, and does the bench find what each of the others lets through?

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Contract, Limit } from '../sim/domain/contract.ts';
import {
  attack,
  benchAdversary,
  benchFaults,
  benchLimiter,
  PATTERNS,
} from '../sim/engines/limiter-bench.ts';
import { parseInstantUs } from '../sim/kernel/calendar.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { HOUR_US, MINUTE_US, SECOND_US } from '../sim/kernel/clock.ts';
import { Enforcer, LIMITER_FAULTS, LIMITERS, type LimiterPlan, SYNC_US } from '../sim/limiters.ts';
import { loadContract } from '../sim/scenario.ts';
import { ROOT } from './tidy/house.ts';

/** Real time is only divided by: any clock that goes on will do. */
const ticking = (): (() => number) => {
  let ms = 0;
  return () => {
    ms += 1;
    return ms;
  };
};

const planOf = (id: string): LimiterPlan => {
  const plan = LIMITERS.find((one) => one.id === id);
  if (plan === undefined) throw new Error(`no limiter ${id}`);
  return plan;
};

const contractWith = (...limits: readonly Limit[]): Contract => ({
  name: 'made-up',
  title: 'A contract of a test.',
  limits,
  bestEffort: undefined,
  startUs: parseInstantUs('2026-03-07T22:00:00Z') ?? 0,
});

const KEY = { name: 'limit', scope: 'key' } as const;
const SIXTY = contractWith({ ...KEY, kind: 'sliding-log', requests: 60, windowUs: MINUTE_US });
const BUCKET = contractWith({ ...KEY, kind: 'token-bucket', permitNs: 500_000_000, burst: 20 });

const shipped = readdirSync(`${ROOT}scenarios/limits`).map((name) =>
  loadContract(readFileSync(`${ROOT}scenarios/limits/${name}`, 'utf8'), name),
);

test.each(shipped)('whoever is held to $name keeps it under every pattern of calls', (contract) => {
  for (const plan of LIMITERS) {
    if (plan.unfit(contract) !== undefined || plan.keeps(contract) === 'not') continue;
    for (const pattern of PATTERNS) {
      const terms = { decisions: 800, seed: 3, wallMs: ticking(), isAsked: false };
      const { row } = benchLimiter(plan, pattern, contract, terms);
      const wrong = [row.wrongAdmissions.count, row.wrongRefusals.count];
      expect([plan.id, pattern.id, ...wrong]).toEqual([plan.id, pattern.id, 0, 0]);
      expect(row.admitted).toBeGreaterThan(0);
    }
  }
});

// ---- Random contracts.

const windows = {
  requests: fc.integer({ min: 1, max: 9 }),
  windowUs: fc.integer({ min: 10, max: HOUR_US }),
};
const names = { scope: fc.constantFrom('key' as const, 'all' as const) };
const limits: fc.Arbitrary<Limit> = fc.oneof(
  fc.record({
    ...names,
    name: fc.constant('bucket'),
    kind: fc.constant('token-bucket' as const),
    permitNs: fc.integer({ min: 1000, max: 90 * SECOND_US * 1000 }),
    burst: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({
    ...names,
    ...windows,
    name: fc.constant('window'),
    kind: fc.constant('fixed-window' as const),
    begins: fc.constantFrom('epoch' as const, 'first-request' as const),
  }),
  fc.record({
    ...names,
    ...windows,
    name: fc.constant('log'),
    kind: fc.constant('sliding-log' as const),
  }),
  fc.record({
    ...names,
    ...windows,
    name: fc.constant('counter'),
    kind: fc.constant('sliding-counter' as const),
  }),
  fc.record({
    ...names,
    name: fc.constant('quota'),
    kind: fc.constant('quota' as const),
    requests: fc.integer({ min: 1, max: 40 }),
    period: fc.constantFrom('day' as const, 'week' as const),
    zone: fc.constantFrom('UTC', 'America/New_York'),
    resetMinutes: fc.constantFrom(0, 90, 360),
  }),
);
const contracts = fc
  .uniqueArray(limits, { minLength: 1, maxLength: 3, selector: ({ name }) => name })
  .map((all) => contractWith(...all));

test('the exact limiter keeps any contract, one behind the other, for a key or for all', () => {
  fc.assert(
    fc.property(contracts, fc.constantFrom(...PATTERNS), fc.nat(), (contract, pattern, seed) => {
      for (const id of ['exact', 'shared-store']) {
        const terms = { decisions: 200, seed, wallMs: ticking(), isAsked: false };
        const { row } = benchLimiter(planOf(id), pattern, contract, terms);
        expect([row.wrongAdmissions.count, row.wrongRefusals.count]).toEqual([0, 0]);
      }
    }),
    { numRuns: 400 },
  );
});

test('the wait that a limiter names is exact: a microsecond sooner is refused', () => {
  const gaps = fc.array(fc.nat({ max: 20 * SECOND_US }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(contracts, gaps, (contract, gapsUs) => {
      const limiter = new Enforcer(contract.limits);
      let clockUs = contract.startUs;
      for (const gapUs of gapsUs) {
        clockUs += gapUs;
        const answer = limiter.admit({ key: 'one', clockUs });
        if (answer.kind === 'admitted') continue;
        const waitUs = answer.retryAfterUs ?? 0;
        expect(waitUs).toBeGreaterThan(0);
        expect(limiter.ask('one', clockUs + waitUs - 1).kind).toBe('refused');
        clockUs += waitUs;
        expect(limiter.admit({ key: 'one', clockUs }).kind).toBe('admitted');
      }
    }),
    { numRuns: 500 },
  );
});

const EXTREMES: readonly (readonly [string, Limit])[] = [
  ['a window of a microsecond', { ...KEY, kind: 'sliding-log', requests: 1, windowUs: 1 }],
  ['a permit a nanosecond', { ...KEY, kind: 'gcra', permitNs: 1, burst: 1 }],
  ['a burst of a million', { ...KEY, kind: 'token-bucket', permitNs: 1_000_000, burst: 1_000_000 }],
  ['a permit in a fortnight', { ...KEY, kind: 'token-bucket', permitNs: 1.2e15, burst: 1 }],
  [
    'a quota of nothing',
    { ...KEY, kind: 'quota', requests: 0, period: 'month', zone: 'Asia/Tokyo', resetMinutes: 61 },
  ],
];

test.each(EXTREMES)('%s is kept and judged like any other limit', (_, limit) => {
  const terms = { decisions: 100, seed: 3, wallMs: ticking(), isAsked: true };
  const contract = { ...contractWith(limit), bestEffort: { overshoot: 1, undershoot: 0.5 } };
  for (const plan of LIMITERS) {
    if (plan.unfit(contract) !== undefined || plan.keeps(contract) === 'not') continue;
    for (const pattern of PATTERNS) {
      for (const banded of [contract, { ...contract, bestEffort: undefined }]) {
        const { row } = benchLimiter(plan, pattern, banded, terms);
        const wrong = row.wrongAdmissions.count + row.wrongRefusals.count;
        expect([plan.id, pattern.id, wrong]).toEqual([plan.id, pattern.id, 0]);
      }
    }
  }
  // A search with what a large limit leaves of the time.
  const effort = { evaluations: 6000, decisions: 600_000 };
  const make = () => planOf('exact').make(contract, new Chance(1));
  const found = attack(make, contract, new Chance(1), effort);
  expect((found?.admitted ?? 0) <= (found?.allowed ?? 0)).toBe(true);
  expect(found?.wrongAdmissions ?? 0).toBe(0);
});

// ---- What the others let through.

test('three local replicas of sixty a minute admit a hundred and eighty', () => {
  const edge = PATTERNS.find(({ id }) => id === 'saturating') ?? PATTERNS[0];
  if (edge === undefined) throw new Error('no pattern');
  const terms = { decisions: 5000, seed: 1, wallMs: ticking(), isAsked: false };
  const { row } = benchLimiter(planOf('local-buckets'), edge, SIXTY, terms);
  expect(row.fullest).toMatchObject({ admitted: 180, allowed: 60 });
  expect(row.heldTo).toBe('nothing');
});

const REPLICAS = 3;
const perSync = Math.ceil((SYNC_US * 1000) / 500_000_000) - 1;

/** The most that can be admitted beyond what is allowed, by hand. */
const WORST: readonly (readonly [string, string, Contract, number])[] = [
  ['fixed-window', 'twice its requests on both sides of an edge', SIXTY, 60],
  ['opened-window', 'twice its requests less the one that opened the window', SIXTY, 59],
  ['gcra', 'a burst, and all that grows in the rest of a window', SIXTY, 59],
  ['local-buckets', 'its requests from each replica', SIXTY, 120],
  ['periodic-sync', 'its requests from each replica before the next sync', SIXTY, 120],
  ['async-batches', 'its requests from each replica before a batch arrives', SIXTY, 120],
  ['fixed-window', 'twice the burst on both sides of an edge', BUCKET, 20],
  ['opened-window', 'twice the burst, less one', BUCKET, 19],
  ['local-buckets', 'the burst of each other replica', BUCKET, 40],
  [
    'periodic-sync',
    'the burst of each other replica, and what grows there before the next sync',
    BUCKET,
    (REPLICAS - 1) * (20 + perSync),
  ],
  ['exact', 'nothing', SIXTY, 0],
  ['exact', 'nothing', BUCKET, 0],
  ['shared-store', 'nothing', SIXTY, 0],
];

test.each(WORST)('against %s the search finds %s', (id, _, contract, beyond) => {
  const row = benchAdversary(planOf(id), contract, { seed: 1, wallMs: ticking(), isAsked: false });
  const found = (row?.admitted ?? 0) - (row?.allowed ?? 0);
  expect(found).toBeGreaterThanOrEqual(Math.ceil(beyond * 0.99));
  // What replicas do not know of each other adds up over syncs; all else ends where it is said.
  if (id !== 'local-buckets' && id !== 'periodic-sync' && id !== 'async-batches')
    expect(found).toBe(beyond);
});

test('the search knows nothing of the limiter, and finds the same again', () => {
  const make = () => planOf('fixed-window').make(SIXTY, new Chance(1));
  const effort = { evaluations: 300, decisions: 100_000 };
  const one = attack(make, SIXTY, new Chance(5), effort);
  expect(attack(make, SIXTY, new Chance(5), effort)).toEqual(one);
  expect(attack(make, SIXTY, new Chance(6), effort)).not.toEqual(one);
});

// ---- Seeded faults.

test('every seeded fault is caught, too much as well as too little, and nobody without one', async () => {
  const rows = await benchFaults(LIMITER_FAULTS, { decisions: 6000, seed: 1 });
  expect(rows.filter(({ caught }) => !caught).map(({ id }) => id)).toEqual([]);
  expect(rows.filter(({ control }) => control > 0)).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(12);
  for (const harm of ['admits', 'refuses'] as const)
    expect(rows.filter((row) => row.harm === harm).length).toBeGreaterThanOrEqual(6);
});

test('a fault that only admits is never accused of refusing, where it takes what it admits', async () => {
  const ids = ['one-more', 'refill-early', 'runs-over', 'quota-one-more', 'uncounted'];
  const faults = LIMITER_FAULTS.filter(({ id }) => ids.includes(id));
  for (const row of await benchFaults(faults, { decisions: 1000, seed: 2 })) {
    expect([row.id, row.wrongRefusals]).toEqual([row.id, 0]);
    expect(row.wrongAdmissions).toBeGreaterThan(0);
  }
});
