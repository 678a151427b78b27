// What do windows and calendar periods leave, and how full was any interval of a window's length?

import type { Stretch } from '../limiter-judge/busiest-window.ts';
import { PeriodJudge, type Periods } from '../limiter-judge.ts';
import type { Meter } from './meter.ts';
import { Recent } from './recent.ts';

export class PeriodMeter implements Meter {
  readonly #requests: number;
  readonly #period: PeriodJudge;
  readonly #recent: Recent | undefined;
  #atUs = 0;

  /** With `windowUs` where periods are all equally long, for the fullest interval of that length. */
  constructor(periods: Periods & { readonly windowUs?: number }, toleranceUs: number) {
    this.#requests = periods.requests;
    this.#period = new PeriodJudge(periods, toleranceUs);
    this.#recent = periods.windowUs === undefined ? undefined : new Recent(periods.windowUs);
  }

  advance(atUs: number): void {
    this.#atUs = atUs;
    this.#recent?.forget(atUs);
    this.#period.advance(atUs);
  }

  surelySpent(): boolean {
    return this.#period.surelySpent();
  }

  surelyHasRoom(): boolean {
    return this.#period.surelyHasRoom();
  }

  take(): void {
    this.#recent?.add(this.#atUs);
    this.#period.count();
  }

  worst(): Stretch | undefined {
    return this.#period.worstPeriod();
  }

  fullest(): Stretch | undefined {
    return this.#recent?.fullest(this.#requests);
  }
}
