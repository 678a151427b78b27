// Who and what takes part in one try: the actor, whom it is about, and what an attacker may know of them.

import type { HistoryEvent, Observer, ProbeFacts } from '../../domain/history.ts';
import type { BearerFacts } from '../../domain/ledger.ts';
import { type Headers, isRecord, parsed } from '../../domain/wire.ts';
import type { TryMove } from '../../scenario/move.ts';
import type { Client } from '../clients.ts';
import type { Cast } from '../probes.ts';

/** One try with all that it needs. For an outsider the actor of the cast is the victim, to forge from. */
export interface Scene extends Cast {
  readonly move: TryMove;
  readonly relation: ProbeFacts['relation'];
  /** The bearer token shown, as text; `''` for none. */
  readonly shown: string;
  readonly bearerFacts: BearerFacts | undefined;
  /** Credentials from the token vending machine, when the move shows some. */
  readonly credentials: Headers;
  /** What the victim's memory is called, as far as it was seen. */
  readonly ids: MemoryIds;
  /** A text that only the actor may read. */
  readonly secret: string;
}

/** Ids that are no secrets: whoever knows them may still do nothing with them. */
export interface MemoryIds {
  readonly session: string;
  readonly event: string;
  readonly record: string;
}

const UNSEEN: MemoryIds = {
  session: '0'.repeat(64),
  event: '0000000000000001#00000000',
  record: `mem-${'0'.repeat(40)}`,
};

/** Remembers what the newest session, event and record of each user are called. */
export class SeenIds implements Observer {
  readonly #ids = new Map<string, MemoryIds>();

  of(client: Client): MemoryIds {
    return this.#ids.get(client.principal.membership) ?? UNSEEN;
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'stored' && event.operation === 'put') {
      const [item] = event.items;
      if (event.store === 'memory-records' && item !== undefined)
        this.#note(event, { record: item.sort });
      if (event.store === 'memory-events' && item !== undefined)
        this.#note(event, { event: item.sort });
    }
    if (event.kind !== 'exchange' || event.to !== 'memory' || event.reply.status !== 201) return;
    const sessionId = parsed(event.call.body)?.['sessionId'];
    if (typeof sessionId === 'string') this.#note(event, { session: sessionId });
  }

  #note(event: HistoryEvent, seen: Partial<MemoryIds>): void {
    // What attackers write is no victim's.
    const { principal, kind } = event.request ?? {};
    if (principal === undefined || kind !== 'ask') return;
    const known = this.#ids.get(principal.membership) ?? UNSEEN;
    this.#ids.set(principal.membership, { ...known, ...seen });
  }
}

/** How the actor stands to the one whose data it is about. */
export const relationBetween = (
  actor: Client | undefined,
  victim: Client,
): ProbeFacts['relation'] => {
  if (actor === undefined) return 'outsider';
  const [one, other] = [actor.principal, victim.principal];
  if (one.membership === other.membership) return 'same user';
  if (one.tenant.incarnation === other.tenant.incarnation) return 'other user';
  return one.tenant.tier === other.tenant.tier ? 'other tenant' : 'other tier';
};

/** The credentials in a reply of the token vending machine; none when it refused. */
export const credentialsIn = (body: string): Headers => {
  const told = parsed(body);
  const sessionToken = isRecord(told) ? told['SessionToken'] : undefined;
  return typeof sessionToken === 'string' ? [['x-amz-security-token', sessionToken]] : [];
};
