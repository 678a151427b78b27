// Did the pool issue this token to the web client: the JWT authorizer of AgentCore, which asks for no tenant.

import { CognitoJwtVerifier } from 'aws-jwt-verify';
import type { Rule } from '../../domain/fidelity.ts';
import type { Hop } from '../../domain/ports.ts';
import type { Call } from '../../domain/wire.ts';
import { MINUTE_US, SECOND_US } from '../../kernel/clock.ts';
import type { BearerTerms } from '../../protocol/bearer.ts';

export const AUTHORIZER_RULES: readonly Rule[] = [
  {
    service: 'runtime',
    rule: 'the JWT authorizers of runtimes and gateways check signature, issuer, audience and expiry; no custom claim, so every user of the pool may enter those of every tier',
    source: 'sample, deploy.sh AUTHORIZER_CONFIG; scripts/agentcore_gateway.py:100-115 (W05)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'a token without custom claims is accepted, and its bearer works as the demo tenant',
    source: 'sample, cognito_multitenant.yaml; main.py:147; agent/context.py:104-125 (W06)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'an authorizer trusts a key set for 5 minutes',
    source: 'assumed',
    standing: 'assumed',
  },
];

export interface Authorized {
  readonly authorization: string;
  readonly subject: string;
  /** Every claim as AgentCore makes tags of them: strings only. */
  readonly tags: Readonly<Record<string, string>>;
  readonly expiresUs: number;
}

const KEYS_FRESH_US = 5 * MINUTE_US;
const REMEMBERED_MAX = 20_000;

/** Accepts every ID token of the pool's web client until it expires. */
export class JwtAuthorizer {
  readonly #verifier;
  readonly #remembered = new Map<string, Authorized>();
  #keys = '';
  #fetchedUs = Number.NEGATIVE_INFINITY;

  constructor({ userPoolId, clientId }: BearerTerms) {
    this.#verifier = CognitoJwtVerifier.create({
      userPoolId,
      clientId,
      tokenUse: 'id',
      // Expiry is checked by the simulated clock; the library reads the machine's.
      graceSeconds: Number.POSITIVE_INFINITY,
    });
  }

  async verify(call: Call, hop: Hop): Promise<Authorized | undefined> {
    const given = call.headers.filter(([name]) => name === 'authorization');
    const authorization = given[0]?.[1];
    if (given.length !== 1 || authorization?.startsWith('Bearer ') !== true) return undefined;
    if (hop.nowUs() - this.#fetchedUs >= KEYS_FRESH_US) await this.#fetchKeys(hop);
    const authorized = this.#remembered.get(authorization) ?? this.#check(authorization);
    return authorized === undefined || hop.nowUs() >= authorized.expiresUs ? undefined : authorized;
  }

  async #fetchKeys(hop: Hop): Promise<void> {
    const path = '/.well-known/jwks.json';
    const reply = await hop.call('identity', { method: 'GET', path, headers: [], body: '' });
    if (reply.status !== 200) return;
    this.#fetchedUs = hop.nowUs();
    if (reply.body === this.#keys) return;
    this.#keys = reply.body;
    this.#remembered.clear();
    this.#verifier.cacheJwks(JSON.parse(reply.body));
  }

  #check(authorization: string): Authorized | undefined {
    if (this.#keys === '') return undefined;
    const claims = this.#claims(authorization.slice('Bearer '.length));
    if (claims === undefined) return undefined;
    const { exp, sub } = claims;
    if (typeof exp !== 'number') return undefined;
    const tags: Record<string, string> = {};
    for (const [name, value] of Object.entries(claims)) {
      if (value !== null) tags[name] = typeof value === 'string' ? value : JSON.stringify(value);
    }
    const authorized = { authorization, subject: String(sub), tags, expiresUs: exp * SECOND_US };
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(authorization, authorized);
    return authorized;
  }

  #claims(text: string): Readonly<Record<string, unknown>> | undefined {
    try {
      return this.#verifier.verifySync(text) as unknown as Readonly<Record<string, unknown>>;
    } catch {
      return undefined;
    }
  }
}
