// Does a scenario whose parts do not fit together get its exact complaint?

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { UsageError } from '../sim/domain/usage-error.ts';
import { loadScenario, PROBE_KINDS } from '../sim/scenario.ts';
import { complaintsOf, GOOD, more } from './scenario/small.ts';

const ADDED: readonly (readonly [string, string, string])[] = [
  [
    'shares that do not sum to 1',
    'population: { tenants: 9, tiers: { basic: 0.5, premum: 0.4 }, zones: [UTC], users: { nurse: 1 } }',
    'x.yaml:18:34: population.tiers: the shares do not sum to 1\n' +
      'x.yaml:18:48: population.tiers.premum: unknown tier `premum`\n' +
      '  hint: did you mean `premium`? declared tiers: `basic`, `premium`',
  ],
  [
    'an unknown kind of probe',
    'probes: { every: 20m, kinds: [forged-bearr] }',
    'x.yaml:18:31: probes.kinds[0]: unknown value `forged-bearr`\n' +
      '  hint: did you mean `forged-bearer`? expected one of: ' +
      PROBE_KINDS.map((kind) => `\`${kind}\``).join(', '),
  ],
  [
    'probes that come too late',
    'probes: { every: 24h }',
    'x.yaml:18:18: probes.every: `24h` is outside the run\n  hint: the run lasts `1d`',
  ],
  [
    'an unknown kind of change',
    'changes: [{ at: 1h, kind: upgrad, tenant: clinic-a, tier: premium }]',
    'x.yaml:18:27: changes[0].kind: unknown value `upgrad`\n' +
      '  hint: did you mean `upgrade`? expected one of: `upgrade`, `downgrade`, `suspend`,' +
      ' `resume`, `offboard`, `onboard`, `rotate-keys`, `swap-policies`, `move-user`,' +
      ' `change-role`, `plant-document`, `plant-memory`',
  ],
  [
    'an observer of another tenant',
    `changes:
  - { at: 1h, kind: onboard, tenant: clinic-c, tier: basic, zone: UTC, users: [{ id: dr.far, role: nurse }] }
observer: { tenants: [clinic-a], user: dr.far, others: reworded }`,
    'x.yaml:20:40: observer.user: `dr.far` is no user of the tenant\n  hint: its users: `dr.lee`',
  ],
  [
    'a change after the run',
    'changes: [{ at: 24h, kind: rotate-keys }]',
    'x.yaml:18:17: changes[0].at: `24h` is outside the run\n  hint: the run lasts `1d`',
  ],
  [
    'an upgrade to the tier that the tenant has',
    'changes: [{ at: 1h, kind: upgrade, tenant: clinic-b, tier: premium }]',
    'x.yaml:18:60: changes[0].tier: tenant `clinic-b` is in tier `premium` already',
  ],
  [
    'a resumption of what works',
    'changes: [{ at: 1h, kind: resume, tenant: clinic-b }]',
    'x.yaml:18:43: changes[0].tenant: tenant `clinic-b` is active already',
  ],
  [
    'a change to a tenant that has left',
    `changes:
  - { at: 2h, kind: suspend, tenant: clinic-a }
  - { at: 1h, kind: offboard, tenant: clinic-a }`,
    'x.yaml:19:38: changes[0].tenant: tenant `clinic-a` is not there by then',
  ],
  [
    'a tenant that comes twice',
    `changes:
  - at: 1h
    kind: onboard
    tenant: clinic-a
    tier: basic
    zone: UTC
    users: [{ id: dr.new, role: nurse }]`,
    'x.yaml:21:13: changes[0].tenant: tenant `clinic-a` is there already\n' +
      '  hint: offboard it first, or take another id',
  ],
  [
    'a user who moves to a namesake',
    'changes: [{ at: 1h, kind: move-user, tenant: clinic-a, user: dr.lee, to: clinic-b }]',
    'x.yaml:18:74: changes[0].to: tenant `clinic-b` has a user `dr.lee` already',
  ],
  [
    'a memory of nobody',
    'changes: [{ at: 1h, kind: plant-memory, tenant: clinic-a, user: dr.no, text: hello }]',
    'x.yaml:18:65: changes[0].user: tenant `clinic-a` has no user `dr.no` by then\n' +
      '  hint: its users: `dr.lee`',
  ],
  [
    'a fault that outlives the run',
    'faults: [{ at: 23h, for: 2h, service: model, kind: gone }]',
    'x.yaml:18:26: faults[0].for: ends after the run, which lasts `1d`\n  hint: at most `1h`',
  ],
  [
    'a slow service without a factor',
    'faults: [{ at: 1h, for: 2h, service: model, kind: slow }]',
    'x.yaml:18:10: faults[0].factor: is missing\n  hint: expected a number from 1 to 1000000',
  ],
  [
    'a model of another service',
    'faults: [{ at: 1h, for: 2h, service: web, model: openai.gpt-oss-120b, kind: gone }]',
    'x.yaml:18:50: faults[0].model: is for the service `model` only',
  ],
  [
    'times of Cedar for one tier',
    'thresholds:\n  policy_latency_us{tier:basic}: ["p95 < 500"]',
    'x.yaml:19:3: thresholds["policy_latency_us{tier:basic}"]: `policy_latency_us` is measured of' +
      ' all decisions together, so it has no tags\n  hint: leave the braces out',
  ],
  [
    'an unknown metric, tag value and aggregation',
    `thresholds:
  latncy_ms: ["p95 < 1"]
  latency_ms{tier:basc}: ["p96 < 1"]
  jain_index: ["p95 > 1", "value ~ 1"]`,
    'x.yaml:19:3: thresholds.latncy_ms: unknown metric `latncy_ms`\n' +
      '  hint: did you mean `latency_ms`? metrics: `latency_ms`, `policy_latency_us`,' +
      ' `goodput_per_second`, `refused_share`, `failed_share`, `wrong_decisions`,' +
      ' `cost_micro_usd`, `jain_index`\n' +
      'x.yaml:20:3: thresholds["latency_ms{tier:basc}"]: unknown tier `basc`\n' +
      '  hint: did you mean `basic`? declared tiers: `basic`, `premium`\n' +
      'x.yaml:20:27: thresholds["latency_ms{tier:basc}"][0]: unknown aggregation `p96`\n' +
      '  hint: did you mean `p90`? aggregations: `p50`, `p90`, `p95`, `p99`, `max`, `min`,' +
      ' `mean`, `count`, `value`\n' +
      'x.yaml:21:16: thresholds.jain_index[0]: no aggregation `p95`\n' +
      '  hint: aggregations of `jain_index`: `value`\n' +
      'x.yaml:21:27: thresholds.jain_index[1]: expected a bound such as `p95 < 15000`,' +
      ' found `value ~ 1`\n' +
      '  hint: operators: `<`, `<=`, `>`, `>=`, `==`; bounds are decimal numbers',
  ],
  [
    'an unknown promise',
    'expects: [I1, X3]',
    'x.yaml:18:15: expects[1]: unknown value `X3`\n' +
      '  hint: did you mean `I3`? expected one of: `I1`, `I2`, `I3`, `I4`, `I5`, `I6`, `I7`,' +
      ' `I8`, `I9`, `I10`, `I11`',
  ],
  ['a duplicate key', 'seed: 2\nseed: 3', 'x.yaml:19:1: key `seed` occurs twice'],
  ['a tag', 'seed: !!int 2', 'x.yaml:18:13: tag `tag:yaml.org,2002:int` is not allowed here'],
  [
    'anchors and their aliases',
    'roles: &all [physician, nurse]\nexpects: *all',
    'x.yaml:18:13: anchor `&all` is not allowed here\n' +
      '  hint: write the value out where it is used\n' +
      'x.yaml:19:10: alias `*all` is not allowed here\n' +
      '  hint: write the value out where it is used',
  ],
  [
    'a second document',
    '---\nseed: 3',
    'x.yaml:18:1: another document begins here, where one is expected',
  ],
];

test.each(ADDED)('%s is complained of exactly, too', (_, lines, complaint) => {
  expect(more(`${lines}\n`)).toBe(complaint);
});

test('a file that is no mapping gets one complaint', () => {
  expect(complaintsOf('')).toBe('x.yaml:1:1: expected a mapping, found nothing');
  expect(complaintsOf('- 1')).toBe('x.yaml:1:1: expected a mapping, found a list');
  expect(complaintsOf(`a: ${'['.repeat(20_000)}`)).toBe('x.yaml:1:1: is nested too deeply');
});

test('there must be tenants', () => {
  const text = GOOD.replace(/tenants:\n( {2}- .*\n)+/, 'tenants: []\n');
  expect(complaintsOf(text)).toBe(
    'x.yaml:9:10: tenants: there are no tenants\n' + '  hint: give `tenants`, `population` or both',
  );
});

test('all complaints come at once, of form, names, times and lives, in the order of the file', () => {
  const text = GOOD.replace('version: 1', 'version: 2').replace('tier: basic,', 'tier: basik,');
  const complaints = complaintsOf(`${text}changes:
  - { at: 30h, kind: rotate-keys }
  - { at: 1h, kind: resume, tenant: clinic-b }
expects: [I12]
`);
  const places = complaints.split('\n').filter((line) => line.startsWith('x.yaml'));
  expect(places.map((line) => line.split(' ')[0])).toEqual([
    'x.yaml:1:10:',
    'x.yaml:10:27:',
    'x.yaml:19:11:',
    'x.yaml:20:37:',
    'x.yaml:21:11:',
  ]);
});

test('whatever a scenario says, it loads or is complained of with lines and columns', () => {
  const day: unknown = parse(
    readFileSync(new URL('../scenarios/healthcare-day.yaml', import.meta.url), 'utf8'),
  );
  const odd = fc.constantFrom<unknown>(
    null,
    -1,
    0,
    1.5,
    1e300,
    '',
    'x',
    '0s',
    'clinic-a',
    'constructor',
    [],
    {},
    [null],
    [[]],
    { kind: 'burst' },
    { kind: 'toString' },
    { tier: 7 },
    true,
  );
  const anywhere = fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(anywhere, odd), { maxLength: 3 }), (mutations) => {
      const mutant: unknown = structuredClone(day);
      for (const [path, value] of mutations) replaceAt(mutant, path, value);
      try {
        loadScenario(stringify(mutant, { aliasDuplicateObjects: false }), 'x.yaml');
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        expect(error.complaints.length).toBeGreaterThan(0);
        for (const { line, column } of error.complaints) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** Replaces what a walk by numbers comes to. */
const replaceAt = (root: unknown, path: readonly number[], value: unknown): void => {
  let holder: unknown = root;
  for (const [step, turn] of path.entries()) {
    if (typeof holder !== 'object' || holder === null) return;
    const keys = Object.keys(holder);
    const key = keys[turn % keys.length];
    if (key === undefined) return;
    const inside: unknown = Reflect.get(holder, key);
    if (step === path.length - 1 || typeof inside !== 'object') {
      // A copy: a value put in twice must not come to hold itself.
      Reflect.set(holder, key, structuredClone(value));
      return;
    }
    holder = inside;
  }
};
