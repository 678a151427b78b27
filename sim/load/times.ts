// How are many durations kept in little room: a histogram whose error is bounded.

import { build, type Histogram } from 'hdr-histogram-js';
import type { LatencySummary } from '../domain/report.ts';

/** Durations in whole microseconds, from 0; each is kept to `digits` significant decimal digits. */
export class Times {
  readonly #histogram: Histogram;

  /** Three digits keep a quantile within 0.1 %. */
  constructor(digits: 2 | 3 = 3) {
    this.#histogram = build({ numberOfSignificantValueDigits: digits, useWebAssembly: false });
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  add(us: number): void {
    this.#histogram.recordValue(Math.max(0, Math.round(us)));
  }

  /** In microseconds; undefined without samples. */
  quantile(percent: number): number | undefined {
    return this.count === 0 ? undefined : this.#histogram.getValueAtPercentile(percent);
  }

  mean(): number | undefined {
    return this.count === 0 ? undefined : this.#histogram.mean;
  }

  /** In milliseconds; null without samples. */
  summary(): LatencySummary | null {
    if (this.count === 0) return null;
    const ms = (percent: number): number => this.#histogram.getValueAtPercentile(percent) / 1000;
    const max = this.#histogram.maxValue / 1000;
    return { p50: ms(50), p90: ms(90), p95: ms(95), p99: ms(99), max };
  }
}
