// Does a scenario say what it means, and does a mistake in one get its exact complaint?

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { UsageError } from '../sim/domain/usage-error.ts';
import { expectedCount } from '../sim/kernel/arrivals.ts';
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '../sim/kernel/clock.ts';
import {
  arrivalsOf,
  formatDuration,
  loadScenario,
  moveForm,
  PROBE_KINDS,
  parseDurationUs,
  type Scenario,
  type Stream,
  scenarioJsonSchema,
  scenarioText,
} from '../sim/scenario.ts';

const FOLDER = new URL('../scenarios/', import.meta.url);
const SHIPPED = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');

const GOOD = `version: 1
name: small
title: Two tenants and one stream.
start: 2026-03-02T00:00:00Z
duration: 24h
tiers:
  basic: { model: mistral.ministral-3-8b-instruct, wire: converse }
  premium: { model: openai.gpt-oss-120b, wire: chat, quota: { requests: 500, period: day } }
tenants:
  - { id: clinic-a, tier: basic, zone: America/New_York, users: [{ id: dr.lee, role: physician }] }
  - { id: clinic-b, tier: premium, zone: America/Chicago, users: [{ id: dr.lee, role: nurse }] }
entitlements:
  - { tool: clinic_config, tiers: [basic], roles: [physician], object: own }
traffic:
  - name: rounds
    arrivals: { kind: poisson, requestsPerHour: 36 }
    mix: { talk: 1 }
`;

const complaintsOf = (text: string): string => {
  try {
    loadScenario(text, 'x.yaml');
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
};

/** The complaints of the good scenario with one piece replaced. */
const withInstead = (piece: string, other: string): string => {
  expect(GOOD).toContain(piece);
  return complaintsOf(GOOD.replace(piece, other));
};

const more = (lines: string): string => complaintsOf(`${GOOD}${lines}`);

test.each(SHIPPED)('the shipped %s loads and bears the name of its file', (file) => {
  const scenario = loadScenario(textOf(file), file);
  expect(`${scenario.name}.yaml`).toBe(file);
  expect(scenario.expects.length).toBeGreaterThan(0);
});

test('twelve scenarios are shipped, the healthcare day with every promise but I2', () => {
  expect(SHIPPED).toHaveLength(12);
  const day = loadScenario(textOf('healthcare-day.yaml'), 'healthcare-day.yaml');
  expect(day.expects).toEqual(['I1', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10', 'I11']);
  expect(day.probes).toEqual({ everyUs: 120 * MINUTE_US, kinds: PROBE_KINDS });
  for (const { users } of day.tenants) {
    const roles = new Set(users.map(({ role }) => role));
    expect([...roles].sort()).toEqual(['admin', 'nurse', 'physician']);
  }
});

test('a promise is expected only of a scenario that can exercise it', () => {
  for (const file of SHIPPED) {
    const { expects, faults, probes } = loadScenario(textOf(file), file);
    expect(expects).toEqual(expect.arrayContaining(['I1', 'I5', 'I6', 'I10']));
    expect(expects.includes('I8'), file).toBe(faults.length > 0);
    if (expects.includes('I7')) expect(probes, file).toBeDefined();
  }
});

test('a small scenario is filled up with every default', () => {
  const startUs = 1_772_409_600 * SECOND_US;
  expect(loadScenario(GOOD, 'x.yaml')).toEqual({
    name: 'small',
    title: 'Two tenants and one stream.',
    startUs,
    durationUs: DAY_US,
    endUs: startUs + DAY_US,
    seed: 1,
    hosting: 'microvm',
    behaviour: 'hostile',
    roles: ['physician', 'nurse', 'admin'],
    tiers: {
      basic: { model: 'mistral.ministral-3-8b-instruct', wire: 'converse', limits: {} },
      premium: {
        model: 'openai.gpt-oss-120b',
        wire: 'chat',
        limits: { quota: { requests: 500, period: 'day', resetOffsetMinutes: 0 } },
      },
    },
    tenants: [
      {
        id: 'clinic-a',
        tier: 'basic',
        zone: 'America/New_York',
        weight: 1,
        patients: 3,
        documents: 2,
        users: [{ id: 'dr.lee', role: 'physician' }],
      },
      {
        id: 'clinic-b',
        tier: 'premium',
        zone: 'America/Chicago',
        weight: 1,
        patients: 3,
        documents: 2,
        users: [{ id: 'dr.lee', role: 'nurse' }],
      },
    ],
    population: undefined,
    entitlements: [
      {
        tool: 'clinic_config',
        tiers: ['basic'],
        roles: ['physician'],
        object: 'own',
        hours: undefined,
      },
    ],
    traffic: [
      {
        name: 'rounds',
        tenants: { kind: 'all' },
        load: { kind: 'rate', arrivals: { kind: 'poisson', requestsPerSecond: 0.01 } },
        mix: {
          patient_context: 0,
          clinic_config: 0,
          retrieve_clinic_documents: 0,
          web_search: 0,
          current_time: 0,
          talk: 1,
        },
        turns: 1,
        pauseUs: 30 * SECOND_US,
        promptCharacters: 120,
        window: { fromUs: startUs, toUs: startUs + DAY_US },
        maxOutputTokens: 256,
      },
    ],
    probes: undefined,
    changes: [],
    faults: [],
    moves: [],
    observer: undefined,
    thresholds: [],
    expects: [],
  } satisfies Scenario);
});

test('changes come in the order of time, and instants count from the epoch', () => {
  const { changes, faults, startUs } = loadScenario(
    `${GOOD}changes:
  - { at: 3h, kind: resume, tenant: clinic-a }
  - { at: 1h30m, kind: suspend, tenant: clinic-a }
faults: [{ at: 2h, for: 30m, service: memory, kind: failing, share: 0.5 }]
`,
    'x.yaml',
  );
  expect(changes).toEqual([
    { atUs: startUs + 1.5 * HOUR_US, kind: 'suspend', tenant: 'clinic-a' },
    { atUs: startUs + 3 * HOUR_US, kind: 'resume', tenant: 'clinic-a' },
  ]);
  expect(faults).toEqual([
    {
      fromUs: startUs + 2 * HOUR_US,
      toUs: startUs + 2.5 * HOUR_US,
      service: 'memory',
      model: undefined,
      kind: 'failing',
      share: 0.5,
    },
  ]);
});

test('an offboarded id can be given a new life', () => {
  const text = `changes:
  - { at: 1h, kind: offboard, tenant: clinic-a }
  - at: 2h
    kind: onboard
    tenant: clinic-a
    tier: premium
    zone: UTC
    users: [{ id: dr.new, role: nurse }]
  - { at: 3h, kind: change-role, tenant: clinic-a, user: dr.new, role: admin }
`;
  expect(more(text)).toBe('');
  const [, onboard] = loadScenario(`${GOOD}${text}`, 'x.yaml').changes;
  expect(onboard).toMatchObject({ tenant: 'clinic-a', plan: { id: 'clinic-a', tier: 'premium' } });
});

test('a threshold is read into metric, tags, aggregation, operator and bound', () => {
  const text = `thresholds:
  latency_ms{tier:premium}: ["p95 < 15000", "mean<=2.5"]
  jain_index: ["value >= 0.9"]
`;
  expect(loadScenario(`${GOOD}${text}`, 'x.yaml').thresholds).toEqual([
    {
      text: 'latency_ms{tier:premium}: p95 < 15000',
      metric: 'latency_ms',
      tier: 'premium',
      tenant: undefined,
      aggregation: 'p95',
      operator: '<',
      bound: 15000,
    },
    {
      text: 'latency_ms{tier:premium}: mean<=2.5',
      metric: 'latency_ms',
      tier: 'premium',
      tenant: undefined,
      aggregation: 'mean',
      operator: '<=',
      bound: 2.5,
    },
    {
      text: 'jain_index: value >= 0.9',
      metric: 'jain_index',
      tier: undefined,
      tenant: undefined,
      aggregation: 'value',
      operator: '>=',
      bound: 0.9,
    },
  ]);
});

const FORM: readonly (readonly [string, string, string, string])[] = [
  [
    'an unknown tier gets its place, its path and a guess',
    'tier: premium,',
    'tier: premum,',
    'x.yaml:11:27: tenants[1].tier: unknown tier `premum`\n' +
      '  hint: did you mean `premium`? declared tiers: `basic`, `premium`',
  ],
  [
    'a word that is near nothing gets no guess',
    'tier: premium,',
    'tier: gold,',
    'x.yaml:11:27: tenants[1].tier: unknown tier `gold`\n' +
      '  hint: declared tiers: `basic`, `premium`',
  ],
  [
    'an unknown key is shown itself',
    'users: [{ id: dr.lee, role: nurse }]',
    'users: [{ id: dr.lee, role: nurse, rol: x }]',
    'x.yaml:11:94: tenants[1].users[0].rol: unknown key `rol`\n' +
      '  hint: did you mean `role`? known keys: `id`, `role`',
  ],
  [
    'a missing key is shown at what should hold it',
    'wire: converse',
    'rate: { requestsPerSecond: 2 }',
    'x.yaml:7:10: tiers.basic.wire: is missing\n' +
      '  hint: expected one of: `converse`, `chat`\n' +
      'x.yaml:7:58: tiers.basic.rate.burst: is missing\n' +
      '  hint: expected a whole number from 1 to 1000000',
  ],
  [
    'a duration without a unit',
    'duration: 24h',
    'duration: 24',
    'x.yaml:5:11: duration: expected a duration such as `250ms`, `90s`, `10m`, `1h30m` or `7d`,' +
      ' found `24`',
  ],
  [
    'a negative duration',
    'mix: { talk: 1 }',
    'pause: -3s\n    mix: { talk: 1 }',
    'x.yaml:17:12: traffic[0].pause: expected a duration such as `250ms`, `90s`, `10m`, `1h30m`' +
      ' or `7d`, found `-3s`',
  ],
  [
    'a run of more than a year',
    'duration: 24h',
    'duration: 900d',
    'x.yaml:5:11: duration: expected a duration of at least `1s` and at most `366d`, found `900d`',
  ],
  [
    'an instant without a zone',
    'T00:00:00Z',
    'T00:00:00',
    'x.yaml:4:8: start: expected an instant with its zone, such as `2026-03-02T00:00:00Z`,' +
      ' found `2026-03-02T00:00:00`',
  ],
  [
    'an unknown zone',
    'America/Chicago',
    'America/Chicgo',
    'x.yaml:11:42: tenants[1].zone: unknown zone `America/Chicgo`\n' +
      '  hint: did you mean `America/Chicago`? expected a zone of the IANA database,' +
      ' such as `America/New_York`',
  ],
  [
    'an unknown model',
    'openai.gpt-oss-120b',
    'openai.gpt-oss-20b',
    'x.yaml:8:21: tiers.premium.model: unknown value `openai.gpt-oss-20b`\n' +
      '  hint: did you mean `openai.gpt-oss-120b`? expected one of:' +
      ' `mistral.ministral-3-8b-instruct`, `openai.gpt-oss-120b`',
  ],
  [
    'an unknown tool',
    'tool: clinic_config',
    'tool: clinic_confg',
    'x.yaml:13:13: entitlements[0].tool: unknown value `clinic_confg`\n' +
      '  hint: did you mean `clinic_config`? expected one of: `patient_context`, `clinic_config`,' +
      ' `retrieve_clinic_documents`, `web_search`, `current_time`',
  ],
  [
    'an entitlement whose object does not fit its tool',
    'object: own',
    'object: none',
    'x.yaml:13:72: entitlements[0].object: does not fit the tool\n' +
      '  hint: `none` is for `web_search` and `current_time`, else `own`',
  ],
  [
    'hours that end before they begin',
    'object: own',
    'object: own, hours: { from: "18:00", to: "08:00" }',
    'x.yaml:13:105: entitlements[0].hours.to: is not after `from`\n' +
      '  hint: hours do not reach over midnight: write two entries',
  ],
  [
    'an unknown role',
    'roles: [physician]',
    'roles: [phisician]',
    'x.yaml:13:52: entitlements[0].roles[0]: unknown role `phisician`\n' +
      '  hint: did you mean `physician`? declared roles: `physician`, `nurse`, `admin`',
  ],
  [
    'a tenant declared twice',
    'id: clinic-b',
    'id: clinic-a',
    'x.yaml:11:11: tenants[1].id: tenant `clinic-a` is declared twice',
  ],
  [
    'a tenant without users',
    '[{ id: dr.lee, role: nurse }]',
    '[]',
    'x.yaml:11:66: tenants[1].users: is empty\n  hint: expected at least one entry',
  ],
  [
    'an id that no session tag can hold',
    'id: clinic-b',
    'id: clinic*b',
    'x.yaml:11:11: tenants[1].id: expected an id of 1 to 128 letters, digits, spaces or any of' +
      ' `_.:/=+-@`, found `clinic*b`',
  ],
  [
    'an actor that memory does not take',
    '[{ id: dr.lee, role: nurse }]',
    `[{ id: ${'.'.repeat(100)}, role: nurse }]`,
    'x.yaml:11:73: tenants[1].users[0].id: tenant, user and role make an actor of more than 255' +
      ' characters\n  hint: every character but a letter or digit counts at least three',
  ],
  [
    'a stream with two rates',
    'requestsPerHour: 36',
    'requestsPerHour: 36, requestsPerDay: 3',
    'x.yaml:16:15: traffic[0].arrivals: has several rates: `requestsPerHour` and' +
      ' `requestsPerDay`\n' +
      '  hint: expected exactly one of `requestsPerSecond`, `requestsPerHour`, `requestsPerDay`',
  ],
  [
    'a stream with a rate of nothing',
    'requestsPerHour: 36',
    'requestsPerHour: 0',
    'x.yaml:16:49: traffic[0].arrivals.requestsPerHour: expected a number above 0 and at most' +
      ' 36000000, found `0`',
  ],
  [
    'a stream with a rate and a total',
    'mix: { talk: 1 }',
    'total: 100\n    mix: { talk: 1 }',
    'x.yaml:16:49: traffic[0].arrivals.requestsPerHour: `total` sets the rate',
  ],
  [
    'a total that no time could hold',
    'arrivals: { kind: poisson, requestsPerHour: 36 }',
    'total: 100000000\n    to: 1ms',
    'x.yaml:16:12: traffic[0].total: is more than the time can hold\n' +
      '  hint: expected a number from 0 to 1000000, found `100000000000`',
  ],
  [
    'a burst that runs into the next',
    '{ kind: poisson, requestsPerHour: 36 }',
    '{ kind: burst, every: 1m, size: 5, within: 2m }',
    'x.yaml:16:58: traffic[0].arrivals.within: a burst would run into the next\n' +
      '  hint: at most `every`',
  ],
  [
    'a stream that says not how much',
    'arrivals: { kind: poisson, requestsPerHour: 36 }',
    'turns: 2',
    'x.yaml:15:5: traffic[0]: does not say how much it sends\n' +
      '  hint: give `arrivals`, `total` or `trace`',
  ],
  [
    'a mix of nothing',
    'mix: { talk: 1 }',
    'mix: { talk: 0 }',
    'x.yaml:17:10: traffic[0].mix: has no weight above 0\n  hint: expected something to ask for',
  ],
  [
    'tenants that do not exist',
    'mix: { talk: 1 }',
    'tenants: [clinic-c]\n    mix: { talk: 1 }',
    'x.yaml:17:15: traffic[0].tenants[0]: unknown tenant `clinic-c`\n' +
      '  hint: did you mean `clinic-a`? declared tenants: `clinic-a`, `clinic-b`',
  ],
  [
    'tenants that are neither all, a tier nor a list',
    'mix: { talk: 1 }',
    'tenants: al\n    mix: { talk: 1 }',
    'x.yaml:17:14: traffic[0].tenants: expected `all`, a mapping with `tier`, or a list of tenants',
  ],
  [
    'a window beyond the run',
    'mix: { talk: 1 }',
    'to: 25h\n    mix: { talk: 1 }',
    'x.yaml:17:9: traffic[0].to: `25h` is outside the run\n  hint: the run lasts `1d`',
  ],
  [
    'a window that ends before it begins',
    'mix: { talk: 1 }',
    'from: 3h\n    to: 2h\n    mix: { talk: 1 }',
    'x.yaml:18:9: traffic[0].to: is not after `from`',
  ],
];

test.each(FORM)('%s is complained of exactly', (_, piece, other, complaint) => {
  expect(withInstead(piece, other)).toBe(complaint);
});

test('a place points at the very text', () => {
  const lines = GOOD.replace('tier: premium,', 'tier: premum,').replace('own }', 'none }');
  const places = complaintsOf(lines).matchAll(/^x\.yaml:(\d+):(\d+)/gm);
  const pointed = Array.from(places, ([, line, column]) =>
    lines.split('\n')[Number(line) - 1]?.slice(Number(column) - 1, Number(column) + 3),
  );
  expect(pointed).toEqual(['prem', 'none']);
});

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
  const day: unknown = parse(textOf('healthcare-day.yaml'));
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

test('a duration that is written is read as the same time', () => {
  fc.assert(
    fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (us) => {
      expect(parseDurationUs(formatDuration(us))).toBe(us);
    }),
  );
});

test('durations have whole numbers and units, the larger units first', () => {
  expect(parseDurationUs('250ms')).toBe(250_000);
  expect(parseDurationUs('1h30m')).toBe(1.5 * HOUR_US);
  expect(parseDurationUs('7d')).toBe(7 * DAY_US);
  expect(parseDurationUs('0h')).toBe(0);
  for (const wrong of ['', '5', 's', '-5s', '1.5h', '30m1h', '5 s', '5S', '1h1h', ' 5s', '1e3s']) {
    expect(parseDurationUs(wrong), wrong).toBeUndefined();
  }
});

const streamWith = (lines: string): Stream => {
  const text = GOOD.replace('arrivals: { kind: poisson, requestsPerHour: 36 }', lines);
  const [stream] = loadScenario(text, 'x.yaml').traffic;
  if (stream === undefined) throw new Error('no stream');
  return stream;
};

test('the senders of a total send it between them, whatever the kind and the turns', () => {
  for (const kind of [
    'poisson',
    'weibull, cv: 2',
    'on-off, meanOn: 1m, meanOff: 9m',
    'diurnal, peakHour: 11, peakToTrough: 4',
  ]) {
    const stream = streamWith(`arrivals: { kind: ${kind} }\n    total: 3000\n    turns: 3`);
    const requests = [0.1, 0.2, 0.7].map((share) => {
      const model = arrivalsOf(stream, { weight: 9, share, zone: 'America/Chicago' });
      if (model === undefined) throw new Error('no arrivals');
      return expectedCount(model, stream.window) * stream.turns;
    });
    expect(requests[0]).toBeCloseTo(300, 6);
    expect(requests.reduce((sum, each) => sum + each, 0)).toBeCloseTo(3000, 6);
  }
});

test('a rate counts requests, times the weight of the sender', () => {
  const sender = { weight: 2, share: 0.1, zone: 'UTC' };
  const stream = streamWith('arrivals: { kind: constant, requestsPerHour: 36 }\n    turns: 4');
  expect(arrivalsOf(stream, sender)).toEqual({ kind: 'constant', requestsPerSecond: 0.005 });
});

test('the hours of a day are those of the sender, unless the stream says otherwise', () => {
  const local = 'kind: diurnal, requestsPerDay: 48, peakHour: 11, peakToTrough: 4';
  const chicago = { weight: 1, share: 1, zone: 'America/Chicago' };
  expect(arrivalsOf(streamWith(`arrivals: { ${local} }`), chicago)).toMatchObject({
    utcOffsetMinutes: -360,
  });
  const sydney = { ...chicago, zone: 'Australia/Sydney' };
  expect(arrivalsOf(streamWith(`arrivals: { ${local} }`), sydney)).toMatchObject({
    utcOffsetMinutes: 660,
  });
  const fixed = streamWith(`arrivals: { ${local}, utcOffsetMinutes: 60 }`);
  expect(arrivalsOf(fixed, chicago)).toMatchObject({ utcOffsetMinutes: 60 });
});

const SCHEMA_FILE = new URL('../reports/scenario.schema.json', import.meta.url);

test('reports/scenario.schema.json is up to date', () => {
  const cure =
    "npx tsx -e \"import('./sim/scenario.ts').then((s) => console.log(JSON.stringify(" +
    's.scenarioJsonSchema())))" > reports/scenario.schema.json && npx biome check --write reports';
  expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')), cure).toEqual(scenarioJsonSchema());
});

test('the JSON schema accepts every shipped scenario and refuses mistakes of form', () => {
  const accepts = new Ajv({ strict: false }).compile(scenarioJsonSchema());
  for (const file of SHIPPED) {
    expect(accepts(parse(textOf(file))), `${file} ${JSON.stringify(accepts.errors)}`).toBe(true);
    expect(textOf(file).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../reports/scenario.schema.json',
    );
  }
  expect(accepts(parse(GOOD))).toBe(true);
  expect(accepts(parse(GOOD.replace('duration: 24h', 'duration: 24')))).toBe(false);
  expect(accepts(parse(GOOD.replace('kind: poisson', 'kind: poison')))).toBe(false);
  expect(accepts(parse(`${GOOD}prbes: {}`))).toBe(false);
});

test('a person of a move who is never in that tenant is complained of, unless somebody brings them', () => {
  const ask = 'moves:\n  - { do: ask, by: { tenant: clinic-a, user: dr.lee }, use: talk }\n';
  const bring = '{ kind: move-user, tenant: clinic-b, user: dr.lee, to: clinic-a }';
  const text = GOOD.replace('{ id: dr.lee, role: physician', '{ id: dr.jones, role: physician');
  expect(text).not.toBe(GOOD);
  expect(() => loadScenario(`${text}${ask}`, 'x.yaml')).toThrow(
    'moves[0].by.user: tenant `clinic-a` has no user `dr.lee` at any time',
  );
  const brought = loadScenario(`${text}${ask}  - { do: change, change: ${bring} }\n`, 'x.yaml');
  expect(brought.moves).toHaveLength(2);
});

const asking = (often: string): string =>
  `${GOOD}moves:\n  - { do: ask, by: { tenant: clinic-a, user: dr.lee }, use: talk, ${often} }\n`;

test('a move of several questions says how far they are apart, and is written as it was read', () => {
  const often = loadScenario(asking('times: 3, every: 10m'), 'x.yaml').moves;
  expect(often).toMatchObject([{ do: 'ask', times: 3, everyUs: 600_000_000 }]);
  const written = { ...(parse(GOOD) as object), moves: often.map(moveForm) };
  expect(loadScenario(scenarioText(written), 'x.yaml').moves).toEqual(often);
  expect(loadScenario(asking('times: 3'), 'x.yaml').moves).toMatchObject([{ everyUs: 0 }]);
});

test.each([
  ['every: 10m', 'moves[0].every: a single question has no next one\n  hint: give `times`'],
  ['times: 3, every: 10', 'moves[0].every: expected a duration such as'],
  ['times: 3, every: 2d', 'moves[0].every: expected a duration of at least `0s` and at most `1d`'],
  ['times: 3, evry: 1s', 'moves[0].evry: unknown key `evry`\n  hint: did you mean `every`?'],
])('questions of `%s` are complained of', (often, said) => {
  expect(() => loadScenario(asking(often), 'x.yaml')).toThrow(said);
});
