// Are IAM documents asked about the tenants that they name, and is what they cannot be asked said?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MEMORY_ARN, TABLE_ARN } from '../sim/domain/arn.ts';
import type { PolicyMatrix } from '../sim/domain/policy-matrix.ts';
import { Credentials, type IamJudgement } from '../sim/policy/matrix/credentials.ts';
import { HEALTHCARE_OPERATIONS } from '../sim/policy/matrix/operations.ts';
import { poolproof } from './command-line.ts';
import { changedPolicies } from './policy-folders.ts';
import { placeOf } from './room.ts';

/** Variables of IAM, put together so that they are not taken for a template's. */
const own = (tag: string): string => `$\{aws:PrincipalTag/${tag}}`;
const OWN_KEYS = {
  'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': `P#${own('ClinicId')}` },
};

const judged = (
  operation: string,
  statements: readonly object[],
  tenants: readonly string[] = [],
): IamJudgement => {
  const document = { Version: '2012-10-17', Statement: statements };
  const found = HEALTHCARE_OPERATIONS.find(({ name }) => name === operation);
  if (found === undefined) throw new Error(`there is no operation ${operation}`);
  const more = { tiers: [], roles: [], tenants };
  return new Credentials({ 'a.json': document }, more, 0).judge(found);
};

const table = (condition: object, effect = 'Allow'): object => ({
  Effect: effect,
  Action: 'dynamodb:GetItem',
  Resource: TABLE_ARN,
  Condition: condition,
});
const memory = (condition: object): object => ({
  Effect: 'Allow',
  Action: 'bedrock-agentcore:*',
  Resource: MEMORY_ARN,
  Condition: condition,
});

const PATIENT = 'dynamodb:GetItem of a patient';
const keys = (operator: string, text: string): object => ({
  [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': text },
});

test('keys that a document gives are asked for, with the tenants that they mean', () => {
  const opened = (condition: object): string | undefined =>
    judged(PATIENT, [table(condition)]).opened?.owner;
  expect(opened(keys('StringLike', 'P#clinic-*'))).toBe('clinic-1/user');
  // No wildcard there, but a name like another.
  expect(opened(keys('StringEquals', 'P#clinic-*'))).toBe('clinic-*/user');
  expect(opened(keys('StringEquals', 'P#clinic-hq'))).toBe('clinic-hq/user');
  expect(opened(keys('StringLike', '*#clinic-hq'))).toBe('clinic-hq/user');
  expect(opened(keys('StringEquals', `P#${own('ClinicId')}-archive`))).toBe(
    'tenant-a-archive/user',
  );
  expect(opened(keys('StringEquals', 'T#clinic-hq'))).toBeUndefined();
  expect(judged(PATIENT, [table(OWN_KEYS)]).control).toBe('separates');
});

test('callers that a document names are asked for, alone and with the owners that it names', () => {
  const hq = { StringEquals: { 'aws:PrincipalTag/ClinicId': 'clinic-hq' } };
  expect(judged(PATIENT, [table(OWN_KEYS), table(hq)])).toMatchObject({
    control: 'open',
    opened: { caller: 'clinic-hq/user', statement: 'a.json#Statement[1]' },
  });
  const boss = {
    StringEquals: {
      'aws:PrincipalTag/ClinicId': 'clinic-hq',
      'aws:PrincipalTag/UserId': 'boss',
    },
    ...keys('StringEquals', 'P#clinic-b'),
  };
  expect(judged(PATIENT, [table(boss)]).opened).toMatchObject({
    caller: 'clinic-hq/boss',
    owner: 'clinic-b/user',
  });
});

test('actors, namespaces and resources mean tenants and users, as they are spelled in them', () => {
  const event = { StringEquals: { 'bedrock-agentcore:actorId': 'clinic_2da/dr_2elee/physician' } };
  expect(judged('bedrock-agentcore:GetEvent', [memory(event)]).opened?.owner).toBe(
    'clinic-a/dr.lee',
  );
  const space = { StringLike: { 'bedrock-agentcore:namespace': '/clinic_2da/*' } };
  const byNamespace = 'bedrock-agentcore:ListMemoryRecords by namespace';
  expect(judged(byNamespace, [memory(space)]).opened?.owner).toBe('clinic-a/1');
  const base = {
    Effect: 'Allow',
    Action: 'bedrock:Retrieve',
    Resource: 'arn:aws:bedrock:*:*:knowledge-base/KBHEALTH01/clinic-*',
  };
  expect(judged('bedrock:Retrieve', [base]).opened?.owner).toBe('clinic-1/user');
});

test('tenants of the scenario are asked for where their names resemble each other', () => {
  const starting = keys('StringLike', `P#${own('ClinicId')}?north`);
  const control = (tenants: readonly string[]): string =>
    judged(PATIENT, [table(starting)], tenants).control;
  expect(control(['mercy', 'other', 'third', 'mercy_north'])).toBe('open');
});

test('a condition on a key that is not varied leaves IAM unknown, unless tenants are kept apart without it', () => {
  const outside = { StringEquals: { 'aws:SourceVpc': 'vpc-1' } };
  expect(judged(PATIENT, [table(outside)])).toMatchObject({
    control: 'unknown',
    undecided: ['`aws:sourcevpc` is not varied'],
  });
  expect(judged(PATIENT, [table(OWN_KEYS), table(outside)]).control).toBe('unknown');
  const variable = { StringEquals: { 'aws:PrincipalTag/ClinicId': own('Region') } };
  expect(judged(PATIENT, [table(variable)]).undecided).toEqual([
    '`aws:principaltag/region` is not varied',
  ]);
  expect(
    judged(PATIENT, [table({ DateGreaterThan: { 'aws:EpochTime': '2020-01-01' } })]).control,
  ).toBe('unknown');
  // What the Deny does is not known, and does not matter: without it tenants are kept apart, too.
  const unlessInside = table({ StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } }, 'Deny');
  expect(judged(PATIENT, [table(OWN_KEYS), unlessInside]).control).toBe('separates');
  expect(judged(PATIENT, [table({}), unlessInside]).control).toBe('unknown');
});

test('more named tenants than are tried are said', () => {
  const many = Array.from({ length: 40 }, (_, index) => `clinic-${index}`);
  const named = {
    StringEquals: { 'aws:PrincipalTag/ClinicId': many },
    'ForAllValues:StringEquals': {
      'dynamodb:LeadingKeys': many.map((name) => `T#${name}`),
    },
  };
  expect(judged(PATIENT, [table(OWN_KEYS), table(named)]).undecided).toEqual([
    'more tenants are named than are tried',
  ]);
});

test('the matrix refutes what named tenants open, and is inconclusive about what is unknown', async () => {
  const matrix = async (
    folder: string,
  ): Promise<{ readonly code: number | null; readonly report: PolicyMatrix }> => {
    const typed = ['policy', 'matrix', folder, '--tool', 'patient_context', '--stdout', 'json'];
    const { code, stdout } = await poolproof([...typed, '--out', placeOf('matrix')]);
    return { code, report: JSON.parse(stdout) as PolicyMatrix };
  };
  const keyed = `"P#${own('ClinicId')}"`;
  const named = await matrix(
    changedPolicies('iam-named', [join('iam', 'table.json'), keyed, '"P#clinic-7"']),
  );
  expect(named.code).toBe(1);
  expect(named.report.controls.map(({ iam, opened }) => [iam, opened?.owner])).toContainEqual([
    'open',
    'clinic-7/user',
  ]);
  const unset = ['iam/table.json', '"aws:PrincipalTag/Role"', '"aws:SourceVpc"'] as const;
  const unknown = await matrix(changedPolicies('iam-unset', unset));
  expect(unknown.code).toBe(4);
  expect(unknown.report.sentence).toContain('it is not known what IAM does');
  expect(unknown.report.controls.map(({ iam, kept }) => [iam, kept])).toEqual(
    Array.from({ length: 4 }, () => ['unknown', 'Cedar']),
  );
});
