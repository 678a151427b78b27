// Do conditions keep to AWS's documented corners: operators, qualifiers, absent and empty keys?
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: IAM's policy variables look like that

import { expect, test } from 'vitest';
import { type Context, denies, meets, TABLE } from './iam/small.ts';

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
