// Is every limit of a contract met by some call, and does a run say so where one was not?

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { impliedLimits, mostWithin } from '../sim/domain/ceiling.ts';
import type { Contract, Limit } from '../sim/domain/contract.ts';
import type { LimiterReport } from '../sim/domain/limiter-report.ts';
import { benchLimiter, PATTERNS, usualDecisions } from '../sim/engines/limiter-bench.ts';
import { DAY_US, SECOND_US } from '../sim/kernel/clock.ts';
import { Enforcer, type LimiterPlan } from '../sim/limiters.ts';
import { ContractJudge } from '../sim/measures.ts';
import { loadContract } from '../sim/scenario.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

const FOLDER = `${ROOT}scenarios/limits/`;

const KEY = { scope: 'key' } as const;
const DAILY = { ...KEY, kind: 'quota', period: 'day', zone: 'UTC', resetMinutes: 0 } as const;

/** The limiter that lacks the limits of those names, under each pattern that spends limits alone. */
const without = (contract: Contract, lacking: readonly string[], decisions?: number) => {
  const plan: LimiterPlan = {
    id: 'lacking',
    does: 'lacks some limits',
    replicas: 1,
    keeps: () => 'exactly',
    unfit: () => undefined,
    make: ({ limits }) => new Enforcer(limits.filter(({ name }) => !lacking.includes(name))),
  };
  const rows = PATTERNS.map((pattern) => {
    const many =
      decisions ?? (pattern.id === 'each-limit' ? usualDecisions(pattern, contract) : 500);
    const terms = { decisions: many, seed: 1, wallMs: () => many, isAsked: true };
    return benchLimiter(plan, pattern, contract, terms).row;
  });
  const wrong = rows.reduce((sum, row) => sum + row.wrongAdmissions.count, 0);
  const [first] = rows;
  const unreached = (first?.unreached ?? []).filter((name) =>
    rows.every((row) => row.unreached.includes(name)),
  );
  return { wrong, unreached };
};

const shipped = readdirSync(FOLDER).map((name) =>
  loadContract(readFileSync(FOLDER + name, 'utf8'), name),
);

test.each(shipped)('the usual run meets each limit of $name that can decide', (contract) => {
  const strict = { ...contract, bestEffort: undefined };
  const implied = impliedLimits(contract.limits);
  expect(without(strict, [])).toEqual({ wrong: 0, unreached: [] });
  for (const { name } of contract.limits) {
    const { wrong } = without(strict, [name]);
    expect([name, wrong > 0]).toEqual([name, !implied.includes(name)]);
  }
});

test('a quota of thirty thousand is met too, by as many calls as it takes', () => {
  const contract: Contract = {
    ...{ name: 'large', title: 'A large quota.', bestEffort: undefined, startUs: 1e15 },
    limits: [
      { ...KEY, name: 'rate', kind: 'token-bucket', permitNs: 10_000_000, burst: 50 },
      { ...DAILY, name: 'day', requests: 30_000 },
    ],
  };
  expect(without(contract, ['day']).wrong).toBeGreaterThan(1000);
  // Where the user names too few calls, what was not met is named.
  expect(without(contract, ['day'], 1000)).toEqual({ wrong: 0, unreached: ['day'] });
});

const asked = async (...given: readonly string[]) => {
  const told = await poolproof(['limiter', '--out', placeOf('out'), ...given, '--stdout', 'json']);
  return { code: told.code, report: JSON.parse(told.stdout) as LimiterReport };
};

test('who is said to keep a limit that was never met makes the run inconclusive, by its name', async () => {
  const file = `${FOLDER}reference-order.yaml`;
  const few = await asked(file, '--limiter', 'exact', '--pattern', 'natural', '--decisions', '20');
  expect([few.code, few.report.verdict]).toEqual([4, 'inconclusive']);
  expect(few.report.unreached).toEqual(['plan-rate', 'plan-quota', 'stage']);
  expect(few.report.sentence).toMatch(/; not reached: plan-rate, plan-quota, stage\.$/);
  const enough = await asked(file, '--limiter', 'exact', '--pattern', 'each-limit');
  expect([enough.code, enough.report.unreached]).toEqual([0, []]);
  expect(enough.report.contract.implied).toEqual(['account']);
});

test('a limiter that broke the contract is a finding, whatever else was not met', async () => {
  const text = readFileSync(`${FOLDER}sixty-a-minute.yaml`, 'utf8');
  const file = put(
    'two.yaml',
    `${text}  - { name: day, kind: quota, requests: 900000, period: day }\n`,
  );
  const given = [file, '--pattern', 'edge', '--decisions', '500'];
  // Sixty a minute are 86,400 a day at most.
  const { code, report } = await asked(...given, '--limiter', 'local-buckets');
  expect([code, report.contract.implied, report.unreached]).toEqual([1, ['day'], []]);
});

test('a limit is met only by a call that it alone stands in the way of', () => {
  const limits: readonly Limit[] = [
    { ...KEY, name: 'window', kind: 'sliding-log', requests: 2, windowUs: 10 },
    { ...DAILY, name: 'day', requests: 3 },
  ];
  const judge = new ContractJudge({ limits });
  const reached = () => judge.conclude().limits.map((limit) => limit.reached);
  for (const atUs of [1, 2]) judge.see('one', atUs, true);
  expect(reached()).toEqual([false, false]);
  judge.see('one', 3, false);
  expect(reached()).toEqual([true, false]);
  judge.see('one', 20, true);
  judge.see('one', 21, false);
  expect(reached()).toEqual([true, true]);
  // Both spent at once say nothing of either.
  const both = new ContractJudge({
    limits: [
      { ...DAILY, name: 'a', requests: 1 },
      { ...DAILY, name: 'b', requests: 1 },
    ],
  });
  both.see('one', 1, true);
  both.see('one', 2, false);
  expect(both.conclude().limits.map((limit) => limit.reached)).toEqual([false, false]);
});

const LOG = { ...KEY, kind: 'sliding-log', windowUs: SECOND_US } as const;
const RATE = { kind: 'token-bucket', permitNs: 100_000_000, burst: 10 } as const;

test.each<readonly [string, readonly Limit[], readonly string[]]>([
  [
    'a wider bucket',
    [
      { ...RATE, scope: 'all', name: 'a' },
      { ...RATE, ...KEY, name: 'b', burst: 11 },
    ],
    ['b'],
  ],
  [
    'what each key has, where all together have no more',
    [
      { ...RATE, ...KEY, name: 'a' },
      { ...RATE, scope: 'all', name: 'b' },
    ],
    ['a'],
  ],
  [
    'what all keys share, where each has as much',
    [
      { ...RATE, ...KEY, name: 'a' },
      { ...RATE, scope: 'all', name: 'b', burst: 11 },
    ],
    [],
  ],
  [
    'the second of two equals',
    [
      { ...LOG, name: 'a', requests: 2 },
      { ...LOG, name: 'b', requests: 2 },
    ],
    ['b'],
  ],
  [
    'a quota that no rate can spend',
    [
      { ...RATE, ...KEY, name: 'a' },
      { ...DAILY, name: 'b', requests: 936_010 },
    ],
    ['b'],
  ],
  [
    'a quota that a rate can spend',
    [
      { ...RATE, ...KEY, name: 'a' },
      { ...DAILY, name: 'b', requests: 936_008 },
    ],
    [],
  ],
  [
    'a bucket beyond a window',
    [
      { ...LOG, name: 'a', requests: 5 },
      { ...RATE, ...KEY, name: 'b' },
    ],
    ['b'],
  ],
  [
    'a bucket that a window can spend',
    [
      { ...LOG, name: 'a', requests: 6 },
      { ...RATE, ...KEY, name: 'b' },
    ],
    [],
  ],
])('%s: which limit never decides', (_, limits, implied) => {
  expect(impliedLimits(limits)).toEqual(implied);
});

test('a day of 26 hours holds what a rate lets through in it, and its burst', () => {
  const bucket: Limit = { ...RATE, ...KEY, name: 'a' };
  expect(mostWithin(bucket, (DAY_US * 26) / 24 - 1)).toBe(936_009);
});

// ---- Random limits.

const small = {
  requests: fc.integer({ min: 1, max: 5 }),
  windowUs: fc.integer({ min: 1, max: 30 }),
};
const scope = fc.constantFrom('key' as const, 'all' as const);
const one: fc.Arbitrary<Limit> = fc.oneof(
  fc.record({
    ...{ scope, name: fc.string(), kind: fc.constantFrom('token-bucket', 'gcra') },
    ...{ permitNs: fc.integer({ min: 500, max: 30_000 }), burst: fc.integer({ min: 1, max: 9 }) },
  }),
  fc.record({
    ...{ scope, name: fc.string(), kind: fc.constantFrom('sliding-log', 'sliding-counter') },
    ...small,
  }),
  fc.record({
    ...{ scope, name: fc.string(), kind: fc.constant('fixed-window'), ...small },
    begins: fc.constantFrom('epoch', 'first-request'),
  }),
);
const several = fc.uniqueArray(one, { minLength: 2, maxLength: 3, selector: ({ name }) => name });
const calls = fc.array(fc.tuple(fc.constantFrom('one', 'two'), fc.nat({ max: 12 })), {
  ...{ minLength: 30, maxLength: 60 },
});

test('a limit that is said never to decide changes no answer', () => {
  let dropped = 0;
  const property = fc.property(several, calls, (limits, gaps) => {
    const implied = impliedLimits(limits);
    if (implied.length > 0) dropped += 1;
    const [all, rest] = [
      new Enforcer(limits),
      new Enforcer(limits.filter(({ name }) => !implied.includes(name))),
    ];
    let clockUs = 1000;
    for (const [key, gapUs] of gaps) {
      clockUs += gapUs;
      expect(rest.admit({ key, clockUs }).kind).toBe(all.admit({ key, clockUs }).kind);
    }
  });
  fc.assert(property, { numRuns: 250 });
  // What the test stands on is counted where chance cannot spare it.
  dropped = 0;
  fc.assert(property, { numRuns: 250, seed: 1 });
  expect(dropped).toBeGreaterThan(20);
});
