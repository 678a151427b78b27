// Did two runs see the same history: a rolling digest with checkpoints, and where two first differ.

import { createHash } from 'node:crypto';

/** Lines between two checkpoints. */
export const CHECKPOINT_LINES = 256;

/** Hashes lines in order. Each checkpoint's hash covers all lines up to it. */
export class Digest {
  readonly checkpoints: string[] = [];
  #hash = createHash('sha256');
  #lines: string[] = [];
  #hashed = 0;
  #last = '';

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length === TOGETHER) this.#feed();
    if (this.#hashed === CHECKPOINT_LINES) this.#close();
  }

  /** The hash of everything added so far, as 64 hexadecimal digits. */
  value(): string {
    this.#feed();
    if (this.#hashed > 0 || this.#last === '') this.#close();
    return this.#last;
  }

  #feed(): void {
    if (this.#lines.length === 0) return;
    const text = this.#lines.join('\n');
    this.#hash.update(text, WIDE.test(text) ? 'utf16le' : 'latin1').update('\n');
    this.#hashed += this.#lines.length;
    this.#lines = [];
  }

  #close(): void {
    this.#last = this.#hash.digest('hex');
    this.checkpoints.push(this.#last);
    this.#hash = createHash('sha256').update(this.#last);
    this.#hashed = 0;
  }
}

/** Lines hashed in one go: a divisor of the above, and small enough to stay in the nearest cache. */
const TOGETHER = 16;

/** Where no unit is wide, a byte for each loses nothing, and is encoded and hashed twice as fast. */
const WIDE = /[\u0100-\uffff]/;

/** The range of line indexes in which two runs first differ, or `undefined` when they agree. */
export const firstDifference = (
  one: readonly string[],
  other: readonly string[],
): { readonly from: number; readonly to: number } | undefined => {
  const length = Math.max(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    if (one[index] === other[index]) continue;
    return { from: index * CHECKPOINT_LINES, to: (index + 1) * CHECKPOINT_LINES };
  }
  return undefined;
};
