// How does a workload hold credentials: cached under the whole bearer token, renewed early, never past their due.

import type { Hop } from '../domain/ports.ts';
import { parsed } from '../domain/wire.ts';
import type { Verified } from './bearer.ts';
import type { Trace } from './tracing.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresUs: number;
}

interface Held {
  readonly credentials: Credentials;
  readonly renewUs: number;
}

const HELD_MAX = 20_000;

/** Credentials by caller. A renewal that fails gives none, even while the old ones would still live. */
export class CredentialsCache {
  readonly #held = new Map<string, Held>();

  async get(verified: Verified, hop: Hop, trace: Trace): Promise<Credentials | undefined> {
    const held = this.#held.get(verified.authorization);
    if (held !== undefined && hop.nowUs() < held.renewUs) return held.credentials;
    this.#held.delete(verified.authorization);
    const credentials = await vend(verified, hop, trace);
    if (credentials === undefined) return undefined;
    // Renewed at 80 % of their life.
    const renewUs = hop.nowUs() + Math.floor((credentials.expiresUs - hop.nowUs()) * 0.8);
    this.#forgetDue(hop.nowUs());
    if (this.#held.size >= HELD_MAX) this.#held.clear();
    this.#held.set(verified.authorization, { credentials, renewUs });
    return credentials;
  }

  /** Held the longest stand first, and are the first that are due. */
  #forgetDue(nowUs: number): void {
    for (const [authorization, { renewUs }] of this.#held) {
      if (nowUs < renewUs) return;
      this.#held.delete(authorization);
    }
  }
}

const vend = async (
  verified: Verified,
  hop: Hop,
  trace: Trace,
): Promise<Credentials | undefined> => {
  const reply = await hop.call('credentials', {
    method: 'POST',
    path: '/credentials',
    headers: [['authorization', verified.authorization], ...trace.headers()],
    body: '{}',
  });
  if (reply.status !== 200) return undefined;
  const body = parsed(reply.body);
  const { AccessKeyId, SecretAccessKey, SessionToken, ExpirationUs } = body ?? {};
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') return undefined;
  if (typeof SessionToken !== 'string' || typeof ExpirationUs !== 'number') return undefined;
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiresUs: ExpirationUs,
  };
};
