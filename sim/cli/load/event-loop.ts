// How late was the event loop of this process, in the words of a report?

import type { IntervalHistogram } from 'node:perf_hooks';
import type { LatencySummary } from '../../domain/report.ts';

/** Nanoseconds as milliseconds; the timer's own 10 ms are part of each sample, and taken off. */
export const delaysOf = (delay: IntervalHistogram): LatencySummary | null => {
  if (delay.count === 0) return null;
  const ms = (ns: number): number => Math.max(0, ns / 1e6 - 10);
  return {
    p50: ms(delay.percentile(50)),
    p90: ms(delay.percentile(90)),
    p95: ms(delay.percentile(95)),
    p99: ms(delay.percentile(99)),
    max: ms(delay.max),
  };
};
