// What is stored, and whose is it: partitions of items, each with the owner that the harness gave it.

import type { OwnedItem } from './history.ts';
import type { StoreName } from './ports.ts';

/** Up to so many items are looked through one by one: a map of one's own takes more room than they. */
const FEW = 8;

/** Items in the order in which they were first written; deleted ones leave a gap. */
class Partition {
  readonly name: string;
  #items: (OwnedItem | undefined)[] = [];
  /** Where each item stands, by sort key, once there are more than a few. */
  #places: Map<string, number> | undefined;
  #size = 0;

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#size;
  }

  get(sort: string): OwnedItem | undefined {
    return this.#items[this.#placeOf(sort)];
  }

  /** Gives back the item that stood there. */
  put(item: OwnedItem): OwnedItem | undefined {
    const place = this.#placeOf(item.sort);
    const replaced = this.#items[place];
    if (place >= 0) this.#items[place] = item;
    else this.#add(item);
    return replaced;
  }

  #add(item: OwnedItem): void {
    this.#size += 1;
    if (this.#items.length < FEW) {
      // An array that grows by one keeps no room for more.
      this.#items = [...this.#items, item];
      return;
    }
    this.#places ??= placesOf(this.#items);
    this.#places.set(item.sort, this.#items.push(item) - 1);
  }

  delete(sort: string): OwnedItem | undefined {
    const place = this.#placeOf(sort);
    const item = this.#items[place];
    if (item === undefined) return undefined;
    this.#items[place] = undefined;
    this.#places?.delete(sort);
    this.#size -= 1;
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

  /** -1 when there is no such item. */
  #placeOf(sort: string): number {
    if (this.#places !== undefined) return this.#places.get(sort) ?? -1;
    return this.#items.findLastIndex((item) => item?.sort === sort);
  }
}

const placesOf = (items: readonly (OwnedItem | undefined)[]): Map<string, number> => {
  const places = new Map<string, number>();
  for (const [place, item] of items.entries()) if (item !== undefined) places.set(item.sort, place);
  return places;
};

/** One store: partitions of items. */
export class Shelf {
  readonly #partitions = new Map<string, Partition>();

  get(partition: string, sort: string): OwnedItem | undefined {
    return this.#partitions.get(partition)?.get(sort);
  }

  /** The partition's name as the shelf keeps it: equal names, held by many items, need but one text. */
  nameOf(partition: string): string {
    return this.#partitions.get(partition)?.name ?? partition;
  }

  last(partition: string, most: number): readonly OwnedItem[] {
    return this.#partitions.get(partition)?.last(most) ?? [];
  }

  /** Gives back the item that stood there. */
  put(item: OwnedItem): OwnedItem | undefined {
    let partition = this.#partitions.get(item.partition);
    if (partition === undefined) {
      partition = new Partition(item.partition);
      this.#partitions.set(item.partition, partition);
    }
    return partition.put(item);
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
