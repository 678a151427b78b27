// I9: is what an owner reads its last permitted write, neither missing nor altered?

import { nameOf, nameOfLabel } from '../domain/finding.ts';
import type { Exchange, HistoryEvent, OwnedItem, Stored } from '../domain/history.ts';
import { type Check, type Known, letLine, Tally } from './check.ts';

interface Written {
  readonly value: string;
  readonly owner: number;
}

export class Integrity implements Check {
  readonly #known: Known;
  readonly #tally: Tally;
  readonly #written = new Map<string, Written>();
  readonly #counts = new Map<string, number>();
  /** The single item that each running hop read, until its exchange ends. */
  readonly #reading = new Map<number, OwnedItem>();

  constructor(known: Known) {
    this.#known = known;
    this.#tally = new Tally('I9', known.recent);
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'stored') this.#stored(event);
    else if (event.kind === 'exchange') this.#replied(event);
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
    if (item === undefined) return;
    const key = keyOf(event.store, item);
    const known = this.#written.get(key);
    if (known !== undefined && known.owner !== item.owner) this.#foreign(event, known.owner, 'overwrote');
    if (known === undefined) this.#count(event, 1);
    this.#written.set(key, { value: item.value, owner: item.owner });
  }

  #delete(event: Stored): void {
    const [item] = event.items;
    if (item === undefined) return;
    const writes = event.request?.writes;
    const operates = event.request?.kind === 'operate';
    if (!operates && item.owner !== writes) this.#foreign(event, item.owner, 'deleted');
    if (this.#written.delete(keyOf(event.store, item))) this.#count(event, -1);
  }

  #count(event: Stored, by: number): void {
    const key = `${event.store} ${event.partition}`;
    const count = (this.#counts.get(key) ?? 0) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }

  /** A read gives every item of the partition as it was last written. */
  #read(event: Stored): void {
    this.#tally.evidence += 1;
    for (const item of event.items) {
      const written = this.#written.get(keyOf(event.store, item));
      if (written?.value === item.value) this.#tally.controls += 1;
      else this.#differs(event, 'altered', `${item.sort} is not as ${nameOfLabel(this.#known.ledger.labelOf(item.owner))} wrote it`);
    }
    if (event.operation === 'get' && event.items[0] !== undefined) this.#reading.set(event.hop, event.items[0]);
    const all = this.#counts.get(`${event.store} ${event.partition}`) ?? 0;
    const wanted = Math.min(all, event.most ?? all);
    if (event.operation !== 'query' || event.items.length === wanted) return;
    this.#differs(event, 'missing', `${event.items.length} items of ${event.partition} came, ${wanted} were written`);
  }

  /** What a service read as one item, its reply holds as it was written. */
  #replied(event: Exchange): void {
    const item = this.#reading.get(event.hop);
    if (item === undefined) return;
    this.#reading.delete(event.hop);
    if (event.to !== 'table' || event.reply.status !== 200) return;
    if (event.reply.body.includes(JSON.stringify(item.value).slice(1, -1))) return;
    this.#differs(event, 'altered', `the reply does not hold ${item.sort} as it was written`);
  }

  #differs(event: Stored | Exchange, sink: string, what: string): void {
    const service = event.kind === 'stored' ? event.service : event.to;
    this.#tally.report({
      boundary: service, operation: event.kind === 'stored' ? event.store : 'reply', relation: 'same user', sink, service, event,
      title: `a read is ${sink}`, let: [letLine('E1', event, `${service} read for ${nameOf(event.request?.principal)}`)],
      then: [`In E1 ${what}: a contradiction.`],
    });
  }

  #foreign(event: Stored, owner: number, did: string): void {
    const who = nameOf(event.request?.principal);
    this.#tally.report({
      boundary: event.service, operation: event.operation, relation: 'other', sink: event.store, service: event.service, event,
      title: `an item was ${did === 'deleted' ? 'deleted' : 'overwritten'} by one who may not`,
      let: [letLine('E1', event, `${who} ${did} ${event.sort} in ${event.partition}`)],
      then: [`That item belongs to ${nameOfLabel(this.#known.ledger.labelOf(owner))}, not to E1's writer: a contradiction.`],
    });
  }
}

const keyOf = (store: string, item: OwnedItem): string => `${store} ${item.partition} ${item.sort}`;
