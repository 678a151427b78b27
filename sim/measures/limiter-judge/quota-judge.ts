// Was the quota spent? Admissions counted in the calendar periods that the contract names.

import type { Quota } from '../../domain/limit.ts';
import { nextPeriodStartUs, periodStartUs } from '../../kernel/calendar.ts';
import type { Stretch } from './busiest-window.ts';

/** The promised quota of one key. Without a quota it always has room and counts nothing. */
export class QuotaJudge {
  readonly #toleranceUs: number;
  #quota: Quota | undefined;
  #atUs = Number.NEGATIVE_INFINITY;
  #startUs = Number.NEGATIVE_INFINITY;
  #endUs = Number.NEGATIVE_INFINITY;
  /** By their stamps. */
  #counted = 0;
  /** Surely in this period, whatever the stamps' uncertainty. */
  #countedAtLeast = 0;
  /** In this period or within the tolerance before it. */
  #countedAtMost = 0;
  #countedNearEnd = 0;
  #worst: Stretch | undefined;

  constructor(quota: Quota | undefined, toleranceUs: number) {
    this.#toleranceUs = toleranceUs;
    this.#quota = quota;
    assertWhole(quota);
  }

  setQuota(quota: Quota | undefined): void {
    assertWhole(quota);
    this.#quota = quota;
    if (quota !== undefined && this.#atUs !== Number.NEGATIVE_INFINITY) this.#place(quota);
  }

  advance(atUs: number): void {
    this.#atUs = atUs;
    if (atUs < this.#endUs) return;
    const endedUs = this.#endUs;
    if (this.#quota !== undefined) this.#place(this.#quota);
    this.#counted = 0;
    this.#countedAtLeast = 0;
    this.#countedAtMost = this.#startUs === endedUs ? this.#countedNearEnd : 0;
    this.#countedNearEnd = 0;
  }

  /** Spent for certain, even if the stamps are off by the tolerance. */
  surelySpent(): boolean {
    if (this.#quota === undefined || this.#isNearReset()) return false;
    return this.#countedAtLeast >= this.#quota.requests;
  }

  surelyHasRoom(): boolean {
    if (this.#quota === undefined) return true;
    return this.#countedAtMost < this.#quota.requests && !this.#isNearReset();
  }

  /** Takes an admission at the instant of the last `advance`. */
  count(): void {
    if (this.#quota === undefined) return;
    this.#counted += 1;
    this.#countedAtMost += 1;
    if (!this.#isNearReset()) this.#countedAtLeast += 1;
    else if (this.#isNearEnd()) this.#countedNearEnd += 1;
    const allowed = this.#quota.requests;
    const worst = this.#worst;
    if (worst !== undefined && this.#counted - allowed <= worst.admitted - worst.allowed) return;
    this.#worst = { fromUs: this.#startUs, toUs: this.#endUs, admitted: this.#counted, allowed };
  }

  /** Of all periods so far; undefined before the first admission under a quota. */
  worstPeriod(): Stretch | undefined {
    return this.#worst;
  }

  #isNearReset(): boolean {
    return this.#atUs - this.#startUs < this.#toleranceUs || this.#isNearEnd();
  }

  #isNearEnd(): boolean {
    return this.#endUs - this.#atUs <= this.#toleranceUs;
  }

  #place(quota: Quota): void {
    this.#startUs = periodStartUs(this.#atUs, quota.period, quota.resetOffsetMinutes);
    this.#endUs = nextPeriodStartUs(this.#atUs, quota.period, quota.resetOffsetMinutes);
  }
}

const assertWhole = (quota: Quota | undefined): void => {
  if (quota === undefined) return;
  if (Number.isSafeInteger(quota.requests) && quota.requests >= 0) return;
  throw new RangeError(`a quota is a whole number of at least 0, not ${quota.requests}`);
};
