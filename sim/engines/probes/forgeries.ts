// Which bad tokens are tried, and where: at every service that takes tokens.

import type { BearerFacts, Ledger } from '../../domain/ledger.ts';
import type { Peer, ServiceName } from '../../domain/ports.ts';
import type { Call, Headers } from '../../domain/wire.ts';
import { SECOND_US } from '../../kernel/clock.ts';
import { claimsOf } from '../../protocol/bearer.ts';
import { signingKey, signJwt } from '../../protocol/signing.ts';
import type { ProbeKind } from '../../scenario/schema.ts';
import { invoke, mcp } from './calls.ts';
import type { Attempt, Cast } from './cast.ts';

type Forgery = (cast: Cast) => string | undefined;

/** Claims as the pool would issue them to the attacker, to be bent. */
const claims = (cast: Cast): Readonly<Record<string, unknown>> => claimsOf(cast.bearer.text);

const signed = (cast: Cast, bent: Readonly<Record<string, unknown>>): string =>
  signJwt(signingKey(cast.keys.current()), { ...claims(cast), ...bent });

const without = (
  all: Readonly<Record<string, unknown>>,
  ...names: readonly string[]
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));

export const FORGERIES: Partial<Readonly<Record<ProbeKind, Forgery>>> = {
  'forged-bearer': (cast) => {
    const genuine = signingKey(cast.keys.current());
    return signJwt(signingKey('a stranger'), claimsOf(cast.victimBearer.text), {
      kid: genuine.kid,
    });
  },
  'expired-bearer': ({ attacker: { expired }, nowUs }) =>
    expired !== undefined && expired.expiresUs <= nowUs ? expired.text : undefined,
  'claimless-bearer': (cast) =>
    signJwt(
      signingKey(cast.keys.current()),
      without(claims(cast), 'tenant', 'tier', 'custom:tier', 'custom:clinic_id'),
    ),
  'wrong-audience-bearer': (cast) => signed(cast, { aud: 'anotherclient000000000001' }),
  'wrong-issuer-bearer': (cast) =>
    signed(cast, { iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool00002' }),
  'unsigned-bearer': (cast) => {
    const [, payload] = cast.victimBearer.text.split('.');
    return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
  },
  'unknown-key-bearer': (cast) =>
    signJwt(signingKey('a stranger'), claimsOf(cast.victimBearer.text)),
  'no-bearer': () => '',
};

/** What the ledger knows of a bad token: that it is one. Nothing when there is no token. */
export const forgedFacts = (ledger: Ledger, cast: Cast, text: string): BearerFacts | undefined =>
  text === ''
    ? undefined
    : (ledger.bearer(text) ??
      ledger.recordBearer({
        text,
        owner: undefined,
        standing: 'forged',
        tier: cast.bearer.tier,
        tenant: cast.bearer.tenant,
        role: cast.bearer.role,
        clinic: cast.bearer.clinic,
        sub: cast.bearer.sub,
        issuedUs: cast.nowUs,
        expiresUs: cast.nowUs + 3600 * SECOND_US,
      }));

/** A bad token at every service that takes tokens, each from the peer that the service expects. */
export const bearerAttempts = (
  ledger: Ledger,
  cast: Cast,
  text: string | undefined,
): readonly Attempt[] => {
  if (text === undefined) return [];
  const bearer = forgedFacts(ledger, cast, text);
  const headers: Headers = text === '' ? [] : [['authorization', `Bearer ${text}`]];
  const attempt = (peer: Peer, to: ServiceName, operation: string, call: Call): Attempt => ({
    as: 'stranger',
    peer,
    to,
    operation,
    call,
    expects: 'refusal',
    ...(bearer === undefined ? {} : { bearer }),
  });
  // By the path of the tier that it claims, so that it is not refused for another reason.
  const tier = String(claimsOf(text)['tier'] ?? cast.bearer.tier);
  const there = { ...cast, bearer: { ...cast.bearer, tier } };
  return [
    attempt('internet', 'front-door', 'invoke', invoke(there, headers, 'hello')),
    attempt('front-door', 'runtime', 'invoke', invoke(there, headers, 'hello')),
    attempt('runtime', 'gateway', 'tools/list', mcp(tier, headers, 'tools/list', {})),
    attempt('gateway', 'tools', 'current_time', {
      method: 'POST',
      path: '/tools/current_time',
      headers,
      body: '{}',
    }),
    attempt('runtime', 'credentials', 'vend', {
      method: 'POST',
      path: '/credentials',
      headers,
      body: '{}',
    }),
  ];
};
