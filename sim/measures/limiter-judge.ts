// Did a limiter keep its contract? An exact judge of one key's decisions, whoever made them.

import type { LimitContract, Quota, Refusal } from '../domain/limit.ts';
import { nextPeriodStartUs, periodStartUs } from '../kernel/calendar.ts';
import { BucketJudge } from './limiter-judge/bucket-judge.ts';
import type { Stretch } from './limiter-judge/busiest-window.ts';
import { PeriodJudge, type Periods } from './limiter-judge/period-judge.ts';

export { BucketJudge } from './limiter-judge/bucket-judge.ts';
export { PeriodJudge, type Periods } from './limiter-judge/period-judge.ts';

/** How many decisions there were, and how many of them were wrong. */
export interface DecisionCounts {
  readonly admitted: number;
  readonly refused: number;
  /** Admitted although a limit had no room. */
  readonly wrongAdmissions: number;
  /** Refused although every limit had room, or in the name of one that had. */
  readonly wrongRefusals: number;
  readonly firstWrongAdmissionUs: number | undefined;
  readonly firstWrongRefusalUs: number | undefined;
}

export interface LimiterVerdict extends DecisionCounts {
  /**
   * Of all intervals from one admission to another (or the same) under one contract, the one
   * with the largest `admitted − (burst + rate × Δt)`, the earliest of equals; the promise was
   * broken where `admitted` is above `allowed`. Undefined without a rate or an admission.
   */
  readonly worstWindow: Stretch | undefined;
  /** The calendar period with the largest `admitted − quota`; undefined as above. */
  readonly quotaWorst: Stretch | undefined;
}

/**
 * Judges decisions in the order in which they were made. Exact: whole nanoseconds and whole
 * requests. One pass, constant memory. It shares no code with any limiter, only the calendar.
 *
 * What counts is what was admitted, rightly or wrongly: every admission takes a permit and one of
 * the quota, but a bucket does not fall below 0 (with a tolerance: below minus the tolerance), so
 * that one wrong admission does not make its successors wrong. Refusals take nothing. When both
 * limits were exhausted, either reason is right.
 *
 * `toleranceUs` is the uncertainty of the time stamps, the widest spread of (stamp − instant of
 * decision): a permit that grows within it counts as there or not there, as suits the limiter,
 * and it does not add up over a window. So near to a reset nothing is judged by the quota, and
 * an admission may count for either period.
 */
export class LimiterJudge {
  readonly #toleranceUs: number;
  readonly #bucket: BucketJudge;
  readonly #quota: PeriodJudge;
  #lastUs = Number.NEGATIVE_INFINITY;
  #admitted = 0;
  #refused = 0;
  #wrongAdmissions = 0;
  #wrongRefusals = 0;
  #firstWrongAdmissionUs: number | undefined;
  #firstWrongRefusalUs: number | undefined;

  /** A RangeError for a contract that whole nanoseconds cannot hold. */
  constructor(contract: LimitContract, toleranceUs = 0) {
    this.#toleranceUs = toleranceUs;
    this.#bucket = new BucketJudge(contract.rate, toleranceUs);
    this.#quota = new PeriodJudge(periodsOf(contract.quota), toleranceUs);
  }

  /**
   * Takes the next decision. A stamp that is before the last by no more than the tolerance
   * counts as the last; by more, it is a RangeError. A refusal without `by` is right if any
   * limit was exhausted.
   */
  see(atUs: number, admitted: boolean, by?: Refusal): void {
    const nowUs = this.#advance(atUs);
    if (admitted) this.#seeAdmission(nowUs);
    else this.#seeRefusal(nowUs, by);
  }

  /**
   * Changes what was promised at `atUs`. The bucket keeps its permits, rounded down to a
   * nanosecond of the new rate and cut to the new burst; the quota's count carries over. The
   * worst window is sought under each contract by itself.
   */
  setContract(contract: LimitContract, atUs: number): void {
    this.#advance(atUs);
    this.#bucket.setRate(contract.rate);
    this.#quota.setPeriods(periodsOf(contract.quota));
  }

  /** The verdict so far; more decisions may follow. */
  conclude(): LimiterVerdict {
    return {
      admitted: this.#admitted,
      refused: this.#refused,
      wrongAdmissions: this.#wrongAdmissions,
      wrongRefusals: this.#wrongRefusals,
      firstWrongAdmissionUs: this.#firstWrongAdmissionUs,
      firstWrongRefusalUs: this.#firstWrongRefusalUs,
      worstWindow: this.#bucket.worstWindow(),
      quotaWorst: this.#quota.worstPeriod(),
    };
  }

  #seeAdmission(nowUs: number): void {
    this.#admitted += 1;
    if (this.#bucket.surelyEmpty() || this.#quota.surelySpent()) {
      this.#wrongAdmissions += 1;
      this.#firstWrongAdmissionUs ??= nowUs;
    }
    this.#bucket.take(nowUs);
    this.#quota.count();
  }

  #seeRefusal(nowUs: number, by: Refusal | undefined): void {
    this.#refused += 1;
    const isThrottling = by !== 'QUOTA_EXCEEDED' && !this.#bucket.surelyHasPermit();
    const isQuota = by !== 'THROTTLED' && !this.#quota.surelyHasRoom();
    if (isThrottling || isQuota) return;
    this.#wrongRefusals += 1;
    this.#firstWrongRefusalUs ??= nowUs;
  }

  #advance(atUs: number): number {
    if (atUs < this.#lastUs - this.#toleranceUs) {
      throw new RangeError(`a decision at ${atUs} µs was given after one at ${this.#lastUs} µs`);
    }
    const nowUs = Math.max(atUs, this.#lastUs);
    this.#lastUs = nowUs;
    this.#bucket.advance(nowUs);
    this.#quota.advance(nowUs);
    return nowUs;
  }
}

const periodsOf = (quota: Quota | undefined): Periods | undefined => {
  if (quota === undefined) return undefined;
  const { requests, period, resetOffsetMinutes } = quota;
  return {
    requests,
    spanOf: (atUs) => ({
      startUs: periodStartUs(atUs, period, resetOffsetMinutes),
      endUs: nextPeriodStartUs(atUs, period, resetOffsetMinutes),
    }),
  };
};
