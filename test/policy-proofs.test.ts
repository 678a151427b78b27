// Is nothing said to be proved, sound or impossible that is not?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PolicyMatrix } from '../sim/domain/policy-matrix.ts';
import { poolproof, put } from './command-line.ts';
import { placeOf } from './room.ts';

const TEXT = { type: 'string' };
const COUNT = { type: 'integer' };

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
