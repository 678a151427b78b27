// Does a comparison say whose answers changed, in few sentences, and fail where tenants are crossed?

import { expect, test } from 'vitest';
import type { PolicyDiff } from '../sim/domain/policy-diff.ts';
import { poolproof, type Told } from './command-line.ts';
import { changedPolicies, TENANT_TEST_LOST } from './policy-folders.ts';
import { placeOf } from './room.ts';

const diff = (...args: readonly string[]): Promise<Told> =>
  poolproof(['policy', 'diff', ...args, '--out', placeOf('diff')]);

const TOOLS = 'web_search,clinic_config';

/** One tool is quicker to compare than all of them. */
const WEB = ['--tool', 'web_search'];

const reportOf = async (...args: readonly string[]): Promise<PolicyDiff> =>
  JSON.parse((await diff(...args, '--stdout', 'json')).stdout) as PolicyDiff;

test('of two folders that decide alike it is said that nothing changed, whatever their texts', async () => {
  const reworded = [
    'cedar/web-search.cedar',
    '["physician", "nurse"]',
    '["nurse", "physician"]',
  ] as const;
  const told = await diff(
    'policies',
    changedPolicies('reworded', reworded),
    ...WEB,
    '--fail-on-change',
  );
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(/^Nothing changed: all of \d+ questions/);
});

test('what is allowed now across tenants fails, and is one sentence that names who, what and by which policy', async () => {
  const told = await diff('policies', changedPolicies('holed', TENANT_TEST_LOST));
  expect(told.code).toBe(1);
  expect(told.stdout).toContain('ISOLATION  allowed now, across tenants');
  const text = told.stdout.replace(/\s+/g, ' ');
  expect(text).toContain(
    'tier basic and role nurse, physician may now call patient_context, retrieve_clinic_documents @basic at 08:00–18:00 local on other tenants’ objects',
  );
  expect(text).toContain('even without having a tenant, by "Basic physicians and nurses read');
  expect(told.stdout.match(/^ {2}- /gm)).toHaveLength(1);
});

test('other changes are told and fail only where that is asked for', async () => {
  const narrow = ['cedar/web-search.cedar', '["physician", "nurse"]', '["physician"]'] as const;
  const folder = changedPolicies('narrow', narrow);
  const told = await diff('policies', folder, ...WEB);
  expect(told.code).toBe(0);
  expect(told.stdout.replace(/\s+/g, ' ')).toContain(
    'callers with tier premium and role nurse may no longer call web_search @premium at any time',
  );
  expect((await diff('policies', folder, ...WEB, '--fail-on-change')).code).toBe(3);
  const wider = await reportOf(folder, 'policies', ...WEB);
  expect(wider).toMatchObject({ exitCode: 0, deniedNow: 0, acrossTenants: 0 });
  expect(wider.changes.map(({ change, newBy }) => [change, newBy])).toEqual([
    ['allowed now', ['Premium physicians and nurses search the web']],
  ]);
});

test('a policy that is renamed decides the same questions by another name', async () => {
  const renamed = ['cedar/web-search.cedar', 'search the web', 'look on the web'] as const;
  const report = await reportOf('policies', changedPolicies('renamed', renamed), ...WEB);
  expect(report).toMatchObject({ exitCode: 0, changes: [], allowedNow: 0, deniedNow: 0 });
  expect(report.decidedOtherwise).toBeGreaterThan(0);
  expect(report.sentence).toContain('by other policies than before');
});

test('tools that are gone and inputs that changed are said', async () => {
  const report = await reportOf('policies', 'policies/as-published', '--tool', TOOLS);
  expect(report.exitCode).toBe(1);
  expect(report.toolsGone).toEqual(['HealthcareLambda-Premium___web_search']);
  expect(report.inputsChanged).toContain('HealthcareLambda-Basic___clinic_config');
  expect(report.acrossTenants).toBeGreaterThan(0);
});

test('two folders that cannot be read are complained of together', async () => {
  const told = await diff('no-such', 'nor-such', '--most', '0');
  expect(told.code).toBe(2);
  expect(told.stderr).toContain('no-such');
  expect(told.stderr).toContain('nor-such');
});
