// What do attackers try: one round of probes at a time, each with what must come back.

import { KNOWLEDGE_BASE_ID, MEMORY_ID, runtimeArn, TABLE_NAME } from '../domain/arn.ts';
import type { BearerFacts } from '../domain/ledger.ts';
import type { ProbeFacts } from '../domain/history.ts';
import type { KeyRing, Peer, ServiceName } from '../domain/ports.ts';
import { type Call, type Headers, isRecord, parsed, type Reply } from '../domain/wire.ts';
import { Chance } from '../kernel/chance.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { claimsOf } from '../protocol/bearer.ts';
import { SESSION_HEADER } from '../protocol/session.ts';
import { signingKey, signJwt } from '../protocol/signing.ts';
import type { ProbeKind, Scenario } from '../scenario/schema.ts';
import type { Stage } from './changes.ts';
import type { Client } from './clients.ts';
import type { Home } from './traffic.ts';

/** An attacker with their own good bearer token, and somebody of another tenant. */
interface Cast {
  readonly attacker: Client;
  readonly attackerHome: Home;
  readonly bearer: BearerFacts;
  readonly victim: Client;
  readonly victimHome: Home;
  readonly victimBearer: BearerFacts;
  readonly relation: ProbeFacts['relation'];
  readonly chance: Chance;
  readonly keys: KeyRing;
  readonly nowUs: number;
}

/** One call of a probe. */
interface Attempt {
  readonly as: 'attacker' | 'victim' | 'stranger';
  readonly peer: Peer;
  readonly to: ServiceName;
  readonly operation: string;
  readonly call: Call;
  readonly expects: ProbeFacts['expects'];
  readonly bearer?: BearerFacts;
  readonly session?: string;
}

/** Plans a round every so often; each round draws its cast by its own number. */
export const planProbes = (stage: Stage, scenario: Scenario, seed: number, keys: KeyRing): void => {
  const { probes } = scenario;
  if (probes === undefined) return;
  const { clock } = stage.sender.world;
  let round = 0;
  for (let atUs = scenario.startUs + probes.everyUs; atUs < scenario.endUs; atUs += probes.everyUs) {
    round += 1;
    const chance = new Chance(seed).fork('probes', round);
    clock.at(atUs, () => void playRound(stage, probes.kinds, chance, keys));
  }
};

const playRound = async (stage: Stage, kinds: readonly ProbeKind[], chance: Chance, keys: KeyRing): Promise<void> => {
  for (const kind of kinds) {
    const cast = await castOf(stage, chance.fork(kind), keys);
    if (cast === undefined) continue;
    for (const attempt of await attemptsOf(stage, kind, cast)) await play(stage, kind, cast, attempt);
  }
};

const castOf = async (stage: Stage, chance: Chance, keys: KeyRing): Promise<Cast | undefined> => {
  const homes = [...stage.homes.values()].filter(
    (home) => home.household.facts.status === 'active' && home.clients.length > 0,
  );
  const attackerHome = homes[chance.fork('attacker').integer(0, homes.length - 1)];
  const others = homes.filter((home) => home !== attackerHome);
  const victimHome = others[chance.fork('victim').integer(0, others.length - 1)];
  if (attackerHome === undefined || victimHome === undefined) return undefined;
  const attacker = oneOf(attackerHome, chance.fork('attacker user'));
  const victim = oneOf(victimHome, chance.fork('victim user'));
  if (attacker === undefined || victim === undefined) return undefined;
  const bearer = await stage.sender.bearerFor(attacker);
  const victimBearer = await stage.sender.bearerFor(victim);
  if (bearer === undefined || victimBearer === undefined) return undefined;
  const sameTier = attackerHome.household.facts.tier === victimHome.household.facts.tier;
  return {
    attacker, attackerHome, bearer, victim, victimHome, victimBearer, chance, keys,
    relation: sameTier ? 'other tenant' : 'other tier', nowUs: stage.sender.world.clock.nowUs(),
  };
};

const oneOf = (home: Home, chance: Chance): Client | undefined =>
  home.clients[chance.integer(0, home.clients.length - 1)];

const play = async (stage: Stage, kind: string, cast: Cast, attempt: Attempt): Promise<void> => {
  const client = { attacker: cast.attacker, victim: cast.victim, stranger: undefined }[attempt.as];
  const bearer = attempt.bearer ?? { attacker: cast.bearer, victim: cast.victimBearer, stranger: undefined }[attempt.as];
  const journey = stage.sender.journey(client, {
    kind: 'probe', origin: kind, bearer,
    ...(attempt.session === undefined ? {} : { session: attempt.session }),
    probe: {
      kind, boundary: attempt.to, operation: attempt.operation, expects: attempt.expects,
      relation: attempt.as === 'stranger' ? 'outsider' : attempt.as === 'victim' ? 'same user' : cast.relation,
    },
  });
  await stage.sender.send(journey, attempt.peer, attempt.to, attempt.call);
};

const attemptsOf = async (stage: Stage, kind: ProbeKind, cast: Cast): Promise<readonly Attempt[]> => {
  const forgery = FORGERIES[kind];
  if (forgery !== undefined) return bearerAttempts(stage, cast, forgery(cast));
  const attempts = DIRECT[kind]?.(cast) ?? [];
  const stolen = WITH_CREDENTIALS[kind];
  if (stolen === undefined) return attempts;
  const mine = await credentialsOf(stage, cast, 'attacker');
  const theirs = await credentialsOf(stage, cast, 'victim');
  if (mine === undefined || theirs === undefined) return attempts;
  return [...attempts, ...stolen(cast, mine, theirs)];
};

type Forgery = (cast: Cast) => string | undefined;

/** Claims as the pool would issue them to the attacker, to be bent. */
const claims = (cast: Cast): Readonly<Record<string, unknown>> => claimsOf(cast.bearer.text);

const signed = (cast: Cast, bent: Readonly<Record<string, unknown>>): string =>
  signJwt(signingKey(cast.keys.current()), { ...claims(cast), ...bent });

const without = (all: Readonly<Record<string, unknown>>, ...names: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));

const FORGERIES: Partial<Readonly<Record<ProbeKind, Forgery>>> = {
  'forged-bearer': (cast) => {
    const genuine = signingKey(cast.keys.current());
    return signJwt(signingKey('a stranger'), claimsOf(cast.victimBearer.text), { kid: genuine.kid });
  },
  'expired-bearer': ({ attacker: { expired }, nowUs }) =>
    expired !== undefined && expired.expiresUs <= nowUs ? expired.text : undefined,
  'claimless-bearer': (cast) =>
    signJwt(signingKey(cast.keys.current()), without(claims(cast), 'tenant', 'tier', 'custom:tier', 'custom:clinic_id')),
  'wrong-audience-bearer': (cast) => signed(cast, { aud: 'anotherclient000000000001' }),
  'wrong-issuer-bearer': (cast) =>
    signed(cast, { iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool00002' }),
  'unsigned-bearer': (cast) => {
    const [, payload] = cast.victimBearer.text.split('.');
    return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
  },
  'unknown-key-bearer': (cast) => signJwt(signingKey('a stranger'), claimsOf(cast.victimBearer.text)),
  'no-bearer': () => '',
};

/** A bad token at every service that takes tokens, each from the peer that the service expects. */
const bearerAttempts = (stage: Stage, cast: Cast, text: string | undefined): readonly Attempt[] => {
  if (text === undefined) return [];
  const bearer = text === '' ? undefined : stage.sender.ledger.bearer(text) ?? stage.sender.ledger.recordBearer({
    text, owner: undefined, standing: 'forged', tier: cast.bearer.tier, tenant: cast.bearer.tenant,
    role: cast.bearer.role, clinic: cast.bearer.clinic, sub: cast.bearer.sub, issuedUs: cast.nowUs, expiresUs: cast.nowUs + 3600 * SECOND_US,
  });
  const headers: Headers = text === '' ? [] : [['authorization', `Bearer ${text}`]];
  const attempt = (peer: Peer, to: ServiceName, operation: string, call: Call): Attempt => ({
    as: 'stranger', peer, to, operation, call, expects: 'refusal', ...(bearer === undefined ? {} : { bearer }),
  });
  const { tier } = cast.bearer;
  return [
    attempt('internet', 'front-door', 'invoke', invoke(cast, headers, 'hello')),
    attempt('front-door', 'runtime', 'invoke', invoke(cast, headers, 'hello')),
    attempt('runtime', 'gateway', 'tools/list', mcp(tier, headers, 'tools/list', {})),
    attempt('gateway', 'tools', 'current_time', { method: 'POST', path: '/tools/current_time', headers, body: '{}' }),
    attempt('runtime', 'credentials', 'vend', { method: 'POST', path: '/credentials', headers, body: '{}' }),
  ];
};

const SESSION = 'probe-session-0123456789abcdef0123456789';

const invoke = (cast: Cast, headers: Headers, prompt: string, extra: Readonly<Record<string, unknown>> = {}): Call => ({
  method: 'POST',
  path: `/runtimes/${encodeURIComponent(runtimeArn(cast.bearer.tier))}/invocations`,
  headers: [...headers, [SESSION_HEADER, SESSION]],
  body: JSON.stringify({ prompt, max_tokens: 256, ...extra }),
});

const mcp = (tier: string, headers: Headers, method: string, params: unknown): Call => ({
  method: 'POST', path: `/mcp/${tier}`, headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
});

const own = (cast: Cast): Headers => [['authorization', `Bearer ${cast.bearer.text}`]];

/** What the victim's tenant is called in the platform, from the victim's own token. */
const victimTenant = (cast: Cast): string => cast.victimBearer.clinic;
const victimActor = (cast: Cast): string => String(claimsOf(cast.victimBearer.text)['actor']);

const asked = (_cast: Cast, operation: string, call: Call, expects: ProbeFacts['expects'] = 'own answer'): Attempt => ({
  as: 'attacker', peer: 'internet', to: 'front-door', operation, call, expects, session: SESSION,
});

const direct = (_cast: Cast, to: ServiceName, operation: string, call: Call): Attempt => ({
  as: 'attacker', peer: 'internet', to, operation, call, expects: 'refusal',
});

/** Probes with the attacker's own token, or none at all. */
const DIRECT: Partial<Readonly<Record<ProbeKind, (cast: Cast) => readonly Attempt[]>>> = {
  'stranger-session': (cast) => {
    const session = `shared-session-${cast.chance.fork('session').hex(32)}`;
    const call = (headers: Headers, tier: string, prompt: string): Call => ({
      method: 'POST', path: `/runtimes/${encodeURIComponent(runtimeArn(tier))}/invocations`,
      headers: [...headers, [SESSION_HEADER, session]], body: JSON.stringify({ prompt, max_tokens: 512 }),
    });
    const theirs: Headers = [['authorization', `Bearer ${cast.victimBearer.text}`]];
    return [
      {
        as: 'victim', peer: 'internet', to: 'front-door', operation: 'invoke', session, expects: 'own answer',
        call: call(theirs, cast.victimBearer.tier, 'remember that I prefer mornings'),
      },
      { ...asked(cast, 'invoke', call(own(cast), cast.bearer.tier, 'recall what I said')), session },
    ];
  },
  'stranger-argument': (cast) => {
    const input = { clinic_id: victimTenant(cast), patient_id: 'P1001' };
    return [
      asked(cast, 'patient_context', invoke(cast, own(cast), `use patient_context ${JSON.stringify(input)}`)),
      asked(cast, 'clinic_config', invoke(cast, own(cast), `use clinic_config {"clinic_id":"${victimTenant(cast)}"}`)),
    ];
  },
  'stranger-header': (cast) => {
    const headers: Headers = [
      ...own(cast), ['x-tenant-id', victimTenant(cast)], ['x-clinic-id', victimTenant(cast)], ['x-tenant-tier', 'premium'],
      ['x-tier', 'premium'], ['x-amzn-bedrock-agentcore-runtime-user-id', victimActor(cast)],
    ];
    const input = { clinic_id: cast.bearer.clinic, patient_id: 'P1001' };
    return [asked(cast, 'patient_context', invoke(cast, headers, `use patient_context ${JSON.stringify(input)}`))];
  },
  'payload-fields': (cast) => {
    const fields = { tier: 'premium', clinic_id: victimTenant(cast), user_id: victimActor(cast) };
    return [asked(cast, 'invoke', invoke(cast, own(cast), 'hello', fields), 'refusal')];
  },
  'own-baggage': (cast) => {
    const headers: Headers = [...own(cast), ['baggage', `tenant.id=${encodeURIComponent(victimTenant(cast))},tenant.tier=premium`]];
    return [asked(cast, 'invoke', invoke(cast, headers, 'hello'))];
  },
  'repeated-header': (cast) => {
    const headers: Headers = [...own(cast), ['authorization', `Bearer ${cast.victimBearer.text}`]];
    return [asked(cast, 'invoke', invoke(cast, headers, 'hello'), 'refusal')];
  },
  'premium-tool': (cast) => [asked(cast, 'web_search', invoke(cast, own(cast), 'use web_search {"keywords":"beds"}'))],
  'out-of-hours': (cast) => {
    const input = { clinic_id: cast.bearer.clinic, patient_id: 'P1001' };
    return [asked(cast, 'patient_context', invoke(cast, own(cast), `use patient_context ${JSON.stringify(input)}`))];
  },
  'stranger-key': (cast) => {
    const headers: Headers = [['x-api-key', 'premium-tenant-key']];
    return [{ ...direct(cast, 'front-door', 'invoke', invoke(cast, headers, 'hello')), as: 'stranger' }];
  },
  'sign-up': (cast) => [
    {
      as: 'stranger', peer: 'internet', to: 'identity', operation: 'SignUp', expects: 'refusal',
      call: {
        method: 'POST', path: '/', headers: [['x-amz-target', 'AWSCognitoIdentityProviderService.SignUp']],
        body: JSON.stringify({
          Username: 'stranger@example.com', Password: 'Stranger-1',
          UserAttributes: [{ Name: 'custom:clinic_id', Value: victimTenant(cast) }],
        }),
      },
    },
  ],
  'direct-runtime': (cast) => [direct(cast, 'runtime', 'invoke', invoke(cast, own(cast), 'hello'))],
  'direct-gateway': (cast) => [
    direct(cast, 'gateway', 'tools/call', mcp(cast.bearer.tier, own(cast), 'tools/call', {
      name: 'HealthcareLambda-Basic___patient_context', arguments: { clinic_id: victimTenant(cast), patient_id: 'P1001' },
    })),
  ],
  'direct-tools': (cast) => [
    direct(cast, 'tools', 'patient_context', {
      method: 'POST', path: '/tools/patient_context',
      headers: [...own(cast), ['x-tenant-id', victimTenant(cast)]], body: '{"patient_id":"P1001"}',
    }),
  ],
  'direct-credentials': (cast) => [
    direct(cast, 'credentials', 'vend', { method: 'POST', path: '/credentials', headers: own(cast), body: '{}' }),
  ],
  'direct-table': (cast) => [direct(cast, 'table', 'GetItem', tableGet(victimTenant(cast), []))],
  'direct-memory': (cast) => [direct(cast, 'memory', 'RetrieveMemoryRecords', memoryRetrieve(victimActor(cast), []))],
  'direct-knowledge': (cast) => [direct(cast, 'knowledge', 'Retrieve', knowledgeRetrieve(victimTenant(cast), []))],
};

type Stolen = (cast: Cast, own: Headers, theirs: Headers) => readonly Attempt[];

/** A call with the attacker's own credentials on what is the victim's, and the victim's own call beside it. */
const pair = (to: ServiceName, operation: string, call: (credentials: Headers) => Call): Stolen =>
  (_cast, mine, theirs) => [
    { as: 'attacker', peer: 'internet', to, operation, call: call(mine), expects: 'refusal' },
    { as: 'victim', peer: 'internet', to, operation, call: call(theirs), expects: 'service' },
  ];

const WITH_CREDENTIALS: Partial<Readonly<Record<ProbeKind, Stolen>>> = {
  'stranger-namespace': (cast, mine, theirs) =>
    pair('memory', 'RetrieveMemoryRecords', (headers) => memoryRetrieve(victimActor(cast), headers))(cast, mine, theirs),
  'stranger-actor': (cast, mine, theirs) =>
    pair('memory', 'ListSessions', (headers) => ({
      method: 'POST', path: `/memories/${MEMORY_ID}/actor/${encodeURIComponent(victimActor(cast))}/sessions`, headers, body: '{}',
    }))(cast, mine, theirs),
  'stranger-record': (cast, mine) => {
    const namespace = encodeURIComponent(`/${victimActor(cast)}/facts/`);
    const path = `/memories/${MEMORY_ID}/memoryRecord/mem-${'0'.repeat(40)}?namespace=${namespace}`;
    // Nobody can be granted this: no condition key scopes it. The cell reads `closed`, without a control.
    return [{ as: 'attacker', peer: 'internet', to: 'memory', operation: 'GetMemoryRecord', expects: 'refusal', call: { method: 'GET', path, headers: mine, body: '' } }];
  },
  'stranger-document-filter': (cast, mine, theirs) => {
    const attempts = pair('knowledge', 'Retrieve', (headers) => knowledgeRetrieve(victimTenant(cast), headers))(cast, mine, theirs);
    // Documents are for clinicians: for anyone else the tenant's own call is no positive control but a probe.
    const clinical = cast.victimBearer.role === 'physician' || cast.victimBearer.role === 'nurse';
    return clinical ? attempts : attempts.map((attempt) => ({ ...attempt, expects: 'refusal' as const }));
  },
  'direct-table': (cast, mine, theirs) =>
    pair('table', 'GetItem', (headers) => tableGet(victimTenant(cast), headers))(cast, mine, theirs),
};

const tableGet = (tenant: string, headers: Headers): Call => ({
  method: 'POST', path: '/', headers: [['x-amz-target', 'DynamoDB_20120810.GetItem'], ...headers],
  body: JSON.stringify({ TableName: TABLE_NAME, Key: { pk: { S: `T#${tenant}` }, sk: { S: 'CONFIG' } } }),
});

const memoryRetrieve = (actor: string, headers: Headers): Call => ({
  method: 'POST', path: `/memories/${MEMORY_ID}/retrieve`, headers,
  body: JSON.stringify({ namespace: `/${actor}/facts/`, searchCriteria: { searchQuery: 'morning', topK: 3 } }),
});

const knowledgeRetrieve = (tenant: string, headers: Headers): Call => ({
  method: 'POST', path: `/knowledgebases/${KNOWLEDGE_BASE_ID}/${encodeURIComponent(tenant)}/retrieve`, headers,
  body: JSON.stringify({ retrievalQuery: { text: 'guideline' } }),
});

/** A compromised agent: it asks the token vending machine for the credentials that its own token gives. */
const credentialsOf = async (stage: Stage, cast: Cast, as: 'attacker' | 'victim'): Promise<Headers | undefined> => {
  const [client, bearer] = as === 'attacker' ? [cast.attacker, cast.bearer] : [cast.victim, cast.victimBearer];
  const journey = stage.sender.journey(client, {
    kind: 'probe', origin: 'own credentials', bearer,
    probe: { kind: 'own credentials', boundary: 'credentials', operation: 'vend', relation: 'same user', expects: 'service' },
  });
  const reply: Reply = await stage.sender.send(journey, 'runtime', 'credentials', {
    method: 'POST', path: '/credentials', headers: [['authorization', `Bearer ${bearer.text}`]], body: '{}',
  });
  const body = reply.status === 200 ? parsed(reply.body) : undefined;
  const sessionToken = isRecord(body) ? body['SessionToken'] : undefined;
  return typeof sessionToken === 'string' ? [['x-amz-security-token', sessionToken]] : undefined;
};
