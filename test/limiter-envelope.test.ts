// Is what the report draws and says beyond a contract only what breaks it?

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mostWithin } from '../sim/domain/ceiling.ts';
import type { Contract, Limit } from '../sim/domain/contract.ts';
import type { LimiterReport } from '../sim/domain/limiter-report.ts';
import { benchAdversary, benchLimiter, PATTERNS } from '../sim/engines/limiter-bench.ts';
import { SECOND_US } from '../sim/kernel/clock.ts';
import { LIMITERS, type LimiterPlan } from '../sim/limiters.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';

const planOf = (id: string): LimiterPlan => {
  const plan = LIMITERS.find((one) => one.id === id);
  if (plan === undefined) throw new Error(`no limiter ${id}`);
  return plan;
};

const contractOf = (...limits: readonly Limit[]): Contract => ({
  ...{ name: 'made-up', title: 'Of a test.', bestEffort: undefined },
  ...{ limits, startUs: 1_772_000_000_000_000 },
});

const KEY = { scope: 'key', name: 'one' } as const;
const TEN = { ...KEY, requests: 10, windowUs: SECOND_US } as const;
const EPOCH = { ...TEN, kind: 'fixed-window', begins: 'epoch' } as const;
const OPENED = { ...TEN, kind: 'fixed-window', begins: 'first-request' } as const;
const COUNTER = { ...TEN, kind: 'sliding-counter' } as const;

test.each<readonly [string, Limit, number, number]>([
  ['a window of the clock, in an instant', EPOCH, 0, 10],
  ['a window of the clock, in a microsecond', EPOCH, 1, 20],
  ['a window of the clock, in its length', EPOCH, SECOND_US, 20],
  ['a window of the clock, in three lengths', EPOCH, 3 * SECOND_US, 40],
  ['a window of the clock, in a microsecond more', EPOCH, 3 * SECOND_US + 1, 50],
  ['an opened window, in less than its length', OPENED, SECOND_US - 1, 19],
  ['an opened window, in its length', OPENED, SECOND_US, 20],
  ['a counter, in its length', COUNTER, SECOND_US, 19],
  ['a log, in less than its length', { ...TEN, kind: 'sliding-log' }, SECOND_US - 1, 10],
  ['a log, in its length', { ...TEN, kind: 'sliding-log' }, SECOND_US, 20],
])('%s lets so much through', (_, limit, us, most) => {
  expect(mostWithin(limit, us)).toBe(most);
});

const requests = fc.integer({ min: 1, max: 9 });
const windowUs = fc.constantFrom(1, 2, 7, 1000, 333_333, SECOND_US);
const scope = fc.constantFrom('key' as const, 'all' as const);
const limits: fc.Arbitrary<Limit> = fc.oneof(
  fc.record({
    ...{ scope, requests, windowUs, name: fc.constant('one') },
    kind: fc.constantFrom('sliding-log', 'sliding-counter'),
  }),
  fc.record({
    ...{ scope, requests, windowUs, name: fc.constant('one'), kind: fc.constant('fixed-window') },
    begins: fc.constantFrom('epoch', 'first-request'),
  }),
  fc.record({
    ...{ scope, name: fc.constant('one'), kind: fc.constantFrom('token-bucket', 'gcra') },
    ...{ burst: requests, permitNs: fc.constantFrom(1, 999, 333_333_333, 1_000_000_000) },
  }),
);

test('the exact limiter is drawn within what is allowed, under every pattern', () => {
  fc.assert(
    fc.property(limits, fc.constantFrom(...PATTERNS), (limit, pattern) => {
      const terms = { decisions: 300, seed: 1, wallMs: () => 1, isAsked: true };
      const { row, envelope } = benchLimiter(planOf('exact'), pattern, contractOf(limit), terms);
      expect(row.wrongAdmissions.count).toBe(0);
      const beyond = envelope?.points.filter(({ admitted, allowed }) => admitted > allowed);
      expect(beyond).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('the search puts what breaks the contract before what is only full across an edge', () => {
  const windows = { ...KEY, kind: 'fixed-window', begins: 'epoch', name: 'windows' } as const;
  const log = { ...KEY, kind: 'sliding-log', name: 'log', windowUs: SECOND_US } as const;
  for (const seed of [1, 2, 3]) {
    const contract = contractOf(
      { ...windows, requests: 200, windowUs: 10 * SECOND_US },
      { ...log, requests: 50 },
    );
    const terms = { seed, wallMs: () => 1, isAsked: true };
    const row = benchAdversary(planOf('fixed-window'), contract, terms);
    expect(row?.wrongAdmissions).toBeGreaterThanOrEqual(50);
    expect([row?.limit, row?.admitted, row?.allowed]).toEqual(['log', 100, 50]);
  }
});

const FILE = `version: 1
name: windows
title: Twenty in a window.
limits:
  - { name: window, kind: fixed-window, requests: 20, in: 10s, begins: epoch }
`;

const asked = async (text: string, ...given: readonly string[]) => {
  const line = ['limiter', put('windows.yaml', text), '--out', placeOf('out'), ...given];
  const told = await poolproof([...line, '--stdout', 'json']);
  return { code: told.code, report: JSON.parse(told.stdout) as LimiterReport };
};

test('a window full on both sides of an edge is no harm where only its window was promised', async () => {
  const given = ['--pattern', 'edge', '--decisions', '1000', '--adversary'];
  const { code, report } = await asked(FILE, ...given, '--limiter', 'fixed-window');
  expect(code).toBe(0);
  expect(report.sentence).toContain('1 limiter got no more through than is allowed');
  expect(report.sentence).not.toContain('40');
  expect(report.rows[0]?.fullest?.admitted).toBe(40);
  const text = readFileSync(placeOf('out/limiter.txt'), 'utf8');
  expect(text.replaceAll(/\s+/g, ' ')).toMatch(/20 of 20 in 10.0 s .*40 across/);
});

test('at worst means by the limit; an interval across an edge is told apart', async () => {
  const given = ['--pattern', 'edge', '--decisions', '2000', '--limiter', 'local-buckets'];
  const { code, report } = await asked(FILE, ...given);
  expect(code).toBe(1);
  const [row] = report.rows;
  expect(row?.worst).toMatchObject({ admitted: 60, allowed: 20 });
  expect(report.sentence).toMatch(
    /wrong refusals, at worst 60 of 20, and \d+ in some interval of that length\.$/,
  );
});

test('who passes within a band is not said to have got more through', async () => {
  const banded = `${FILE}bestEffort: { overshoot: 1, undershoot: 0.5 }\n`;
  const given = ['--pattern', 'edge', '--decisions', '1000', '--adversary'];
  const { code, report } = await asked(banded, ...given, '--limiter', 'best-effort,exact');
  expect(code).toBe(0);
  expect(report.sentence).toContain('2 limiters got no more through than is allowed');
});
