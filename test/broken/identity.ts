// Which platforms take a bad bearer token for a good one, or one tenant for another?

import { type Headers, header, json, parsed, without } from '../../sim/domain/wire.ts';
import { breaking, claimsIn, deceiving, replacing } from '../../sim/platforms/overriding.ts';
import type { Broken } from './break.ts';

type Claims = Readonly<Record<string, unknown>>;

/**
 * A front door that takes certain bad bearer tokens for the last good one: of the same user, else
 * of the same tier, else of anybody.
 */
const taking = (isTaken: (claims: Claims, head: Claims) => boolean): Broken['make'] =>
  breaking('front-door', (sound) => {
    const good = new Map<unknown, string>();
    return async (call, hop) => {
      const reply = await sound(call, hop);
      const claims = claimsIn(call);
      const text = header(call.headers, 'authorization') ?? '';
      if (reply.status === 200) {
        for (const key of [claims['sub'], claims['tier'], undefined]) good.set(key, text);
      }
      if (reply.status !== 401 || !isTaken(claims, headOf(text))) return reply;
      const known =
        good.get(claims['sub']) ?? good.get(claims['tier']) ?? good.get(undefined) ?? '';
      return sound(
        { ...call, headers: [...without(call.headers, 'authorization'), ['authorization', known]] },
        hop,
      );
    };
  });

const headOf = (text: string): Claims =>
  parsed(
    Buffer.from(text.replace(/^Bearer /, '').split('.')[0] ?? '', 'base64url').toString('utf8'),
  ) ?? {};

const withoutRepetition = (headers: Headers): Headers =>
  headers.filter(([name], index) => headers.findIndex(([other]) => other === name) === index);

/** Whoever is served as another gets what is the other's, on the other's credentials. */
const SERVED = ['I1', 'I3', 'I4'] as const;

export const IDENTITY: readonly Broken[] = [
  {
    does: 'the front door takes unsigned bearer tokens',
    under: 'day',
    implies: SERVED,
    make: taking((_claims, head) => head['alg'] === 'none'),
  },
  {
    does: 'the front door does not look at the audience',
    under: 'day',
    implies: SERVED,
    make: taking((claims) => String(claims['aud']).startsWith('anotherclient')),
  },
  {
    does: 'the front door does not look at the issuer',
    under: 'day',
    implies: SERVED,
    make: taking((claims) => String(claims['iss']).endsWith('_Pool00002')),
  },
  {
    does: 'the front door takes a missing tenant for that of the last caller',
    under: 'day',
    implies: SERVED,
    make: taking((claims) => claims['sub'] !== undefined && claims['tenant'] === undefined),
  },
  {
    does: 'the front door serves those who have no bearer token as whoever came last',
    under: 'day',
    implies: SERVED,
    make: taking((claims) => claims['sub'] === undefined),
  },
  {
    does: 'the gateway lets tools be listed without a bearer token',
    under: 'day',
    make: breaking('gateway', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      const asked = parsed(call.body);
      if (reply.status !== 401 || asked?.['method'] !== 'tools/list') return reply;
      return json(200, { jsonrpc: '2.0', id: asked['id'], result: { tools: [] } });
    }),
  },
  {
    does: 'the tools tell the time to everybody',
    under: 'day',
    make: breaking('tools', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      return reply.status === 401 ? json(200, { now: hop.nowUs() }) : reply;
    }),
    implies: ['I3'],
  },
  {
    does: 'the token vending machine does not look at the end of a bearer token',
    under: 'day',
    make: deceiving('credentials', () => (hop, call) => ({
      nowUs: () => Math.min(hop.nowUs(), Number(claimsIn(call)['exp'] ?? 0) * 1_000_000 - 1),
    })),
    implies: ['I4'],
  },
  {
    does: 'the user pool publishes keys that it has rotated away',
    under: 'day',
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
  },
  {
    does: 'anybody may sign up',
    under: 'day',
    make: breaking('identity', (sound) => (call, hop) => {
      const target = header(call.headers, 'x-amz-target') ?? '';
      return target.endsWith('.SignUp')
        ? Promise.resolve(json(200, { UserConfirmed: true }))
        : sound(call, hop);
    }),
  },
  {
    does: 'the front door takes the first of two bearer tokens',
    under: 'day',
    make: breaking(
      'front-door',
      (sound) => (call, hop) => sound({ ...call, headers: withoutRepetition(call.headers) }, hop),
    ),
  },
  {
    does: 'a tenant that comes under the id of another takes its name, too',
    under: 'lives',
    make: replacing((sound) => ({
      operate: (operation, hop) => {
        if (!('incarnation' in operation)) return sound.operate(operation, hop);
        const incarnation = operation.incarnation.replace(/:\d+$/, ':1');
        return sound.operate({ ...operation, incarnation }, hop);
      },
    })),
    implies: ['I1', 'I3', 'I4', 'I9', 'I10'],
  },
];
