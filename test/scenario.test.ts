// Does a scenario say what it means?

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
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
import { GOOD, more } from './scenario/small.ts';

const FOLDER = new URL('../scenarios/', import.meta.url);
const SHIPPED = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');

test.each(SHIPPED)('the shipped %s loads and bears the name of its file', (file) => {
  const scenario = loadScenario(textOf(file), file);
  expect(`${scenario.name}.yaml`).toBe(file);
  expect(scenario.expects.length).toBeGreaterThan(0);
});

test('thirteen scenarios are shipped, the healthcare day with every promise but I2', () => {
  expect(SHIPPED).toHaveLength(13);
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
