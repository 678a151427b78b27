// How often was Cedar asked, and how long did it take?

import type { HistoryEvent, Observer } from '../domain/history.ts';
import type { PolicyLatency, PolicySummary } from '../domain/report.ts';
import type { Samples } from './samples.ts';

/** Counts decisions from the history; their wall times come from beside it, outside the digest. */
export class PolicyUse implements Observer {
  readonly #timesUs: Samples;
  #decisions = 0;
  #cacheHits = 0;

  /** `timesUs` holds the wall microseconds of every answer that Cedar really gave. */
  constructor(timesUs: Samples) {
    this.#timesUs = timesUs;
  }

  see(event: HistoryEvent): void {
    if (event.kind !== 'decided' || event.decision === undefined) return;
    this.#decisions += 1;
    if (event.decision.cached) this.#cacheHits += 1;
  }

  conclude(): PolicySummary {
    const times = this.#timesUs;
    return {
      decisions: this.#decisions,
      evaluated: times.count,
      cacheHits: this.#cacheHits,
      latencyUs: summary(times),
    };
  }
}

const summary = (times: Samples): PolicyLatency | null => {
  const us = (percent: number): number => times.quantile(percent) ?? 0;
  const { count } = times;
  if (count === 0) return null;
  return {
    ...{ p50: us(50), p90: us(90), p95: us(95), p99: us(99) },
    ...{ min: us(0), max: us(100), mean: times.mean() ?? 0, count },
  };
};
