// What time is it really: the one reader of the machine's clock and timers.

import type { Clock } from './clock.ts';

/** The longest that one timer of Node waits, in milliseconds: longer ones fire at once. */
const TIMER_MS_MAX = 0x7fff_ffff;

/** The machine's own time behind the interface of simulated time, moved by `shiftUs` where given. */
export class WallClock implements Clock {
  readonly #shiftUs: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #due = new Set<NodeJS.Immediate>();
  #closed = false;

  constructor(shiftUs = 0) {
    this.#shiftUs = shiftUs;
  }

  nowUs(): number {
    return Math.round((performance.timeOrigin + performance.now()) * 1000) + this.#shiftUs;
  }

  sleep(durationUs: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowUs() + durationUs, resolve));
  }

  at(atUs: number, action: () => void): void {
    if (this.#closed) return;
    const waitMs = (atUs - this.nowUs()) / 1000;
    if (waitMs <= 0) {
      // A timer waits a millisecond at least: what is due already would fall behind more and more.
      const immediate = setImmediate(() => {
        this.#due.delete(immediate);
        action();
      });
      this.#due.add(immediate);
      return;
    }
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        // A timer may fire up to a millisecond early; time that is promised to have passed has passed.
        if (this.nowUs() < atUs) this.at(atUs, action);
        else action();
      },
      Math.min(waitMs, TIMER_MS_MAX),
    );
    this.#timers.add(timer);
  }

  /** Forgets everything that was to happen: what sleeps now never wakes, and no timer keeps the process. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const immediate of this.#due) clearImmediate(immediate);
    this.#timers.clear();
    this.#due.clear();
  }
}

/** Milliseconds of real time with fractions, from an arbitrary origin: for durations of the harness itself. */
export const wallMs = (): number => performance.now();
