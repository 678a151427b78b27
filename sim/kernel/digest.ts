// Did two runs see the same history: a rolling digest with checkpoints, and where two first differ.

import { createHash } from 'node:crypto';

/** Lines between two checkpoints. */
export const CHECKPOINT_LINES = 256;

/** Hashes lines in order. Each checkpoint's hash covers all lines up to it. */
export class Digest {
  readonly checkpoints: string[] = [];
  #lines: string[] = [];
  #last = '';

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length === CHECKPOINT_LINES) this.#close();
  }

  /** The hash of everything added so far, as 64 hexadecimal digits. */
  value(): string {
    if (this.#lines.length > 0 || this.#last === '') this.#close();
    return this.#last;
  }

  #close(): void {
    const hash = createHash('sha256').update(this.#last).update(this.#lines.join('\n'));
    this.#last = hash.digest('hex');
    this.#lines = [];
    this.checkpoints.push(this.#last);
  }
}

/** The range of line indexes in which two runs first differ, or `undefined` when they agree. */
export const firstDifference = (
  one: readonly string[], other: readonly string[],
): { readonly from: number; readonly to: number } | undefined => {
  const length = Math.max(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    if (one[index] === other[index]) continue;
    return { from: index * CHECKPOINT_LINES, to: (index + 1) * CHECKPOINT_LINES };
  }
  return undefined;
};
