// How does simulated time pass: from event to event, each one's promises settled before the next.
// This file owns the only timer of simulated time, the `setImmediate` that lets promises drain.

import type { Clock } from './clock.ts';
import { EventQueue } from './event-queue.ts';

/** Simulated time. Nothing here waits on the machine; two runs pass through the same instants. */
export class VirtualClock implements Clock {
  readonly #queue = new EventQueue();
  #nowUs: number;
  #events = 0;

  constructor(startUs: number) {
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  /** How many events have been played so far. */
  get events(): number {
    return this.#events;
  }

  sleep(durationUs: number): Promise<void> {
    return new Promise((resolve) => this.at(this.#nowUs + durationUs, resolve));
  }

  at(atUs: number, action: () => void): void {
    if (!Number.isSafeInteger(atUs)) throw new Error(`not a whole microsecond: ${atUs}`);
    this.#queue.push(Math.max(atUs, this.#nowUs), action);
  }

  /**
   * Plays events until none is left or `until` says so, and gives back whether the queue ran dry.
   * `between` is awaited after every `betweenEvery` events: there a caller may do real work
   * (drain an exporter, draw a progress bar) while simulated time stands still.
   */
  async run(hooks: {
    readonly until?: () => boolean;
    readonly between?: () => Promise<void> | void;
    readonly betweenEvery?: number;
  }): Promise<boolean> {
    const every = hooks.betweenEvery ?? 4096;
    await drained();
    for (;;) {
      const atUs = this.#queue.peekUs();
      if (atUs === undefined) return true;
      if (hooks.until?.() === true) return false;
      this.#nowUs = atUs;
      this.#events += 1;
      this.#queue.pop()?.();
      await drained();
      if (hooks.between !== undefined && this.#events % every === 0) await hooks.between();
    }
  }
}

/** Resolves once every promise that can settle without an event has settled. */
const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
