// Does the search find the worst of large limits too, and does it say where it could not go on?

import { expect, test } from 'vitest';
import type { Contract } from '../sim/domain/contract.ts';
import type { LimiterReport } from '../sim/domain/limiter-report.ts';
import { attack } from '../sim/engines/limiter-bench.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { MINUTE_US } from '../sim/kernel/clock.ts';
import { LIMITERS } from '../sim/limiters.ts';
import { limiterReport } from '../sim/report.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';

const log = (requests: number): Contract => ({
  ...{ name: 'log', title: 'Of a test.', bestEffort: undefined, startUs: 1_772_000_000_000_000 },
  limits: [{ scope: 'key', name: 'minute', kind: 'sliding-log', requests, windowUs: MINUTE_US }],
});

const sought = (id: string, requests: number, decisions: number) => {
  const contract = log(requests);
  const plan = LIMITERS.find((one) => one.id === id);
  if (plan === undefined) throw new Error(`no limiter ${id}`);
  const make = () => plan.make(contract, new Chance(1));
  const found = attack(make, contract, new Chance(1), { evaluations: 6000, decisions });
  if (found === undefined) throw new Error('nothing was admitted');
  return found;
};

test.each([
  ['opened-window', 39_999],
  ['fixed-window', 40_000],
  ['local-buckets', 60_000],
  ['exact', 20_000],
])(
  'of twenty thousand a minute %s admits %i, and the search that finds it says that it was bounded',
  (id, most) => {
    const { admitted, wrongAdmissions, bounded, decisions } = sought(id, 20_000, 400_000);
    expect([admitted, wrongAdmissions, bounded]).toEqual([most, most - 20_000, true]);
    expect(decisions).toBe(400_000);
  },
);

test('a clump ends where nobody of it gets through, so that its calls cost little', () => {
  const { bounded, evaluations, decisions, steps } = sought('opened-window', 60, 2_000_000);
  expect([bounded, evaluations]).toEqual([false, 6000]);
  expect(decisions).toBeLessThan(1_200_000);
  // One opens the window; of the rest each ends with the first that is refused.
  expect(steps.reduce((sum, { calls }) => sum + calls, 0)).toBeLessThanOrEqual(123);
});

test('a step that no search can make is bounded too, whatever was spent', () => {
  const found = sought('exact', 1_000_000, 20_000);
  expect([found.bounded, found.wrongAdmissions, found.decisions]).toEqual([true, 0, 20_000]);
});

test('who is held to a contract that the search was too small for has not passed', async () => {
  const file = put(
    'few.yaml',
    `version: 1
name: few
title: Twenty a minute.
limits:
  - { name: minute, kind: sliding-log, requests: 20, in: 1m }
`,
  );
  const given = ['limiter', file, '--limiter', 'exact', '--adversary', '--decisions', '300'];
  const told = await poolproof([...given, '--out', placeOf('out'), '--stdout', 'json']);
  const report = JSON.parse(told.stdout) as LimiterReport;
  expect([told.code, report.adversary[0]?.bounded]).toEqual([0, false]);
  const { sentence: _, schema: __, verdict: ___, exitCode: ____, ...found } = report;
  const adversary = report.adversary.map((row) => ({ ...row, bounded: true }));
  const large = limiterReport({ ...found, adversary, missing: 0 });
  expect([large.exitCode, large.verdict]).toEqual([4, 'inconclusive']);
  expect(large.sentence).toContain('than is allowed, bounded for exact as the limits are so large');
  const free = adversary.map((row) => ({ ...row, heldTo: 'nothing' as const }));
  expect(limiterReport({ ...found, adversary: free, missing: 0 }).exitCode).toBe(0);
});
