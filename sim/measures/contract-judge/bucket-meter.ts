// Was a permit there? A token bucket and a cell rate promise the same, and are judged alike.

import type { BucketLimit } from '../../domain/contract.ts';
import type { Stretch } from '../limiter-judge/busiest-window.ts';
import { BucketJudge } from '../limiter-judge.ts';
import type { Meter } from './meter.ts';

export class BucketMeter implements Meter {
  readonly #bucket: BucketJudge;
  #atUs = 0;

  constructor({ permitNs, burst }: BucketLimit, toleranceUs: number) {
    // Rounded back to the same nanoseconds: the quotient is off by less than 10^-15 of them.
    this.#bucket = new BucketJudge({ requestsPerSecond: 1e9 / permitNs, burst }, toleranceUs);
  }

  advance(atUs: number): void {
    this.#atUs = atUs;
    this.#bucket.advance(atUs);
  }

  surelySpent(): boolean {
    return this.#bucket.surelyEmpty();
  }

  surelyHasRoom(): boolean {
    return this.#bucket.surelyHasPermit();
  }

  take(): void {
    this.#bucket.take(this.#atUs);
  }

  worst(): Stretch | undefined {
    return this.#bucket.worstWindow();
  }

  fullest(): undefined {
    return undefined;
  }
}
