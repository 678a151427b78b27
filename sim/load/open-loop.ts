// How is a plan kept whatever comes of it: every start at its instant, none waiting for another.

import type { Clock } from '../kernel/clock.ts';
import type { Pace } from './pace.ts';
import { Times } from './times.ts';

export interface OpenLoop {
  readonly clock: Clock;
  /** Planned instants, never descending. */
  readonly starts: Iterable<number>;
  /** Sends the request of that number, from 0, and resolves with its end; it may fail. */
  readonly send: (number: number, plannedUs: number) => Promise<unknown>;
  readonly pace: Pace;
  /** True once nothing is to be started any more. */
  readonly stopped?: () => boolean;
}

export interface OpenLoopFigures {
  readonly planned: number;
  /** What `send` did not manage. */
  readonly failed: number;
  /** From the planned start to the end, of what did not fail. */
  readonly latencies: Times;
}

/** Sends at every planned start, and resolves when all have ended. */
export const openLoop = (loop: OpenLoop): Promise<OpenLoopFigures> =>
  new Promise((resolve) => {
    const { clock, pace } = loop;
    const starts = loop.starts[Symbol.iterator]();
    const latencies = new Times();
    let planned = 0;
    let failed = 0;
    let open = 1;
    const ended = (): void => {
      open -= 1;
      if (open === 0) resolve({ planned, failed, latencies });
    };
    const begin = (number: number, plannedUs: number): void => {
      if (!pace.opens()) return;
      open += 1;
      pace.sent(plannedUs);
      loop
        .send(number, plannedUs)
        .then(
          () => latencies.add(clock.nowUs() - plannedUs),
          () => {
            failed += 1;
          },
        )
        .finally(() => {
          pace.ended();
          ended();
        });
    };
    // The next is planned when the one before begins: nothing is kept ahead.
    const next = (): void => {
      const { value: plannedUs, done } = starts.next();
      if (done === true || loop.stopped?.() === true) return ended();
      clock.at(plannedUs, () => {
        planned += 1;
        begin(planned - 1, plannedUs);
        next();
      });
    };
    next();
  });
