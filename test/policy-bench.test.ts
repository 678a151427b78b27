// Are the bench's figures what they say: intervals, ratios with a control, and every way of asking?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PolicyBench } from '../sim/domain/policy-bench.ts';
import { actionOf } from '../sim/domain/tool.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { controlled, isOff, quantileEstimate, ratioOf } from '../sim/policy/bench/intervals.ts';
import { timed } from '../sim/policy/bench/rounds.ts';
import { benchMemory } from '../sim/policy/bench.ts';
import { behindGateways, HEALTHCARE_GATEWAYS, policyFolder } from '../sim/policy.ts';
import { benchAdvice } from '../sim/report/policy-bench-advice.ts';
import { poolproof } from './command-line.ts';
import { placeOf } from './room.ts';

const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

test('a quantile’s interval lies between the samples that the binomial distribution gives', () => {
  // Of 100 samples the 40th and the 61st hold the median in 96 of 100 cases (David and Nagaraja).
  expect(quantileEstimate(numbers(100), 0.5)).toEqual({ value: 50, low: 40, high: 61 });
  // Too few samples bound a far quantile on one side only, or not at all.
  expect(quantileEstimate(numbers(20), 0.99).high).toBeNull();
  expect(quantileEstimate([7], 0.5)).toEqual({ value: 7, low: null, high: null });
  // Chances of some thousand samples are smaller than any number, and still add up.
  const many = quantileEstimate(numbers(5000), 0.99);
  expect([many.low, many.value, many.high]).toEqual([4936, 4950, 4964]);
});

test('an interval holds the true median in about 95 of 100 samples', () => {
  const chance = new Chance('medians');
  let held = 0;
  for (let trial = 0; trial < 400; trial += 1) {
    const samples = numbers(41).map((index) => chance.fork(trial, index).float());
    const { low, high } = quantileEstimate(samples, 0.5);
    if ((low ?? 0) <= 0.5 && 0.5 <= (high ?? 1)) held += 1;
  }
  expect(held / 400).toBeGreaterThan(0.92);
  expect(held / 400).toBeLessThan(0.99);
});

test('a ratio finds the factor between two works, and stands only when it clears its control', () => {
  const property = fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(), (factor, seed) => {
    const chance = new Chance(seed);
    const one = numbers(60).map((round) => 100 + chance.fork('a', round).float() * 40);
    const other = numbers(60).map((round) => 100 + chance.fork('b', round).float() * 40);
    const control = ratioOf(one, other, chance.fork('control'));
    const slower = one.map((us) => us * factor);
    const ratio = controlled(ratioOf(slower, other, chance.fork('ratio')), control);
    expect(ratio.value / control.value).toBeCloseTo(factor, 6);
    expect(ratio.clearsControl).toBe(true);
    expect(controlled(control, control).clearsControl).toBe(false);
  });
  fc.assert(property, { numRuns: 20 });
  expect(isOff({ value: 1.04, low: 1, high: 1.1 })).toBe(false);
  expect(isOff({ value: 0.9, low: 0.8, high: 1 })).toBe(true);
  expect(isOff({ value: Number.NaN, low: null, high: null })).toBe(true);
});

test('works take turns by batches of whole laps, forwards and backwards, and each call is timed', () => {
  const order: string[] = [];
  let left = 0;
  const work = (name: string) => (call: number) => {
    order.push(`${name}${call}`);
    // Long enough for a batch of one lap.
    for (let spin = 0; spin < 2_000_000; spin += 1) left = (left + spin) % 7;
  };
  const effort = { rounds: 3, mostMs: 1e9, fewest: 1 };
  const times = timed({ a: work('a'), b: work('b') }, effort, 2);
  const rounds = order.slice(-times.a.callsUs.length - times.b.callsUs.length);
  expect(rounds.filter((each) => each === 'a0').length).toBeGreaterThanOrEqual(3);
  expect(rounds.slice(0, 2)).toEqual(['a0', 'a1']);
  expect(rounds.slice(-2, -1)[0]).toMatch(/^b/);
  expect([times.a.roundsUs.length, times.b.roundsUs.length]).toEqual([3, 3]);
  expect(times.a.callsUs.length % 6).toBe(0);
});

test('a bench shows every way, number of policies and entities, each with its control, and what to do', async () => {
  const args = [
    'policy',
    'bench',
    'policies/as-published',
    '--quick',
    '--rounds',
    '5',
    '--memory',
    '50',
    '--seed',
    '3',
  ];
  const told = await poolproof([...args, '--stdout', 'json', '--out', placeOf('bench')]);
  const report = JSON.parse(told.stdout) as PolicyBench;
  // A machine too restless to tell the ways apart is the only other way to end.
  expect([0, 5]).toContain(told.code);
  expect(report.ways.map(({ way }) => way)).toEqual([
    ...['naive', 'prepared', 'sliced', 'engine', 'remembered'],
  ]);
  expect(report.byPolicies.map(({ policies }) => policies)).toEqual([1, 10, 100, 1000]);
  expect(report.byEntities.map(({ entities }) => entities)).toEqual([0, 1, 5, 50, 500]);
  for (const { ratio } of report.ways) expect(ratio.control.value).toBeGreaterThan(0);
  // Parsing a thousand policies for each decision takes many times as long on any machine.
  const most = report.byPolicies.at(-1);
  expect(most?.naiveToSliced.value).toBeGreaterThan(20);
  expect(most?.preparedToSliced.value).toBeGreaterThan(3);
  const [, one, , , many] = report.byEntities;
  expect(many?.wholeUs.value).toBeGreaterThan(10 * (one?.wholeUs.value ?? Number.NaN));
  expect(report.memory.decisions).toBe(50);
  expect(report.advice.length).toBeGreaterThan(2);
  expect(report.replay).toBe(
    'npx poolproof policy bench policies/as-published --seed 3 --rounds 5 --memory 50 --quick',
  );
});

test('memory counts from before the first decision, and is advised on only where there were enough of them', () => {
  const [gateway] = HEALTHCARE_GATEWAYS;
  const [tool] = gateway === undefined ? [] : behindGateways([gateway]);
  if (tool === undefined) throw new Error('the reference has no tool');
  const { policies } = policyFolder({
    folder: 'f',
    cedar: [{ file: 'p.cedar', text: '@id("p") permit (principal, action, resource);' }],
    tools: undefined,
    iam: undefined,
  });
  const question = {
    principal: { id: 'u', tags: {} },
    action: actionOf(tool),
    gateway: tool.gateway.arn,
    input: {},
    nowUs: 0,
  };
  const MIB = 1_048_576;
  const memoryOf = (decisions: number, stopsAfter: number) => {
    let read = 0;
    return benchMemory(policies, [{ tool, question }], {
      decisions,
      residentBytes: () => {
        read += 1;
        return (read === 1 ? 100 : 140) * MIB;
      },
      isStopped: () => read > stopsAfter,
    });
  };
  const memory = memoryOf(20, 99);
  expect(memory).toEqual({
    decisions: 20,
    residentBytes: 100 * MIB,
    grownBytes: 40 * MIB,
    mostGrownBytes: 40 * MIB,
  });
  expect(memoryOf(20, 0)).toMatchObject({ decisions: 0, grownBytes: 0, mostGrownBytes: 0 });
  const advised = (decisions: number, grown = 0): string | undefined =>
    benchAdvice({
      ...{ ways: [], byPolicies: [], byEntities: [] },
      memory: { ...memory, decisions, grownBytes: grown },
    }).at(-1);
  expect(advised(20)).toBe(
    'Whether memory grows is not told by 20 decisions: ask for 100,000 (`--memory`).',
  );
  expect(advised(100_000)).toContain('needs no care');
  expect(advised(100_000, 80 * MIB)).toContain('left 80 MiB behind');
});

test('options that are no numbers are complained of together', async () => {
  const told = await poolproof([
    'policy',
    'bench',
    '--rounds',
    'few',
    '--memory',
    '-1',
    '--seed',
    'x',
  ]);
  expect(told.code).toBe(2);
  for (const option of ['--rounds', '--memory', '--seed']) expect(told.stderr).toContain(option);
});
