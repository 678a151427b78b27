// Do suites, examples and tests of `cedar run-tests` ask what they say, and fail where policies differ?

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

interface Told {
  readonly sentence: string;
  readonly cells: number;
  readonly allowed: number;
  readonly failures: readonly {
    readonly title: string;
    readonly wrong: string;
    readonly determining: readonly string[];
    readonly place: { readonly line: number };
  }[];
}

const POLICIES = `@id("own tenant reads") permit (principal, action == AgentCore::Action::"B___read", resource)
when { principal.hasTag("tenant") && principal.getTag("tenant") == context.input.clinic_id };
@id("closed at night") forbid (principal, action, resource)
when { context.system.now.toTime() < duration("8h") };
`;
const TOOLS = `gateways:
  - { tier: basic, arn: arn-basic, targets: [B] }
  - { tier: premium, arn: arn-premium, targets: [P] }
tools:
  - name: read
    targets: [B, P]
    inputSchema: { type: object, properties: { clinic_id: { type: string } }, required: [clinic_id] }
  - name: search
    targets: [P]
    inputSchema: { type: object, properties: { words: { type: string } }, required: [words] }
`;
const HEAD = `suite: Reading
now: noon
principals:
  a: { tags: { tenant: clinic-a } }
  b: { tags: { tenant: clinic-b } }
  nobody: {}
inputs:
  at-a: { clinic_id: clinic-a }
  at-b: { clinic_id: clinic-b }
  words: { words: flu }
instants:
  noon: 2026-07-14T12:00:00Z
  night: 2026-07-14T03:00:00Z
groups:
  principals: { everyone: [a, b, nobody] }
  instants: { day: [noon, night] }
tests:
`;

let rooms = 0;
/** Runs `policy test` over a suite (or files by name) in a folder of its own. */
const tested = async (
  suite: string | Readonly<Record<string, string>>,
  ...more: readonly string[]
): Promise<{ readonly code: number | null; readonly stderr: string; readonly told: Told }> => {
  rooms += 1;
  const folder = `room-${rooms}`;
  put(`${folder}/p.cedar`, POLICIES);
  put(`${folder}/tools.yaml`, TOOLS);
  const files = typeof suite === 'string' ? { 'tests/s.yaml': HEAD + suite } : suite;
  for (const [name, text] of Object.entries(files)) put(`${folder}/${name}`, text);
  const { code, stdout, stderr } = await poolproof(
    ['policy', 'test', folder, '--out', 'o', '--stdout', 'json', ...more],
    { cwd: placeOf('.') },
  );
  return { code, stderr, told: JSON.parse(stdout === '' ? '{}' : stdout) as Told };
};

const OWN = `  - name: who reads what
    principals: [everyone]
    gateways: [basic]
    tools: [read]
    inputs: [at-a, at-b]
    now: [day]
    expected:
      - { principals: [a], inputs: [at-a], now: noon, decision: ALLOW, by: [own tenant reads] }
`;

test('the shipped suite and examples hold, and every policy of theirs is named by some of them', async () => {
  const out = placeOf('out');
  const { code, stdout } = await poolproof(
    ['policy', 'test', '--out', out, '--stdout', 'json', '--format', 'json,junit'],
    { cwd: ROOT },
  );
  const told = JSON.parse(stdout) as Told;
  expect(code).toBe(0);
  expect(told.failures).toEqual([]);
  expect(told.cells).toBeGreaterThan(700);
  expect(told.allowed).toBeGreaterThan(150);
  const written = readFileSync(join(out, 'test.xml'), 'utf8');
  expect(written.match(/<testcase /g)).toHaveLength(told.cells);
  expect(written).not.toContain('<failure');
});

test('the suite and the tools that the README shows are ones', async () => {
  const readme = readFileSync(join(ROOT, 'policies', 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```yaml\n([^`]*)```/g)].map(([, text]) => text ?? '');
  const shown = put('shown.yaml', blocks.find((text) => text.startsWith('suite:')) ?? '');
  const out = ['--out', placeOf('o')];
  const suite = await poolproof(['policy', 'test', '--tests', shown, ...out], { cwd: ROOT });
  expect(suite).toMatchObject({ code: 0, stderr: '' });
  put('shown/tools.yaml', blocks.find((text) => text.startsWith('gateways:')) ?? '');
  put('shown/p.cedar', 'permit (principal, action, resource) when { principal.hasTag("x") };');
  const tools = await poolproof(['policy', 'check', placeOf('shown'), ...out], { cwd: ROOT });
  expect(tools).toMatchObject({ code: 3, stderr: '' });
});

test('a cell that no expectation names must be denied', async () => {
  const { code, told } = await tested(
    `${OWN}      - { principals: [b], inputs: [at-b], now: noon, decision: ALLOW }\n`,
  );
  expect(told).toMatchObject({ cells: 12, allowed: 2, failures: [] });
  expect(code).toBe(0);
  const missing = await tested(OWN);
  expect(missing.code).toBe(1);
  expect(missing.told.failures).toMatchObject([
    {
      title: 'Reading › who reads what › b, read at basic, at-b, noon',
      wrong: 'expected deny, got allow',
      determining: ['own tenant reads'],
      place: { line: 18 },
    },
  ]);
});

test('an expectation may ask who decides, and fails where another policy does', async () => {
  const { told } = await tested(`  - name: night
    principals: [a]
    gateways: [basic]
    tools: [read]
    inputs: [at-a]
    now: night
    expected:
      - { decision: DENY, by: [own tenant reads] }
`);
  expect(told.failures).toMatchObject([
    { wrong: 'not decided by `own tenant reads`', determining: ['closed at night'] },
  ]);
});

test('a tool is asked for behind every gateway that has it, and by its action at a foreign one', async () => {
  const everywhere = await tested(`  - name: everywhere
    principals: [a]
    tools: [read]
    inputs: [at-a]
    expected:
      - { gateways: [basic], decision: ALLOW }
`);
  expect(everywhere.told).toMatchObject({ cells: 2, allowed: 1, failures: [] });
  const foreign = await tested(`  - name: foreign
    principals: [a]
    gateways: [basic, premium]
    tools: [B___read]
    inputs: [at-a]
    expected:
      - { decision: ALLOW }
`);
  // The permit names no gateway, so that it lets the tool be called at both.
  expect(foreign.told).toMatchObject({ cells: 2, allowed: 2, failures: [] });
});

test('unknown names are all told at once, with what was probably meant', async () => {
  const { code, stderr } = await tested(`  - name: one
    principals: [everyoen]
    gateways: [basci]
    tools: [raed]
    inputs: [at-c]
    now: [noom]
    expected:
      - { decision: ALLOW, by: [own tenant raeds] }
`);
  expect(code).toBe(2);
  expect(stderr).toContain('s.yaml:19:18: tests[0].principals[0]: unknown principal `everyoen`');
  expect(stderr).toContain('did you mean `everyone`?');
  expect(stderr).toContain('no gateway for `basci`');
  expect(stderr).toContain('unknown tool `raed`');
  expect(stderr).toContain('unknown input `at-c`');
  expect(stderr).toContain('unknown instant `noom`');
  expect(stderr).toContain('unknown policy `own tenant raeds`');
  expect(stderr).not.toContain('at Object');
});

test('two expectations for one cell are a mistake, and so is one for no cell', async () => {
  const { code, stderr } = await tested(
    `${OWN}      - { principals: [everyone], inputs: [at-a], decision: DENY }
      - { principals: [b], inputs: [at-b], now: night, decision: DENY }
      - { principals: [b], now: night, inputs: [at-b], gateways: [basic], decision: DENY }
      - { inputs: [words], decision: ALLOW }
`,
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /s\.yaml:26:\d+: tests\[0\]\.expected\[1\]: expects something of `a`, `read`, `at-a`, `noon` a second time/,
  );
  expect(stderr).toContain('hint: the first is expected[0]');
  expect(stderr).toContain('tests[0].expected[3]: expects something of `b`');
  expect(stderr).toContain('tests[0].expected[4].inputs[0]: `words` is no part of this test');
});

test('an input that no tool takes is a mistake and no denial', async () => {
  const { code, stderr } = await tested(`  - name: one
    principals: [a]
    gateways: [premium]
    tools: [read, search]
    inputs: [words, at-a]
`);
  expect(code).toBe(2);
  expect(stderr).toContain('`words` does not fit `read`: input has the undeclared field `words`');
  expect(stderr).toContain('`at-a` does not fit `search`');
});

test.each([
  ['is no mapping', '- 1', 'expected a mapping'],
  ['is empty', '', 'expected a mapping'],
  ['has a key twice', `${HEAD}${OWN}suite: again\n`, 'occurs twice'],
  ['has a tag that is no text', HEAD.replace('clinic-a }', '7 }'), 'a text: tags are texts'],
  ['has no now', HEAD.replace('now: noon\n', '') + OWN.replace('    now: [day]\n', ''), 'when'],
  ['has no tests', HEAD, 'tests'],
  ['names a group as a principal', HEAD.replace('everyone:', 'a:') + OWN, 'principals, too'],
])('a suite that %s is refused with exit code 2', async (_, text, words) => {
  const { code, stderr } = await tested({ 'tests/s.yaml': text });
  expect(code).toBe(2);
  expect(stderr).toContain('s.yaml');
  expect(stderr).toContain(words);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('a filter keeps cells by their titles, and none is a mistake', async () => {
  const night = await tested(OWN.replace('now: noon,', 'now: noon,'), '--filter', 'AT-A, NIGHT');
  expect(night.told).toMatchObject({ cells: 3, allowed: 0, failures: [] });
  const none = await tested(OWN, '--filter', 'nothing of the kind');
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('no cell is called `nothing of the kind`');
});

const cedarTest = (decision: string, reason: readonly string[], more = {}) => ({
  name: 'a reads',
  request: {
    principal: 'AgentCore::OAuthUser::"u1"',
    action: 'AgentCore::Action::"B___read"',
    resource: 'AgentCore::Gateway::"arn-basic"',
    context: {
      input: { clinic_id: 'clinic-a' },
      system: { now: { __extn: { fn: 'datetime', arg: '2026-07-14T12:00:00Z' } } },
    },
    ...more,
  },
  entities: [
    {
      uid: { type: 'AgentCore::OAuthUser', id: 'u1' },
      attrs: { id: 'u1' },
      parents: [],
      tags: { tenant: 'clinic-a' },
    },
  ],
  decision,
  reason,
  num_errors: 0,
});

test('the tests of `cedar run-tests` are run, with their reasons and errors', async () => {
  const both = JSON.stringify([cedarTest('allow', ['own tenant reads']), cedarTest('deny', [])]);
  const { code, told } = await tested({ 'tests/t.json': both });
  expect(code).toBe(1);
  expect(told).toMatchObject({
    cells: 2,
    failures: [{ wrong: 'expected deny, got allow', determining: ['own tenant reads'] }],
  });
  const odd = JSON.stringify([
    cedarTest('allow', ['own tenant reads', 'anything']),
    cedarTest('allow', [], { action: 'AgentCore::Action::"B___raed"' }),
    cedarTest('allow', [], { principal: 'User::"u1"' }),
  ]);
  const refused = await tested({ 'tests/t.json': odd });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('[2].request.principal');
  const names = await tested({ 'tests/t.json': JSON.stringify(JSON.parse(odd).slice(0, 2)) });
  expect(names.stderr).toContain('unknown policy `anything`');
  expect(names.stderr).toContain('did you mean `B___read`');
});

const example = (tenant: string) =>
  JSON.stringify({
    because: 'tenants are apart',
    principal: { id: 'u', tags: { tenant } },
    tool: 'read',
    gateway: 'basic',
    input: { clinic_id: 'clinic-a' },
    now: '2026-07-14T12:00:00Z',
  });

test('an example is asserted by the folder that it lies in', async () => {
  const { code, told } = await tested({
    'examples/allow/own.json': example('clinic-a'),
    'examples/deny/other.json': example('clinic-b'),
    'examples/deny/own.json': example('clinic-a'),
  });
  expect(code).toBe(1);
  expect(told).toMatchObject({ cells: 3, allowed: 2, failures: [{ place: { line: 1 } }] });
  expect(told.failures[0]?.title).toContain('must be denied › tenants are apart');
  const broken = await tested({
    'examples/allow/x.json': example('clinic-a').replace('"read"', '"raed"').replace('basic', 'b'),
  });
  expect(broken.code).toBe(2);
  expect(broken.stderr).toContain('no gateway for `b`');
  expect(broken.stderr).toContain('unknown tool `raed`');
});

test('JUnit names every failure with who decided, whatever stands in the names', async () => {
  const { code } = await tested(
    OWN.replace('who reads what', '"a <b> & \\u0007 \\"c\\" ]]>"'),
    '--format',
    'junit',
  );
  expect(code).toBe(1);
  const written = readFileSync(placeOf('o/test.xml'), 'utf8');
  expect(written).toContain('tests="12" failures="1"');
  expect(written).toContain('a &lt;b&gt; &amp; \uFFFD &quot;c&quot; ]]&gt;');
  expect(written).toContain('expected deny, got allow');
  expect(written).toContain('decided by `own tenant reads`');
});

test('a folder without tests is a mistake, and files are named in its place', async () => {
  const none = await tested({});
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('there are no tests here');
  const named = put('elsewhere.yaml', HEAD + OWN);
  const { told } = await tested({}, '--tests', named);
  expect(told.cells).toBe(12);
});
