// Who takes part in a probe, and what is one attempt of it?

import type { ProbeFacts } from '../../domain/history.ts';
import type { BearerFacts } from '../../domain/ledger.ts';
import type { KeyRing, Peer, ServiceName } from '../../domain/ports.ts';
import type { Call, Headers } from '../../domain/wire.ts';
import type { Chance } from '../../kernel/chance.ts';
import { claimsOf } from '../../protocol/bearer.ts';
import type { Client } from '../clients.ts';
import type { Home } from '../traffic.ts';

export const SESSION = 'probe-session-0123456789abcdef0123456789';

/** An attacker with their own good bearer token, and somebody of another tenant. */
export interface Cast {
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
  /** Something only the victim may read: what it says, its next prompt holds. */
  readonly victimSecret: string;
}

/** One call of a probe. */
export interface Attempt {
  readonly as: 'attacker' | 'victim' | 'stranger';
  readonly peer: Peer;
  readonly to: ServiceName;
  readonly operation: string;
  readonly call: Call;
  readonly expects: ProbeFacts['expects'];
  readonly bearer?: BearerFacts;
  readonly session?: string;
}

export const own = (cast: Cast): Headers => [['authorization', `Bearer ${cast.bearer.text}`]];

/** What the victim's tenant is called in the platform, from the victim's own token. */
export const victimTenant = (cast: Cast): string => cast.victimBearer.clinic;
export const victimActor = (cast: Cast): string =>
  String(claimsOf(cast.victimBearer.text)['actor']);

export const asked = (
  _cast: Cast,
  operation: string,
  call: Call,
  expects: ProbeFacts['expects'] = 'own answer',
): Attempt => ({
  as: 'attacker',
  peer: 'internet',
  to: 'front-door',
  operation,
  call,
  expects,
  session: SESSION,
});

export const direct = (_cast: Cast, to: ServiceName, operation: string, call: Call): Attempt => ({
  as: 'attacker',
  peer: 'internet',
  to,
  operation,
  call,
  expects: 'refusal',
});
