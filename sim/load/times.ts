// How are many durations kept in little room: a histogram whose error is bounded.

import { build, type Histogram } from 'hdr-histogram-js';
import type { LatencySummary } from '../domain/report.ts';
import type { Summable } from '../measures.ts';

/** Durations in whole microseconds, from 0; each is kept to `digits` significant decimal digits. */
export class Times {
  readonly #histogram: Histogram;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;

  /** Three digits keep a quantile within 0.1 %. */
  constructor(digits: 2 | 3 = 3) {
    this.#histogram = build({ numberOfSignificantValueDigits: digits, useWebAssembly: false });
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  add(us: number): void {
    const whole = Math.max(0, Math.round(us));
    this.#minUs = Math.min(this.#minUs, whole);
    this.#maxUs = Math.max(this.#maxUs, whole);
    this.#histogram.recordValue(whole);
  }

  /** In microseconds; undefined without samples. */
  quantile(percent: number): number | undefined {
    return this.count === 0 ? undefined : this.#histogram.getValueAtPercentile(percent);
  }

  /** In milliseconds; null without samples. */
  summary(): LatencySummary | null {
    if (this.count === 0) return null;
    const ms = (percent: number): number => this.#ms(percent);
    return { p50: ms(50), p90: ms(90), p95: ms(95), p99: ms(99), max: this.#maxMs() };
  }

  /** In milliseconds, for thresholds. */
  inMs(): Summable {
    const { count } = this;
    const some = (value: () => number): number | undefined => (count === 0 ? undefined : value());
    return {
      count,
      quantile: (percent) => some(() => this.#ms(percent)),
      min: () => some(() => this.#minUs / 1000),
      max: () => some(() => this.#maxMs()),
      mean: () => some(() => this.#histogram.mean / 1000),
    };
  }

  /** What a histogram gives is the upper end of what it holds together. */
  #ms(percent: number): number {
    return Math.min(this.#histogram.getValueAtPercentile(percent) / 1000, this.#maxMs());
  }

  #maxMs(): number {
    return this.#maxUs / 1000;
  }
}
