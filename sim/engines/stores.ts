// What is stored, and whose is it: the storage under the data services, with the owner of every item.

import type { OwnedItem } from '../domain/history.ts';
import type { StoreName } from '../domain/ports.ts';

/** Items in the order in which they were first written; deleted ones leave a gap. */
class Partition {
  readonly #items: (OwnedItem | undefined)[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#places.size;
  }

  get(sort: string): OwnedItem | undefined {
    const place = this.#places.get(sort);
    return place === undefined ? undefined : this.#items[place];
  }

  put(item: OwnedItem): void {
    const place = this.#places.get(item.sort);
    if (place !== undefined) this.#items[place] = item;
    else this.#places.set(item.sort, this.#items.push(item) - 1);
  }

  delete(sort: string): OwnedItem | undefined {
    const place = this.#places.get(sort);
    if (place === undefined) return undefined;
    const item = this.#items[place];
    this.#items[place] = undefined;
    this.#places.delete(sort);
    return item;
  }

  /** The last `most` items, oldest first. */
  last(most: number): readonly OwnedItem[] {
    const items: OwnedItem[] = [];
    for (let place = this.#items.length - 1; place >= 0 && items.length < most; place -= 1) {
      const item = this.#items[place];
      if (item !== undefined) items.push(item);
    }
    return items.reverse();
  }
}

/** One store: partitions of items. */
class Shelf {
  readonly #partitions = new Map<string, Partition>();

  get(partition: string, sort: string): OwnedItem | undefined {
    return this.#partitions.get(partition)?.get(sort);
  }

  last(partition: string, most: number): readonly OwnedItem[] {
    return this.#partitions.get(partition)?.last(most) ?? [];
  }

  put(item: OwnedItem): void {
    const partition = this.#partitions.get(item.partition) ?? new Partition();
    this.#partitions.set(item.partition, partition);
    partition.put(item);
  }

  delete(name: string, sort: string): OwnedItem | undefined {
    const partition = this.#partitions.get(name);
    const item = partition?.delete(sort);
    if (partition?.size === 0) this.#partitions.delete(name);
    return item;
  }

  *scan(prefix: string): Generator<OwnedItem> {
    for (const [name, partition] of this.#partitions) {
      if (name.startsWith(prefix)) yield* partition.last(Number.POSITIVE_INFINITY);
    }
  }
}

export type Shelves = Readonly<Record<StoreName, Shelf>>;

export const shelves = (): Shelves => ({
  table: new Shelf(),
  'memory-events': new Shelf(),
  'memory-records': new Shelf(),
  knowledge: new Shelf(),
});
