// How does simulated time pass: from event to event, each one's promises settled before the next.
// This file owns the only timers of simulated time, immediates between which all promises settle.

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
    for (;;) {
      const most = Math.min(TOGETHER, every - (this.#events % every));
      const end = await this.#play(most, hooks.until);
      if (end !== undefined) return end === 'dry';
      if (hooks.between !== undefined && this.#events % every === 0) await hooks.between();
    }
  }

  /**
   * Plays at most so many events, each in an immediate of its own. Between two immediates Node
   * settles every promise that can settle without an event; one turn of its loop for all of them
   * costs an eighth of a turn for each (measured).
   */
  #play(most: number, until: (() => boolean) | undefined): Promise<End | undefined> {
    return new Promise((resolve, reject) => {
      let end: End | undefined;
      const step = (): void => {
        if (end !== undefined) return;
        try {
          end = this.#playOne(until);
        } catch (problem) {
          end = 'stopped';
          reject(problem);
        }
      };
      for (let planned = 0; planned < most; planned += 1) setImmediate(step);
      setImmediate(() => resolve(end));
    });
  }

  #playOne(until: (() => boolean) | undefined): End | undefined {
    const atUs = this.#queue.peekUs();
    if (atUs === undefined) return 'dry';
    if (until?.() === true) return 'stopped';
    this.#nowUs = atUs;
    this.#events += 1;
    this.#queue.pop()?.();
    return undefined;
  }
}

type End = 'dry' | 'stopped';

/** Events played in one turn of Node's loop: enough to forget the turn, few enough to serve signals. */
const TOGETHER = 64;
