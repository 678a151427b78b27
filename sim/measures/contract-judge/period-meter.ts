// Was this period's number reached? Windows and calendar periods that the clock alone begins and ends.

import type { Span } from '../../kernel/zoned-periods.ts';
import type { Stretch } from '../limiter-judge/busiest-window.ts';
import type { Meter } from './meter.ts';
import { Recent } from './recent.ts';

/** Periods as a fixed window or a quota has them. */
export interface Periods {
  readonly requests: number;
  readonly spanOf: (atUs: number) => Span;
  /** Of periods that are all equally long, for the fullest interval of that length. */
  readonly windowUs?: number;
}

/** So near to an end nothing is judged, and an admission may count for either period. */
export class PeriodMeter implements Meter {
  readonly #requests: number;
  readonly #spanOf: (atUs: number) => Span;
  readonly #toleranceUs: number;
  readonly #recent: Recent | undefined;
  #span: Span = { startUs: Number.NEGATIVE_INFINITY, endUs: Number.NEGATIVE_INFINITY };
  #atUs = 0;
  #byStamps = 0;
  #atLeast = 0;
  #atMost = 0;
  #nearEnd = 0;
  #worst: Stretch | undefined;

  constructor({ requests, spanOf, windowUs }: Periods, toleranceUs: number) {
    this.#requests = requests;
    this.#spanOf = spanOf;
    this.#toleranceUs = toleranceUs;
    this.#recent = windowUs === undefined ? undefined : new Recent(windowUs);
  }

  advance(atUs: number): void {
    this.#atUs = atUs;
    this.#recent?.forget(atUs);
    if (atUs < this.#span.endUs) return;
    const endedUs = this.#span.endUs;
    this.#span = this.#spanOf(atUs);
    this.#byStamps = 0;
    this.#atLeast = 0;
    this.#atMost = this.#span.startUs === endedUs ? this.#nearEnd : 0;
    this.#nearEnd = 0;
  }

  surelySpent(): boolean {
    return this.#atLeast >= this.#requests && !this.#isNearEdge();
  }

  surelyHasRoom(): boolean {
    return this.#atMost < this.#requests && !this.#isNearEdge();
  }

  take(): void {
    this.#recent?.add(this.#atUs);
    this.#byStamps += 1;
    this.#atMost += 1;
    if (!this.#isNearEdge()) this.#atLeast += 1;
    else if (this.#isNearEnd()) this.#nearEnd += 1;
    const worst = this.#worst;
    if (worst !== undefined && this.#byStamps <= worst.admitted) return;
    const { startUs: fromUs, endUs: toUs } = this.#span;
    this.#worst = { fromUs, toUs, admitted: this.#byStamps, allowed: this.#requests };
  }

  worst(): Stretch | undefined {
    return this.#worst;
  }

  fullest(): Stretch | undefined {
    const found = this.#recent?.fullest;
    return found === undefined || found.admitted === 0
      ? undefined
      : { ...found, allowed: this.#requests };
  }

  #isNearEdge(): boolean {
    return this.#atUs - this.#span.startUs < this.#toleranceUs || this.#isNearEnd();
  }

  #isNearEnd(): boolean {
    return this.#span.endUs - this.#atUs <= this.#toleranceUs;
  }
}
