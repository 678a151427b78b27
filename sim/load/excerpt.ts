// What does a report show of an answer in which somebody else's canary stood?

import { findCanaries } from '../domain/canary.ts';
import { nameOf, nameOfLabel } from '../domain/finding.ts';
import type { Exchange, HistoryEvent, Observer } from '../domain/history.ts';
import type { Reader } from '../domain/label.ts';
import type { Ledger } from '../domain/ledger.ts';
import { readerOf } from '../domain/principal.ts';
import type { Secrets } from './secrets.ts';

/** Characters shown on each side of a canary; assumed. */
export const AROUND = 80;
/** A canary as it is spelled plainly, in characters. */
const CANARY = 33;
/** Excerpts kept at most. */
const KEPT_MAX = 20;

/** Keeps what stood around the first canaries that came to one who is not among their readers. */
export class Excerpts implements Observer {
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
    if (event.kind !== 'exchange' || this.#kept.length >= KEPT_MAX) return;
    const principal = event.request?.principal;
    if (principal === undefined) return;
    const ledger = this.#ledger;
    const reader = readerOf(principal);
    const texts = [event.reply.chunks?.join(''), event.reply.body];
    for (const text of texts)
      if (text !== undefined && this.#look(event, text, reader, ledger)) return;
  }

  #look(event: Exchange, text: string, reader: Reader, ledger: Ledger): boolean {
    const foreign = findCanaries(text).find(({ facts }) => !ledger.mayRead(facts.owner, reader));
    if (foreign === undefined) return false;
    const owner = nameOfLabel(ledger.labelOf(foreign.facts.owner));
    const who = nameOf(event.request?.principal);
    this.#kept.push(
      `${who} got a ${foreign.facts.kind} of ${owner}: ${excerpt(text, foreign.at, this.#secrets)}`,
    );
    return true;
  }
}

/** `…` where it is cut, on one line, without secrets: first redacted, so that no cut hides one. */
export const excerpt = (text: string, at: number, secrets: Secrets): string => {
  const from = Math.max(0, at - AROUND);
  const to = Math.min(text.length, at + CANARY + AROUND);
  const redacted = secrets.redacted(text);
  // Where nothing was redacted, places are the same; else the canary is looked for anew.
  const moved = redacted === text ? at : (findCanaries(redacted)[0]?.at ?? 0);
  const [begin, end] = [from + moved - at, to + moved - at].map((place) => Math.max(0, place));
  const cut = redacted.slice(begin, end).replaceAll(/\s+/g, ' ');
  return `${(begin ?? 0) > 0 ? '…' : ''}${cut}${(end ?? 0) < redacted.length ? '…' : ''}`;
};
