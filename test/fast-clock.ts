// Real time that passes several times as fast: what takes seconds on the wall clock takes less in a test.

import type { Clock } from '../sim/kernel/clock.ts';

export class FastClock implements Clock {
  readonly #startUs: number;
  readonly #speed: number;
  readonly #beganMs = performance.now();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(startUs: number, speed: number) {
    this.#startUs = startUs;
    this.#speed = speed;
  }

  nowUs(): number {
    return this.#startUs + Math.round((performance.now() - this.#beganMs) * 1000 * this.#speed);
  }

  sleep(durationUs: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowUs() + durationUs, resolve));
  }

  at(atUs: number, action: () => void): void {
    if (this.#closed) return;
    const waitMs = Math.max(0, atUs - this.nowUs()) / 1000 / this.#speed;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        action();
      },
      Math.min(waitMs, 0x7fff_ffff),
    );
    this.#timers.add(timer);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
