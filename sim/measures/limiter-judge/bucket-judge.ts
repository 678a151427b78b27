// Was a permit there? The bucket that the contract promises, filled by time and emptied by fact.

import type { RateLimit } from '../../domain/limit.ts';
import { BusiestWindow, type Stretch, worseOf } from './busiest-window.ts';

/** The promised bucket of one key. Without a rate it always has a permit. */
export class BucketJudge {
  readonly #toleranceNs: number;
  #limited = false;
  #permitNs = 1;
  #capacityNs = 0;
  #levelNs = 0;
  #atUs = Number.NEGATIVE_INFINITY;
  #window: BusiestWindow | undefined;
  #worstBefore: Stretch | undefined;

  constructor(rate: RateLimit | undefined, toleranceUs: number) {
    this.#toleranceNs = toleranceUs * 1000;
    this.setRate(rate);
  }

  setRate(rate: RateLimit | undefined): void {
    this.#worstBefore = this.worstWindow();
    this.#window = undefined;
    const wasLimited = this.#limited;
    this.#limited = rate !== undefined;
    if (rate === undefined) return;
    const permitNs = Math.round(1_000_000_000 / rate.requestsPerSecond);
    const capacityNs = permitNs * rate.burst;
    const fits = Number.isSafeInteger(capacityNs + this.#toleranceNs) && permitNs >= 1;
    if (!fits || !Number.isSafeInteger(rate.burst) || rate.burst < 1) {
      throw new RangeError(`no exact bucket: ${rate.requestsPerSecond}/s, burst ${rate.burst}`);
    }
    const heldNs = wasLimited ? converted(this.#levelNs, this.#permitNs, permitNs) : capacityNs;
    this.#levelNs = Math.max(-this.#toleranceNs, Math.min(capacityNs, heldNs));
    this.#permitNs = permitNs;
    this.#capacityNs = capacityNs;
    this.#window = new BusiestWindow(permitNs, rate.burst);
  }

  /** Fills the bucket up to `atUs`, which is not before the last. */
  advance(atUs: number): void {
    const growsNs = (atUs - this.#atUs) * 1000;
    this.#atUs = atUs;
    if (growsNs >= this.#capacityNs - this.#levelNs) this.#levelNs = this.#capacityNs;
    else this.#levelNs += growsNs;
  }

  /** No permit, nor one that would have grown within the tolerance. */
  surelyEmpty(): boolean {
    return this.#limited && this.#levelNs < this.#permitNs - this.#toleranceNs;
  }

  /** A permit, and one that was there a tolerance earlier. */
  surelyHasPermit(): boolean {
    return !this.#limited || this.#levelNs - this.#toleranceNs >= this.#permitNs;
  }

  take(atUs: number): void {
    if (!this.#limited) return;
    this.#levelNs = Math.max(-this.#toleranceNs, this.#levelNs - this.#permitNs);
    this.#window?.admit(atUs);
  }

  /** Of all contracts so far. */
  worstWindow(): Stretch | undefined {
    return worseOf(this.#worstBefore, this.#window?.worst());
  }
}

/** The same number of permits at another cost, rounded down. */
const converted = (levelNs: number, fromNs: number, toNs: number): number => {
  const wholePermits = Math.floor(levelNs / fromNs);
  const restNs = levelNs - wholePermits * fromNs;
  return wholePermits * toNs + Number((BigInt(restNs) * BigInt(toNs)) / BigInt(fromNs));
};
