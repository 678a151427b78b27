// Does the platform as published serve honest users, and do the checks find its holes from outside?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT, readCedar, readIam } from '../sim/cli/files.ts';
import type { Ended, HistoryEvent } from '../sim/domain/history.ts';
import type { Hop, Platform, PlatformKit, Service } from '../sim/domain/ports.ts';
import { type Call, json, parsed, type Reply } from '../sim/domain/wire.ts';
import { type Folded, fold } from '../sim/engines/run.ts';
import { AS_PUBLISHED_RULES, asPublished } from '../sim/platforms/as-published.ts';
import { loadScenario } from '../sim/scenario.ts';

const FOLDER = join(PACKAGE_ROOT, 'policies');
const RUNTIME = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/healthcare_';

interface Parts {
  readonly duration: string;
  readonly pause?: string;
  readonly users?: string;
  readonly start?: string;
  readonly basic?: string;
  readonly perHour?: number;
  readonly hosting?: string;
  readonly more?: string;
}

const PHYSICIANS = '[{ id: dr.lee, role: physician }, { id: dr.fox, role: physician }]';
const EVERYONE = '[{ id: dr.lee, role: physician }, { id: admin.park, role: admin }]';
const HOURS = 'hours: { from: "08:00", to: "18:00" }';
const TENANTS = [
  'clinic-a: basic',
  'clinic-b: basic',
  'hospital-a: premium',
  'hospital-b: premium',
];

const tenantOf = (line: string, users: string): string => {
  const [id, tier] = line.split(': ');
  return `  - { id: ${id}, tier: ${tier}, zone: America/New_York, patients: 2, users: ${users} }`;
};

/** Two clinics and two hospitals; 15:00 UTC is 10:00 for all of them. */
const scenarioOf = (parts: Parts): string => `version: 1
name: as-published
title: Two clinics and two hospitals on the platform as published.
start: ${parts.start ?? '2026-03-02T15:00:00Z'}
duration: ${parts.duration}
hosting: ${parts.hosting ?? 'microvm'}
behaviour: helpful
tiers:
  basic:
    model: mistral.ministral-3-8b-instruct
    wire: chat
    ${parts.basic ?? 'rate: { requestsPerSecond: 2, burst: 5 }'}
  premium:
    model: openai.gpt-oss-120b
    wire: chat
    rate: { requestsPerSecond: 10, burst: 20 }
tenants:
${TENANTS.map((line) => tenantOf(line, parts.users ?? PHYSICIANS)).join('\n')}
entitlements:
  - { tool: patient_context, tiers: [basic], roles: [physician], object: own, ${HOURS} }
  - { tool: patient_context, tiers: [premium], roles: [physician], object: own }
  - { tool: retrieve_clinic_documents, tiers: [basic], roles: [physician], object: own, ${HOURS} }
  - { tool: retrieve_clinic_documents, tiers: [premium], roles: [physician], object: own }
  - { tool: clinic_config, tiers: [basic, premium], roles: [physician, admin], object: own }
  - { tool: web_search, tiers: [premium], roles: [physician], object: none }
  - { tool: current_time, tiers: [basic, premium], roles: [physician, admin], object: none }
traffic:
  - name: work
    arrivals: { kind: poisson, requestsPerHour: ${parts.perHour ?? 12} }
    mix: { patient_context: 3, clinic_config: 2, retrieve_clinic_documents: 3, current_time: 1, talk: 6 }
    turns: 3
    pause: ${parts.pause ?? '60s'}
    promptCharacters: 40
${parts.more ?? ''}
`;

/** No token reaches its end in it, and every asker is entitled to what is asked. */
const HONEST: Parts = { duration: '50m' };
const ATTACKED: Parts = {
  duration: '3h',
  pause: '6m',
  users: EVERYONE,
  more: 'probes: { every: 20m, kinds: all }',
};

class Asks {
  readonly ended: Ended[] = [];

  see(event: HistoryEvent): void {
    if (event.kind === 'ended' && event.request?.kind === 'ask') this.ended.push(event);
  }
}

interface Played {
  readonly folded: Folded;
  readonly asks: readonly Ended[];
  /** Everything found, as `promise boundary: title`. */
  readonly found: readonly string[];
}

const played = async (
  parts: Parts,
  platform: (kit: PlatformKit) => Platform = asPublished(),
): Promise<Played> => {
  const asks = new Asks();
  const folded = await fold(
    {
      cedarFiles: readCedar(FOLDER),
      iamDocuments: readIam(FOLDER),
      scenario: loadScenario(scenarioOf(parts), 'as-published.yaml'),
      seed: 1,
      platform,
      swaps: new Map(),
      traces: new Map(),
    },
    { wallMs: () => 0, observers: [asks] },
  );
  const found = [...folded.verdicts, folded.measured.limits].flatMap(({ findings }) =>
    findings.map(
      ({ violation: { promise, boundary, title } }) => `${promise} ${boundary}: ${title}`,
    ),
  );
  return { folded, asks: asks.ended, found };
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

const SMALL = 'rate: { requestsPerSecond: 0.02, burst: 3 }';

test('one clinic’s traffic spends the permits of another’s, for they share a key', async () => {
  const { found } = await played({ ...HONEST, basic: SMALL, perHour: 40 });
  expect(found).toContain('I6 front-door: a request was refused that the contract allows');
});

type Way = (call: Call, hop: Hop, frontDoor: Service) => Promise<Reply>;

/** The platform as one sees it who takes another way into it than honest users do. */
const taking =
  (way: Way) =>
  (kit: PlatformKit): Platform => {
    const platform = asPublished()(kit);
    const { 'front-door': frontDoor } = platform.services;
    const services = {
      ...platform.services,
      'front-door': ((call, hop) => way(call, hop, frontDoor)) as Service,
    };
    return { ...platform, services };
  };

const withBody = (call: Call, body: unknown, ...headers: Call['headers']): Call => ({
  ...call,
  headers: [...call.headers, ...headers],
  body: JSON.stringify(body),
});

const VICTIM = { tier: 'basic', clinic_id: 'clinic-a', user_id: 'anybody' };
const PATIENT = 'use patient_context {"patient_id":"P1001"}';

const toolCall = (call: Call, arguments_: unknown, ...headers: Call['headers']): Call => ({
  ...withBody(
    call,
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'HealthcareLambda-Basic___patient_context', arguments: arguments_ },
    },
    ...headers,
  ),
  path: '/mcp/basic',
});

const signedUp = async (hop: Hop): Promise<string> => {
  const ask = (action: string, body: unknown): Promise<Reply> =>
    hop.call('identity', {
      method: 'POST',
      path: '/',
      headers: [['x-amz-target', `AWSCognitoIdentityProviderService.${action}`]],
      body: JSON.stringify(body),
    });
  const [Username, Password] = ['stranger@example.com', 'Stranger-1'];
  const UserAttributes = [{ Name: 'custom:clinic_id', Value: 'clinic-a' }];
  await ask('SignUp', { Username, Password, UserAttributes });
  const reply = await ask('InitiateAuth', {
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: Username, PASSWORD: Password },
    ClientId: 'webclient0000000000000001',
  });
  const result = parsed(reply.body)?.['AuthenticationResult'] as { readonly IdToken: string };
  return result.IdToken;
};

const RECORD = 'I1 front-door: a record reached a answer of one who is other tenant';

/** The way in, and what the checks say of it. */
const WAYS: readonly (readonly [named: string, said: string, way: Way, parts?: Partial<Parts>])[] =
  [
    [
      'the runtime with a payload that names a victim',
      RECORD,
      (call, hop) => hop.call('runtime', withBody(call, { prompt: PATIENT, ...VICTIM })),
    ],
    [
      'the runtime with a payload that names no clinic',
      'I1 front-door: a document reached a answer of one who is other tenant',
      (call, hop) => {
        const prompt = 'use retrieve_clinic_documents {"query":"guideline"}';
        return hop.call('runtime', withBody(call, { ...VICTIM, prompt, clinic_id: '' }));
      },
    ],
    [
      'the other tier’s runtime with one’s own token',
      'I5 runtime: a charge names another caller',
      (call, hop) => {
        const path = `/runtimes/${encodeURIComponent(`${RUNTIME}premium`)}/invocations`;
        const body = { prompt: 'hello', tier: 'premium', clinic_id: 'clinic-b', user_id: 'me' };
        return hop.call('runtime', { ...withBody(call, body), path });
      },
    ],
    [
      'the gateway with a header that names a victim',
      RECORD,
      (call, hop) => {
        const input = { patient_id: 'P1001', request_hour: 10 };
        return hop.call('gateway', toolCall(call, input, ['x-clinic-id', 'clinic-a']));
      },
    ],
    [
      'the gateway with an argument that names a victim',
      RECORD,
      (call, hop) => {
        const input = { clinic_id: 'clinic-a', patient_id: 'P1001', request_hour: 10 };
        return hop.call('gateway', toolCall(call, input));
      },
    ],
    [
      'the gateway with an argument that no policy sees',
      'I3 tools: a tool ran without an allow',
      (call, hop) =>
        hop.call('gateway', toolCall(call, { patient_id: 'P1001', request_hour: 10, headers: {} })),
    ],
    [
      'the gateway by night with an hour of the day',
      'I3 gateway: a policy allows what nobody is entitled to',
      (call, hop) =>
        hop.call('gateway', toolCall(call, { clinic_id: 'clinic-b', request_hour: 10 })),
      { start: '2026-03-03T03:00:00Z' },
    ],
    [
      'the front door with the header X-Tier',
      'I5 runtime: a charge names another caller',
      (call, hop, frontDoor) =>
        frontDoor({ ...call, headers: [...call.headers, ['x-tier', 'premium']] }, hop),
    ],
    [
      'the front door with the key of Premium',
      'I6 front-door: more was admitted than the contract allows',
      (call, hop, frontDoor) =>
        frontDoor(
          { ...call, headers: [...call.headers, ['x-api-key', 'premium-tenant-key']] },
          hop,
        ),
      { basic: SMALL, perHour: 60 },
    ],
    [
      'sign-up, and then the front door',
      RECORD,
      async (call, hop, frontDoor) => {
        const authorization = `Bearer ${await signedUp(hop)}`;
        const headers = call.headers.filter(([name]) => name !== 'authorization');
        const body = { prompt: PATIENT };
        return frontDoor(
          withBody({ ...call, headers }, body, ['authorization', authorization]),
          hop,
        );
      },
    ],
  ];

for (const [named, said, way, parts = {}] of WAYS) {
  test(`whoever takes ${named} is found out`, async () => {
    const { found } = await played({ ...HONEST, duration: '20m', ...parts }, taking(way));
    expect(found).toContain(said);
  });
}

test('the gateway denies by night what tells no hour', async () => {
  const by = taking((call, hop) => hop.call('gateway', toolCall(call, { patient_id: 'P1001' })));
  const { asks } = await played({ ...HONEST, start: '2026-03-03T03:00:00Z' }, by);
  const told = asks.filter(({ reply }) => reply.status === 200);
  expect(told.every(({ reply }) => reply.body.includes('denied by default'))).toBe(true);
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
    deployment: { tiers: {}, userPoolId: 'us-east-1_P', clientId: 'c', hosting: 'microvm' },
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
