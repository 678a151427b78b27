// How does each kind of limit keep itself? The textbook's algorithm for one key, in whole numbers.

import type {
  BucketLimit,
  CalendarLimit,
  Limit,
  SlidingLimit,
  WindowLimit,
} from '../domain/contract.ts';
import { type Span, zonedPeriod } from '../kernel/zoned-periods.ts';

/** One limit of one key. Times never go back. */
export interface Cell {
  /** Microseconds until there is room if nothing else is taken, rounded up; 0 when there is. */
  waitUs(nowUs: number): number;
  /** Takes one, whether or not there was room. */
  take(nowUs: number): void;
}

export const cellOf = (limit: Limit): Cell => {
  switch (limit.kind) {
    case 'token-bucket':
    case 'gcra':
      return new Gcra(limit);
    case 'fixed-window':
      return limit.begins === 'epoch'
        ? new Counted(limit.requests, epochSpan(limit.windowUs))
        : new OpenedWindow(limit);
    case 'sliding-log':
      return new SlidingLog(limit);
    case 'sliding-counter':
      return new SlidingCounter(limit);
    case 'quota':
      return new Counted(limit.requests, calendarSpan(limit));
  }
};

/** The windows that are multiples of their length since the epoch. */
export const epochSpan =
  (windowUs: number) =>
  (atUs: number): Span => {
    const startUs = Math.floor(atUs / windowUs) * windowUs;
    return { startUs, endUs: startUs + windowUs };
  };

export const calendarSpan =
  ({ period, zone, resetMinutes }: CalendarLimit) =>
  (atUs: number): Span =>
    zonedPeriod(atUs, period, zone, resetMinutes);

/** The generic cell rate algorithm: when the next cell would be due if all came evenly. */
export class Gcra implements Cell {
  readonly #permitNs: number;
  readonly #toleranceNs: number;
  /** The time due, as microseconds and the nanoseconds beyond them. */
  #dueUs = Number.NEGATIVE_INFINITY;
  #dueRestNs = 0;

  constructor({ permitNs, burst }: Pick<BucketLimit, 'permitNs' | 'burst'>) {
    this.#permitNs = permitNs;
    this.#toleranceNs = permitNs * (burst - 1);
  }

  waitUs(nowUs: number): number {
    if (this.#dueUs === Number.NEGATIVE_INFINITY) return 0;
    const aheadNs = (this.#dueUs - nowUs) * 1000 + this.#dueRestNs;
    return Math.max(0, Math.ceil((aheadNs - this.#toleranceNs) / 1000));
  }

  take(nowUs: number): void {
    if (nowUs > this.#dueUs) {
      this.#dueUs = nowUs;
      this.#dueRestNs = 0;
    }
    const restNs = this.#dueRestNs + this.#permitNs;
    this.#dueUs += Math.floor(restNs / 1000);
    this.#dueRestNs = restNs % 1000;
  }
}

/** A counter that is set back to 0 where a period begins. */
export class Counted implements Cell {
  readonly #requests: number;
  readonly #spanOf: (atUs: number) => Span;
  #endUs = Number.NEGATIVE_INFINITY;
  #used = 0;

  constructor(requests: number, spanOf: (atUs: number) => Span) {
    this.#requests = requests;
    this.#spanOf = spanOf;
  }

  waitUs(nowUs: number): number {
    this.#settle(nowUs);
    return this.#used < this.#requests ? 0 : this.#endUs - nowUs;
  }

  take(nowUs: number): void {
    this.#settle(nowUs);
    this.#used += 1;
  }

  #settle(nowUs: number): void {
    if (nowUs < this.#endUs) return;
    this.#endUs = this.#spanOf(nowUs).endUs;
    this.#used = 0;
  }
}

/** A window that its first admission opens. */
export class OpenedWindow implements Cell {
  readonly #limit: Pick<WindowLimit, 'requests' | 'windowUs'>;
  #openedUs = Number.NEGATIVE_INFINITY;
  #used = 0;

  constructor(limit: Pick<WindowLimit, 'requests' | 'windowUs'>) {
    this.#limit = limit;
  }

  waitUs(nowUs: number): number {
    const endUs = this.#openedUs + this.#limit.windowUs;
    return nowUs >= endUs || this.#used < this.#limit.requests ? 0 : endUs - nowUs;
  }

  take(nowUs: number): void {
    if (nowUs >= this.#openedUs + this.#limit.windowUs) {
      this.#openedUs = nowUs;
      this.#used = 0;
    }
    this.#used += 1;
  }
}

/** The instants of the admissions that still count. */
export class SlidingLog implements Cell {
  readonly #limit: Pick<SlidingLimit, 'requests' | 'windowUs'>;
  #takenUs: number[] = [];
  #gone = 0;

  constructor(limit: Pick<SlidingLimit, 'requests' | 'windowUs'>) {
    this.#limit = limit;
  }

  waitUs(nowUs: number): number {
    const { requests, windowUs } = this.#limit;
    while (nowUs - (this.#takenUs[this.#gone] ?? Number.POSITIVE_INFINITY) >= windowUs) {
      this.#gone += 1;
    }
    const blocking = this.#takenUs.length - requests;
    return blocking < this.#gone ? 0 : (this.#takenUs[blocking] ?? 0) + windowUs - nowUs;
  }

  take(nowUs: number): void {
    this.#takenUs.push(nowUs);
    if (this.#gone <= this.#limit.requests + 64) return;
    this.#takenUs = this.#takenUs.slice(this.#gone);
    this.#gone = 0;
  }
}

/** Two counters: of this window, and of the one before in the share that still counts. */
export class SlidingCounter implements Cell {
  readonly #limit: Pick<SlidingLimit, 'requests' | 'windowUs'>;
  #window = Number.NEGATIVE_INFINITY;
  #before = 0;
  #now = 0;

  constructor(limit: Pick<SlidingLimit, 'requests' | 'windowUs'>) {
    this.#limit = limit;
  }

  waitUs(nowUs: number): number {
    this.#settle(nowUs);
    const { windowUs } = this.#limit;
    const intoUs = nowUs - this.#window * windowUs;
    const waitUs = this.#roomAfterUs(this.#before, this.#now) - intoUs;
    if (waitUs <= windowUs - intoUs) return Math.max(0, waitUs);
    // Not in this window: in the next, where what is now the present is the past.
    return windowUs - intoUs + Math.max(0, this.#roomAfterUs(this.#now, 0));
  }

  take(nowUs: number): void {
    this.#settle(nowUs);
    this.#now += 1;
  }

  /** How far into a window there is room; beyond its length for never. */
  #roomAfterUs(before: number, now: number): number {
    const { requests, windowUs } = this.#limit;
    const free = requests - now - 1;
    if (free < 0) return windowUs + 1;
    if (before <= free) return 0;
    const roomUs = free * windowUs;
    return windowUs - (roomUs - (roomUs % before)) / before;
  }

  #settle(nowUs: number): void {
    const window = Math.floor(nowUs / this.#limit.windowUs);
    if (window === this.#window) return;
    this.#before = window === this.#window + 1 ? this.#now : 0;
    this.#now = 0;
    this.#window = window;
  }
}
