// A load starts its server in a process of its own, and leaves none behind.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { LoadReport } from '../sim/domain/load-report.ts';
import { platformModule, poolproof, put } from './command-line.ts';
import { ofFleet } from './load/fleet.ts';
import { shortAnswers } from './load/scenario.ts';
import { placeOf } from './room.ts';

test('the sentence stands first, the repeating line last, and the report is on the disk', async () => {
  const out = placeOf('out');
  const file = put('typed.yaml', shortAnswers());
  const { code, stdout, stderr } = await poolproof([
    ...['load', file, '--duration', '1s', '--seed', '3', '--out', out],
  ]);
  expect(stderr).toBe('');
  const report = JSON.parse(readFileSync(`${out}/load.json`, 'utf8')) as LoadReport;
  expect(report.exitCode).toBe(code);
  expect(report.server?.clock).toBe('wall');
  expect(report.agreement.filter(({ isEqual }) => !isEqual)).toEqual([]);
  expect(report.load.eventLoopDelayMs?.max).toBeGreaterThanOrEqual(0);
  const lines = stdout.trimEnd().split('\n');
  expect(report.sentence.startsWith(lines[0] ?? '?')).toBe(true);
  expect(lines.at(-1)).toBe(`replay   npx poolproof load ${file} --seed 3 --duration 1s`);
  expect(stdout).toContain('(open loop)');
  expect(readFileSync(`${out}/load.txt`, 'utf8')).toContain(lines.at(-1) ?? '?');
});

test('a mistake in the policies is told before any server starts', async () => {
  const file = put('policies.yaml', shortAnswers());
  const { code, stderr } = await poolproof(['load', file, '--policies', placeOf('nowhere')]);
  expect(code).toBe(2);
  expect(stderr).toContain('nowhere');
});

test('what one of several front doors does wrong is found, and the sound ones accuse nobody', async () => {
  const services = `'front-door': async (call: Call, hop: Hop) => {
    hop.emit({ kind: 'log', service: 'front-door', line: JSON.stringify({ said: call.body }) });
    return base.services['front-door'](call, hop);
  }`;
  const platform = platformModule('telling.ts', services);
  const out = placeOf('fleet');
  const file = put('fleet.yaml', shortAnswers());
  let most = 0;
  const watching = setInterval(() => {
    most = Math.max(most, ofFleet().length);
  }, 500);
  const { code } = await poolproof([
    ...['load', file, '--duration', '2s', '--replicas', '2', '--platform', platform],
    ...['--out', out, '--quiet'],
  ]).finally(() => clearInterval(watching));
  expect(code).toBe(1);
  // The runtime and two doors, of which nothing is left behind.
  expect([most, ofFleet()]).toEqual([3, []]);
  const report = JSON.parse(readFileSync(`${out}/load.json`, 'utf8')) as LoadReport;
  expect(report.findings.map(({ title }) => title)).toEqual(['content in a log']);
  expect(report.findings[0]?.count).toBe(report.load.requests.sent);
  const broken = report.server?.promises.filter(({ verdict }) => verdict === 'broken');
  expect(broken?.map(({ id }) => id)).toContain('I1');
});
