// Which platforms take a bad bearer token for a good one, or none for somebody's?

import type { PlatformKit, ServiceName } from '../domain/ports.ts';
import { type Headers, header, json, parsed } from '../domain/wire.ts';
import { breaking, claimsIn, type Make } from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { authorizationOf, bearing, type Claims, claiming } from './making.ts';
import { ask, attempt, FOSTER, intrude, minutes, order, SMITH, wait } from './scripting.ts';

interface Token {
  readonly claims: Claims;
  readonly head: Claims;
}

/** A service that believes certain tokens that it should refuse, once they are mended. */
const believing = (
  service: ServiceName,
  isBelieved: (token: Token) => boolean,
  mended: (kit: PlatformKit, nowUs: number) => Claims = () => ({}),
): Make =>
  breaking(service, (sound, kit) => async (call, hop) => {
    const reply = await sound(call, hop);
    const token = { claims: claimsIn(call), head: headOf(authorizationOf(call)) };
    if (reply.status !== 401 || !isBelieved(token)) return reply;
    return sound(claiming(call, kit, mended(kit, hop.nowUs())), hop);
  });

/** A front door that takes certain tokens for one that it saw before. */
const takingFor = (which: 'first' | 'last', isTaken: (claims: Claims) => boolean): Make =>
  breaking('front-door', (sound) => {
    let seen: string | undefined;
    return async (call, hop) => {
      const reply = await sound(call, hop);
      if (reply.status === 200 && (which === 'last' || seen === undefined))
        seen = authorizationOf(call);
      if (reply.status !== 401 || seen === undefined || !isTaken(claimsIn(call))) return reply;
      return sound(bearing(call, seen), hop);
    };
  });

const headOf = (authorization: string): Claims => {
  const [head = ''] = authorization.replace(/^Bearer /, '').split('.');
  return parsed(Buffer.from(head, 'base64url').toString('utf8')) ?? {};
};

const issuerOf = ({ deployment: { userPoolId } }: PlatformKit): string =>
  `https://cognito-idp.${userPoolId.split('_')[0]}.amazonaws.com/${userPoolId}`;

const withoutRepetition = (headers: Headers): Headers =>
  headers.filter(([key], index) => headers.findIndex(([other]) => other === key) === index);

/** Whoever is served as another gets what is the other's, on the other's credentials. */
const SERVED = ['I1', 'I3', 'I4'] as const;
const CLASS = 'tenant resolution';

export const TENANT_RESOLUTION: readonly SeededFault[] = [
  {
    id: 'front-door-takes-unsigned',
    class: CLASS,
    does: 'the front door takes unsigned bearer tokens',
    source: 'assumed',
    promise: 'I7',
    implies: SERVED,
    boundary: 'front-door',
    mechanism: 'algorithm `none` accepted',
    traits: [],
    make: believing('front-door', ({ head }) => head['alg'] === 'none'),
    script: [intrude(FOSTER, 'front-door talk', { presents: 'unsigned' })],
  },
  {
    id: 'front-door-skips-signature',
    class: CLASS,
    does: 'the front door decodes bearer tokens and does not verify them',
    source: 'W04, published sample api_gateway_lambda.py:130',
    promise: 'I7',
    implies: SERVED,
    boundary: 'front-door',
    mechanism: 'signature not verified',
    traits: [],
    make: believing('front-door', ({ head, claims }) => {
      const { alg } = head;
      return alg === 'RS256' && claims['aud'] !== undefined;
    }),
    script: [intrude(FOSTER, 'front-door talk', { presents: 'forged' })],
  },
  {
    id: 'front-door-ignores-audience',
    class: CLASS,
    does: 'the front door does not look at the audience',
    source: 'W09, published sample authorizer configuration',
    promise: 'I7',
    implies: SERVED,
    boundary: 'front-door',
    mechanism: 'audience not compared',
    traits: [],
    make: believing(
      'front-door',
      ({ claims }) => String(claims['aud']).startsWith('anotherclient'),
      ({ deployment }) => ({ aud: deployment.clientId }),
    ),
    script: [intrude(FOSTER, 'front-door talk', { presents: 'wrong-audience' })],
  },
  {
    id: 'front-door-ignores-issuer',
    class: CLASS,
    does: 'the front door does not look at the issuer',
    source: 'assumed',
    promise: 'I7',
    implies: SERVED,
    boundary: 'front-door',
    mechanism: 'issuer not compared',
    traits: [],
    make: believing(
      'front-door',
      ({ claims }) => String(claims['iss']).endsWith('_Pool00002'),
      (kit) => ({ iss: issuerOf(kit) }),
    ),
    script: [intrude(FOSTER, 'front-door talk', { presents: 'wrong-issuer' })],
  },
  {
    id: 'front-door-demo-tenant',
    class: CLASS,
    does: 'the front door takes a missing tenant for that of its first caller',
    source: 'W03, published sample api_gateway_lambda.py:150',
    promise: 'I7',
    implies: SERVED,
    boundary: 'front-door',
    mechanism: 'missing tenant defaulted',
    traits: [],
    make: takingFor('first', (claims) => claims['sub'] !== undefined && !('tenant' in claims)),
    script: [
      ask(SMITH, 'talk'),
      attempt(SMITH, SMITH, 'front-door talk', { presents: 'claimless' }),
    ],
  },
  {
    id: 'front-door-serves-as-last',
    class: CLASS,
    does: 'the front door serves those who have no bearer token as whoever came last',
    source: 'W03, published sample api_gateway_lambda.py:111',
    promise: 'I7',
    implies: SERVED,
    boundary: 'front-door',
    mechanism: 'missing token defaulted',
    traits: [],
    make: takingFor('last', (claims) => claims['sub'] === undefined),
    script: [ask(SMITH, 'talk'), intrude(SMITH, 'front-door talk')],
  },
  {
    id: 'front-door-first-of-two-tokens',
    class: CLASS,
    does: 'the front door takes the first of two bearer tokens',
    source: 'assumed',
    promise: 'I7',
    implies: SERVED,
    boundary: 'front-door',
    mechanism: 'repeated header collapsed',
    traits: ['no canary shows it'],
    make: breaking(
      'front-door',
      (sound) => (call, hop) => sound({ ...call, headers: withoutRepetition(call.headers) }, hop),
    ),
    script: [attempt(SMITH, FOSTER, 'front-door talk', { shadow: 'repeated' })],
  },
  {
    id: 'front-door-ignores-expiry',
    class: CLASS,
    does: 'the front door does not look at the end of a bearer token',
    source: 'W08, published sample: the agent keeps its first context until the session ends',
    promise: 'I7',
    implies: ['I1', 'I3', 'I4', 'I5'],
    boundary: 'front-door',
    mechanism: 'expiry not compared',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: believing(
      'front-door',
      ({ claims }) => claims['exp'] !== undefined && claims['tenant'] !== undefined,
      (_kit, nowUs) => ({ exp: Math.floor(nowUs / 1_000_000) + 600 }),
    ),
    script: [
      ask(SMITH, 'talk'),
      wait(minutes(61), ask(SMITH, 'talk')),
      attempt(SMITH, SMITH, 'front-door talk', { presents: 'expired' }),
    ],
  },
  {
    id: 'gateway-takes-unknown-key',
    class: CLASS,
    does: 'the gateway verifies a bearer token by whatever key the token names',
    source: 'assumed: `jwk` and `jku` headers followed',
    promise: 'I7',
    implies: SERVED,
    boundary: 'gateway',
    mechanism: 'key taken from the token',
    traits: ['no canary shows it'],
    make: believing('gateway', ({ head }) => head['kid'] !== undefined),
    script: [intrude(FOSTER, 'gateway tools/list', { presents: 'unknown-key' })],
  },
  {
    id: 'gateway-lists-without-token',
    class: CLASS,
    does: 'the gateway lets tools be listed without a bearer token',
    source: 'assumed: discovery left open',
    promise: 'I7',
    implies: ['I3'],
    boundary: 'gateway',
    mechanism: 'listing needs no token',
    traits: ['no canary shows it'],
    make: breaking('gateway', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      const asked = parsed(call.body);
      if (reply.status !== 401 || asked?.['method'] !== 'tools/list') return reply;
      return json(200, { jsonrpc: '2.0', id: asked['id'], result: { tools: [] } });
    }),
    script: [intrude(FOSTER, 'gateway tools/list')],
  },
  {
    id: 'tools-tell-time-to-all',
    class: CLASS,
    does: 'the tools tell the time to everybody',
    source: 'W26, published sample agent.py: tools outside the gateway',
    promise: 'I7',
    implies: ['I3'],
    boundary: 'tools',
    mechanism: 'harmless tool needs no token',
    traits: ['no canary shows it'],
    make: breaking('tools', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      const isTime = call.path === '/tools/current_time';
      return isTime && reply.status !== 200 ? json(200, { now: hop.nowUs() }) : reply;
    }),
    script: [intrude(SMITH, 'tools current_time')],
  },
  {
    id: 'identity-publishes-old-keys',
    class: CLASS,
    does: 'the user pool publishes keys that it has rotated away',
    source: 'assumed',
    promise: 'I7',
    implies: [],
    boundary: 'identity',
    mechanism: 'rotated keys stay in the set',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: breaking('identity', (sound) => {
      const keys = new Map<unknown, unknown>();
      return async (call, hop) => {
        const reply = await sound(call, hop);
        const published = parsed(reply.body)?.['keys'];
        if (!Array.isArray(published)) return reply;
        for (const key of published as readonly Claims[]) keys.set(key['kid'], key);
        return json(200, { keys: [...keys.values()] });
      };
    }),
    script: [
      ask(SMITH, 'talk'),
      order({ kind: 'rotate-keys' }),
      wait(minutes(6), ask(SMITH, 'talk')),
    ],
  },
  {
    id: 'identity-open-sign-up',
    class: CLASS,
    does: 'anybody may sign up',
    source: 'W06, published sample cognito_multitenant.yaml',
    promise: 'I7',
    implies: [],
    boundary: 'identity',
    mechanism: 'self sign-up open',
    traits: ['no canary shows it'],
    make: breaking('identity', (sound) => (call, hop) => {
      const target = header(call.headers, 'x-amz-target') ?? '';
      return target.endsWith('.SignUp')
        ? Promise.resolve(json(200, { UserConfirmed: true }))
        : sound(call, hop);
    }),
    script: [intrude(SMITH, 'identity SignUp')],
  },
];
