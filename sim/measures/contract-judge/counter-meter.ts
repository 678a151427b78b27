// Did two windows in their shares leave room? Whole products of requests and microseconds.

import type { SlidingLimit } from '../../domain/contract.ts';
import { modulo } from '../../kernel/calendar.ts';
import type { Stretch } from '../limiter-judge/busiest-window.ts';
import type { Meter } from './meter.ts';
import { Recent } from './recent.ts';

/** What is known of a window's admissions. */
interface Count {
  readonly atLeast: number;
  readonly atMost: number;
}

const NONE: Count = { atLeast: 0, atMost: 0 };

/**
 * There is room when before × (window − elapsed) + (now + 1) × window ≤ requests × window. The
 * worst is the largest left side, in requests rounded up.
 */
export class CounterMeter implements Meter {
  readonly #requests: number;
  readonly #windowUs: number;
  readonly #toleranceUs: number;
  readonly #recent: Recent;
  #startUs = Number.NEGATIVE_INFINITY;
  #atUs = 0;
  #before = NONE;
  #atLeast = 0;
  #atMost = 0;
  #nearEnd = 0;
  #worst: Stretch | undefined;

  constructor({ requests, windowUs }: SlidingLimit, toleranceUs: number) {
    this.#requests = requests;
    this.#windowUs = windowUs;
    this.#toleranceUs = toleranceUs;
    this.#recent = new Recent(windowUs);
  }

  advance(atUs: number): void {
    this.#atUs = atUs;
    this.#recent.forget(atUs);
    if (atUs < this.#startUs + this.#windowUs) return;
    const windowUs = this.#windowUs;
    const startUs = atUs - modulo(atUs, windowUs);
    const isNext = startUs === this.#startUs + windowUs;
    this.#before = isNext ? { atLeast: this.#atLeast, atMost: this.#atMost } : NONE;
    this.#atLeast = 0;
    this.#atMost = isNext ? this.#nearEnd : 0;
    this.#nearEnd = 0;
    this.#startUs = startUs;
  }

  surelySpent(): boolean {
    if (this.#isNearEdge()) return false;
    const leftUs = Math.max(0, this.#leftUs() - this.#toleranceUs);
    return !this.#fits(this.#before.atLeast, leftUs, this.#atLeast);
  }

  surelyHasRoom(): boolean {
    if (this.#isNearEdge()) return false;
    const leftUs = Math.min(this.#windowUs, this.#leftUs() + this.#toleranceUs);
    return this.#fits(this.#before.atMost, leftUs, this.#atMost);
  }

  take(): void {
    this.#recent.add(this.#atUs);
    this.#atMost += 1;
    if (!this.#isNearEdge()) this.#atLeast += 1;
    else if (this.#isNearEnd()) this.#nearEnd += 1;
    this.#note();
  }

  worst(): Stretch | undefined {
    return this.#worst;
  }

  fullest(): Stretch | undefined {
    return this.#recent.fullest(this.#requests);
  }

  #note(): void {
    const covered = covering(this.#before.atLeast, this.#leftUs(), this.#windowUs);
    const admitted = covered + this.#atLeast;
    if (admitted <= (this.#worst?.admitted ?? 0)) return;
    const fromUs = this.#atUs - this.#windowUs;
    this.#worst = { fromUs, toUs: this.#atUs, admitted, allowed: this.#requests };
  }

  #fits(before: number, leftUs: number, now: number): boolean {
    if (now >= this.#requests) return false;
    const roomUs = (this.#requests - now - 1) * this.#windowUs;
    // Beyond the promise a product may pass 2^53.
    if (before > this.#requests) return BigInt(before) * BigInt(leftUs) <= BigInt(roomUs);
    return before * leftUs <= roomUs;
  }

  #leftUs(): number {
    return this.#startUs + this.#windowUs - this.#atUs;
  }

  #isNearEdge(): boolean {
    return this.#atUs - this.#startUs < this.#toleranceUs || this.#isNearEnd();
  }

  #isNearEnd(): boolean {
    return this.#leftUs() <= this.#toleranceUs;
  }
}

/** The share of a window's admissions that its last so many microseconds hold, rounded up. */
const covering = (admissions: number, leftUs: number, windowUs: number): number => {
  const product = admissions * leftUs;
  if (!Number.isSafeInteger(product))
    return Number((BigInt(admissions) * BigInt(leftUs) - 1n) / BigInt(windowUs)) + 1;
  const restUs = product % windowUs;
  return (product - restUs) / windowUs + (restUs > 0 ? 1 : 0);
};
