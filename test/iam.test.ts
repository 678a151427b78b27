// Does the evaluator keep to AWS's documented corners, and does it refuse what it cannot judge?
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: IAM's policy variables look like that

import { expect, test } from 'vitest';
import { compilePolicy, evaluate } from '../sim/protocol/iam.ts';
import {
  allow,
  complaintsOf,
  complaintsOfStatement,
  denies,
  type Fields,
  MEMORY,
  meets,
  policy,
  reaches,
  read,
  TABLE,
} from './iam/small.ts';

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
