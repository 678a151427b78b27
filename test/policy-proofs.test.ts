// Is nothing said to be proved, sound or impossible that is not?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PolicyMatrix } from '../sim/domain/policy-matrix.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';

const TEXT = { type: 'string' };
const COUNT = { type: 'integer' };
const PAIR = { type: 'object', properties: { a: COUNT }, required: ['a'] };

/** One tool at one gateway, with these fields, all of them required. */
const folder = (
  name: string,
  properties: Readonly<Record<string, object>>,
  cedar: string,
): string => {
  const tools = {
    gateways: [{ tier: 'basic', arn: 'arn-basic', targets: ['Clinic'] }],
    tools: [
      {
        name: 'read_record',
        description: 'Reads.',
        targets: ['Clinic'],
        inputSchema: { type: 'object', properties, required: Object.keys(properties) },
      },
    ],
  };
  put(join(name, 'tools.json'), JSON.stringify(tools));
  put(join(name, 'cedar', 'a.cedar'), cedar);
  return placeOf(name);
};

const permit = (when: string): string =>
  `@id("p") permit (principal, action == AgentCore::Action::"Clinic___read_record", resource) when { ${when} };`;

const matrix = async (
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly report: PolicyMatrix }> => {
  const typed = ['policy', 'matrix', ...args, '--stdout', 'json', '--out', placeOf('matrix')];
  const { code, stdout, stderr } = await poolproof(typed);
  if (stdout === '') throw new Error(stderr);
  return { code, report: JSON.parse(stdout) as PolicyMatrix };
};

test('where no tool has an input that names a tenant, nothing is proved, and the tool stands in the table', async () => {
  const all = '@id("all") permit (principal, action, resource);';
  const { code, report } = await matrix(folder('void', { record_id: TEXT }, all));
  expect(code).toBe(4);
  expect(report.sentence).toContain('Nothing is proved');
  expect(report.sentence).toContain('read_record names no tenant in its input');
  expect(report.extent).toMatchObject({ tools: 1, proved: 0, nameless: ['Clinic___read_record'] });
  expect(report.controls).toMatchObject([{ cedar: 'not asked', kept: 'not by Cedar' }]);
});

test('the sentence tells of how many tools there is a proof, and which name no tenant', async () => {
  const day = join('scenarios', 'healthcare-day.yaml');
  const { code, report } = await matrix('policies', '--tool', 'web_search,clinic_config');
  expect(code).toBe(0);
  expect(report.sentence).toContain('proved for 2 of 3 tools');
  expect(report.sentence).toContain('web_search names no tenant in its input');
  // What has no object of a tenant's by the entitlements needs no proof.
  const declared = await matrix('policies', '--tool', 'web_search', '--scenario', day);
  expect(declared.code).toBe(0);
  expect(declared.report.controls.map(({ kept }) => kept)).toEqual(['no object']);
  expect((await matrix('policies', '--tool', 'web_search')).code).toBe(4);
});

test('a tenant is found wherever in the input it is named, and can be named by its path', async () => {
  const filter = { type: 'object', properties: { clinic_id: TEXT, x: TEXT }, required: ['x'] };
  const own =
    'principal.hasTag("tenant") && context.input.filter has clinic_id && context.input.filter.clinic_id == principal.getTag("tenant")';
  const sound = await matrix(folder('nested', { filter }, permit(own)));
  expect(sound.code).toBe(0);
  expect(sound.report.tenantInputs).toEqual(['filter.clinic_id']);
  const weak = await matrix(folder('nested-weak', { filter }, permit('true')));
  expect(weak.code).toBe(1);
  expect(weak.report.counterexamples[0]?.example.input).toEqual({
    filter: { x: 'something', clinic_id: 'tenant-b' },
  });
  const other = permit('principal.hasTag("tenant") && context.input.filter.x like "a*"');
  const named = folder('nested-other', { filter }, other);
  expect((await matrix(named, '--tenant-input', 'filter.x')).code).toBe(1);
  const whole = ['policy', 'matrix', named, '--tenant-input', 'filter', '--out', placeOf('o')];
  expect(await poolproof(whole)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the input `filter` holds more than one value'),
  });
});

test('of texts that a pattern matches as many are tried as can differ, beside those that are named', async () => {
  const fields = { record_id: TEXT, clinic_id: TEXT };
  const tag = 'principal.hasTag("tenant") && principal.getTag("tenant")';
  const alike = permit(
    `${tag} like "clinic-*" && principal.getTag("tenant") != "clinic-" && context.input.clinic_id like "clinic-*" && context.input.clinic_id != "clinic-"`,
  );
  const { code, report } = await matrix(folder('alike', fields, alike));
  expect(code).toBe(1);
  expect(report.counterexamples).toHaveLength(1);
  // All texts that are usually tried hold an `e`; one that does not is tried, too.
  const unlike = permit(`${tag} like "tenant-*" && !(context.input.record_id like "*e*")`);
  expect((await matrix(folder('unlike', fields, unlike))).code).toBe(1);
});

test('two patterns of what is compared with each other are not said to be understood', async () => {
  const grouped = permit(
    'principal.hasTag("department") && principal.getTag("department") like "a*" && context.input.clinic_id like "*b" && principal.getTag("department") == context.input.clinic_id',
  );
  const { code, report } = await matrix(folder('grouped', { clinic_id: TEXT }, grouped));
  expect(code).toBe(4);
  expect(report.unclear.map(({ condition }) => condition)).toEqual([
    expect.stringMatching(/tag department like "a\*".*input clinic_id like "\*b"/),
  ]);
});

test('a permit whose pattern leaves texts beside the usual ones applies, and its opposite is a mutant to kill', async () => {
  const named = permit(
    'context.input.clinic_id like "a*" && context.input.clinic_id != "a" && context.input.clinic_id != "a-"',
  );
  const at = folder('left-over', { clinic_id: TEXT }, named);
  const input = { clinic_id: 'zzz' };
  const example = {
    principal: { id: 'u', tags: {} },
    tool: 'read_record',
    gateway: 'basic',
    input,
  };
  put(
    'left-over/examples/deny/a.json',
    JSON.stringify({ ...example, now: '2026-07-14T12:00:00Z' }),
  );
  const check = await poolproof(['policy', 'check', at, '--out', placeOf('c')]);
  expect(check.stdout).not.toContain('never-applies');
  const mutants = await poolproof(['policy', 'mutants', at, '--out', placeOf('m')]);
  expect(mutants.stdout).toMatch(/p: `permit` became `forbid`\n {4}would notice/);
});

test('numbers that JSON does not carry are neither asked nor said to be understood', async () => {
  const large = permit('context.input.limit < 9100000000000000');
  const at = folder('large', { clinic_id: TEXT, limit: COUNT }, large);
  const { code, report } = await matrix(at);
  expect(code).toBe(1);
  expect(report.unclear).toMatchObject([{ condition: 'a number beyond 2^53' }]);
  expect(report.counterexamples[0]?.example.input['limit']).toSatisfy(Number.isSafeInteger);
  // Above all that reaches Cedar, so that nobody meets it but who is at the end of the range.
  const last = permit('context.input.limit >= 9007199254740991');
  expect((await matrix(folder('last', { clinic_id: TEXT, limit: COUNT }, last))).code).toBe(1);
});

test('two records that are compared with each other are not said to be understood', async () => {
  const records = permit('context.input.f != context.input.g');
  const at = folder('records', { clinic_id: TEXT, f: PAIR, g: PAIR }, records);
  const { code, report } = await matrix(at);
  expect(code).toBe(4);
  expect(report.unclear[0]?.condition).toContain('input f, input g');
});

test('a forbid whose evaluation fails denies here, and the report says that Cedar by itself skips it', async () => {
  const overflows = `@id("f") forbid (principal, action, resource) when { context.input.n * 9007199254740991 < 0 };`;
  const at = folder('overflow', { clinic_id: TEXT, n: COUNT }, `${permit('true')}${overflows}`);
  const told = await poolproof(['policy', 'matrix', at, '--out', placeOf('m')]);
  const words = told.stdout.replaceAll(/\s+/g, ' ');
  expect(words).toContain('Cedar by itself skips it, so that a forbid that fails forbids nothing');
  expect(words).toContain('f (fails)');
});

test('a field that the tool does not have, and a list of records, make no question that misses Cedar', async () => {
  const list = { type: 'array', items: PAIR };
  const tag = 'principal.hasTag("tenant") && principal.getTag("tenant")';
  const when = `!(context.input has nothing) && !context.input.list.isEmpty() && ${tag} == context.input.clinic_id`;
  const { code } = await matrix(folder('odd', { clinic_id: TEXT, list }, permit(when)));
  expect(code).toBe(0);
});
