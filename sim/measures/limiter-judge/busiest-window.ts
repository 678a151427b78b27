// In which interval was most admitted beyond the promise? All intervals, in one pass.

/** A stretch of time, what was admitted in it and what was allowed, in requests. */
export interface Stretch {
  readonly fromUs: number;
  /** The last admission of a window; the end of a period, itself not included. */
  readonly toUs: number;
  readonly admitted: number;
  /** Whole requests: what the contract allows at most. */
  readonly allowed: number;
}

/**
 * Finds the interval [i..j] of admissions with the largest `admitted − (burst + rate × Δt)`.
 *
 * Kadane's maximal subarray, in nanoseconds: an admission adds a permit's time, the gap before it
 * takes itself away. The best window that ends at j is the best that ends at j − 1 carried over
 * the gap, or, where the gap has eaten all of that, the admission j alone. Ties keep the older
 * and longer beginning.
 */
export class BusiestWindow {
  readonly #permitNs: number;
  readonly #burst: number;
  #fromUs = 0;
  #lastUs = 0;
  #admitted = 0;
  // INVARIANT: the window's worth = #permits × #permitNs + #restNs, with 0 ≤ #restNs < #permitNs.
  // In one number it would pass 2^53 when a slow rate is overrun long enough.
  #permits = 0;
  #restNs = 0;
  #worst = { fromUs: 0, toUs: 0, admitted: 0, permits: -1, restNs: 0 };

  constructor(permitNs: number, burst: number) {
    this.#permitNs = permitNs;
    this.#burst = burst;
  }

  /** Adds an admission at `atUs`, which is not before the last. */
  admit(atUs: number): void {
    if (this.#admitted === 0 || !this.#outlasts(atUs - this.#lastUs)) this.#begin(atUs);
    this.#lastUs = atUs;
    this.#admitted += 1;
    this.#permits += 1;
    const worst = this.#worst;
    if (this.#permits < worst.permits) return;
    if (this.#permits === worst.permits && this.#restNs <= worst.restNs) return;
    worst.fromUs = this.#fromUs;
    worst.toUs = atUs;
    worst.admitted = this.#admitted;
    worst.permits = this.#permits;
    worst.restNs = this.#restNs;
  }

  /** Undefined before the first admission. */
  worst(): Stretch | undefined {
    const { fromUs, toUs, admitted, permits, restNs } = this.#worst;
    if (admitted === 0) return undefined;
    const grownPermits = admitted - permits - (restNs > 0 ? 1 : 0);
    return { fromUs, toUs, admitted, allowed: this.#burst + grownPermits };
  }

  #begin(atUs: number): void {
    this.#fromUs = atUs;
    this.#admitted = 0;
    this.#permits = 0;
    this.#restNs = 0;
  }

  /** Takes a gap from the window's worth, and says whether it leaves any. */
  #outlasts(gapUs: number): boolean {
    let leftUs = gapUs;
    for (; leftUs > LONGEST_US && this.#permits >= 0; leftUs -= LONGEST_US) {
      this.#spend(LONGEST_US * 1000);
    }
    if (this.#permits >= 0) this.#spend(leftUs * 1000);
    return this.#permits >= 0;
  }

  #spend(gapNs: number): void {
    if (gapNs <= this.#restNs) {
      this.#restNs -= gapNs;
      return;
    }
    const owedNs = gapNs - this.#restNs;
    const partNs = owedNs % this.#permitNs;
    const wholePermits = (owedNs - partNs) / this.#permitNs;
    this.#permits -= partNs === 0 ? wholePermits : wholePermits + 1;
    this.#restNs = partNs === 0 ? 0 : this.#permitNs - partNs;
  }
}

/** A hundred days: the nanoseconds of a longer gap would not fit below 2^53. */
const LONGEST_US = 100 * 86_400_000_000;

/** The one further beyond what was allowed, in whole requests; the first of equals. */
export const worseOf = (
  first: Stretch | undefined,
  second: Stretch | undefined,
): Stretch | undefined => {
  if (first === undefined || second === undefined) return first ?? second;
  return second.admitted - second.allowed > first.admitted - first.allowed ? second : first;
};
