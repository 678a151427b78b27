// What does a service read and write: one store as a hop uses it, every access recorded.

import type { OwnedItem, RequestFacts } from '../domain/history.ts';
import type { Hop, Peer, Store, StoreName } from '../domain/ports.ts';
import type { Shelves } from '../domain/shelf.ts';
import type { World } from './world.ts';

/** One store as a hop uses it. What is written belongs to the request's own label. */
export class RecordedStore implements Store {
  readonly #world: World;
  readonly #request: RequestFacts;
  readonly #hop: Hop & { readonly id: number };
  readonly #service: Peer;
  readonly #name: StoreName;

  constructor(
    world: World,
    request: RequestFacts,
    hop: Hop & { readonly id: number },
    service: Peer,
    name: StoreName,
  ) {
    this.#world = world;
    this.#request = request;
    this.#hop = hop;
    this.#service = service;
    this.#name = name;
  }

  get(partition: string, sort: string): OwnedItem | undefined {
    const item = this.#shelf.get(partition, sort);
    this.#note('get', partition, sort, item === undefined ? [] : [item]);
    return item;
  }

  query(partition: string, most = Number.POSITIVE_INFINITY): readonly OwnedItem[] {
    const items = this.#shelf.last(partition, most);
    this.#world.history.record({
      kind: 'stored',
      request: this.#request,
      hop: this.#hop.id,
      service: this.#service,
      store: this.#name,
      operation: 'query',
      partition,
      sort: '',
      items,
      most,
    });
    return items;
  }

  scan(prefix: string): readonly OwnedItem[] {
    const items = [...this.#shelf.scan(prefix)];
    this.#note('scan', prefix, '', items);
    return items;
  }

  put(partition: string, sort: string, value: string): void {
    // Frozen: services are handed the very item that the checks compare with.
    const item = Object.freeze({
      partition: this.#shelf.nameOf(partition),
      sort,
      value,
      writtenUs: this.#hop.nowUs(),
      owner: this.#request.writes,
    });
    const replaced = this.#shelf.put(item);
    this.#note('put', partition, sort, [item], replaced);
  }

  delete(partition: string, sort: string): void {
    const item = this.#shelf.delete(partition, sort);
    this.#note('delete', partition, sort, item === undefined ? [] : [item]);
  }

  get #shelf(): Shelves[StoreName] {
    return this.#world.shelves[this.#name];
  }

  #note(
    operation: 'get' | 'scan' | 'put' | 'delete',
    partition: string,
    sort: string,
    items: readonly OwnedItem[],
    replaced?: OwnedItem,
  ): void {
    this.#world.history.record({
      kind: 'stored',
      request: this.#request,
      hop: this.#hop.id,
      service: this.#service,
      store: this.#name,
      operation,
      partition,
      sort,
      items,
      replaced,
    });
  }
}
