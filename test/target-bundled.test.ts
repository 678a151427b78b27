// Is the bundled server, called as if it were somebody's own gateway, judged as it is?

import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../sim/cli/files.ts';
import type { TargetLoadReport } from '../sim/domain/target-report.ts';
import { faultOf } from '../sim/faults.ts';
import { reference } from '../sim/platforms/reference.ts';
import { poolproof, put, smallScenario } from './command-line.ts';
import { openServer, signIn } from './open-server.ts';
import { placeOf } from './room.ts';

const TARGET = join(PACKAGE_ROOT, 'scenarios', 'targets', 'bundled.yaml');
const USERS = [
  ['clinic-a', 'dr.smith'],
  ['clinic-a', 'nurse.lee'],
  ['clinic-b', 'dr.chen'],
  ['hospital-a', 'dr.foster'],
  ['hospital-a', 'nurse.young'],
] as const;
const variableOf = (tenant: string, user: string): string =>
  `POOLPROOF_TOKEN_${tenant}_${user}`.toUpperCase().replace(/[^A-Z0-9]/g, '_');

afterAll(() => {
  for (const [tenant, user] of USERS) delete process.env[variableOf(tenant, user)];
});

/** Loads the bundled server with its own target file; only the two of one clinic ask. */
const loaded = async (name: string, fault?: string): Promise<TargetLoadReport> => {
  const make = fault === undefined ? reference : faultOf(fault).make;
  const opened = await openServer({ platform: make, speed: 1 });
  for (const [tenant, user] of USERS)
    process.env[variableOf(tenant, user)] = await signIn(opened, user);
  const text = smallScenario({ requestsPerHour: 50 * 3600 });
  const scenario = put('flood.yaml', text.replace('tenants: all', 'tenants: [clinic-a]'));
  const { outsideUrl } = opened.server;
  const given = ['load', scenario, '--target', TARGET, '--target-url', outsideUrl];
  const { stdout, stderr } = await poolproof([
    ...[...given, '--duration', '1s', '--out', placeOf(name), '--stdout', 'json'],
  ]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as TargetLoadReport;
};

test('the reference keeps its promises as seen from outside, limits included', async () => {
  const report = await loaded('sound');
  expect(report.findings).toEqual([]);
  expect(report.target.signIns.signedIn).toBe(5);
  expect(report.target.statuses.map(({ status }) => status)).toEqual([200, 429]);
  expect(report.scanned.ownCanaries).toBeGreaterThan(3);
  // On a slow machine answers may take too long to tell; nobody is accused then, either.
  const [limit, ...others] = report.target.limits;
  expect(limit?.tenant).toBe('clinic-a');
  expect(['held', 'inconclusive']).toContain(limit?.verdict);
  expect(others).toEqual([]);
  // The file says how a refusal names its limit, so those by the rate can be judged.
  for (const { refused, refusalsJudged } of report.target.limits)
    expect(refusalsJudged).toBe(refused);
}, 40_000);

test.each([
  ['runtime-one-prompt', 'I1'],
  ['front-door-echoes-token', 'I1'],
  ['limiter-admits-everybody', 'I6'],
])(
  'the fault %s is found from outside, by %s',
  async (fault, promise) => {
    const report = await loaded(fault, fault);
    expect(report.exitCode).toBe(1);
    expect(report.findings.map((finding) => finding.promise)).toContain(promise);
    expect(JSON.stringify(report)).not.toMatch(/eyJ[\w-]{8,}\./);
  },
  40_000,
);
