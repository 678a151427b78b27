// Was any interval of the window's length full? A log of admissions, each known as long as it counts.

import type { SlidingLimit } from '../../domain/contract.ts';
import type { Stretch } from '../limiter-judge/busiest-window.ts';
import type { Meter } from './meter.ts';
import { Recent } from './recent.ts';

export class LogMeter implements Meter {
  readonly #requests: number;
  readonly #windowUs: number;
  readonly #toleranceUs: number;
  /** Those that may still count, if their stamps are off by the tolerance. */
  readonly #perhaps: Recent;
  readonly #byStamps: Recent;
  #atUs = 0;

  constructor({ requests, windowUs }: SlidingLimit, toleranceUs: number) {
    this.#requests = requests;
    this.#windowUs = windowUs;
    this.#toleranceUs = toleranceUs;
    this.#perhaps = new Recent(windowUs + toleranceUs);
    this.#byStamps = toleranceUs === 0 ? this.#perhaps : new Recent(windowUs);
  }

  advance(atUs: number): void {
    this.#atUs = atUs;
    this.#perhaps.forget(atUs);
    if (this.#byStamps !== this.#perhaps) this.#byStamps.forget(atUs);
  }

  surelySpent(): boolean {
    if (this.#perhaps.size < this.#requests) return false;
    const ageUs = this.#atUs - this.#perhaps.beforeLast(this.#requests - 1);
    return ageUs < this.#windowUs - this.#toleranceUs;
  }

  surelyHasRoom(): boolean {
    return this.#perhaps.size < this.#requests;
  }

  take(): void {
    this.#perhaps.add(this.#atUs);
    if (this.#byStamps !== this.#perhaps) this.#byStamps.add(this.#atUs);
  }

  worst(): Stretch | undefined {
    return this.#byStamps.fullest(this.#requests);
  }

  fullest(): Stretch | undefined {
    return this.worst();
  }
}
