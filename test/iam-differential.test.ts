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

type Context = Readonly<Record<string, string | readonly string[]>>;
type ConditionBlock = NonNullable<PolicyStatement['Condition']>;
type Decision = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

interface Question {
  readonly policies: readonly PolicyDocument[];
  readonly requests: readonly AccessRequest[];
}

const ACCOUNT = '111122223333';
const TABLES = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table`;
const MEMORIES = `arn:aws:bedrock-agentcore:us-east-1:${ACCOUNT}:memory`;
/** Ids as the memory ARN's grammar has them, so that the simulator finds the resource's type. */
const MEMORY_A = 'healthcarea-0123456789';
const MEMORY_B = 'healthcareb-0123456789';

/** What each action's service reference lists; the simulator drops other service keys. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:GetItem': ['dynamodb:LeadingKeys', 'dynamodb:Select'],
  'dynamodb:Query': ['dynamodb:LeadingKeys', 'dynamodb:Select'],
  'bedrock-agentcore:CreateEvent': ['bedrock-agentcore:actorId'],
  'bedrock-agentcore:RetrieveMemoryRecords': ['bedrock-agentcore:namespace'],
};

const GLOBAL_KEYS = [
  'aws:PrincipalTag/Tier',
  'aws:PrincipalTag/ClinicId',
  'aws:TagKeys',
  'aws:SourceArn',
  'aws:MultiFactorAuthAge',
  'aws:CurrentTime',
  'aws:SecureTransport',
];

const LISTS = ['dynamodb:LeadingKeys', 'aws:TagKeys'];
const TEXTS = [
  'aws:PrincipalTag/Tier',
  'aws:PrincipalTag/ClinicId',
  'dynamodb:Select',
  'bedrock-agentcore:actorId',
  'bedrock-agentcore:namespace',
];

const plain = fc.constantFrom(
  'a',
  'b',
  'ab',
  'A',
  'a/b',
  '/a/',
  '/a/b/',
  'a*',
  '*',
  'a?',
  '[ab]',
  'a.b',
);
const arn = fc.constantFrom(
  `${TABLES}/a`,
  `${TABLES}/b`,
  `${TABLES}/a:x`,
  'arn:aws:s3:::a',
  'arn:aws:s3:::a/b',
  'not-an-arn',
);
const number = fc.constantFrom('0', '1', '2.5', '10', '-3', 'many');
const instant = fc.constantFrom(
  '2026-06-30T23:59:59.500Z',
  '2026-07-01T00:00:00Z',
  '2026-07-01T02:00:00+02:00',
  '2026-07-01T08:30:00Z',
  'soon',
);

const valuesOf = (key: string): fc.Arbitrary<string | readonly string[]> => {
  if (LISTS.includes(key)) return fc.array(plain, { maxLength: 3 });
  if (TEXTS.includes(key)) return plain;
  if (key === 'aws:SourceArn') return arn;
  if (key === 'aws:MultiFactorAuthAge') return number;
  if (key === 'aws:CurrentTime') return instant;
  return fc.constantFrom('true', 'false', 'yes');
};

/** Contexts in which each key may be there or not. */
const contextOf = (
  keys: readonly string[],
  values: (key: string) => fc.Arbitrary<string | readonly string[]>,
): fc.Arbitrary<Context> =>
  fc
    .tuple(...keys.map((key) => fc.option(values(key).map((value) => [key, value] as const))))
    .map((entries) => Object.fromEntries(entries.filter((entry) => entry !== null)));

const variable = fc.constantFrom(
  '${aws:PrincipalTag/Tier}',
  '${AWS:principaltag/clinicid}',
  "${aws:PrincipalTag/Tier, 'a'}",
  '${aws:TagKeys}',
);
const withDefault = fc.constantFrom(
  "${aws:PrincipalTag/Tier, 'a'}",
  "${aws:PrincipalTag/ClinicId, 'b'}",
);
const part = fc.oneof(plain, { arbitrary: variable, weight: 2 });
const equalPattern = fc.oneof(
  part,
  fc.tuple(part, part).map((parts) => parts.join('/')),
);
const likePattern = fc.oneof(
  equalPattern,
  fc
    .array(fc.oneof(part, fc.constantFrom('*', '?', '${*}', '${?}', '/')), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.join('')),
);

const conditionOn = (
  names: readonly string[],
  keys: readonly string[],
  value: fc.Arbitrary<string>,
): fc.Arbitrary<ConditionBlock> =>
  fc
    .record({
      set: fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:'),
      name: fc.constantFrom(...names),
      exists: fc.constantFrom('', '', 'IfExists'),
      key: fc.constantFrom(...keys),
      values: fc.array(value, { minLength: 1, maxLength: 3 }),
    })
    .map(({ set, name, exists, key, values }) => ({
      [`${set}${name}${exists}`]: { [key]: values },
    }));

const EQUALS = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
];
const ORDERS = [
  'Equals',
  'NotEquals',
  'LessThan',
  'LessThanEquals',
  'GreaterThan',
  'GreaterThanEquals',
];

const arnPattern = fc.oneof(
  arn.filter((text) => text.startsWith('arn:')),
  fc.constantFrom('arn:aws:*:*:*:*', `${TABLES}/*`, 'arn:*:s3:::?'),
  withDefault.map((text) => `arn:aws:s3:::${text}*`),
);

const condition: fc.Arbitrary<ConditionBlock> = fc.oneof(
  { arbitrary: conditionOn(EQUALS, [...TEXTS, ...LISTS], equalPattern), weight: 4 },
  {
    arbitrary: conditionOn(['StringLike', 'StringNotLike'], [...TEXTS, ...LISTS], likePattern),
    weight: 4,
  },
  conditionOn(
    ['ArnEquals', 'ArnLike'],
    ['aws:SourceArn'],
    fc.oneof(arnPattern, fc.constant('arn:aws:s3:::${aws:PrincipalTag/Tier}*')),
  ),
  // Not variables without a value: see the differences below.
  conditionOn(['ArnNotEquals', 'ArnNotLike'], ['aws:SourceArn'], arnPattern),
  conditionOn(
    ORDERS.map((order) => `Numeric${order}`),
    ['aws:MultiFactorAuthAge'],
    number.filter((text) => text !== 'many'),
  ),
  conditionOn(
    ORDERS.map((order) => `Date${order}`),
    ['aws:CurrentTime'],
    instant.filter((text) => text !== 'soon'),
  ),
  conditionOn(['Bool'], ['aws:SecureTransport'], fc.constantFrom('true', 'false', 'True')),
  fc
    .record({
      key: fc.constantFrom(...TEXTS, ...LISTS, 'aws:SourceArn'),
      value: fc.constantFrom('true', 'false'),
    })
    .map(({ key, value }) => ({ Null: { [key]: value } })),
);

const resourcePattern = (inside: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: fc.constantFrom('*', 'arn:aws:*:*:*:*', 'arn:aws:dynamodb:*:*:*'), weight: 3 },
    { arbitrary: fc.constantFrom(`${TABLES}/*`, `${MEMORIES}/*`, `${TABLES}/a`), weight: 3 },
    fc.constantFrom(`arn:aws:*:us-*:${ACCOUNT}:table/?`, `${MEMORIES}/${MEMORY_A}`),
    inside.map((text) => `${TABLES}/${text}`),
    inside.map((text) => `${MEMORIES}/healthcare${text}-*`),
  );

const oneOrMore = (value: fc.Arbitrary<string>): fc.Arbitrary<string | string[]> =>
  fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));

const statement: fc.Arbitrary<PolicyStatement> = fc
  .record({
    effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    not: fc.constantFrom('', '', '', 'Action', 'Resource'),
    actions: oneOrMore(
      fc.constantFrom(
        '*',
        'dynamodb:*',
        'dynamodb:get*',
        'bedrock-agentcore:*',
        ...Object.keys(ACTIONS),
      ),
    ),
    fewActions: oneOrMore(fc.constantFrom('s3:*', 'dynamodb:Q*', 'bedrock-agentcore:?????Event')),
    resources: oneOrMore(fc.oneof(resourcePattern(variable), fc.constant('arn:aws:dynamodb:*'))),
    // Not shortened ARNs nor variables without a value: see the differences below.
    otherResources: oneOrMore(resourcePattern(withDefault)),
    conditions: fc.oneof(
      { arbitrary: fc.constant([]), weight: 1 },
      { arbitrary: fc.array(condition, { minLength: 1, maxLength: 2 }), weight: 3 },
    ),
  })
  .map((draw) => ({
    Effect: draw.effect === 'Allow' ? 'Allow' : 'Deny',
    ...(draw.not === 'Action' ? { NotAction: draw.fewActions } : { Action: draw.actions }),
    ...(draw.not === 'Resource'
      ? { NotResource: draw.otherResources }
      : { Resource: draw.resources }),
    Condition: Object.assign({}, ...draw.conditions) as ConditionBlock,
  }));

const policy: fc.Arbitrary<PolicyDocument> = fc
  .array(statement, { minLength: 1, maxLength: 3 })
  .map((statements) => ({ Version: '2012-10-17', Statement: statements }));

const request: fc.Arbitrary<AccessRequest> = fc
  .constantFrom(...Object.keys(ACTIONS))
  .chain((action) => {
    const keys = [...GLOBAL_KEYS, ...(ACTIONS[action] ?? [])];
    const resource = action.startsWith('dynamodb:')
      ? fc.constantFrom(`${TABLES}/a`, `${TABLES}/b`, `${TABLES}/ab`)
      : fc.constantFrom(`${MEMORIES}/${MEMORY_A}`, `${MEMORIES}/${MEMORY_B}`);
    return fc.record({
      action: fc.constant(action),
      resource,
      context: contextOf(keys, valuesOf),
    });
  });

const question: fc.Arbitrary<Question> = fc.record({
  policies: fc.array(policy, { minLength: 1, maxLength: 2 }),
  requests: fc.array(request, { minLength: 3, maxLength: 3 }),
});

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
