// What does `poolproof limiter` say to those who use it, and to those who mistype?

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { LimiterReport } from '../sim/domain/limiter-report.ts';
import { contractJsonSchema, loadContract } from '../sim/scenario.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

const FOLDER = `${ROOT}scenarios/limits/`;
const SIXTY = `${FOLDER}sixty-a-minute.yaml`;

const asked = async (...given: readonly string[]) => {
  const told = await poolproof(['limiter', '--out', placeOf('out'), ...given, '--stdout', 'json']);
  return { ...told, report: JSON.parse(told.stdout) as LimiterReport };
};

test('a limiter that keeps its contract passes, and every part of the sentence was counted', async () => {
  const { code, report } = await asked('--limiter', 'exact,usage-plan,gcra', '--decisions', '500');
  expect(code).toBe(0);
  expect(report.sentence).toBe(
    'exact, usage-plan and gcra kept `basic`: 0 wrong in 15,000 decisions (at most 0.026 % at 95 %).',
  );
  expect(report.rows).toHaveLength(30);
  expect(report.rows.every(({ heldTo }) => heldTo === 'contract')).toBe(true);
});

test('a limiter that the user names is held to the contract, and others are only measured', async () => {
  const { code, report } = await asked(SIXTY, '--limiter', 'local-buckets', '--decisions', '2000');
  expect([code, report.verdict]).toEqual([1, 'fail']);
  expect(report.sentence).toMatch(
    /local-buckets broke `sixty-a-minute`: [\d,]+ wrong admissions .* at worst 180 of 60/,
  );
  const worst = report.rows.map(({ fullest }) => fullest?.admitted ?? 0);
  expect(Math.max(...worst)).toBe(180);
  for (const { wrongAdmissions: wrong } of report.rows) {
    expect(wrong.low).toBeLessThanOrEqual(wrong.share);
    expect(wrong.high).toBeGreaterThanOrEqual(wrong.share);
  }
});

test('a best-effort limiter is judged within a band that is printed', async () => {
  const file = `${FOLDER}best-effort.yaml`;
  const out = placeOf('band');
  const given = [file, '--limiter', 'best-effort', '--decisions', '1000', '--out', out];
  const { code, stdout } = await poolproof(['limiter', ...given]);
  expect(code).toBe(0);
  expect(stdout).toContain('up to 10 % above is no wrong admission');
  expect(stdout).toContain('(stated)');
  const strict = put(
    'strict.yaml',
    readFileSync(file, 'utf8').replace(/overshoot: 0.1/, 'overshoot: 0.001'),
  );
  const { report } = await asked(strict, '--limiter', 'local-buckets', '--decisions', '1000');
  expect(report.exitCode).toBe(1);
});

test('the same seed gives the same report, but for real time, and a picture of the same bytes', async () => {
  const given = [SIXTY, '--limiter', 'exact,fixed-window', '--decisions', '300', '--adversary'];
  const told = async (seed: string) => {
    const { report } = await asked(...given, '--seed', seed);
    const rows = report.rows.map(({ decisionsPerSecond: _, ...row }) => row);
    const adversary = report.adversary.map(({ seconds: _, ...row }) => row);
    return { rows, adversary, svg: readFileSync(placeOf('out/limiter.svg'), 'utf8') };
  };
  const one = await told('4');
  expect(await told('4')).toEqual(one);
  expect(await told('5')).not.toEqual(one);
  expect(one.svg).toMatch(/^<svg xmlns=[\s\S]*<polyline points="[\d., ]+" [\s\S]*<\/svg>\n$/);
});

test('it leaves the table, the text, Markdown and a picture, and repeats its own line', async () => {
  const out = placeOf('files');
  const given = ['--limiter', 'gcra', '--pattern', 'edge', '--decisions', '100', '--out', out];
  const { stdout } = await poolproof(['limiter', SIXTY, ...given]);
  expect(readdirSync(out).toSorted()).toEqual([
    'limiter.json',
    'limiter.md',
    'limiter.svg',
    'limiter.txt',
  ]);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(
    `replay   npx poolproof limiter ${SIXTY} --seed 1 --decisions 100 --limiter gcra --pattern edge`,
  );
  expect(stdout).toContain('▄');
  const text = readFileSync(`${out}/limiter.txt`, 'utf8');
  expect(text).toMatch(
    /\n {2}gcra +the generic cell rate algorithm\n {2}edge +clumps a microsecond/,
  );
});

test('a limiter that was named and cannot keep such a contract makes the run inconclusive', async () => {
  const { code, report } = await asked(
    SIXTY,
    '--limiter',
    'usage-plan,exact',
    '--decisions',
    '100',
  );
  expect(code).toBe(4);
  expect(report.leftOut).toEqual([
    { limiter: 'usage-plan', reason: 'it keeps a bucket, then a quota' },
  ]);
});

test('the drift is the same for a limiter alone and after others, whose calls it shares or not', async () => {
  const drifts = async (...given: readonly string[]) => {
    const { report } = await asked(SIXTY, '--decisions', '300', ...given);
    const own = report.rows.filter(({ limiter }) => limiter === 'local-buckets');
    return own.map(({ pattern, drift }) => [pattern, drift]);
  };
  const alone = await drifts('--limiter', 'local-buckets');
  expect(alone).toHaveLength(10);
  expect(await drifts('--limiter', 'exact,local-buckets')).toEqual(alone);
});

test('the judge is held to its definitions by a command, and its speed is told', async () => {
  const given = ['limiter', '--judge-decisions', '2e4', '--out', placeOf('judge')];
  const { code, stdout } = await poolproof(given);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^0 disagreements between judge and oracle in 20,000 decisions/);
  expect(stdout).toContain('npx poolproof limiter --judge-decisions 2e4 --seed 1');
});

test('what the search finds against a limiter that is named is a finding', async () => {
  const given = [SIXTY, '--pattern', 'natural', '--decisions', '50', '--adversary'];
  const { code, report } = await asked(...given, '--limiter', 'fixed-window');
  expect(code).toBe(1);
  expect(report.sentence).toContain('fixed-window 120 of 60');
  expect(report.adversary[0]?.wrongAdmissions).toBeGreaterThanOrEqual(60);
  const held = await asked(...given, '--limiter', 'sliding-log,shared-store');
  expect(held.code).toBe(0);
  expect(held.report.sentence).toContain('got no more through than is allowed');
});

// ---- Mistakes.

const BROKEN = `version: 1
name: broken
title: Everything is wrong.
limits:
  - { name: rate, kind: token-buket, requests: 2, in: 1s, burst: 5 }
  - { name: window, kind: sliding-log, requests: 0, in: 1parsec }
  - { name: day, kind: quota, requests: 50, period: dai, zone: Europe/Berlni }
  - { name: other, kind: gcra, requests: 1, in: 1s, burst: 1, brust: 2 }
bestEffort: { overshoot: 7 }
`;

test('all mistakes of a contract are told at once, with place, path and a hint', async () => {
  const file = put('broken.yaml', BROKEN);
  const { code, stderr, stdout } = await poolproof([
    'limiter',
    file,
    '--decisions',
    'many',
    '--limiter',
    'gcrra',
    '--pattern',
    'egde',
  ]);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  const expected = [
    `${file}:5:25: limits[0].kind: unknown value \`token-buket\`\n  hint: did you mean \`token-bucket\`?`,
    'limits[1].requests: expected a whole number from 1 to 1000000, found `0`',
    'limits[1].in: expected a duration such as',
    'limits[2].period: unknown value `dai`\n  hint: did you mean `day`?',
    'limits[2].zone: unknown zone `Europe/Berlni`\n  hint: did you mean `Europe/Berlin`?',
    'limits[3].brust: unknown key `brust`\n  hint: did you mean `burst`?',
    'bestEffort.overshoot: expected a number from 0 to 1, found `7`',
    '--decisions: not understood: `many`',
    '--limiter: unknown name `gcrra`\n  hint: did you mean `gcra`?',
    '--pattern: unknown name `egde`\n  hint: did you mean `edge`?',
  ];
  for (const line of expected) expect(stderr).toContain(line);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test.each([
  [
    'more than a nanosecond holds',
    'kind: gcra, requests: 1000000000, in: 1ms, burst: 1',
    'limits[0].requests: is more than one a nanosecond',
  ],
  [
    'a burst of years',
    'kind: token-bucket, requests: 1, in: 30d, burst: 100',
    'limits[0].burst: is too much to count',
  ],
  [
    'products beyond whole numbers',
    'kind: sliding-counter, requests: 1000000, in: 30d',
    'limits[0].requests: is too much for so long a window',
  ],
  [
    'a window of a year',
    'kind: fixed-window, requests: 1, in: 366d',
    'limits[0].in: expected a duration of at least',
  ],
])('a limit with %s is refused in words', (_, limit, said) => {
  const text = `version: 1\nname: a\ntitle: b\nlimits: [{ name: one, ${limit} }]\n`;
  expect(() => loadContract(text, 'a.yaml')).toThrow(said);
});

test('two limits of one name, no limits and no YAML are mistakes', () => {
  const one = '{ name: one, kind: gcra, requests: 1, in: 1s, burst: 1 }';
  const text = (limits: string): string => `version: 1\nname: a\ntitle: b\nlimits: ${limits}\n`;
  expect(() => loadContract(text(`[${one}, ${one}]`), 'a.yaml')).toThrow(
    '`one` is the name of `limits[0]` too',
  );
  expect(() => loadContract(text('[]'), 'a.yaml')).toThrow('limits: is empty');
  expect(() => loadContract('', 'a.yaml')).toThrow('expected a mapping');
  expect(() => loadContract('limits: [', 'a.yaml')).toThrow('a.yaml:');
});

test('a contract that is not there, a folder, and a seed that is none are told without a stack', async () => {
  for (const given of [
    ['none.yaml'],
    [FOLDER],
    ['--seed', 'x'],
    ['--decisions', '0'],
    ['--stdout', 'xml'],
  ]) {
    const { code, stderr } = await poolproof(['limiter', ...given]);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/\n\s+at |bug/);
  }
});

test('the JSON schema accepts every shipped contract', () => {
  const accepts = new Ajv({ strict: false }).compile(contractJsonSchema());
  for (const name of readdirSync(FOLDER)) {
    const text = readFileSync(FOLDER + name, 'utf8');
    expect(accepts(parse(text)), `${name} ${JSON.stringify(accepts.errors)}`).toBe(true);
    expect(text.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../reports/contract.schema.json',
    );
    expect(loadContract(text, name).name).toBe(name.replace('.yaml', ''));
  }
  expect(accepts(parse(BROKEN))).toBe(false);
});
