// What is stored, and whose is it: the storage under the data services, with the owner of every item.

import type { StoreName } from '../domain/ports.ts';
import type { OwnedItem } from '../domain/history.ts';

/** One store: partitions of items in the order in which they were first written. */
class Shelf {
  readonly #partitions = new Map<string, Map<string, OwnedItem>>();

  partition(name: string): ReadonlyMap<string, OwnedItem> | undefined {
    return this.#partitions.get(name);
  }

  put(item: OwnedItem): void {
    const partition = this.#partitions.get(item.partition);
    if (partition === undefined) this.#partitions.set(item.partition, new Map([[item.sort, item]]));
    else partition.set(item.sort, item);
  }

  delete(partition: string, sort: string): OwnedItem | undefined {
    const items = this.#partitions.get(partition);
    const item = items?.get(sort);
    items?.delete(sort);
    if (items?.size === 0) this.#partitions.delete(partition);
    return item;
  }

  *scan(prefix: string): Generator<OwnedItem> {
    for (const [name, items] of this.#partitions) if (name.startsWith(prefix)) yield* items.values();
  }
}

export type Shelves = Readonly<Record<StoreName, Shelf>>;

export const shelves = (): Shelves => ({
  table: new Shelf(),
  'memory-events': new Shelf(),
  'memory-records': new Shelf(),
  knowledge: new Shelf(),
});
