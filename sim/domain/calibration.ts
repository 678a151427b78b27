// How far apart are simulated and wall time, when the same people ask the same things?

import type { LatencySummary } from './report.ts';

/** One tier on both clocks. */
export interface CalibratedTier {
  readonly tier: string;
  readonly simulated: ClockedTier;
  readonly wall: ClockedTier;
}

/** Completed requests a second of the load, and latencies in milliseconds. */
export interface ClockedTier {
  readonly completed: number;
  readonly goodputPerSecond: number;
  readonly latencyMs: Pick<LatencySummary, 'p50' | 'p95'> | null;
}

/** The decisions of the front door on both clocks, request by request. */
export interface Calibration {
  /** Requests that were decided on both clocks. */
  readonly paired: number;
  /** Decided on one clock only, such as those that did not end in time. */
  readonly unpaired: number;
  /** Decided otherwise. */
  readonly differing: number;
  /** How far apart the instants of one request's two decisions were, in microseconds. */
  readonly apartUsP50: number;
  readonly apartUsMax: number;
  /** Decisions on either clock that are wrong at their own instant: must be none, and then those that differ do so by their instants alone. */
  readonly wrong: number;
  readonly tiers: readonly CalibratedTier[];
}
