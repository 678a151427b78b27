// Does the matrix prove what is sound, refute what is not, and say what it could not go over?

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Control, PolicyMatrix } from '../sim/domain/policy-matrix.ts';
import { LAMBDA_ROLE, MEMORY_TVM_ROLE, RUNTIME_ROLE } from '../sim/platforms/as-published/roles.ts';
import { behindGateways } from '../sim/policy/gateways.ts';
import { Credentials } from '../sim/policy/matrix/credentials.ts';
import { compareEntitlements } from '../sim/policy/matrix/entitlements.ts';
import { HEALTHCARE_OPERATIONS } from '../sim/policy/matrix/operations.ts';
import { spaceOf } from '../sim/policy/space.ts';
import { HEALTHCARE_GATEWAYS, policyFolder } from '../sim/policy.ts';
import { poolproof, put } from './command-line.ts';
import { changedPolicies, TENANT_TEST_LOST, withoutTenantTest } from './policy-folders.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

const PUBLISHED = join('policies', 'as-published');
const DAY = join('scenarios', 'healthcare-day.yaml');
/** One tool is quicker to go over than all of them. */
const PATIENTS = ['--tool', 'patient_context'];
/** Variables of IAM, put together so that they are not taken for a template's. */
const own = (tag: string): string => `$\{aws:PrincipalTag/${tag}}`;
const OWN_CLINIC = own('ClinicId');
const OWN_ACTOR = own('Actor');
const NO_MORE = { tiers: [], roles: [], tenants: [] };
const WEB = ['--tool', 'web_search'];

const matrix = async (
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly report: PolicyMatrix }> => {
  const typed = ['policy', 'matrix', ...args, '--stdout', 'json', '--out', placeOf('matrix')];
  const { code, stdout, stderr } = await poolproof(typed);
  if (stdout === '') throw new Error(stderr);
  return { code, report: JSON.parse(stdout) as PolicyMatrix };
};

const keptOf = ({ controls }: PolicyMatrix, operation: string): readonly string[] =>
  controls.filter((row) => row.operation.includes(operation)).map(({ kept }) => kept);

/** Asked once for all tests that look at it. */
let known: ReturnType<typeof matrix> | undefined;
const reference = (): ReturnType<typeof matrix> => {
  known ??= matrix();
  return known;
};

test('on the reference it is proved that no tenant reaches another’s objects, and all is as entitled', async () => {
  const { code, report } = await reference();
  expect(code).toBe(0);
  expect(report.sentence).toContain('is ever allowed on tenant B');
  expect(report.sentence).toContain('proved for 6 of 9 tools over');
  expect(report).toMatchObject({ counterexamples: [], overBound: [], unclear: [] });
  expect(report.entitlements?.differences).toEqual([]);
  expect(report.entitlements?.compared).toBeGreaterThan(500);
  // Every question is in exactly one group.
  const grouped = report.groups.reduce((sum, { questions }) => sum + questions, 0);
  expect(grouped).toBe(report.questions);
});

test('on the reference each tool is kept by both controls, memory by IAM, and a record by its id is closed', async () => {
  const { report } = await reference();
  expect(keptOf(report, 'GetItem')).toEqual(['both', 'both', 'both', 'both']);
  expect(keptOf(report, 'bedrock:Retrieve')).toEqual(['both', 'both']);
  expect(keptOf(report, 'CreateEvent')).toEqual(['IAM']);
  for (const name of ['GetMemoryRecord', 'DeleteMemoryRecord', 'ListActors', 'dynamodb:Scan'])
    expect(keptOf(report, name)).toEqual(['closed']);
});

test('the rows of the matrix name roles, hours by the clinic’s own clock, and the policy that decided', async () => {
  const { report } = await reference();
  const clinical = report.groups.filter(({ allowed, tools }) => allowed && tools.length === 2);
  expect(clinical.map(({ hours, objects, where }) => [hours, objects, where['tag role']])).toEqual([
    ['08:00–18:00 local', ['own'], ['nurse', 'physician']],
    [null, ['own'], ['nurse', 'physician']],
  ]);
  expect(clinical[0]?.by).toEqual([
    'Basic physicians and nurses read patients and documents of their own clinic',
  ]);
});

test('on the published policies every tool at the gateways is refuted by its smallest question', async () => {
  const { code, report } = await matrix(PUBLISHED);
  expect(code).toBe(1);
  const told = report.counterexamples.map(({ example: { tool, principal, input }, by }) => ({
    tool,
    tags: principal.tags,
    input,
    by,
  }));
  const tags = { tenant: 'tenant-a' };
  const input = { clinic_id: 'tenant-b' };
  expect(told).toEqual([
    {
      tool: 'HealthcareLambda-Basic___patient_context',
      tags,
      input: { ...input, request_hour: 8 },
      by: ['business_hours_patient_access_basic'],
    },
    {
      tool: 'HealthcareLambda-Basic___clinic_config',
      tags,
      input,
      by: ['permit_clinic_config_basic_with_id'],
    },
    {
      tool: 'HealthcareLambda-Premium___patient_context',
      tags,
      input,
      by: ['permit_patient_context_premium_list_mode'],
    },
    {
      tool: 'HealthcareLambda-Premium___clinic_config',
      tags,
      input,
      by: ['permit_clinic_config_premium_with_id'],
    },
  ]);
  expect(keptOf(report, 'GetItem')).toEqual(['HOLE', 'HOLE', 'HOLE', 'HOLE']);
});

test('a counterexample is an example that `policy test` asks again and finds allowed', async () => {
  const folder = changedPolicies('holed', TENANT_TEST_LOST);
  const { code } = await matrix(folder, ...PATIENTS);
  expect(code).toBe(1);
  const example = readFileSync(join(placeOf('matrix'), 'counterexample-1.json'), 'utf8');
  put(join('holed', 'examples', 'deny', 'found.json'), example);
  const asked = await poolproof(['policy', 'test', folder, '--out', placeOf('tested')]);
  expect(asked.code).not.toBe(0);
  expect(asked.stdout).toContain('expected deny, got allow');
});

test('a hole planted in the policies is refuted, by name of the policy, while IAM still holds', async () => {
  const folder = changedPolicies('holed', TENANT_TEST_LOST);
  const { code, report } = await matrix(folder, ...PATIENTS, '--scenario', DAY);
  expect(code).toBe(1);
  expect(report.counterexamples.map(({ action, by }) => [action, by])).toEqual([
    [
      'HealthcareLambda-Basic___patient_context',
      ['Basic physicians and nurses read patients and documents of their own clinic'],
    ],
  ]);
  expect(keptOf(report, 'of patients')).toEqual(['IAM', 'both']);
  expect(report.entitlements?.differences.map(({ object, allowed }) => [object, allowed])).toEqual([
    ["another tenant's", true],
  ]);
});

test('a hole planted in IAM is refuted where Cedar holds, and both together are a hole', async () => {
  const wide = ['iam/table.json', `"T#${OWN_CLINIC}"`, '"T#*"'] as const;
  const like = ['iam/table.json', /ForAllValues:StringEquals/g, 'ForAllValues:StringLike'] as const;
  const tool = ['--tool', 'clinic_config'];
  const iamOnly = await matrix(changedPolicies('iam-holed', wide, like), ...tool);
  expect(iamOnly.code).toBe(1);
  expect(keptOf(iamOnly.report, 'of the configuration')).toEqual(['Cedar', 'Cedar']);
  expect(iamOnly.report.counterexamples).toEqual([]);
  const lost = withoutTenantTest('clinic-config');
  const folder = changedPolicies('both-holed', wide, like, lost);
  const both = await matrix(folder, ...tool);
  expect(keptOf(both.report, 'of the configuration')).toEqual(['HOLE', 'Cedar']);
});

test('names that begin with another’s name, or join to it, are tried against IAM', () => {
  const rights = (condition: string): Control => {
    const document = readFileSync(join(ROOT, 'policies', 'iam', 'memory.json'), 'utf8');
    const changed = document.replaceAll(`"/${OWN_ACTOR}/*"`, JSON.stringify(condition));
    const credentials = new Credentials({ 'memory.json': JSON.parse(changed) }, NO_MORE, 0);
    const operation = HEALTHCARE_OPERATIONS.find(({ name }) => name.endsWith('by namespace'));
    if (operation === undefined) throw new Error('memory is not asked by namespace');
    return credentials.judge(operation).control;
  };
  expect(rights(`/${OWN_ACTOR}/*`)).toBe('separates');
  // `tenant` is the beginning of `tenant-a`, whose byte for the hyphen comes next.
  expect(rights(`/${OWN_CLINIC}*`)).toBe('open');
  // Whoever asks is let in to the tenant that it names; without the rest it is no namespace.
  expect(rights('/somebody/*')).toBe('open');
  expect(rights('/somebody')).toBe('closed');
});

test('policies that differ from the entitlements alone miss a threshold, with a time at which they do', async () => {
  const later = ['cedar/basic-hours.cedar', /duration\("18h"\)/g, 'duration("19h")'] as const;
  const { code, report } = await matrix(
    changedPolicies('later', later),
    ...PATIENTS,
    '--scenario',
    DAY,
  );
  expect(code).toBe(3);
  expect(report.counterexamples).toEqual([]);
  expect(report.entitlements?.differences[0]).toMatchObject({ object: 'own', allowed: true });
  const narrow = ['cedar/web-search.cedar', '["physician", "nurse"]', '["physician"]'] as const;
  const less = await matrix(changedPolicies('less', narrow), ...WEB, '--scenario', DAY);
  expect(less.code).toBe(3);
  expect(less.report.entitlements?.differences).toMatchObject([
    { roles: ['nurse'], tiers: ['premium'], object: 'none', entitled: true, allowed: false },
  ]);
});

test('a role of the entitlements that no question has is never taken for another one', () => {
  const [gateway] = HEALTHCARE_GATEWAYS;
  const [tool] = gateway === undefined ? [] : behindGateways([gateway]);
  if (tool === undefined) throw new Error('the reference has no tool');
  const permit = '@id("p") permit (principal, action, resource) when { principal.hasTag("role") };';
  const { policies } = policyFolder({
    folder: 'f',
    cedar: [{ file: 'p.cedar', text: permit }],
    tools: undefined,
    iam: undefined,
  });
  const tenancy = {
    ...{ tenantTags: [], tenantInputs: [] },
    ...{ tierTag: 'tier', roleTag: 'role', zoneTag: 'zone' },
  };
  const usualUs = 1_784_030_400_000_000;
  const bounds = { usualUs, questionsMax: 9_000, pointsMax: 9_000 };
  const compared = (roles: readonly string[]): number => {
    const space = spaceOf(tool, [policies], { tags: { role: ['nurse'] }, ...tenancy, ...bounds });
    const told = { scenario: 's', table: [], tiers: ['basic'], tenants: [], zones: ['UTC'] };
    return compareEntitlements([space], { ...told, roles, startUs: usualUs }, tenancy).compared;
  };
  expect(compared(['nurse'])).toBeGreaterThan(0);
  expect(() => compared(['nobody’s'])).toThrow('no question has the tag role nobody’s');
});

test('more questions than the bound, and conditions that are not understood, are inconclusive and said', async () => {
  const bounded = await matrix(...PATIENTS, '--most', '50');
  expect(bounded.code).toBe(4);
  expect(bounded.report.overBound).toContain('HealthcareLambda-Basic___patient_context');
  expect(bounded.report.sentence).toContain('not proved');
  const twice = [
    'cedar/web-search.cedar',
    '["physician", "nurse"].contains(principal.getTag("role"))',
    'principal.getTag("role") like "p*" && principal.getTag("role") like "*n"',
  ] as const;
  const unclear = await matrix(changedPolicies('unclear', twice), ...WEB);
  expect(unclear.code).toBe(4);
  expect(unclear.report.unclear).toHaveLength(1);
});

test('every mistake in what was typed is told at once, with what was meant', async () => {
  const told = await poolproof([
    ...['policy', 'matrix', '--tool', 'patient_contex', '--tenant-input', 'clinic'],
    ...['--scenario', 'none.yaml', '--most', 'many', '--stdout', 'yaml', '--out', placeOf('out')],
  ]);
  expect(told.code).toBe(2);
  expect(told.stdout).toBe('');
  for (const part of [
    'did you mean `patient_context`?',
    'no tool takes an input `clinic`',
    'none.yaml: cannot read the scenario: there is none',
    '--most: not understood: `many`',
    '--stdout',
  ])
    expect(told.stderr).toContain(part);
});

test('the published roles stand in the folder as the platform has them', () => {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(join(ROOT, PUBLISHED, 'iam', `${name}.json`), 'utf8'));
  expect(read('memory-tvm-role')).toEqual(MEMORY_TVM_ROLE);
  expect(read('runtime-role')).toEqual(RUNTIME_ROLE);
  expect(read('tool-lambda-role')).toEqual(LAMBDA_ROLE);
});
