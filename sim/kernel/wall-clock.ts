// What time is it really: the one reader of the machine's clock and timers.

import type { Clock } from './clock.ts';

/** The machine's own time behind the interface of simulated time. */
export class WallClock implements Clock {
  nowUs(): number {
    return Math.round((performance.timeOrigin + performance.now()) * 1000);
  }

  sleep(durationUs: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, durationUs / 1000));
  }

  at(atUs: number, action: () => void): void {
    setTimeout(action, Math.max(0, atUs - this.nowUs()) / 1000);
  }
}

/** Milliseconds of real time with fractions, from an arbitrary origin: for durations of the harness itself. */
export const wallMs = (): number => performance.now();
