// How often was Cedar asked, and how long did it take?

import type { HistoryEvent, Observer } from '../domain/history.ts';
import type { PolicySummary } from '../domain/report.ts';
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
    const us = (percent: number): number => times.quantile(percent) ?? 0;
    return {
      decisions: this.#decisions,
      evaluated: times.count,
      cacheHits: this.#cacheHits,
      latencyUs:
        times.count === 0
          ? null
          : { p50: us(50), p90: us(90), p99: us(99), max: us(100), count: times.count },
    };
  }
}
