// What does a report show of an answer in which somebody else's canary stood?

import { findCanaries, type Sighting } from '../domain/canary.ts';
import { nameOf, nameOfLabel } from '../domain/finding.ts';
import type { HistoryEvent, Observer } from '../domain/history.ts';
import type { Ledger } from '../domain/ledger.ts';
import { readerOf } from '../domain/principal.ts';
import type { Secrets } from './secrets.ts';

/** Characters shown on each side of a canary; assumed. */
export const AROUND = 80;
/** A canary as it is spelled plainly, in characters. */
const CANARY = 33;
/** Excerpts kept at most. */
const KEPT_MAX = 20;

/**
 * Keeps what stood around the first canaries that came to one who is not among their readers, and
 * counts those that came back to one who is: without any, a leak might not have shown either.
 */
export class Excerpts implements Observer {
  own = 0;
  readonly #ledger: Ledger;
  readonly #secrets: Secrets;
  readonly #kept: string[] = [];

  constructor(ledger: Ledger, secrets: Secrets) {
    this.#ledger = ledger;
    this.#secrets = secrets;
  }

  get all(): readonly string[] {
    return this.#kept;
  }

  see(event: HistoryEvent): void {
    if (event.kind !== 'exchange') return;
    const { request, reply } = event;
    const principal = request?.principal;
    if (principal === undefined) return;
    const reader = readerOf(principal);
    const isForeign = ({ facts }: Sighting): boolean => !this.#ledger.mayRead(facts.owner, reader);
    // A stream that is all of its body is one answer.
    for (const text of new Set([reply.chunks?.join('') ?? '', reply.body])) {
      const seen = findCanaries(text);
      const foreign = seen.filter(isForeign);
      this.own += seen.length - foreign.length;
      const [first] = foreign;
      if (first === undefined || this.#kept.length >= KEPT_MAX) continue;
      const owner = nameOfLabel(this.#ledger.labelOf(first.facts.owner));
      // Redacted before it is cut, so that no cut hides half a secret; places may move by that.
      const redacted = this.#secrets.redacted(text);
      const at = findCanaries(redacted).find(isForeign)?.at ?? 0;
      const what = `${nameOf(principal)} got a ${first.facts.kind} of ${owner}`;
      this.#kept.push(`${what}: ${around(redacted, at)}`);
      return;
    }
  }
}

/** `…` where it is cut, on one line. */
const around = (text: string, at: number): string => {
  const [from, to] = [Math.max(0, at - AROUND), Math.min(text.length, at + CANARY + AROUND)];
  const cut = text.slice(from, to).replaceAll(/\s+/g, ' ');
  return `${from > 0 ? '…' : ''}${cut}${to < text.length ? '…' : ''}`;
};
