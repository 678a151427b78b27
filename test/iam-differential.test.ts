// Does the evaluator decide as iam-simulate does, over generated policies, and where do they part?
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: IAM's policy variables look like that

import { runSimulation, runUnsafeSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AccessRequest,
  compilePolicy,
  evaluate,
  type PolicyDocument,
  type PolicyStatement,
} from '../sim/protocol/iam.ts';
import {
  ACCOUNT,
  ACTIONS,
  type Context,
  contextOf,
  type Decision,
  GLOBAL_KEYS,
  MEMORIES,
  MEMORY_A,
  plain,
  question,
  TABLES,
  valuesOf,
} from './iam/generated.ts';

const simulationOf = (policies: readonly PolicyDocument[], asked: AccessRequest): Simulation => ({
  identityPolicies: policies.map((document, index) => ({ name: `p${index}`, policy: document })),
  serviceControlPolicies: [],
  resourceControlPolicies: [],
  request: {
    action: asked.action,
    principal: `arn:aws:iam::${ACCOUNT}:role/agent`,
    resource: { resource: asked.resource, accountId: ACCOUNT },
    contextVariables: Object.fromEntries(
      Object.entries(asked.context).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : [...value],
      ]),
    ),
  },
});

/** The simulator's answer; it must have kept every key, else it answered another question. */
const simulated = async (
  policies: readonly PolicyDocument[],
  asked: AccessRequest,
): Promise<string> => {
  const results = await runSimulation(simulationOf(policies, asked), {});
  if (results.resultType !== 'single') throw new Error(JSON.stringify(results));
  if ((results.result.ignoredContextKeys ?? []).length > 0) throw new Error('a key was ignored');
  return results.overallResult;
};

const decided = (policies: readonly PolicyDocument[], asked: AccessRequest): Decision => {
  const compiled = policies.map((document, index) => compilePolicy(document, `p${index}`));
  const evaluation = evaluate(compiled, asked);
  if (evaluation.decision === 'allow') return 'Allowed';
  return evaluation.by === 'explicit' ? 'ExplicitlyDenied' : 'ImplicitlyDenied';
};

/** The differences below that generated policies can run into, by name. */
const exemptionOf = (policies: readonly PolicyDocument[], context: Context): string | undefined => {
  for (const { Statement: statements } of policies) {
    for (const { Condition: block } of [statements].flat() as readonly PolicyStatement[]) {
      for (const [operator, keys] of Object.entries(block ?? {})) {
        for (const key of Object.keys(keys)) {
          if (operator === 'Null' && context[key]?.length === 0) return 'Null on an empty list';
          const anyIfExists = operator.startsWith('ForAny') && operator.endsWith('IfExists');
          if (anyIfExists && context[key] === undefined) return 'ForAnyValue with IfExists';
        }
      }
    }
  }
  return undefined;
};

/** At least this share of each decision, else the comparison shows little. */
const SHARE_MIN = 0.1;

const expectWellMixed = (counts: ReadonlyMap<string, number>, comparisons: number): void => {
  for (const decision of ['Allowed', 'ExplicitlyDenied', 'ImplicitlyDenied']) {
    expect((counts.get(decision) ?? 0) / comparisons, decision).toBeGreaterThan(SHARE_MIN);
  }
};

const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

test('decides generated questions as iam-simulate does, service references checked', async () => {
  const counts = new Map<string, number>();
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(question, async ({ policies, requests }) => {
      for (const asked of requests) {
        if (exemptionOf(policies, asked.context) !== undefined) continue;
        const decision = decided(policies, asked);
        expect(decision).toBe(await simulated(policies, asked));
        count(counts, decision);
        compared += 1;
      }
    }),
    { numRuns: 300, seed: 1 },
  );
  expect(compared).toBeGreaterThan(600);
  expectWellMixed(counts, compared);
});

test('decides as iam-simulate does when any key may come with any request and shape', () => {
  const keys = [...new Set([...Object.values(ACTIONS).flat(), ...GLOBAL_KEYS])];
  const anyValue = (key: string) =>
    fc.oneof(valuesOf(key), fc.array(plain, { maxLength: 2 }), plain);
  const context = contextOf(keys, anyValue);
  const counts = new Map<string, number>();
  let compared = 0;
  fc.assert(
    fc.property(question, context, ({ policies, requests }, anyContext) => {
      for (const asked of requests) {
        const shapeless = { ...asked, context: anyContext };
        if (exemptionOf(policies, anyContext) !== undefined) continue;
        const decision = decided(policies, shapeless);
        expect(decision).toBe(runUnsafeSimulation(simulationOf(policies, shapeless), {}));
        count(counts, decision);
        compared += 1;
      }
    }),
    { numRuns: 700, seed: 1 },
  );
  expect(compared).toBeGreaterThan(1_400);
  expectWellMixed(counts, compared);
});

test('the comparison can fail: a changed policy is decided differently by the two', async () => {
  const equals = { 'aws:PrincipalTag/Tier': '${aws:PrincipalTag/ClinicId}' };
  const open = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
  const asked: AccessRequest = {
    action: 'dynamodb:GetItem',
    resource: `${TABLES}/a`,
    context: { 'aws:PrincipalTag/Tier': 'a', 'aws:PrincipalTag/ClinicId': 'b' },
  };
  const right: PolicyDocument = {
    Version: '2012-10-17',
    Statement: { ...open, Condition: { StringEquals: equals } },
  };
  const wrong: PolicyDocument = {
    Version: '2012-10-17',
    Statement: { ...open, Condition: { StringNotEquals: equals } },
  };
  expect(decided([right], asked)).toBe(await simulated([right], asked));
  expect(decided([wrong], asked)).not.toBe(await simulated([right], asked));
});

interface Difference {
  readonly why: string;
  readonly fields?: Partial<PolicyStatement>;
  readonly version?: '2008-10-17';
  readonly context: Context;
  readonly ours: Decision;
  readonly theirs: Decision;
}

const DIFFERENCES: readonly Difference[] = [
  {
    why: 'AWS: Null false asks for a key that exists and is not null, against empty keys too',
    fields: { Condition: { Null: { 'dynamodb:LeadingKeys': 'false' } } },
    context: { 'dynamodb:LeadingKeys': [] },
    ours: 'ImplicitlyDenied',
    theirs: 'Allowed',
  },
  {
    why: 'AWS: IfExists goes with any operator but Null and holds on an absent key',
    fields: { Condition: { 'ForAnyValue:StringEqualsIfExists': { 'dynamodb:LeadingKeys': 'a' } } },
    context: {},
    ours: 'Allowed',
    theirs: 'ImplicitlyDenied',
  },
  {
    why: 'AWS: ${*} is an asterisk in any string that takes variables',
    fields: { Condition: { StringEquals: { 'dynamodb:Select': '${*}' } } },
    context: { 'dynamodb:Select': '*' },
    ours: 'Allowed',
    theirs: 'ImplicitlyDenied',
  },
  {
    why: 'a tag may be empty, and its variable then has a value',
    fields: { Condition: { StringEquals: { 'dynamodb:Select': 'x${aws:PrincipalTag/Tier}' } } },
    context: { 'dynamodb:Select': 'x', 'aws:PrincipalTag/Tier': '' },
    ours: 'Allowed',
    theirs: 'ImplicitlyDenied',
  },
  {
    why: 'AWS: a variable without a value may make the whole statement invalid',
    fields: { NotResource: 'arn:aws:s3:::${aws:PrincipalTag/Tier}' },
    context: {},
    ours: 'ImplicitlyDenied',
    theirs: 'Allowed',
  },
  {
    why: 'the same holds under a negated ARN operator whose other parts differ',
    fields: {
      Condition: { ArnNotLike: { 'aws:SourceArn': 'arn:aws:s3:::${aws:PrincipalTag/Tier}' } },
    },
    context: { 'aws:SourceArn': `${TABLES}/a` },
    ours: 'ImplicitlyDenied',
    theirs: 'Allowed',
  },
  {
    why: 'a shortened ARN in NotResource leaves what it does not match',
    fields: { NotResource: 'arn:aws:s3:*' },
    context: {},
    ours: 'Allowed',
    theirs: 'ImplicitlyDenied',
  },
  {
    why: 'AWS: epoch time is UNIX time, in seconds',
    fields: { Condition: { DateEquals: { 'aws:CurrentTime': '1970-01-02T00:00:00Z' } } },
    context: { 'aws:CurrentTime': '86400' },
    ours: 'Allowed',
    theirs: 'ImplicitlyDenied',
  },
  {
    why: 'AWS: variables are literal text before version 2012-10-17',
    version: '2008-10-17',
    fields: { Condition: { StringEquals: { 'dynamodb:Select': '${aws:PrincipalTag/Tier}' } } },
    context: { 'dynamodb:Select': 'basic', 'aws:PrincipalTag/Tier': 'basic' },
    ours: 'ImplicitlyDenied',
    theirs: 'Allowed',
  },
];

test.each(DIFFERENCES)('parts from iam-simulate, because $why', (difference) => {
  const { fields = {}, version = '2012-10-17', context, ours, theirs } = difference;
  const target = fields.NotResource === undefined ? { Resource: '*' } : {};
  const statement = { Effect: 'Allow', Action: '*', ...target, ...fields } as const;
  const document: PolicyDocument = { Version: version, Statement: statement };
  const asked: AccessRequest = { action: 'dynamodb:GetItem', resource: `${TABLES}/a`, context };
  expect(decided([document], asked)).toBe(ours);
  expect(runUnsafeSimulation(simulationOf([document], asked), {})).toBe(theirs);
});

test('parts from iam-simulate, whose service reference lacks namespacePath', async () => {
  const key = 'bedrock-agentcore:namespacePath';
  const asked: AccessRequest = {
    action: 'bedrock-agentcore:RetrieveMemoryRecords',
    resource: `${MEMORIES}/${MEMORY_A}`,
    context: { [key]: '/a/facts/', 'aws:PrincipalTag/ClinicId': 'a' },
  };
  const own = { StringLike: { [key]: '/${aws:PrincipalTag/ClinicId}/*' } };
  const document: PolicyDocument = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: own },
  };
  expect(decided([document], asked)).toBe('Allowed');
  expect(runUnsafeSimulation(simulationOf([document], asked), {})).toBe('Allowed');
  await expect(runSimulation(simulationOf([document], asked), {})).resolves.toMatchObject({
    overallResult: 'ImplicitlyDenied',
    result: { ignoredContextKeys: [key] },
  });
});
