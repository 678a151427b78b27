// Does the evaluator keep to AWS's documented corners, and does it refuse what it cannot judge?
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: IAM's policy variables look like that

import { expect, test } from 'vitest';
import { UsageError } from '../sim/domain/usage-error.ts';
import { type AccessRequest, compilePolicy, evaluate } from '../sim/protocol/iam.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:111122223333:table/Patients';
const MEMORY = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:memory/healthcare-0123456789';

type Fields = Readonly<Record<string, unknown>>;
type Context = AccessRequest['context'];

const allow = { Sid: 'Open', Effect: 'Allow', Action: '*', Resource: '*' };

const policy = (statements: readonly Fields[], version = '2012-10-17') =>
  compilePolicy({ Version: version, Statement: statements }, 'p.json');

const read = (context: Context, more: Partial<AccessRequest> = {}): AccessRequest => ({
  action: 'dynamodb:GetItem',
  resource: TABLE,
  context,
  ...more,
});

/** Whether an Allow under this condition allows a request of this context. */
const meets = (condition: Fields, context: Context, version?: string): boolean =>
  evaluate([policy([{ ...allow, Condition: condition }], version)], read(context)).decision ===
  'allow';

/** Whether a Deny under this condition, beside an Allow of everything, denies. */
const denies = (condition: Fields, context: Context): boolean => {
  const deny = { Sid: 'Shut', Effect: 'Deny', Action: '*', Resource: '*', Condition: condition };
  return evaluate([policy([allow, deny])], read(context)).decision === 'deny';
};

const reaches = (resource: unknown, asked: string, context: Context = {}): boolean =>
  evaluate([policy([{ ...allow, Resource: resource }])], read(context, { resource: asked }))
    .decision === 'allow';

const complaintsOf = (document: unknown): readonly string[] => {
  try {
    compilePolicy(document, 'p.json');
  } catch (error) {
    if (error instanceof UsageError) return error.complaints.map((c) => `${c.path}: ${c.message}`);
    throw error;
  }
  return [];
};

const complaintsOfStatement = (fields: Fields): readonly string[] =>
  complaintsOf({ Version: '2012-10-17', Statement: [{ ...allow, ...fields }] });

test('an explicit Deny of any policy wins over any Allow, and a decision names a statement', () => {
  const open = compilePolicy({ Statement: allow }, 'open.json');
  const shut = compilePolicy({ Statement: { ...allow, Sid: 'Shut', Effect: 'Deny' } }, 'shut.json');
  const nameless = compilePolicy({ Statement: [{ ...allow, Sid: '' }] }, 'nameless.json');
  expect(evaluate([open, shut], read({}))).toEqual({
    decision: 'deny',
    by: 'explicit',
    statement: 'shut.json#Shut',
  });
  expect(evaluate([open], read({}))).toEqual({ decision: 'allow', statement: 'open.json#Open' });
  expect(evaluate([nameless], read({}))).toMatchObject({ statement: 'nameless.json#Statement[0]' });
  expect(evaluate([], read({}))).toEqual({ decision: 'deny', by: 'implicit' });
});

test('actions match without regard to case, by wildcards, and NotAction leaves the rest', () => {
  const decides = (fields: Fields, action: string): string =>
    evaluate([policy([{ Effect: 'Allow', Resource: '*', ...fields }])], read({}, { action }))
      .decision;
  expect(decides({ Action: 'DynamoDB:getitem' }, 'dynamodb:GetItem')).toBe('allow');
  expect(decides({ Action: 'dynamodb:Get*' }, 'dynamodb:GetItem')).toBe('allow');
  expect(decides({ Action: 'dynamodb:Get????' }, 'dynamodb:GetItem')).toBe('allow');
  expect(decides({ Action: 'dynamodb:Get???' }, 'dynamodb:GetItem')).toBe('deny');
  expect(decides({ Action: ['s3:*', 'dynamodb:*Item'] }, 'dynamodb:BatchGetItem')).toBe('allow');
  expect(decides({ NotAction: 'dynamodb:Scan' }, 'dynamodb:GetItem')).toBe('allow');
  expect(decides({ NotAction: ['dynamodb:Scan', 'dynamodb:Get*'] }, 'dynamodb:getitem')).toBe(
    'deny',
  );
});

test('resources match by wildcards with case, and NotResource leaves the rest', () => {
  expect(reaches('arn:aws:dynamodb:*:111122223333:table/*', TABLE)).toBe(true);
  expect(reaches('arn:aws:dynamodb:*', TABLE)).toBe(true);
  expect(reaches('arn:aws:dynamodb:us-east-?:111122223333:table/Patient?', TABLE)).toBe(true);
  expect(reaches('arn:aws:dynamodb:*:111122223333:table/patients', TABLE)).toBe(false);
  expect(reaches(['arn:aws:s3:::x', MEMORY], MEMORY)).toBe(true);
  const others = policy([{ Effect: 'Allow', Action: '*', NotResource: [MEMORY] }]);
  expect(evaluate([others], read({})).decision).toBe('allow');
  expect(evaluate([others], read({}, { resource: MEMORY })).decision).toBe('deny');
});

test('a variable in a resource is the value of its tag, whose wildcards are literal', () => {
  const own = 'arn:aws:s3:::documents/${aws:PrincipalTag/ClinicId}/*';
  const at = (clinic: string): string => `arn:aws:s3:::documents/${clinic}/a.txt`;
  expect(reaches(own, at('clinic-a'), { 'aws:PrincipalTag/ClinicId': 'clinic-a' })).toBe(true);
  expect(reaches(own, at('clinic-b'), { 'aws:PrincipalTag/ClinicId': 'clinic-a' })).toBe(false);
  expect(reaches(own, at('clinic-b'), { 'aws:PrincipalTag/ClinicId': '*' })).toBe(false);
  expect(reaches(own, at('*'), { 'aws:PrincipalTag/ClinicId': '*' })).toBe(true);
  expect(reaches(own, at('clinic-b'), { 'aws:PrincipalTag/ClinicId': 'clinic-?' })).toBe(false);
  expect(reaches(own, at('${aws:PrincipalTag/ClinicId}'), {})).toBe(false);
});

test('a value that itself looks like a variable is not resolved again', () => {
  const like = { StringLike: { 'bedrock-agentcore:namespace': '/${aws:PrincipalTag/Actor}/*' } };
  const context = {
    'aws:PrincipalTag/Actor': '${aws:PrincipalTag/Other}',
    'aws:PrincipalTag/Other': 'b',
  };
  expect(meets(like, { ...context, 'bedrock-agentcore:namespace': '/b/' })).toBe(false);
  const itself = '/${aws:PrincipalTag/Other}/';
  expect(meets(like, { ...context, 'bedrock-agentcore:namespace': itself })).toBe(true);
});

test('names of context keys and variables have no case, their values have', () => {
  const equals = { StringEquals: { 'AWS:principaltag/TIER': '${AWS:RequestTag/tier}' } };
  expect(meets(equals, { 'aws:PrincipalTag/Tier': 'basic', 'aws:RequestTag/Tier': 'basic' })).toBe(
    true,
  );
  expect(meets(equals, { 'aws:PrincipalTag/Tier': 'basic', 'aws:RequestTag/Tier': 'Basic' })).toBe(
    false,
  );
});

test('an Allow whose variable has no value does not allow, and a Deny does not deny', () => {
  const asOwner = { StringEquals: { 'dynamodb:Select': '${aws:PrincipalTag/ClinicId}' } };
  const asStranger = { StringNotEquals: { 'dynamodb:Select': '${aws:PrincipalTag/ClinicId}' } };
  expect(meets(asOwner, { 'dynamodb:Select': 'a' })).toBe(false);
  expect(denies(asStranger, { 'dynamodb:Select': 'a' })).toBe(false);
  expect(denies(asStranger, { 'dynamodb:Select': 'a', 'aws:PrincipalTag/ClinicId': 'b' })).toBe(
    true,
  );
  expect(denies(asOwner, { 'dynamodb:Select': 'a', 'aws:PrincipalTag/ClinicId': 'a' })).toBe(true);
});

test('NotResource with a variable without a value applies to nothing', () => {
  const others = 'arn:aws:s3:::documents/${aws:PrincipalTag/ClinicId}/*';
  const deny = { Effect: 'Deny', Action: '*', NotResource: others };
  const foreign = read({}, { resource: 'arn:aws:s3:::documents/b/x' });
  expect(evaluate([policy([allow, deny])], foreign).decision).toBe('allow');
  const tagged = { ...foreign, context: { 'aws:PrincipalTag/ClinicId': 'a' } };
  expect(evaluate([policy([allow, deny])], tagged).decision).toBe('deny');
});

test('a default stands in for a missing value, and an empty value is a value', () => {
  const equals = { StringEquals: { 'dynamodb:Select': "x-${aws:PrincipalTag/Tier, 'none'}" } };
  expect(meets(equals, { 'dynamodb:Select': 'x-none' })).toBe(true);
  expect(meets(equals, { 'dynamodb:Select': 'x-basic', 'aws:PrincipalTag/Tier': 'basic' })).toBe(
    true,
  );
  expect(meets(equals, { 'dynamodb:Select': 'x-', 'aws:PrincipalTag/Tier': '' })).toBe(true);
  const star = { StringLike: { 'dynamodb:Select': "${aws:PrincipalTag/Tier, '*'}" } };
  expect(meets(star, { 'dynamodb:Select': 'anything' })).toBe(false);
  expect(meets(star, { 'dynamodb:Select': '*' })).toBe(true);
});

test('a multivalued key is no variable, and its default stands in', () => {
  const context = { 'dynamodb:Select': 'a', 'aws:TagKeys': ['a'] };
  expect(meets({ StringEquals: { 'dynamodb:Select': '${aws:TagKeys}' } }, context)).toBe(false);
  expect(meets({ StringEquals: { 'dynamodb:Select': "${aws:TagKeys, 'a'}" } }, context)).toBe(true);
});

test('${*}, ${?} and ${$} are the characters themselves', () => {
  const like = (pattern: string, value: string) =>
    meets({ StringLike: { 'dynamodb:Select': pattern } }, { 'dynamodb:Select': value });
  expect(like('a${*}', 'a*')).toBe(true);
  expect(like('a${*}', 'ab')).toBe(false);
  expect(like('a${?}*', 'a?bc')).toBe(true);
  expect(like('${$}{x}', '${x}')).toBe(true);
  expect(meets({ StringEquals: { 'dynamodb:Select': '${*}' } }, { 'dynamodb:Select': '*' })).toBe(
    true,
  );
});

test('before version 2012-10-17 variables are literal text, and wildcards still wildcards', () => {
  const equals = { StringEquals: { 'dynamodb:Select': '${aws:PrincipalTag/Tier}' } };
  const tagged = { 'aws:PrincipalTag/Tier': 'basic' };
  expect(meets(equals, { ...tagged, 'dynamodb:Select': 'basic' }, '2008-10-17')).toBe(false);
  const literal = { ...tagged, 'dynamodb:Select': '${aws:PrincipalTag/Tier}' };
  expect(meets(equals, literal, '2008-10-17')).toBe(true);
  const versionless = compilePolicy({ Statement: { ...allow, Condition: equals } }, 'p.json');
  expect(evaluate([versionless], read(literal)).decision).toBe('allow');
  const like = { StringLike: { 'dynamodb:Select': 'a*' } };
  expect(meets(like, { 'dynamodb:Select': 'abc' }, '2008-10-17')).toBe(true);
});

test('string operators differ in case and wildcards as their names say', () => {
  const select = (operator: string, wanted: unknown, value: string) =>
    meets({ [operator]: { 'dynamodb:Select': wanted } }, { 'dynamodb:Select': value });
  expect(select('StringEquals', 'a*', 'ab')).toBe(false);
  expect(select('StringEqualsIgnoreCase', 'COUNT', 'count')).toBe(true);
  expect(select('StringNotEqualsIgnoreCase', 'COUNT', 'count')).toBe(false);
  expect(select('StringLike', 'a*c*e', 'abcde')).toBe(true);
  expect(select('StringLike', 'a*c*e', 'abcdf')).toBe(false);
  expect(select('StringLike', 'ab*ba', 'aba')).toBe(false);
  expect(select('StringLike', '**', '')).toBe(true);
  expect(select('StringLike', '?*', '')).toBe(false);
  expect(select('StringNotLike', ['x*', 'a*'], 'ab')).toBe(false);
  expect(select('StringNotLike', ['x*', 'y*'], 'ab')).toBe(true);
  expect(select('StringEquals', ['x', 'ab'], 'ab')).toBe(true);
  expect(select('StringEquals', 5, '5')).toBe(true);
});

test('a pattern of many wildcards is decided quickly however long the text', () => {
  const pattern = `${'*a'.repeat(40)}*b`;
  const text = 'a'.repeat(5_000);
  const like = { StringLike: { 'dynamodb:Select': pattern } };
  expect(meets(like, { 'dynamodb:Select': text })).toBe(false);
  expect(meets(like, { 'dynamodb:Select': `${text}b` })).toBe(true);
});

test('on an absent key negated operators and IfExists hold, the others do not', () => {
  expect(meets({ StringEquals: { 'dynamodb:Select': 'a' } }, {})).toBe(false);
  expect(meets({ StringNotEquals: { 'dynamodb:Select': 'a' } }, {})).toBe(true);
  expect(meets({ ArnNotLike: { 'aws:SourceArn': TABLE } }, {})).toBe(true);
  expect(meets({ NumericNotEquals: { 'aws:MultiFactorAuthAge': 5 } }, {})).toBe(true);
  expect(meets({ StringEqualsIfExists: { 'dynamodb:Select': 'a' } }, {})).toBe(true);
  expect(
    meets({ StringEqualsIfExists: { 'dynamodb:Select': 'a' } }, { 'dynamodb:Select': 'b' }),
  ).toBe(false);
  expect(meets({ BoolIfExists: { 'aws:SecureTransport': true } }, {})).toBe(true);
});

test('ForAllValues holds on an absent or empty key, ForAnyValue does not', () => {
  const all = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } };
  const any = { 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } };
  const keys = (...values: string[]): Context => ({ 'dynamodb:LeadingKeys': values });
  expect([{}, keys(), keys('a'), keys('a', 'b'), keys('a', 'c')].map((c) => meets(all, c))).toEqual(
    [true, true, true, true, false],
  );
  expect([{}, keys(), keys('a'), keys('c', 'a'), keys('c')].map((c) => meets(any, c))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
  const anyIfExists = { 'ForAnyValue:StringEqualsIfExists': { 'dynamodb:LeadingKeys': 'a' } };
  expect([{}, keys(), keys('c')].map((c) => meets(anyIfExists, c))).toEqual([true, false, false]);
});

test('Null: false beside ForAllValues shuts out absent and empty keys', () => {
  const guarded = {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': '${aws:PrincipalTag/ClinicId}' },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
  const tag = { 'aws:PrincipalTag/ClinicId': 'T#a' };
  expect(meets(guarded, { ...tag, 'dynamodb:LeadingKeys': ['T#a'] })).toBe(true);
  expect(meets(guarded, { ...tag, 'dynamodb:LeadingKeys': ['T#a', 'T#b'] })).toBe(false);
  expect(meets(guarded, { ...tag, 'dynamodb:LeadingKeys': [] })).toBe(false);
  expect(meets(guarded, tag)).toBe(false);
  expect(meets({ Null: { 'aws:PrincipalTag/ClinicId': true } }, {})).toBe(true);
  expect(meets({ Null: { 'aws:PrincipalTag/ClinicId': true } }, tag)).toBe(false);
});

test('a mixed read of own and foreign keys passes ForAnyValue and a Deny of ForAllValues', () => {
  const own = '${aws:PrincipalTag/ClinicId}';
  const mixed = { 'aws:PrincipalTag/ClinicId': 'a', 'dynamodb:LeadingKeys': ['a', 'b'] };
  expect(meets({ 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': own } }, mixed)).toBe(true);
  expect(meets({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': own } }, mixed)).toBe(
    false,
  );
  expect(denies({ 'ForAllValues:StringNotEquals': { 'dynamodb:LeadingKeys': own } }, mixed)).toBe(
    false,
  );
  expect(denies({ 'ForAnyValue:StringNotEquals': { 'dynamodb:LeadingKeys': own } }, mixed)).toBe(
    true,
  );
});

test('a multivalued key never meets an operator without a qualifier, nor a negated one', () => {
  expect(
    meets({ StringEquals: { 'dynamodb:LeadingKeys': 'a' } }, { 'dynamodb:LeadingKeys': ['a'] }),
  ).toBe(false);
  expect(
    meets({ StringNotEquals: { 'dynamodb:LeadingKeys': 'b' } }, { 'dynamodb:LeadingKeys': ['a'] }),
  ).toBe(false);
  expect(
    meets({ 'ForAnyValue:StringEquals': { 'dynamodb:Select': 'a' } }, { 'dynamodb:Select': 'a' }),
  ).toBe(true);
});

test('ARN operators compare six parts one by one, where string operators reach over colons', () => {
  const pattern = 'arn:aws:someservice:*:111122223333:finance/*';
  const value =
    'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt';
  expect(meets({ StringLike: { 'aws:SourceArn': pattern } }, { 'aws:SourceArn': value })).toBe(
    true,
  );
  expect(meets({ ArnLike: { 'aws:SourceArn': pattern } }, { 'aws:SourceArn': value })).toBe(false);
  const near = 'arn:aws:someservice:us-east-2:111122223333:finance/a:b';
  expect(meets({ ArnEquals: { 'aws:SourceArn': pattern } }, { 'aws:SourceArn': near })).toBe(true);
  expect(meets({ ArnNotEquals: { 'aws:SourceArn': pattern } }, { 'aws:SourceArn': near })).toBe(
    false,
  );
  expect(meets({ ArnNotLike: { 'aws:SourceArn': pattern } }, { 'aws:SourceArn': 'no ARN' })).toBe(
    false,
  );
  const own = { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::b/${aws:PrincipalTag/Tier}/*' } };
  const asked = { 'aws:SourceArn': 'arn:aws:s3:::b/basic/x' };
  expect(meets(own, { ...asked, 'aws:PrincipalTag/Tier': 'basic' })).toBe(true);
  expect(meets(own, { ...asked, 'aws:PrincipalTag/Tier': '*' })).toBe(false);
});

test('numbers compare as numbers, and what is no number neither equals nor differs', () => {
  const age = (operator: string, limit: unknown, value: string) =>
    meets({ [operator]: { 'aws:MultiFactorAuthAge': limit } }, { 'aws:MultiFactorAuthAge': value });
  expect(age('NumericEquals', '10.0', '10')).toBe(true);
  expect(age('NumericLessThan', 10, '9')).toBe(true);
  expect(age('NumericLessThan', 10, '10')).toBe(false);
  expect(age('NumericLessThanEquals', 10, '10')).toBe(true);
  expect(age('NumericGreaterThan', -1, '-0.5')).toBe(true);
  expect(age('NumericGreaterThanEquals', [100, 5], '7')).toBe(true);
  expect(age('NumericNotEquals', 10, '11')).toBe(true);
  expect(age('NumericNotEquals', 10, 'many')).toBe(false);
});

test('dates compare as instants, in W3C form or UNIX seconds, with offsets', () => {
  const at = (operator: string, limit: unknown, value: string) =>
    meets({ [operator]: { 'aws:CurrentTime': limit } }, { 'aws:CurrentTime': value });
  expect(at('DateEquals', '2026-07-01T08:00:00Z', '2026-07-01T10:00:00+02:00')).toBe(true);
  expect(at('DateEquals', '1970-01-02T00:00:00Z', '86400')).toBe(true);
  expect(at('DateEquals', 951_782_400, '2000-02-29')).toBe(true);
  expect(at('DateLessThan', '2026-07-01', '2026-06-30T23:59:59.999Z')).toBe(true);
  expect(at('DateLessThan', '2026-07-01', '2026-07-01T00:00Z')).toBe(false);
  expect(at('DateGreaterThan', '2026-07-01T00:00:00Z', '2026-07-01T00:00:00.000001Z')).toBe(true);
  expect(at('DateGreaterThanEquals', '2026-07', '2026-07-01T00:00:00Z')).toBe(true);
  expect(at('DateNotEquals', '2026-07-01', 'yesterday')).toBe(false);
  expect(at('DateEquals', '2024-02-29', '2023-02-29')).toBe(false);
});

test('Bool compares true and false without case, as text, as JSON and by variable', () => {
  const secure = (wanted: unknown, value: string, context: Context = {}) =>
    meets(
      { Bool: { 'aws:SecureTransport': wanted } },
      { ...context, 'aws:SecureTransport': value },
    );
  expect(secure('True', 'true')).toBe(true);
  expect(secure(false, 'false')).toBe(true);
  expect(secure(false, 'true')).toBe(false);
  expect(secure('true', '1')).toBe(false);
  expect(secure('${aws:PrincipalTag/Tls}', 'true', { 'aws:PrincipalTag/Tls': 'true' })).toBe(true);
});

test('all operators and all keys of a Condition must hold', () => {
  const both = {
    StringEquals: { 'dynamodb:Select': 'a', 'aws:PrincipalTag/Tier': 'basic' },
    Bool: { 'aws:SecureTransport': 'true' },
  };
  const context = {
    'dynamodb:Select': 'a',
    'aws:PrincipalTag/Tier': 'basic',
    'aws:SecureTransport': 'true',
  };
  expect(meets(both, context)).toBe(true);
  for (const key of Object.keys(context))
    expect(meets(both, { ...context, [key]: 'no' })).toBe(false);
});

test('what is unknown or not supported is refused by name and place, all at once', () => {
  const document = {
    Version: '2020-01-01',
    Statements: [],
    Statement: [
      allow,
      { ...allow, Sid: 'two words', Principal: '*', Effect: 'allow' },
      {
        ...allow,
        Sid: 'Third',
        Condition: {
          StringFoo: { 'aws:PrincipalTag/Tier': 'x' },
          StringEqual: { 'aws:PrincipalTag/Tier': 'x' },
          IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
          'ForAllValues:NullIfExists': { 'aws:TagKeys': 'true' },
        },
      },
    ],
  };
  expect(complaintsOf(document)).toEqual([
    'Statements: unknown element `Statements`',
    'Version: unknown version `2020-01-01`',
    'Statement[1].Principal: `Principal` is for resource policies, which are not supported',
    'Statement[1].Effect: must be `Allow` or `Deny`',
    'Statement[1].Sid: must be text of letters and digits',
    expect.stringContaining(
      'Statement[2].Condition.StringFoo: unknown condition operator `StringFoo`',
    ),
    expect.stringContaining('Statement[2].Condition.StringEqual: unknown condition operator'),
    expect.stringContaining('Statement[2].Condition.IpAddress: `IpAddress` is not supported'),
    expect.stringContaining(
      'Statement[2].Condition.ForAllValues:NullIfExists: `Null` takes no prefix',
    ),
  ]);
  expect(() => compilePolicy(document, 'p.json')).toThrow('did you mean `StringEquals`?');
});

test.each([
  ['Statement[0]', { Action: undefined, NotAction: ['s3:*'], NotResource: '*' }],
  ['Statement[0].Action', { Action: 'GetItem' }],
  ['Statement[0].Action', { Action: '*:*' }],
  ['Statement[0].Action[1]', { Action: ['s3:GetObject', 's3:Get Object'] }],
  ['Statement[0].Action', { Action: [] }],
  ['Statement[0].Resource', { Resource: 'table/Patients' }],
  ['Statement[0].Resource', { Resource: 'arn:aws:dynamodb' }],
  ['Statement[0].Resource', { Resource: 'arn:aws:s3:::${aws:PrincipalTag/Tier' }],
  ['Statement[0].Resource', { Resource: 'arn:aws:s3:::${Tier}' }],
  ['Statement[0].Resource', { Resource: 'arn:aws:s3:::${aws:PrincipalTag/Tier, none}' }],
  ['Statement[0].Resource', { Resource: 'arn:aws:s3:${aws:RequestedRegion}:1:x' }],
  ['Statement[0].Condition', { Condition: [] }],
  ['Statement[0].Condition.StringEquals', { Condition: { StringEquals: 'x' } }],
  ['Statement[0].Condition.StringEquals.tier', { Condition: { StringEquals: { tier: 'x' } } }],
  ['Statement[0].Condition.StringEquals.a:b', { Condition: { StringEquals: { 'a:b': [] } } }],
  [
    'Statement[0].Condition.StringEquals.a:b[1]',
    { Condition: { StringEquals: { 'a:b': ['x', {}] } } },
  ],
  [
    'Statement[0].Condition.NumericEquals.a:b',
    { Condition: { NumericEquals: { 'a:b': '${a:c}' } } },
  ],
  ['Statement[0].Condition.DateEquals.a:b', { Condition: { DateEquals: { 'a:b': '2026' } } }],
  ['Statement[0].Condition.DateEquals.a:b', { Condition: { DateEquals: { 'a:b': '2026-02-30' } } }],
  ['Statement[0].Condition.Bool.a:b', { Condition: { Bool: { 'a:b': 'yes' } } }],
  ['Statement[0].Condition.Null.a:b', { Condition: { Null: { 'a:b': 'no' } } }],
  ['Statement[0].Condition.ArnLike.a:b', { Condition: { ArnLike: { 'a:b': 'arn:aws:s3' } } }],
])('a mistake at %s is refused there: %j', (path, fields) => {
  expect(complaintsOfStatement({})).toEqual([]);
  const complaints = complaintsOfStatement(fields);
  expect(complaints.map((complaint) => complaint.slice(0, path.length + 1))).toContain(`${path}:`);
});

test('a document that is no policy is refused, and so is a Sid that stands twice', () => {
  for (const document of [null, 'x', [], {}, { Statement: [] }, { Statement: ['x'] }]) {
    expect(complaintsOf(document)).not.toEqual([]);
  }
  expect(complaintsOf({ Statement: [allow, allow] })).toEqual([
    'Statement[1].Sid: `Open` stands twice in the document',
  ]);
});
