// Does a report say what was found, in a form that machines and people can read?

import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { EXIT_CODES, exitCode, verdictOf, worstExitCode } from '../sim/domain/exit-code.ts';
import type { Told, Verdict } from '../sim/domain/finding.ts';
import type { HistoryEvent } from '../sim/domain/history.ts';
import type { ReportedFinding, ReportedTraces } from '../sim/domain/report.ts';
import { UsageError } from '../sim/domain/usage-error.ts';
import {
  applyWaivers,
  assembleReport,
  json,
  markdown,
  PROMISE_TEXTS,
  RUN_FORM,
  type RunFacts,
  readReport,
  readWaivers,
  terminal,
  unusedWaivers,
} from '../sim/report.ts';
import { validatorOf } from './schemas/held.ts';

const DAY_MS = 86_400_000;
const SECRET = 'eyJhbGciOiJSUzI1NiJ9.bearer';

const EVENT: HistoryEvent = {
  ...{ kind: 'exchange', index: 7, atUs: 3_120_000, startedUs: 3_000_000, request: undefined },
  ...{ from: 'agent' as never, to: 'memory', hop: 3, parent: 2, faulted: false },
  call: { method: 'POST', path: '/memories/m/retrieve', headers: [], body: SECRET },
  reply: { status: 200, headers: [['authorization', SECRET]], body: SECRET },
};

const told = (promise: string, title: string, id = 'a1b2c3d4e5f6'): Told => ({
  id,
  count: 3,
  neighbourhood: [EVENT],
  violation: {
    ...{ promise, boundary: 'memory', operation: 'retrieve', relation: 'other tenant' },
    ...{ sink: 'answer', service: 'memory', title, event: EVENT },
    let: [
      'E1 = 00:00.412  dr.lee    (basic/clinic-a)     remembered  clinic/basic-clinic-a/facts/7',
      'E2 = 00:03.120  dr.foster (premium/hospital-a) recalled    clinic/basic-clinic-a/facts/7',
    ],
    then: [
      'E2 held credentials for premium/hospital-a, which do not cover that namespace, as anyone can see who looks.',
      'However, E2 returned what E1 remembered: a contradiction.',
    ],
  },
});

const held = (promise: string, findings: readonly Told[] = []): Verdict => ({
  ...{ promise, evidence: 48_210, controls: 12, findings },
});

const EVERY_VERDICT = PROMISE_TEXTS.filter(({ id }) => id !== 'I6').map(({ id }) => held(id));

const outcomes = (arrived: number) => ({ arrived, completed: arrived - 1, refused: 1, failed: 0 });

const experience = (id: string) => ({
  ...{ id, tiers: ['basic'], requests: outcomes(10), goodputPerSecond: 0.25 },
  latencyMs: { p50: 1200, p90: 2000, p95: 3000, p99: 4000.5, max: 5000 },
  ...{ inputTokens: 100, outputTokens: 200, costMicroUsd: 12_345 },
});

const MEASURED: RunFacts['measured'] = {
  requests: { ...outcomes(4321), asked: { inputTokens: 1, outputTokens: 2 } },
  limits: held('I6'),
  limiter: Array.from({ length: 8 }, (_, index) => ({
    ...{ tenant: `clinic-${index}:1`, tier: 'basic', admitted: 50, refused: index },
    ...{ wrongAdmissions: 0, wrongRefusals: 0 },
    worstWindow: { fromUs: 1, toUs: 2, admitted: 5, allowed: 5 },
    daily: [{ day: '2026-03-02', tier: 'basic', admitted: 50, quota: 50, refusedByQuota: index }],
  })),
  policy: {
    ...{ decisions: 5000, evaluated: 1234, cacheHits: 3766 },
    latencyUs: {
      p50: 95.2,
      p90: 150,
      p95: 180,
      p99: 210,
      min: 40,
      max: 1500,
      mean: 99.5,
      count: 1234,
    },
  },
  resources: [
    {
      ...{ kind: 'model', name: 'model:mistral.ministral-3-8b-instruct', uses: 1, refusals: 2 },
      ...{ queuedUsP50: 0, queuedUsP95: 1500, queuedUsMax: 2_000_000 },
      ...{ inputTokens: 1, outputTokens: 2 },
    },
    { kind: 'service', name: 'gateway', uses: 10, refusals: 0, failures: 1, faulted: 1 },
  ],
  tiers: [experience('basic')],
  tenants: [experience('clinic-a:1')],
  users: [experience('clinic-a:1/dr.lee')],
  fairness: { formula: 'the sum of it', tiers: [{ tier: 'basic', tenants: 2, index: 0.8 }] },
};

const FACTS: RunFacts = {
  ...{ version: '0.1.0', node: 'v20.19.0', scenario: 'healthcare-day', platform: 'reference' },
  hashes: { scenario: 'aa', platform: 'bb', policies: 'cc' },
  ...{ seed: 8134, digest: 'd1', clock: 'simulated', partial: false, planned: 4321, dropped: 0 },
  replay: 'npx poolproof run scenarios/healthcare-day.yaml --seed 8134',
  thresholds: [{ text: 'latency_ms{tier:premium}: p95 < 15000', value: 3000, holds: true }],
  verdicts: EVERY_VERDICT,
  measured: MEASURED,
  expects: ['I1', 'I6'],
  ...{ waivers: [], today: '2026-11-25', wallMs: 3200, simulatedMs: DAY_MS, events: 180_000 },
};

const LEAKING: RunFacts = {
  ...FACTS,
  verdicts: [held('I1', [told('I1', 'cross-tenant recall')]), ...EVERY_VERDICT.slice(1)],
};

const NOTHING: RunFacts = {
  ...FACTS,
  ...{ verdicts: [], expects: [], thresholds: [], events: 0, wallMs: 0 },
  measured: {
    requests: { ...outcomes(1), arrived: 0, asked: { inputTokens: 0, outputTokens: 0 } },
    limits: { promise: 'I6', evidence: 0, controls: 0, findings: [] },
    policy: { decisions: 0, evaluated: 0, cacheHits: 0, latencyUs: null },
    ...{ limiter: [], resources: [], tiers: [], tenants: [], users: [] },
    fairness: { formula: 'the sum of it', tiers: [] },
  },
};

const TRACES: ReportedTraces = {
  ...{ source: 'own', requests: 4321, named: 60_000, right: 59_999, findings: ['a-finding'] },
  counts: {
    ...{ spans: 64_321, repeated: 2, late: 1, complete: 4310, contradictory: 1, nameless: 12 },
    unfinished: { beginningMissing: 3, parentMissing: 4, tooLarge: 1, crowdedOut: 2 },
    beginnings: [
      ['front-door POST', 4318],
      ['identity GET', 3],
    ],
  },
};

const VARIANTS: readonly RunFacts[] = [
  FACTS,
  LEAKING,
  NOTHING,
  { ...FACTS, clock: 'wall', partial: true, traces: [TRACES] },
];

test('a run in which all held says so in one sentence, every part of it measured', () => {
  const report = assembleReport(FACTS);
  expect(report).toMatchObject({ exitCode: 0, verdict: 'pass', notExercised: [] });
  expect(report.sentence).toBe(
    '0 leaks in 48,210 judged flows; Basic admitted 50.00 of 50 a day, 0 wrong decisions in 428; ' +
      'policy p50 95 µs, p99 210 µs over 1,234 evaluations; 4,321 requests of a day in 3.2 s.',
  );
});

test('a run with a finding leads with it and exits with 1', () => {
  const report = assembleReport(LEAKING);
  expect(report).toMatchObject({ exitCode: 1, verdict: 'fail' });
  expect(report.sentence).toMatch(/^1 finding, the first: cross-tenant recall; 1 leak in 48,210/);
  expect(report.promises[0]).toMatchObject({ verdict: 'broken', findings: ['a1b2c3d4e5f6'] });
});

test('a run of which nothing is known passes nothing and still has a sentence', () => {
  const report = assembleReport(NOTHING);
  expect(report.sentence).toBe(
    'leaks not exercised; limits not exercised; policies not exercised; no requests.',
  );
  expect(report.promises.map(({ verdict }) => verdict)).not.toContain('held');
  expect(report.notExercised).toHaveLength(PROMISE_TEXTS.length + 2);
});

test('a promise that was expected and met no evidence makes the run inconclusive', () => {
  const verdicts = EVERY_VERDICT.map((verdict) =>
    verdict.promise === 'I2' ? { ...verdict, evidence: 0 } : verdict,
  );
  expect(assembleReport({ ...FACTS, verdicts })).toMatchObject({ exitCode: 0, verdict: 'pass' });
  const report = assembleReport({ ...FACTS, verdicts, expects: ['I2'] });
  expect(report).toMatchObject({ exitCode: 4, verdict: 'inconclusive' });
  expect(report.notExercised).toEqual(['I2 Noninterference (expected)']);
  expect(report.sentence).toMatch(/^inconclusive: I2 Noninterference not exercised; /);
});

test('a partial run is inconclusive, and a leak in it is a leak', () => {
  expect(assembleReport({ ...FACTS, partial: true })).toMatchObject({ exitCode: 4 });
  expect(assembleReport({ ...LEAKING, partial: true })).toMatchObject({ exitCode: 1 });
});

test('two runs of one seed that differ are inconclusive and no leak', () => {
  const verdicts = [...EVERY_VERDICT, held('I11', [told('I11', 'the histories differ')])];
  expect(assembleReport({ ...FACTS, verdicts })).toMatchObject({ exitCode: 4 });
});

test('a missed threshold is named and exits with 3', () => {
  const thresholds = [{ text: 'latency_ms: p95 < 1', value: null, holds: false }];
  const report = assembleReport({ ...FACTS, thresholds });
  expect(report).toMatchObject({ exitCode: 3, verdict: 'fail' });
  expect(report.sentence).toContain('1 of 1 threshold missed, the first: latency_ms: p95 < 1');
});

test('the worst exit code wins, in the order 70, 2, 1, 4, 5, 3, 6', () => {
  const everything = {
    ...{ bug: true, usageError: true, findings: 1, inconclusive: true, harnessLimited: true },
    ...{ thresholdsMissed: 1, regressions: 1 },
  };
  const order: number[] = [];
  const keys = [
    ...['bug', 'usageError', 'findings', 'inconclusive', 'harnessLimited'],
    ...['thresholdsMissed', 'regressions'],
  ];
  for (const index of keys.keys()) {
    const left = Object.fromEntries(
      Object.entries(everything).filter(([key]) => keys.indexOf(key) >= index),
    );
    order.push(exitCode(left));
  }
  expect(order).toEqual([70, 2, 1, 4, 5, 3, 6]);
  expect(exitCode({})).toBe(0);
  expect(worstExitCode([0, 6, 3, 0])).toBe(3);
  expect(worstExitCode([])).toBe(0);
  expect(Object.keys(EXIT_CODES).map(Number)).toEqual([0, 1, 2, 3, 4, 5, 6, 70]);
  expect([0, 1, 4, 5].map((code) => verdictOf(code as 0 | 1 | 4 | 5))).toEqual([
    ...['pass', 'fail', 'inconclusive', 'inconclusive'],
  ]);
});

test('report.json validates against the shipped schema, and something else does not', () => {
  const accepts = validatorOf('report');
  for (const facts of VARIANTS) {
    const written: unknown = JSON.parse(json(RUN_FORM, assembleReport(facts)));
    expect(accepts(written), JSON.stringify(accepts.errors)).toBe(true);
  }
  const report = assembleReport(FACTS);
  expect(accepts({ ...report, exitCode: 7 })).toBe(false);
  expect(accepts({ ...report, more: 1 })).toBe(false);
  const { digest: _, ...rest } = report;
  expect(accepts(rest)).toBe(false);
});

test('a report is read back as it was written, and a mistake in one has its place', () => {
  const report = assembleReport(LEAKING);
  expect(readReport(json(RUN_FORM, report), 'report.json')).toEqual(report);
  expect(() => readReport('{', 'x.json')).toThrow('x.json: is no JSON');
  const wrong = json(RUN_FORM, { ...report, speed: { ...report.speed, events: -1 } });
  expect(() => readReport(wrong, 'x.json')).toThrow(/^x.json: speed\.events: /);
});

test('a terminal of 100 columns shows every line whole', () => {
  for (const facts of VARIANTS) {
    const text = terminal(assembleReport(facts), { columns: 100, colour: false });
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
    expect(text).not.toContain('…');
  }
});

test('a terminal of 60 columns has its tables narrowed, not cut', () => {
  const text = terminal(assembleReport(FACTS), { columns: 60, colour: false });
  expect(text.replace(/\s/g, '')).toContain('instruct');
  expect(text).not.toContain('…');
});

test('the terminal begins with the sentence and ends with how to repeat it', () => {
  const text = terminal(assembleReport(FACTS), { columns: 400, colour: false });
  expect(text.split('\n')[0]).toBe(assembleReport(FACTS).sentence);
  expect(text.trimEnd().split('\n').slice(-3)).toEqual([
    'seed     8134',
    'digest   d1',
    'replay   npx poolproof run scenarios/healthcare-day.yaml --seed 8134',
  ]);
});

test('a finding speaks in events and inferences, and without any content', () => {
  for (const text of [
    terminal(assembleReport(LEAKING), { columns: 100, colour: false }),
    markdown(assembleReport(LEAKING)),
    json(RUN_FORM, assembleReport(LEAKING)),
  ]) {
    expect(text).toContain('E2 = 00:03.120  dr.foster (premium/hospital-a) recalled');
    expect(text).toContain('However, E2 returned what E1 remembered: a contradiction.');
    expect(text).not.toContain(SECRET);
  }
  const text = terminal(assembleReport(LEAKING), { columns: 100, colour: false });
  expect(text).toMatch(/^ISOLATION {2}cross-tenant recall {20,}finding 1 of 1$/m);
  expect(text).toContain('Replay: npx poolproof run');
});

test('colour is only colour', () => {
  const report = assembleReport(LEAKING);
  const coloured = terminal(report, { columns: 100, colour: true });
  const plain = terminal(report, { columns: 100, colour: false });
  expect(coloured).not.toBe(plain);
  expect(stripVTControlCharacters(coloured)).toBe(plain);
});

test('names cannot become markup', () => {
  const scenario = 'a|b<img>*c*';
  const text = markdown(assembleReport({ ...FACTS, scenario }));
  expect(text).toContain('a\\|b\\<img\\>\\*c\\*');
  const tables = text.split('\n').filter((line) => line.startsWith('|'));
  expect(tables.length).toBeGreaterThan(20);
});

const FINDING = assembleReport(LEAKING).findings[0] as ReportedFinding;
const WAIVERS = `- id: a1b2c3d4e5f6
  reason: "known, mended in the next release"
  owner: platform-team
  until: 2026-12-31
`;

test('a waived finding is shown and does not fail the run, until its waiver has expired', () => {
  const waivers = readWaivers(WAIVERS, 'waivers.yaml');
  const waived = assembleReport({ ...LEAKING, waivers, today: '2026-12-31' });
  expect(waived).toMatchObject({ exitCode: 0, verdict: 'pass' });
  expect(waived.findings[0]?.waived?.owner).toBe('platform-team');
  expect(waived.sentence).toContain('1 finding waived');
  expect(terminal(waived, { columns: 100, colour: false })).toContain('Waived until 2026-12-31');

  const expired = assembleReport({ ...LEAKING, waivers, today: '2027-01-01' });
  expect(expired).toMatchObject({ exitCode: 1, verdict: 'fail' });
  expect(expired.findings[0]?.note).toBe(
    'its waiver expired after 2026-12-31 (owner: platform-team)',
  );
});

test('a waiver covers one finding and says when it met none', () => {
  const waivers = readWaivers(WAIVERS.replace('a1b2', '0000'), 'w.yaml');
  expect(applyWaivers([FINDING], waivers, '2026-01-01')[0]?.waived).toBeNull();
  expect(unusedWaivers([FINDING], waivers)).toEqual(waivers);
  expect(unusedWaivers([FINDING], readWaivers(WAIVERS, 'w.yaml'))).toEqual([]);
});

test('an empty file of waivers waives nothing', () => {
  expect(readWaivers('', 'w.yaml')).toEqual([]);
  expect(readWaivers('# none yet\n', 'w.yaml')).toEqual([]);
});

const complaintsOf = (source: string): string => {
  try {
    readWaivers(source, 'w.yaml');
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
};

test('every mistake in a waiver is told with its place', () => {
  expect(complaintsOf('a: 1\n')).toBe('w.yaml:1:1: expected a list of waivers, found a mapping');
  const wrong = '- { id: short, reason: r, owner: o, until: 2026-02-30, wy: 1 }\n';
  expect(complaintsOf(wrong).split('\n')).toEqual([
    'w.yaml:1:9: [0].id: expected the id of a finding, 12 hexadecimal digits, found `short`',
    'w.yaml:1:44: [0].until: expected a date such as `2026-12-31`, found `2026-02-30`',
    'w.yaml:1:56: [0].wy: unknown key `wy`',
    '  hint: known keys: `id`, `reason`, `owner`, `until`',
  ]);
  expect(complaintsOf(WAIVERS.replace('a1b2c3d4e5f6', '123456789012'))).toMatch(
    /found `123456789012`\n {2}hint: put the id in quotes$/,
  );
  expect(complaintsOf(WAIVERS + WAIVERS)).toBe(
    'w.yaml:5:7: [1].id: `a1b2c3d4e5f6` is waived twice',
  );
});
