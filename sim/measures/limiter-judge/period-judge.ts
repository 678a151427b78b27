// Was this period's number reached? Admissions counted in periods that the clock alone begins and ends.

import type { Span } from '../../kernel/zoned-periods.ts';
import type { Stretch } from './busiest-window.ts';

/** Periods as a fixed window or a quota has them. */
export interface Periods {
  /** A RangeError unless it is whole and at least 0. */
  readonly requests: number;
  readonly spanOf: (atUs: number) => Span;
}

/**
 * What was promised to one key in a period. Without periods it always has room and counts nothing.
 * So near to an end nothing is judged, and an admission may count for either period.
 */
export class PeriodJudge {
  readonly #toleranceUs: number;
  #periods: Periods | undefined;
  #atUs = Number.NEGATIVE_INFINITY;
  #startUs = Number.NEGATIVE_INFINITY;
  #endUs = Number.NEGATIVE_INFINITY;
  #byStamps = 0;
  /** Surely in this period, whatever the stamps' uncertainty. */
  #atLeast = 0;
  /** In this period or within the tolerance before it. */
  #atMost = 0;
  #nearEnd = 0;
  #worst: Stretch | undefined;

  constructor(periods: Periods | undefined, toleranceUs: number) {
    this.#toleranceUs = toleranceUs;
    this.#periods = periods;
    assertWhole(periods);
  }

  /** Changes what is promised from the last `advance` on; the count carries over. */
  setPeriods(periods: Periods | undefined): void {
    assertWhole(periods);
    this.#periods = periods;
    if (periods !== undefined && this.#atUs !== Number.NEGATIVE_INFINITY) this.#place(periods);
  }

  advance(atUs: number): void {
    this.#atUs = atUs;
    if (atUs < this.#endUs) return;
    const endedUs = this.#endUs;
    // What was counted ends with its period, even if nothing is promised now.
    if (this.#periods !== undefined) this.#place(this.#periods);
    this.#byStamps = 0;
    this.#atLeast = 0;
    this.#atMost = this.#startUs === endedUs ? this.#nearEnd : 0;
    this.#nearEnd = 0;
  }

  /** Spent for certain, even if the stamps are off by the tolerance. */
  surelySpent(): boolean {
    if (this.#periods === undefined) return false;
    return this.#atLeast >= this.#periods.requests && !this.#isNearEdge();
  }

  surelyHasRoom(): boolean {
    if (this.#periods === undefined) return true;
    return this.#atMost < this.#periods.requests && !this.#isNearEdge();
  }

  /** Takes an admission at the instant of the last `advance`. */
  count(): void {
    if (this.#periods === undefined) return;
    this.#byStamps += 1;
    this.#atMost += 1;
    if (!this.#isNearEdge()) this.#atLeast += 1;
    else if (this.#isNearEnd()) this.#nearEnd += 1;
    const allowed = this.#periods.requests;
    const worst = this.#worst;
    if (worst !== undefined && this.#byStamps - allowed <= worst.admitted - worst.allowed) return;
    this.#worst = { fromUs: this.#startUs, toUs: this.#endUs, admitted: this.#byStamps, allowed };
  }

  /** Of all periods so far; undefined before the first admission that was counted. */
  worstPeriod(): Stretch | undefined {
    return this.#worst;
  }

  #isNearEdge(): boolean {
    return this.#atUs - this.#startUs < this.#toleranceUs || this.#isNearEnd();
  }

  #isNearEnd(): boolean {
    return this.#endUs - this.#atUs <= this.#toleranceUs;
  }

  #place({ spanOf }: Periods): void {
    const { startUs, endUs } = spanOf(this.#atUs);
    this.#startUs = startUs;
    this.#endUs = endUs;
  }
}

const assertWhole = (periods: Periods | undefined): void => {
  if (periods === undefined) return;
  if (Number.isSafeInteger(periods.requests) && periods.requests >= 0) return;
  throw new RangeError(`a quota is a whole number of at least 0, not ${periods.requests}`);
};
