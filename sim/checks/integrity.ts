// I9: is what an owner reads its last permitted write, neither missing nor altered?

import { nameOf, nameOfLabel } from '../domain/finding.ts';
import type { Exchange, HistoryEvent, Stored } from '../domain/history.ts';
import { parsed, type Reply } from '../domain/wire.ts';
import { type Check, clockText, type Known, letLine, Tally } from './check.ts';
import { Deletions } from './deletions.ts';

/** The stores whose items a reply shows as they stand; an event of memory is the service's own affair. */
const SHOWN = new Set(['table', 'memory-records', 'knowledge']);

export class Integrity implements Check {
  readonly #known: Known;
  readonly #tally: Tally;
  readonly #deletions = new Deletions();
  /** What each running hop last read, until its exchange ends. */
  readonly #reading = new Map<number, Stored>();

  constructor(known: Known) {
    this.#known = known;
    this.#tally = new Tally('I9', known.recent);
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'stored') this.#stored(event);
    else if (event.kind === 'exchange') {
      this.#replied(event);
      if (event.to === 'memory') this.#remembered(event);
    }
  }

  conclude() {
    return this.#tally.conclude();
  }

  #stored(event: Stored): void {
    switch (event.operation) {
      case 'put':
        return this.#put(event);
      case 'delete':
        return this.#delete(event);
      default:
        return this.#read(event);
    }
  }

  #put(event: Stored): void {
    const [item] = event.items;
    const { replaced } = event;
    if (item !== undefined && replaced !== undefined && replaced.owner !== item.owner)
      this.#foreign(event, replaced.owner, 'overwrote');
  }

  #delete(event: Stored): void {
    const [item] = event.items;
    if (item === undefined) return;
    if (!this.#mayDelete(event, item.owner)) this.#foreign(event, item.owner, 'deleted');
  }

  /** A user deletes what is its own, the operator what belongs to the tenant that the order is about. */
  #mayDelete({ request }: Stored, owner: number): boolean {
    if (request?.kind !== 'operate') return owner === request?.writes;
    const about = this.#known.ledger.labelOf(request.writes);
    const label = this.#known.ledger.labelOf(owner);
    if (about?.kind !== 'tenant' || label === undefined || label.kind === 'public') return true;
    return about.incarnation === label.incarnation;
  }

  /**
   * The stores are the harness's own and give what was written: a service that reads may alter or
   * lose it only on the way to its reply.
   */
  #read(event: Stored): void {
    this.#tally.evidence += 1;
    if (event.operation !== 'scan' && event.items.length > 0 && SHOWN.has(event.store))
      this.#reading.set(event.hop, event);
  }

  /** What a service read and shows, its reply holds as it was written. */
  #replied(event: Exchange): void {
    const read = this.#reading.get(event.hop);
    if (read === undefined) return;
    this.#reading.delete(event.hop);
    const { status, body } = event.reply;
    if (status !== 200 || event.to !== read.service) return;
    // As a text within JSON, or, where it is JSON itself, as a part of it.
    const intact = read.items.filter(
      ({ value }) => body.includes(JSON.stringify(value).slice(1, -1)) || body.includes(value),
    );
    this.#tally.controls += intact.length;
    if (intact.length === read.items.length) return;
    // A search shows only some of what it read.
    const rows = read.operation === 'get' ? 1 : rowsIn(event.reply);
    if (intact.length >= rows) return;
    const one = read.items.find((item) => !intact.includes(item));
    this.#tally.report({
      boundary: read.service,
      operation: 'reply',
      relation: 'same user',
      sink: 'altered',
      service: read.service,
      event,
      title: 'a read is altered',
      let: [letLine('E1', event, `${read.service} read for ${nameOf(event.request?.principal)}`)],
      then: [`In E1 the reply does not hold ${one?.sort} as it was written: a contradiction.`],
    });
  }

  /** What its owner deleted is not shown to it again. */
  #remembered(event: Exchange): void {
    const deleted = this.#deletions.contradicted(event);
    if (deleted === undefined) return;
    const who = nameOf(event.request?.principal);
    this.#tally.report({
      boundary: 'memory',
      operation: 'reply',
      relation: 'same user',
      sink: 'deleted',
      service: 'memory',
      event,
      title: 'what its owner deleted is shown again',
      let: [
        `E1 = ${clockText(deleted.atUs)}  memory told ${who} that ${deleted.id} was deleted`,
        letLine('E2', event, `memory showed ${who} the same id`),
      ],
      then: ['E2 began after E1, and shows what was no longer there: a contradiction.'],
    });
  }

  #foreign(event: Stored, owner: number, did: string): void {
    const who =
      event.request?.kind === 'operate' ? 'the operator' : nameOf(event.request?.principal);
    this.#tally.report({
      boundary: event.service,
      operation: event.operation,
      relation: 'other',
      sink: event.store,
      service: event.service,
      event,
      title: `an item was ${did === 'deleted' ? 'deleted' : 'overwritten'} by one who may not`,
      let: [letLine('E1', event, `${who} ${did} ${event.sort} in ${event.partition}`)],
      then: [
        `That item belongs to ${nameOfLabel(this.#known.ledger.labelOf(owner))}, not to E1's writer: a contradiction.`,
      ],
    });
  }
}

/** How many items a reply of the table, of memory or of the knowledge base shows. */
const rowsIn = (reply: Reply): number => {
  const body = parsed(reply.body);
  const rows = body?.['Items'] ?? body?.['memoryRecordSummaries'] ?? body?.['retrievalResults'];
  return Array.isArray(rows) ? rows.length : 0;
};
