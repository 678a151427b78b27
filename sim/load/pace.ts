// Did the generator keep its own plan: how late it sent, how much was under way, and what it let fall.

import type { LatencySummary } from '../domain/report.ts';
import type { Gate } from '../engines/gate.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { Times } from './times.ts';

/** Requests under way at most, unless given. Assumed: what one process and its sockets bear. */
export const IN_FLIGHT_MAX = 5_000;

/** A lag of so little says nothing against a run: timers and garbage collection take as much. Assumed. */
const LAG_MS = 10;
/** A lag of a tenth of what was measured moves no quantile by more than that. Assumed. */
const LAG_SHARE = 0.1;

export interface PaceFigures {
  readonly sent: number;
  /** Planned, and never sent: too much was under way. */
  readonly dropped: number;
  readonly inFlightMax: number;
  /** As much was let be under way. */
  readonly inFlightBound: number;
  /** From the planned start to the sending. */
  readonly lagMs: LatencySummary | null;
  /** Above it, at p99, the generator was the limit. */
  readonly lagBoundMs: number;
  readonly isLimited: boolean;
  /** Requests a second that were sent within 10 ms, in the best second; of less than 2 s, in all of them. */
  readonly ceilingPerSecond: number;
}

/** Counts what is sent and what is under way, and drops a start when too much is. */
export class Pace implements Gate {
  readonly #bound: number;
  readonly #nowUs: () => number;
  readonly #mayStart: () => boolean;
  readonly #lags = new Times();
  /** Requests sent on time, by the second. */
  readonly #onTime = new Map<number, number>();
  #firstUs = Number.POSITIVE_INFINITY;
  #lastUs = 0;
  #inFlight = 0;
  #inFlightMax = 0;
  #dropped = 0;

  /** `mayStart` is asked last, so that what it gives is used. */
  constructor(
    nowUs: () => number,
    inFlightMax = IN_FLIGHT_MAX,
    mayStart: () => boolean = () => true,
  ) {
    this.#nowUs = nowUs;
    this.#bound = inFlightMax;
    this.#mayStart = mayStart;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  opens(): boolean {
    if (this.#inFlight < this.#bound && this.#mayStart()) return true;
    this.#dropped += 1;
    return false;
  }

  /** `waited` is no lag of the generator's: the request had to wait for something else. */
  sent(plannedUs: number, waited = false): void {
    const nowUs = this.#nowUs();
    this.#inFlight += 1;
    this.#inFlightMax = Math.max(this.#inFlightMax, this.#inFlight);
    this.#firstUs = Math.min(this.#firstUs, nowUs);
    this.#lastUs = nowUs;
    const lagUs = waited ? 0 : Math.max(0, nowUs - plannedUs);
    this.#lags.add(lagUs);
    const second = Math.floor(nowUs / SECOND_US);
    if (lagUs <= LAG_MS * 1000) this.#onTime.set(second, (this.#onTime.get(second) ?? 0) + 1);
  }

  ended(): void {
    this.#inFlight -= 1;
  }

  /** `latencyP50Ms` is that of the run, from the planned starts. */
  conclude(latencyP50Ms: number | undefined): PaceFigures {
    const lagMs = this.#lags.summary();
    const lagBoundMs = Math.max(LAG_MS, LAG_SHARE * (latencyP50Ms ?? 0));
    return {
      sent: this.#lags.count,
      dropped: this.#dropped,
      inFlightMax: this.#inFlightMax,
      inFlightBound: this.#bound,
      lagMs,
      lagBoundMs,
      isLimited: (lagMs?.p99 ?? 0) > lagBoundMs,
      ceilingPerSecond: this.#ceiling(),
    };
  }

  #ceiling(): number {
    const spanUs = this.#lastUs - this.#firstUs;
    const onTime = [...this.#onTime.values()];
    if (spanUs >= 2 * SECOND_US) return Math.max(0, ...onTime);
    const all = onTime.reduce((sum, count) => sum + count, 0);
    return spanUs > 0 ? (all * SECOND_US) / spanUs : all;
  }
}
