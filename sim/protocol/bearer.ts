// Is this bearer token genuine and current: the check that every service makes for itself.

import { CognitoJwtVerifier } from 'aws-jwt-verify';
import type { Caller } from '../domain/caller.ts';
import type { Hop } from '../domain/ports.ts';
import { type Call, type Headers, parsed } from '../domain/wire.ts';
import { MINUTE_US, SECOND_US } from '../kernel/clock.ts';

/** The user pool and app client that tokens must come from. */
export interface BearerTerms {
  readonly userPoolId: string;
  readonly clientId: string;
  /** Whether all tokens are verified by one copy of the key set, or each by its own. */
  readonly resources: 'shared' | 'replicated';
}

/** A verified bearer token: whom it speaks for and until when. */
export interface Verified {
  readonly text: string;
  /** The `authorization` header that it came in: passed on as the very same text, it is hashed but once. */
  readonly authorization: string;
  readonly caller: Caller;
  /** IANA zone of the tenant, from its claim. */
  readonly zone: string;
  /** Every claim as AgentCore makes tags of them: strings only. */
  readonly tags: Readonly<Record<string, string>>;
  /** The token's `exp`, in microseconds. From this instant on it is refused, without leeway. */
  readonly expiresUs: number;
}

/** How long a fetched key set is trusted before it is asked for again: assumed. */
const KEYS_FRESH_US = 5 * MINUTE_US;
/** How soon an unknown key id may make a service ask again: assumed. Strangers cannot make it ask oftener. */
const KEYS_RETRY_US = 10 * SECOND_US;
const REMEMBERED_MAX = 20_000;

/**
 * Verifies ID tokens by signature, key id, issuer, audience and use (aws-jwt-verify), then expiry
 * and required claims by our own clock. A genuine one is remembered by its whole text.
 */
export class BearerVerifier {
  readonly #terms: BearerTerms;
  readonly #copies = new Map<string, KeySetCopy>();

  constructor(terms: BearerTerms) {
    this.#terms = terms;
  }

  /** The verified token of a call, or `undefined`. Nothing is ever defaulted. */
  async verify(call: Call, hop: Hop): Promise<Verified | undefined> {
    const authorization = bearerHeader(call.headers);
    if (authorization === undefined) return undefined;
    return this.#copyFor(authorization).verify(authorization, hop);
  }

  #copyFor(authorization: string): KeySetCopy {
    const whose = this.#terms.resources === 'shared' ? '' : authorization;
    const known = this.#copies.get(whose);
    if (known !== undefined) return known;
    const copy = new KeySetCopy(this.#terms);
    this.#copies.set(whose, copy);
    return copy;
  }
}

/** A service's copy of the user pool's key set: when it was fetched, and when it must be again. */
class KeySetCopy {
  readonly #terms: BearerTerms;
  #keys: KeySet | undefined;
  #fetchedUs = Number.NEGATIVE_INFINITY;
  /** When an unknown key id last made it ask. */
  #askedAgainUs = Number.NEGATIVE_INFINITY;

  constructor(terms: BearerTerms) {
    this.#terms = terms;
  }

  async verify(authorization: string, hop: Hop): Promise<Verified | undefined> {
    if (this.#areOld(hop)) await this.#fetchKeys(hop);
    // Without fresh keys a key may have been withdrawn, and nobody can tell: refuse.
    if (this.#areOld(hop)) return undefined;
    let verified = this.#keys?.check(authorization, hop.nowUs());
    if (
      verified === undefined &&
      hop.nowUs() - this.#askedAgainUs >= KEYS_RETRY_US &&
      this.#isForeignKey(authorization)
    ) {
      this.#askedAgainUs = hop.nowUs();
      await this.#fetchKeys(hop);
      verified = this.#keys?.check(authorization, hop.nowUs());
    }
    if (verified === undefined || hop.nowUs() >= verified.expiresUs) return undefined;
    return verified;
  }

  #areOld(hop: Hop): boolean {
    return hop.nowUs() - this.#fetchedUs >= KEYS_FRESH_US;
  }

  async #fetchKeys(hop: Hop): Promise<void> {
    const reply = await hop.call('identity', {
      method: 'GET',
      path: '/.well-known/jwks.json',
      headers: [],
      body: '',
    });
    if (reply.status !== 200) return;
    this.#fetchedUs = hop.nowUs();
    if (reply.body !== this.#keys?.text) this.#keys = keySetOf(this.#terms, reply.body);
  }

  #isForeignKey(authorization: string): boolean {
    const kid = parsed(
      Buffer.from(textOf(authorization).split('.')[0] ?? '', 'base64url').toString('utf8'),
    )?.['kid'];
    return typeof kid === 'string' && this.#keys?.text.includes(JSON.stringify(kid)) !== true;
  }
}

/**
 * What a published key set says of a token. It depends on the two texts alone, so the services,
 * which all ask, share the answer. Each for itself, they took a fifteenth of a run (measured).
 */
class KeySet {
  readonly text: string;
  readonly #verifier;
  readonly #genuine = new Map<string, Verified>();

  constructor(terms: BearerTerms, text: string) {
    this.text = text;
    this.#verifier = CognitoJwtVerifier.create({
      userPoolId: terms.userPoolId,
      clientId: terms.clientId,
      tokenUse: 'id',
      // Expiry is checked by the simulated clock; the library reads the machine's.
      graceSeconds: Number.POSITIVE_INFINITY,
    });
    this.#verifier.cacheJwks(JSON.parse(text));
  }

  /** `undefined`: not genuine. Whether it has expired is for the caller to see. */
  check(authorization: string, nowUs: number): Verified | undefined {
    return this.#genuine.get(authorization) ?? this.#verified(authorization, nowUs);
  }

  #verified(authorization: string, nowUs: number): Verified | undefined {
    let claims: Readonly<Record<string, unknown>>;
    try {
      claims = this.#verifier.verifySync(textOf(authorization)) as unknown as typeof claims;
    } catch {
      return undefined;
    }
    const verified = accepted(authorization, claims);
    if (verified === undefined) return undefined;
    this.#forgetExpired(nowUs);
    if (this.#genuine.size >= REMEMBERED_MAX) this.#genuine.clear();
    this.#genuine.set(authorization, verified);
    return verified;
  }

  /** Tokens live equally long, so the first remembered are the first to expire. */
  #forgetExpired(nowUs: number): void {
    for (const [authorization, { expiresUs }] of this.#genuine) {
      if (nowUs < expiresUs) return;
      this.#genuine.delete(authorization);
    }
  }
}

const keySetOf = (terms: BearerTerms, text: string): KeySet => {
  const name = `${terms.userPoolId} ${terms.clientId} ${text}`;
  const known = keySets.get(name);
  if (known !== undefined) return known;
  const made = new KeySet(terms, text);
  if (keySets.size >= KEY_SETS_MAX) keySets.clear();
  keySets.set(name, made);
  return made;
};

const KEY_SETS_MAX = 16;
const keySets = new Map<string, KeySet>();

/** The `authorization` header, or `undefined` when absent, repeated or of another scheme than `Bearer`. */
const bearerHeader = (headers: Headers): string | undefined => {
  let found: string | undefined;
  for (const [name, value] of headers) {
    if (name !== 'authorization') continue;
    if (found !== undefined) return undefined;
    found = value;
  }
  return found?.startsWith('Bearer ') === true ? found : undefined;
};

const textOf = (authorization: string): string => authorization.slice('Bearer '.length);

/** What a client may know of its own token: its claims, unverified. */
export const claimsOf = (text: string): Readonly<Record<string, unknown>> =>
  parsed(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString('utf8')) ?? {};

const REQUIRED = ['sub', 'tenant', 'tier', 'role', 'actor', 'zone'] as const;

const accepted = (
  authorization: string,
  claims: Readonly<Record<string, unknown>>,
): Verified | undefined => {
  const exp = claims['exp'];
  if (typeof exp !== 'number' || !Number.isSafeInteger(exp)) return undefined;
  const tags: Record<string, string> = {};
  for (const [name, value] of Object.entries(claims)) {
    if (value !== null) tags[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  const [user, tenant, tier, role, actor, zone] = REQUIRED.map((name) => claims[name]);
  if (!filled(user) || !filled(tenant) || !filled(tier)) return undefined;
  if (!filled(role) || !filled(actor) || !filled(zone)) return undefined;
  return {
    text: textOf(authorization),
    authorization,
    zone,
    tags,
    expiresUs: exp * SECOND_US,
    caller: { tier, tenant, user, role, actor },
  };
};

const filled = (value: unknown): value is string => typeof value === 'string' && value.length > 0;
