// Are weak policies found, and sound ones left alone?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingsOf } from '../sim/policy/findings.ts';
import { policyFolder } from '../sim/policy.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

const TOOLS = `gateways:
  - { tier: basic, arn: arn-basic, targets: [B] }
  - { tier: premium, arn: arn-premium, targets: [P] }
tools:
  - name: read
    targets: [B, P]
    inputSchema:
      type: object
      properties:
        clinic_id: { type: string }
        request_hour: { type: integer }
        is_admin: { type: boolean }
        limit: { type: integer }
        patient_id: { type: string }
      required: [clinic_id]
`;

const folderOf = (text: string) =>
  policyFolder({
    folder: 'f',
    cedar: [{ file: 'p.cedar', text }],
    tools: { file: 'tools.yaml', text: TOOLS },
    iam: undefined,
  });

/** Findings as `name line:column`. */
const found = (text: string, identity?: readonly string[]): readonly string[] =>
  findingsOf(folderOf(text), identity).map(({ name, line, column }) => `${name} ${line}:${column}`);

const OWN = 'principal.hasTag("tier") && principal.getTag("tier") == "basic"';
const B = 'action == AgentCore::Action::"B___read"';
const permit = (when: string, id = 'p', action = B): string =>
  `@id("${id}") permit (principal, ${action}, resource) when { ${when} };\n`;

test('the reference’s policies have nothing to find, and the published ones all that is known of them', async () => {
  const at = (folder: string) =>
    poolproof(['policy', 'check', folder, '--out', placeOf('out'), '--stdout', 'json'], {
      cwd: ROOT,
    });
  const sound = await at('policies');
  expect(sound.code).toBe(0);
  expect(JSON.parse(sound.stdout)).toMatchObject({ policies: 8, findings: [] });
  const weak = await at(join('policies', 'as-published'));
  expect(weak.code).toBe(3);
  const { findings } = JSON.parse(weak.stdout) as {
    readonly findings: readonly { readonly name: string; readonly policies: readonly string[] }[];
  };
  const names = (name: string) => findings.filter((one) => one.name === name);
  // Nobody is asked who they are; three pairs permit all; the hour is the caller's own.
  expect(names('tenant-blind-permit')).toHaveLength(7);
  expect(names('permits-all').map(({ policies }) => policies)).toEqual([
    ['permit_clinic_config_basic_with_id', 'permit_clinic_config_basic_default'],
    ['permit_clinic_config_premium_with_id', 'permit_clinic_config_premium_default'],
    ['permit_patient_context_premium_with_patient', 'permit_patient_context_premium_list_mode'],
  ]);
  expect(names('caller-supplied-condition')).toMatchObject([
    { file: join('policies', 'as-published', 'cedar', 'patient-context.cedar'), line: 10 },
  ]);
  expect(findings).toHaveLength(11);
});

test('a permit that asks for neither tenant nor tier is found, unless a forbid asks in its place', () => {
  expect(found(permit('context.input has limit'))).toEqual(['tenant-blind-permit 1:1']);
  expect(found(permit(`context.input has limit && ${OWN}`))).toEqual([]);
  const role = permit('principal.hasTag("role") && principal.getTag("role") == "nurse"');
  expect(found(role)).toEqual(['tenant-blind-permit 1:1']);
  expect(found(role, ['role'])).toEqual([]);
  const forbid = `@id("f") forbid (principal, ${B}, resource) unless { ${OWN} };`;
  expect(found(role + forbid)).toEqual([]);
  const elsewhere = forbid.replace('B___read', 'P___read');
  expect(found(role + elsewhere)).toEqual(['tenant-blind-permit 1:1']);
  // Whether the tag is there says nothing of which tier it is.
  expect(found(permit('principal.hasTag("tier") && context.input.clinic_id == "a"'))).toContain(
    'tenant-blind-permit 1:1',
  );
});

test('a permit that can be met, or a forbid that can be missed, without tenant and tier asks for neither', () => {
  const blind = (text: string, identity?: readonly string[]) =>
    found(text, identity).filter((one) => one.startsWith('tenant-blind'));
  const limit = 'context.input has limit && context.input.limit > 100';
  expect(blind(permit(`(${OWN}) || (${limit})`))).toHaveLength(1);
  expect(blind(permit(`(${OWN}) && (${limit})`))).toEqual([]);
  const forbid = `@id("f") forbid (principal, ${B}, resource)`;
  const anyone = permit('true', 'anyone');
  expect(blind(`${anyone}${forbid} when { ${OWN} && ${limit} };`)).toHaveLength(1);
  // Who has no tenant is not asked for one.
  const other =
    'principal.hasTag("tenant") && principal.getTag("tenant") != context.input.clinic_id';
  expect(blind(`${anyone}${forbid} when { ${other} };`)).toHaveLength(1);
  const own = 'principal.hasTag("tenant") && principal.getTag("tenant") == context.input.clinic_id';
  expect(blind(`${anyone}${forbid} unless { ${own} };`)).toEqual([]);
  expect(
    blind(permit('principal.hasTag("tier") && principal.getTag("tier") like "*"')),
  ).toHaveLength(1);
  const one = permit('true').replace(
    '(principal,',
    '(principal == AgentCore::OAuthUser::"dr.lee",',
  );
  expect(blind(one)).toEqual([]);
});

test('tags that name a tenant or a tier are known by the names that the matrix knows', () => {
  const own = (tag: string): string =>
    permit(`principal.hasTag("${tag}") && principal.getTag("${tag}") == context.input.clinic_id`);
  const known = 'organization_id custom:organisation-id accountId workspace custom:plan'.split(' ');
  expect(known.filter((tag) => found(own(tag)).length > 0)).toEqual([]);
  expect(found(own('department'))).toHaveLength(1);
});

test('conditions of which one always holds permit all, in two permits or in one, however they are written', () => {
  const all = (text: string) => found(text, []).filter((one) => one.startsWith('permits-all'));
  const has = 'context.input has patient_id';
  expect(all(permit(has, 'a') + permit(`!(${has})`, 'b'))).toEqual(['permits-all 1:1']);
  expect(all(permit(`${has} || !(${has})`))).toEqual(['permits-all 1:1']);
  const limit = 'context.input has limit';
  expect(
    all(
      permit(`!(${limit})`, 'a') +
        permit(`${limit} && context.input.limit < 8`, 'b') +
        permit(`${limit} && context.input.limit >= 8`, 'c'),
    ),
  ).toEqual(['permits-all 1:1']);
  expect(all(permit('true'))).toEqual(['permits-all 1:1']);
  // One value is left out, or a forbid takes it back.
  expect(
    all(
      permit(`!(${limit})`, 'a') +
        permit(`${limit} && context.input.limit < 8`, 'b') +
        permit(`${limit} && context.input.limit > 8`, 'c'),
    ),
  ).toEqual([]);
  const forbid = `@id("f") forbid (principal, ${B}, resource) unless { ${OWN} };`;
  expect(all(permit(has, 'a') + permit(`!(${has})`, 'b') + forbid)).toEqual([]);
});

test('a condition about time or identity on what the caller says is found at its own place', () => {
  const supplied = (when: string) =>
    found(permit(when)).filter((one) => one.startsWith('caller-supplied'));
  const hour = 'context.input has request_hour && context.input.request_hour >= 8';
  expect(supplied(`${OWN} && ${hour}`)).toHaveLength(1);
  const before = permit(`${OWN} && ${hour}`).indexOf('context.input.request_hour') + 1;
  expect(supplied(`${OWN} && ${hour}`)).toEqual([`caller-supplied-condition 1:${before}`]);
  expect(supplied(`${OWN} && context.input.clinic_id == "clinic-a"`)).toHaveLength(1);
  expect(supplied(`${OWN} && ["a", "b"].contains(context.input.clinic_id)`)).toHaveLength(1);
  expect(supplied(`${OWN} && context.input has is_admin && context.input.is_admin`)).toHaveLength(
    1,
  );
  // Compared with what the gateway vouches for, or about something else, or only there.
  const own = 'principal.hasTag("tenant") && context.input.clinic_id == principal.getTag("tenant")';
  expect(supplied(own)).toEqual([]);
  expect(supplied(`${OWN} && context.input has limit && context.input.limit < 5`)).toEqual([]);
  expect(supplied(`${OWN} && context.input has request_hour`)).toEqual([]);
});

test('a policy that can never apply is found, for whatever reason', () => {
  const never = (text: string) => found(text, []).filter((one) => one.startsWith('never-applies'));
  expect(never(permit(`${OWN} && principal.getTag("tier") == "premium"`))).toHaveLength(1);
  const hours = 'context.input has request_hour && context.input.request_hour';
  expect(never(permit(`${hours} < 8 && context.input.request_hour > 18`))).toHaveLength(1);
  const times = 'context.system.now.toTime() < duration("8h") && context.system.now.toTime()';
  expect(never(permit(`${times} >= duration("18h")`))).toHaveLength(1);
  expect(never(permit(`${times} >= duration("7h")`))).toEqual([]);
  const at = (arn: string) =>
    permit(OWN).replace('resource)', `resource == AgentCore::Gateway::"${arn}")`);
  expect(never(at('arn-basic'))).toEqual([]);
  expect(never(at('arn-basci'))).toHaveLength(1);
  expect(never(at('arn-premium'))).toHaveLength(1);
  expect(never(permit('principal.hasTag("tier") && !principal.hasTag("tier")'))).toHaveLength(1);
});

test('a tag that nobody asked for is refused by name, with every other mistake', async () => {
  put(
    'unguarded/p.cedar',
    permit('principal.getTag("tier") == "basic"', 'a') +
      permit('context.input.limit < 5 && principal.hasTag("tier")', 'b') +
      'permit (principal, action, resource) when { principal.nothing };',
  );
  put('unguarded/tools.yaml', TOOLS);
  const { code, stderr } = await poolproof(['policy', 'check', 'unguarded', '--out', 'o'], {
    cwd: placeOf('.'),
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(/p\.cedar:1:\d+: unguarded-tag: .*`"tier"`.*\n {2}hint: .*hasTag/);
  expect(stderr).toMatch(/p\.cedar:2:\d+: unguarded-field: .*limit/);
  expect(stderr).toMatch(/p\.cedar:3:\d+: .*nothing/);
});

test('a finding is waived by its id until its last day, and counts again after it', async () => {
  put('weak/p.cedar', permit('context.input has limit && context.input.limit < 5'));
  put('weak/tools.yaml', TOOLS);
  const cwd = placeOf('.');
  const check = (...more: readonly string[]) =>
    poolproof(['policy', 'check', 'weak', '--out', 'o', ...more], { cwd });
  const first = await check('--stdout', 'json');
  const [finding] = (JSON.parse(first.stdout) as { findings: { id: string }[] }).findings;
  const waiver = (until: string) =>
    `- { id: "${finding?.id}", reason: known, owner: dr.foster, until: "${until}" }\n`;
  put('ok.yaml', waiver('2200-12-31'));
  put('late.yaml', waiver('2020-01-31'));
  const waived = await check('--waivers', 'ok.yaml');
  expect(waived).toMatchObject({ code: 0, stderr: '' });
  expect(waived.stdout).toContain('nothing was found, 1 waived');
  const late = await check('--waivers', 'late.yaml');
  expect(late.code).toBe(3);
  expect(late.stdout).toContain('its waiver expired after 2020-01-31');
});

test('a broken option, a broken policy and a folder that is not there are told together or clearly', async () => {
  put('broken/p.cedar', 'permit (principal, action resource);');
  const cwd = placeOf('.');
  const both = await poolproof(
    ['policy', 'check', 'broken', '--out', 'o', '--format', 'jsno', '--identity', ','],
    { cwd },
  );
  expect(both.code).toBe(2);
  expect(both.stderr).toContain('did you mean `json`');
  expect(both.stderr).toContain('broken/p.cedar:1:');
  expect(both.stderr).toContain('--identity');
  const gone = await poolproof(['policy', 'check', 'nowhere', '--out', 'o'], { cwd });
  expect(gone.code).toBe(2);
  expect(gone.stderr).toContain('nowhere');
});
