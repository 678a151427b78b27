// Where does chance come from: from the seed and a name, never from the order of asking.

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/**
 * A stream of draws that belongs to one name. Two forks with different keys never share a draw,
 * and drawing from one moves no other.
 */
export class Chance {
  /** The hash of the name so far: a fork's name goes on where its parent's ended. */
  #named: number;
  #generator: RandomGenerator | undefined;

  constructor(seed: number | string) {
    this.#named = hashed(HASH_OF_NOTHING, String(seed));
    this.#generator = undefined;
  }

  /** The stream of the given name below this one, e.g. `chance.fork(tenant, user, request, 'latency')`. */
  fork(...keys: readonly (string | number)[]): Chance {
    const below = new Chance('');
    below.#named = this.#named;
    for (const key of keys) {
      below.#named = hashed(below.#named, '\u001f');
      below.#named = hashed(below.#named, typeof key === 'string' ? key : String(key));
    }
    return below;
  }

  /** A float in [0, 1) with 53 bits. */
  float(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.float() * (high - low + 1));
  }

  /** True with probability `share` in [0, 1]. */
  happens(share: number): boolean {
    return this.float() < share;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.integer(0, items.length - 1)] ?? items[0];
  }

  /** The index of a weight drawn in proportion to the weights (each at least 0, not all 0). */
  weighted(weights: readonly number[]): number {
    let left = this.float() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return index;
    }
    return weights.length - 1;
  }

  /** An exponential draw with the given mean. */
  exponential(mean: number): number {
    return -Math.log(1 - this.float()) * mean;
  }

  /** A standard normal draw (Box and Muller; `Math.log`, `sqrt` and `cos` agree on all supported Nodes). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  /** A log-normal draw given its median and the ratio of its 95th percentile to the median (at least 1). */
  logNormal(median: number, ratioP95: number): number {
    return median * Math.exp((Math.log(ratioP95) / 1.6448536269514722) * this.normal());
  }

  /** `count` hexadecimal digits. */
  hex(count: number): string {
    let text = '';
    while (text.length < count) {
      const drawn = this.#next();
      text +=
        byteText(drawn >>> 24) + byteText(drawn >>> 16) + byteText(drawn >>> 8) + byteText(drawn);
    }
    return text.slice(0, count);
  }

  #next(): number {
    this.#generator ??= xoroshiro128plus(spread(this.#named));
    return this.#generator.next();
  }
}

/** FNV-1a over UTF-16 units with a final avalanche (murmur3): a well-spread 32-bit number of a text. */
export const hash32 = (text: string): number => spread(hashed(HASH_OF_NOTHING, text));

const HASH_OF_NOTHING = 0x811c9dc5;

/** The FNV-1a hash of a text that goes on where the text of another hash ended. */
const hashed = (before: number, text: string): number => {
  let hash = before;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
};

const spread = (named: number): number => {
  let hash = named;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};

const BYTE_TEXTS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

const byteText = (number: number): string => BYTE_TEXTS[number & 0xff] as string;
