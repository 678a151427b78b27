// Which admissions are still within a window that slides with the clock?

import type { Stretch } from '../limiter-judge/busiest-window.ts';

/** The stamps of the last admissions, oldest first, in a ring that grows as it must. */
export class Recent {
  readonly #windowUs: number;
  #ring = new Float64Array(16);
  #first = 0;
  #size = 0;
  #fullest = { fromUs: 0, toUs: 0, admitted: 0 };

  /** Keeps what is less than `windowUs` old. */
  constructor(windowUs: number) {
    this.#windowUs = windowUs;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * The interval in which most was admitted so far, from its first admission to its last, where so
   * many are allowed; undefined before the first.
   */
  fullest(allowed: number): Stretch | undefined {
    return this.#fullest.admitted === 0 ? undefined : { ...this.#fullest, allowed };
  }

  /** Forgets what is too old at `atUs`. */
  forget(atUs: number): void {
    while (this.#size > 0 && atUs - this.#at(0) >= this.#windowUs) {
      this.#first = (this.#first + 1) & (this.#ring.length - 1);
      this.#size -= 1;
    }
  }

  /** The stamp of the admission that `count` others have followed; it must still be known. */
  beforeLast(count: number): number {
    return this.#at(this.#size - 1 - count);
  }

  /** Adds an admission, after `forget` for its instant. */
  add(atUs: number): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#size) & (this.#ring.length - 1)] = atUs;
    this.#size += 1;
    if (this.#size <= this.#fullest.admitted) return;
    this.#fullest = { fromUs: this.#at(0), toUs: atUs, admitted: this.#size };
  }

  #at(index: number): number {
    return this.#ring[(this.#first + index) & (this.#ring.length - 1)] as number;
  }

  #grow(): void {
    const larger = new Float64Array(this.#ring.length * 2);
    for (let index = 0; index < this.#size; index += 1) larger[index] = this.#at(index);
    this.#ring = larger;
    this.#first = 0;
  }
}
