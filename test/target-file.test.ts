// Is every mistake in a target file told with its place, and no secret with it?

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { UsageError } from '../sim/domain/usage-error.ts';
import { loadTarget, targetJsonSchema } from '../sim/load.ts';
import { ENVIRONMENT, targetYaml } from './target/yaml.ts';
import { ROOT } from './tidy/house.ts';

const SMALL = targetYaml('http://127.0.0.1:8080');

const complaintsOf = (
  text: string,
  environment: Readonly<Record<string, string>> = ENVIRONMENT,
) => {
  try {
    loadTarget(text, 'small.yaml', environment);
  } catch (problem) {
    if (problem instanceof UsageError) return problem.message;
    throw problem;
  }
  return '';
};

test('a target file is read with its defaults, and the secrets that it names beside it', () => {
  const { target, secrets } = loadTarget(SMALL, 'small.yaml', ENVIRONMENT);
  expect(target).toMatchObject({
    ...{ name: 'small', url: 'http://127.0.0.1:8080', readers: 'user', toleranceUs: 0 },
    refused: { statuses: [429], retryAfter: 'retry-after' },
    limits: { basic: { rate: { requestsPerSecond: 5, burst: 5 } } },
    ask: { method: 'POST', path: '/ask', timeoutUs: 2_000_000 },
  });
  expect(target.tenants[0]).toMatchObject({ zone: 'UTC', weight: 1, users: [{ role: 'user' }] });
  expect([...secrets.keys()]).toEqual(['ALICE_PASSWORD', 'BOB_PASSWORD']);
  expect(JSON.stringify(target)).not.toContain(ENVIRONMENT.ALICE_PASSWORD);
});

/** What stands in the file in place of what, and what is said. */
const MISTAKES: readonly (readonly [before: string, after: string, said: string])[] = [
  ['path: /ask', 'path: ask', '18:9: ask.path: expected a path that begins with `/`'],
  [
    'method: PUT',
    'method: PUTT',
    'canary.plant.method: unknown value `PUTT`\n  hint: did you mean `PUT`?',
  ],
  [
    '{{prompt}}',
    '{{promt}}',
    'ask.body.prompt: unknown placeholder `{{promt}}`\n  hint: did you mean `prompt`?',
  ],
  ['{{prompt}}', 'hello', '17:1: ask: nothing in it holds `{{prompt}}`'],
  [
    'tier: basic',
    'tire: basic',
    'tenants[0].tire: unknown key `tire`\n  hint: did you mean `tier`?',
  ],
  [
    '  basic: {',
    '  basci: {',
    'limits.basci: no tenant is of the tier `basci`\n  hint: did you mean `basic`?',
  ],
  ['id: clinic-b', 'id: clinic-a', '14:9: tenants[1].id: tenant `clinic-a` is declared twice'],
  ['text: /output/0/text', 'text: output', 'answer.text: expected a JSON pointer such as'],
  ['url: http://127', 'url: ftp://127', '3:6: url: expected an http or https URL'],
  ['url: http://127', 'url: http://me:hunter22@127', '3:6: url: expected an http or https URL'],
  ['timeout: 2s', 'timeout: 2', 'ask.timeout: expected a duration'],
  ['kind: json', 'kind: jsn', 'signIn.kind: unknown value `jsn`\n  hint: did you mean `json`?'],
  [', secret: BOB_PASSWORD', '', 'tenants[1].users[0]: has no `secret`'],
  ['ALICE_PASSWORD', 'ALICE_PASSWRD', 'the environment variable `ALICE_PASSWRD` is not set'],
  ['version: 1', 'version: 2', 'version: expected `1`, found `2`'],
  [
    '    path: /documents/{{id}}\n    headers: { authorization: "Bearer {{token}}" }\n    body',
    '    path: /documents\n    body',
    'canary.plant: nothing in it holds `{{token}}`',
  ],
];

test.each(MISTAKES)('%j in place of %j is told of', (before, after, said) => {
  expect(SMALL).toContain(before);
  expect(complaintsOf(SMALL.replace(before, after))).toContain(said);
});

test('all mistakes are told at once, in the order of the file', () => {
  const text = MISTAKES.filter(([before]) => !before.includes('\n')).reduce(
    (all, [before, after]) => all.replace(before, after),
    SMALL,
  );
  const lines = complaintsOf(text)
    .split('\n')
    .filter((line) => line.startsWith('small.yaml:'));
  expect(lines.length).toBeGreaterThanOrEqual(11);
  const places = lines.map((line) => Number(line.split(':')[1]));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';

test.each([
  [
    'secret: ALICE_PASSWORD',
    'secret: hunter2-and-more',
    'expected the name of an environment variable',
  ],
  ['"Bearer {{token}}" }\n  body', `"Bearer ${JWT}" }\n  body`, 'looks like a secret'],
  [
    '"Bearer {{token}}" }\n  body',
    '"Bearer {{token}}", x-api-key: hunter2-and-more }\n  body',
    'looks like a secret',
  ],
  ['"{{secret}}"', 'hunter2-and-more', 'looks like a secret'],
  ['session: "{{session}}"', 'session: "AKIAIOSFODNN7EXAMPLE"', 'looks like a secret'],
  [
    'session: "{{session}}"',
    `session: "say ${ENVIRONMENT.BOB_PASSWORD}"`,
    'holds the value of one of the',
  ],
])('a secret that is written out is refused and not repeated: %j', (before, after, said) => {
  expect(SMALL).toContain(before);
  const told = complaintsOf(SMALL.replace(before, after));
  expect(told).toContain(said);
  expect(told).not.toMatch(/hunter2-and|eyJ|AKIA|password of/);
});

test('a variable may not be empty, short or of several lines', () => {
  for (const [value, said] of [
    ['', 'is not set'],
    ['short', 'holds fewer than 8 characters'],
    ['line one\r\nx-admin: yes', 'holds more than printable ASCII'],
  ] as const)
    expect(complaintsOf(SMALL, { ...ENVIRONMENT, BOB_PASSWORD: value })).toContain(
      `the environment variable \`BOB_PASSWORD\` ${said}`,
    );
});

test('the JSON schema accepts every shipped target', () => {
  const accepts = new Ajv({ strict: false }).compile(targetJsonSchema());
  const folder = `${ROOT}scenarios/targets/`;
  for (const name of readdirSync(folder)) {
    const text = readFileSync(folder + name, 'utf8');
    expect(accepts(parse(text)), `${name} ${JSON.stringify(accepts.errors)}`).toBe(true);
    expect(text.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../reports/target.schema.json',
    );
    const environment = new Proxy({}, { get: () => 'a secret of the test' });
    expect(loadTarget(text, name, environment).target.name).toBe(name.replace('.yaml', ''));
  }
  expect(accepts(parse(SMALL))).toBe(true);
  expect(accepts(parse(SMALL.replace('version: 1', 'version: 2')))).toBe(false);
});
