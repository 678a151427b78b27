// Which policies and requests are evaluators compared by: generated ones.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: IAM's policy variables look like that

import fc from 'fast-check';
import type { AccessRequest, PolicyDocument, PolicyStatement } from '../../sim/protocol/iam.ts';

export type Context = Readonly<Record<string, string | readonly string[]>>;
type ConditionBlock = NonNullable<PolicyStatement['Condition']>;
export type Decision = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

export interface Question {
  readonly policies: readonly PolicyDocument[];
  readonly requests: readonly AccessRequest[];
}

export const ACCOUNT = '111122223333';
export const TABLES = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table`;
export const MEMORIES = `arn:aws:bedrock-agentcore:us-east-1:${ACCOUNT}:memory`;
/** Ids as the memory ARN's grammar has them, so that the simulator finds the resource's type. */
export const MEMORY_A = 'healthcarea-0123456789';
const MEMORY_B = 'healthcareb-0123456789';

/** What each action's service reference lists; the simulator drops other service keys. */
export const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:GetItem': ['dynamodb:LeadingKeys', 'dynamodb:Select'],
  'dynamodb:Query': ['dynamodb:LeadingKeys', 'dynamodb:Select'],
  'bedrock-agentcore:CreateEvent': ['bedrock-agentcore:actorId'],
  'bedrock-agentcore:RetrieveMemoryRecords': ['bedrock-agentcore:namespace'],
};

export const GLOBAL_KEYS = [
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

export const plain = fc.constantFrom(
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

export const valuesOf = (key: string): fc.Arbitrary<string | readonly string[]> => {
  if (LISTS.includes(key)) return fc.array(plain, { maxLength: 3 });
  if (TEXTS.includes(key)) return plain;
  if (key === 'aws:SourceArn') return arn;
  if (key === 'aws:MultiFactorAuthAge') return number;
  if (key === 'aws:CurrentTime') return instant;
  return fc.constantFrom('true', 'false', 'yes');
};

/** Contexts in which each key may be there or not. */
export const contextOf = (
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

export const statement: fc.Arbitrary<PolicyStatement> = fc
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

export const policy: fc.Arbitrary<PolicyDocument> = fc
  .array(statement, { minLength: 1, maxLength: 3 })
  .map((statements) => ({ Version: '2012-10-17', Statement: statements }));

export const request: fc.Arbitrary<AccessRequest> = fc
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

export const question: fc.Arbitrary<Question> = fc.record({
  policies: fc.array(policy, { minLength: 1, maxLength: 2 }),
  requests: fc.array(request, { minLength: 3, maxLength: 3 }),
});
