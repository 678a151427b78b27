// Does the platform as published serve honest users, and do the checks find its holes from outside?

import { expect, test } from 'vitest';
import type { Platform } from '../sim/domain/ports.ts';
import { json } from '../sim/domain/wire.ts';
import { AS_PUBLISHED_RULES, asPublished } from '../sim/platforms/as-published.ts';
import { EVERYONE, HONEST, type Parts, PHYSICIANS, played, SMALL } from './as-published/playing.ts';

const ATTACKED: Parts = {
  duration: '3h',
  pause: '6m',
  users: EVERYONE,
  more: 'probes: { every: 20m, kinds: all }',
};

const honest = played(HONEST);
const attacked = played(ATTACKED);

test('honest users are answered, and every answer holds what its asker is entitled to', async () => {
  const { folded, asks, found } = await honest;
  expect(asks.length).toBeGreaterThan(30);
  expect(new Set(asks.map(({ status }) => status))).toEqual(new Set([200]));
  expect(folded.played.stalled).toBe(0);
  expect(found.filter((line) => line.startsWith('I10'))).toEqual([]);
  expect(folded.verdicts.find(({ promise }) => promise === 'I10')?.controls).toBeGreaterThan(20);
});

test('honest users find tools and memory at work', async () => {
  const { asks } = await honest;
  const answered = (tool: string): boolean =>
    asks.some(
      ({ request, reply }) => request?.asks?.tool === tool && reply.body.includes('460937'),
    );
  for (const tool of ['patient_context', 'clinic_config', 'retrieve_clinic_documents'])
    expect(answered(tool), tool).toBe(true);
  const recalls = asks.filter(
    ({ request }) => request?.asks?.tool === undefined && request?.asks?.expects.length === 1,
  );
  expect(recalls.length).toBeGreaterThan(0);
});

test('no honest request is allowed by Cedar what nobody is entitled to, nor denied what they are', async () => {
  const { found } = await honest;
  expect(found.filter((line) => line.startsWith('I3'))).toEqual([]);
});

test('what is found in honest traffic alone are holes that need no attacker', async () => {
  const { found } = await honest;
  expect([...new Set(found)].sort()).toEqual([
    'I1 front-door: a bearer token in a log',
    'I1 front-door: content in a log',
    'I1 tools: content in a log',
    'I4 knowledge: unknown credentials opened data',
    'I4 table: unknown credentials opened data',
    'I5 runtime: baggage left the trust boundary',
    'I7 tools: tools accepted no token',
  ]);
});

/** The hole, and what the checks say of it when the usual probes are played. */
const BY_PROBES: readonly (readonly [hole: string, said: string])[] = [
  ['a missing token is served', 'I7 front-door: front-door accepted no token'],
  ['a forged token is served', 'I7 front-door: front-door accepted a token (forged-bearer)'],
  ['an unsigned token is served', 'I7 front-door: front-door accepted a token (unsigned-bearer)'],
  ['an expired token is served', 'I7 front-door: front-door accepted an expired token'],
  ['a token without claims is served', 'I7 runtime: runtime accepted a token (claimless-bearer)'],
  ['a stranger signs up', 'I7 identity: the probe sign-up was let in'],
  ['of two tokens one is chosen', 'I7 front-door: the probe repeated-header was let in'],
  ['credentials are vended for no token', 'I7 credentials: credentials accepted no token'],
  ['the runtime is called directly', 'I3 runtime: the probe direct-runtime was let in'],
  ['the gateway is called directly', 'I3 gateway: the probe direct-gateway was let in'],
  ['policies ignore identity', 'I3 gateway: a policy allows what nobody is entitled to'],
  [
    'an administrator reads patients',
    'I1 front-door: a record reached a answer of one who is other role',
  ],
  [
    'a clinic reads the configuration of another by an argument',
    'I1 front-door: a configuration reached a answer of one who is other tenant',
  ],
  [
    'a shared session id is served as its first user',
    'I1 front-door: a prompt reached a answer of one who is other tenant',
  ],
  ['credentials are used for another', 'I4 memory: borrowed credentials opened data'],
  ['credentials outlive the token', 'I4 credentials: credentials outlive their token'],
  [
    'memory is lost after a quarter of an hour',
    'I10 front-door: an entitled owner did not get its data',
  ],
  ['usage is booked to another', 'I5 runtime: a charge names another caller'],
  ['baggage goes to the model host', 'I5 runtime: baggage left the trust boundary'],
  ['tokens stand in logs', 'I1 front-door: a bearer token in a log'],
  ['records stand in logs', 'I1 tools: content in a log'],
];

test.each(BY_PROBES)('where %s, the probes find it', async (_hole, said) => {
  expect((await attacked).found).toContain(said);
});

test('in a pooled process every tenant of a tier is served as the first', async () => {
  const { found } = await played({ ...HONEST, hosting: 'pooled' });
  expect(found).toEqual(
    expect.arrayContaining([
      'I1 front-door: a record reached a answer of one who is other tenant',
      'I1 model: a prompt reached a prompt of one who is other tenant',
    ]),
  );
});

test('a tenant that was suspended or left is served while its tokens live, and its successor gets its data', async () => {
  const tenant = `tenant: hospital-a, tier: premium, zone: America/New_York, patients: 1, users: ${PHYSICIANS}`;
  const { found } = await played({
    duration: '2h',
    more: `changes:
  - { at: 30m, kind: suspend, tenant: clinic-a }
  - { at: 60m, kind: offboard, tenant: hospital-a }
  - { at: 62m, kind: onboard, ${tenant} }`,
  });
  expect(found).toEqual(
    expect.arrayContaining([
      'I4 front-door: a suspended tenant was served',
      'I4 front-door: a offboarded tenant was served',
      'I7 identity: a token names another tenant',
      'I9 operator: an item was overwritten by one who may not',
    ]),
  );
});

test('without STS memory is opened by the runtime’s own role, unless that is ruled out', async () => {
  const parts = { ...HONEST, more: 'faults: [{ at: 0m, for: 50m, service: sts, kind: gone }]' };
  const open = 'I8 runtime: runtime failed open without credentials';
  expect((await played(parts)).found).toContain(open);
  const closed = await played(parts, asPublished({ memoryWithoutVending: 'nothing' }));
  expect(closed.found).not.toContain(open);
});

test('a busy model is answered 200, so that nobody is told', async () => {
  const fault = '{ at: 5m, for: 40m, service: model, kind: failing, share: 0.5 }';
  const { asks, found } = await played({ ...HONEST, more: `faults: [${fault}]` });
  expect(asks.filter(({ reply }) => reply.body.startsWith('Service is busy'))).not.toEqual([]);
  expect(new Set(asks.map(({ status }) => status))).toEqual(new Set([200]));
  expect(found).toContain('I10 front-door: an entitled owner did not get its data');
});

test('one clinic’s traffic spends the permits of another’s, for they share a key', async () => {
  const { found } = await played({ ...HONEST, basic: SMALL, perHour: 40 });
  expect(found).toContain('I6 front-door: a request was refused that the contract allows');
});

/** What the platform is to show, by the numbers of the catalogue of weaknesses. */
const WEAKNESSES = [
  ...['W01', 'W02', 'W03', 'W04', 'W05', 'W06', 'W08', 'W10', 'W12', 'W13', 'W14', 'W23', 'W24'],
  ...['W26', 'W32', 'W37', 'W38', 'W39', 'W44', 'W47', 'W48', 'W55', 'W59', 'W60', 'W61', 'W65'],
  ...['W68', 'W70', 'W72', 'W78'],
];

test('every rule has a source, and names no service that is not there', () => {
  const services = new Set(Object.keys(asPublishedServices()));
  expect(AS_PUBLISHED_RULES.filter(({ rule, source }) => rule === '' || source === '')).toEqual([]);
  expect(AS_PUBLISHED_RULES.filter(({ service }) => !services.has(service))).toEqual([]);
  const rules = AS_PUBLISHED_RULES.map(({ service, rule }) => `${service} ${rule}`);
  expect(new Set(rules).size).toBe(rules.length);
  for (const id of WEAKNESSES)
    expect(
      AS_PUBLISHED_RULES.some(({ source }) => source.includes(id)),
      id,
    ).toBe(true);
});

const asPublishedServices = (): Platform['services'] =>
  asPublished()({
    deployment: {
      tiers: {},
      userPoolId: 'us-east-1_P',
      clientId: 'c',
      hosting: 'microvm',
      resources: 'shared',
    },
    policy: {
      decide: () => ({ decision: 'deny', determining: [], errors: [], cached: false }),
      mayList: () => false,
    },
    iamDocuments: {},
    tools: [],
    keys: { current: () => 'key', rotate: () => {} },
    outside: { model: async () => json(200, {}), web: async () => json(200, {}) },
    spanProcessors: [],
  }).services;
