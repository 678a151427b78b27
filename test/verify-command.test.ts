// Do `verify` and `faults` say what is wrong with a command, and leave behind what repeats a finding?

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { FaultsReport } from '../sim/domain/faults-report.ts';
import type { VerifyReport } from '../sim/domain/verify-report.ts';
import { verify } from '../sim/index.ts';
import { poolproof, put } from './command-line.ts';
import { ROOT } from './tidy/house.ts';

/** A folder of its own, with nothing in it. */
const folderFor = (name: string): string => dirname(put(`verify-${name}/.keep`, ''));

/** A user's own platform, in which everybody's memory is one. */
const CARELESS = `
import { reference } from '${ROOT}sim/index.ts';
import { storing } from '${ROOT}sim/platforms/overriding.ts';
export const platform = storing('memory', 'memory-records', (store) => ({
  query: (_namespace, most) => store.query('/facts/', most),
  put: (_namespace, id, value) => store.put('/facts/', id, value),
}));
export { reference };
`;

test('every mistake in the options is told at once, and nothing is written', async () => {
  const cwd = folderFor('1');
  const given = [
    'verify',
    '--runs',
    '0',
    '--time',
    'soon',
    '--hosting',
    'none',
    '--only',
    'I1,I99',
  ];
  const told = await poolproof([...given, '--stdout', 'xml', '--seed', 'x'], { cwd });
  expect(told.code).toBe(2);
  for (const option of ['--runs', '--time', '--hosting', '--only', '--stdout'])
    expect(told.stderr).toContain(`${option}: not understood`);
  expect(told.stderr).toContain('--seed: not a seed: `x`');
  expect(told.stderr).not.toContain('at ');
  expect(existsSync(join(cwd, 'out'))).toBe(false);
});

test('a fault that nobody knows is told with where the known ones stand', async () => {
  const told = await poolproof(['faults', '--only', 'memory,nothing'], { cwd: folderFor('2') });
  expect({ code: told.code, stdout: told.stdout }).toEqual({ code: 2, stdout: '' });
  expect(told.stderr).toContain('no fault and no class is called `nothing`');
});

test('a hole in a user’s own platform is told with a scenario that `run` replays', async () => {
  const cwd = folderFor('3');
  const module = put('careless/platform.mts', CARELESS);
  const given = ['verify', '--runs', '6', '--platform', module, '--stop-on-first'];
  const told = await poolproof([...given, '--stdout', 'json'], { cwd });
  expect({ code: told.code, stderr: told.stderr }).toEqual({ code: 1, stderr: '' });
  const report = JSON.parse(told.stdout) as VerifyReport;
  const hole = report.findings.find(({ promise }) => promise === 'I1') ?? report.findings[0];
  expect(hole?.moves).toBeLessThanOrEqual(3);
  expect(hole?.tenants).toBeLessThanOrEqual(2);
  expect(readFileSync(join(cwd, 'out/verify/verify.json'), 'utf8')).toBe(told.stdout);
  const again = await poolproof(['run', join(cwd, hole?.file ?? ''), '--platform', module], {
    cwd,
  });
  expect(again.code).toBe(1);
  expect(again.stdout).toContain(`id ${hole?.id}`);
});

test('the library verifies as the command does', async () => {
  const effort = { seed: 3, runs: 3 };
  const told = await poolproof(['verify', '--runs', '3', '--seed', '3', '--stdout', 'json'], {
    cwd: folderFor('library'),
  });
  expect(await verify(effort)).toEqual(JSON.parse(told.stdout));
});

test('with --strict a cell that was not visited makes a clean run inconclusive', async () => {
  const given = ['verify', '--runs', '2', '--quiet'];
  const lax = await poolproof(given, { cwd: folderFor('4') });
  const strict = await poolproof([...given, '--strict'], { cwd: folderFor('5') });
  expect([lax.code, strict.code]).toEqual([0, 4]);
  expect(strict.stdout).toBe(lax.stdout);
});

test('the kill matrix is told as JSON, whoever shared the work', async () => {
  const only = ['faults', '--only', 'memory-one-record,limiter-burst-off-by-one'];
  const given = [...only, '--searches', '1', '--budget', '8', '--stdout', 'json'];
  const told = await poolproof([...given, '--jobs', '2'], { cwd: folderFor('6') });
  const alone = await poolproof([...given, '--jobs', '1'], { cwd: folderFor('7') });
  expect(told).toEqual(alone);
  const report = JSON.parse(told.stdout) as FaultsReport;
  expect(report).toMatchObject({ total: 2, caught: 2, attributed: 2, control: { findings: 0 } });
  expect(report.faults.map(({ promise, caughtBy }) => caughtBy.includes(promise))).toEqual([
    true,
    true,
  ]);
});
