// How does a limiter look that was written with a fault? Cells and limiters that seeded faults need.

import {
  ADMITTED,
  type Answer,
  type BucketLimit,
  type CalendarLimit,
  type Limit,
  type LimitedCall,
  type SlidingLimit,
  type WindowLimit,
} from '../domain/contract.ts';
import { DAY_US } from '../kernel/clock.ts';
import { type Cell, calendarSpan } from './cell.ts';
import { Enforcer } from './enforcer.ts';
import type { SimulatedLimiter } from './limiter.ts';

/** A bucket whose level is a floating number of permits, as most are written. */
export class FloatBucket implements Cell {
  readonly #permitsPerUs: number;
  readonly #burst: number;
  #permits: number;
  #atUs: number | undefined;

  constructor({ permitNs, burst }: BucketLimit) {
    this.#permitsPerUs = 1000 / permitNs;
    this.#burst = burst;
    this.#permits = burst;
  }

  waitUs(nowUs: number): number {
    const grown = (nowUs - (this.#atUs ?? nowUs)) * this.#permitsPerUs;
    this.#permits = Math.min(this.#burst, this.#permits + grown);
    this.#atUs = nowUs;
    return this.#permits >= 1 ? 0 : Math.ceil((1 - this.#permits) / this.#permitsPerUs);
  }

  take(): void {
    this.#permits -= 1;
  }
}

/** A bucket in nanoseconds that begins empty, or that nothing keeps from running over. */
export class OddBucket implements Cell {
  readonly #limit: BucketLimit;
  readonly #fault: 'begins empty' | 'runs over';
  #levelNs: number;
  #atUs: number | undefined;

  constructor(limit: BucketLimit, fault: 'begins empty' | 'runs over') {
    this.#limit = limit;
    this.#fault = fault;
    this.#levelNs = fault === 'begins empty' ? 0 : limit.burst * limit.permitNs;
  }

  waitUs(nowUs: number): number {
    const { permitNs, burst } = this.#limit;
    this.#levelNs += (nowUs - (this.#atUs ?? nowUs)) * 1000;
    if (this.#fault === 'begins empty') this.#levelNs = Math.min(this.#levelNs, burst * permitNs);
    this.#atUs = nowUs;
    return Math.max(0, Math.ceil((permitNs - this.#levelNs) / 1000));
  }

  take(): void {
    this.#levelNs -= this.#limit.permitNs;
  }
}

/** A quota whose counter is a byte. */
export class ByteCounter implements Cell {
  readonly #limit: CalendarLimit;
  #endUs = Number.NEGATIVE_INFINITY;
  #used = 0;

  constructor(limit: CalendarLimit) {
    this.#limit = limit;
  }

  waitUs(nowUs: number): number {
    if (nowUs >= this.#endUs) {
      this.#endUs = calendarSpan(this.#limit)(nowUs).endUs;
      this.#used = 0;
    }
    return this.#used < this.#limit.requests ? 0 : this.#endUs - nowUs;
  }

  take(): void {
    this.#used = (this.#used + 1) & 0xff;
  }
}

/** A sliding counter that rounds the share of the window before down. */
export class RoundedCounter implements Cell {
  readonly #limit: SlidingLimit;
  #window = Number.NEGATIVE_INFINITY;
  #before = 0;
  #now = 0;

  constructor(limit: SlidingLimit) {
    this.#limit = limit;
  }

  waitUs(nowUs: number): number {
    const { requests, windowUs } = this.#limit;
    const window = Math.floor(nowUs / windowUs);
    if (window !== this.#window) {
      this.#before = window === this.#window + 1 ? this.#now : 0;
      this.#now = 0;
      this.#window = window;
    }
    const left = ((window + 1) * windowUs - nowUs) / windowUs;
    return Math.floor(this.#before * left) + this.#now + 1 <= requests ? 0 : 1000;
  }

  take(): void {
    this.#now += 1;
  }
}

/** A counter whose time to live is set with each admission, as with an EXPIRE after each INCR. */
export class ProlongedWindow implements Cell {
  readonly #limit: WindowLimit;
  #endUs = Number.NEGATIVE_INFINITY;
  #used = 0;

  constructor(limit: WindowLimit) {
    this.#limit = limit;
  }

  waitUs(nowUs: number): number {
    if (nowUs >= this.#endUs) this.#used = 0;
    return this.#used < this.#limit.requests ? 0 : this.#endUs - nowUs;
  }

  take(nowUs: number): void {
    this.#used += 1;
    this.#endUs = nowUs + this.#limit.windowUs;
  }
}

/** A bucket that takes a clock going back for news, and the way forward again for time. */
export class ClockTrusting implements SimulatedLimiter {
  readonly #limit: BucketLimit;
  readonly #byKey = new Map<string, { levelNs: number; atUs: number }>();

  constructor(limit: BucketLimit) {
    this.#limit = limit;
  }

  admit({ key, clockUs }: LimitedCall): Answer {
    const { permitNs, burst } = this.#limit;
    const known = this.#byKey.get(key) ?? { levelNs: permitNs * burst, atUs: clockUs };
    this.#byKey.set(key, known);
    const grownNs = Math.max(0, clockUs - known.atUs) * 1000;
    known.levelNs = Math.min(permitNs * burst, known.levelNs + grownNs);
    known.atUs = clockUs;
    if (known.levelNs < permitNs) return { kind: 'refused' };
    known.levelNs -= permitNs;
    return ADMITTED;
  }
}

/** Begins anew, buckets included, where a quota is reset. */
export const forgetfulAtReset = (
  limits: readonly Limit[],
  quota: CalendarLimit,
): SimulatedLimiter => {
  let sound = new Enforcer(limits);
  let endUs = Number.NEGATIVE_INFINITY;
  return {
    admit: (call) => {
      if (call.clockUs >= endUs) {
        sound = new Enforcer(limits);
        ({ endUs } = calendarSpan(quota)(call.clockUs));
      }
      return sound.admit(call);
    },
  };
};

/** Remembers the two keys that called last. */
export const forgetfulOfKeys = (limits: readonly Limit[]): SimulatedLimiter => {
  const known = new Map<string, Enforcer>();
  return {
    admit: (call) => {
      const sound = known.get(call.key) ?? new Enforcer(limits);
      known.delete(call.key);
      known.set(call.key, sound);
      for (const key of [...known.keys()].slice(0, -2)) known.delete(key);
      return sound.admit(call);
    },
  };
};

/** A store that is read and then written: within a millisecond one replica undoes the other's count. */
export const lostUpdates = (limits: readonly Limit[]): SimulatedLimiter => {
  const store = new Enforcer(limits);
  let last = { replica: -1, atUs: Number.NEGATIVE_INFINITY };
  return {
    admit: ({ key, clockUs, atUs, replica }) => {
      const answer = store.ask(key, clockUs);
      if (answer.kind === 'refused') return answer;
      const isUndone = last.replica !== replica && atUs - last.atUs < 1000;
      if (!isUndone) store.take(key, clockUs);
      last = { replica, atUs };
      return answer;
    },
  };
};

/** Replicas share the rate, and each counts the quota for itself. */
export const quotaEach = (limits: readonly Limit[]): SimulatedLimiter => {
  const rates = new Enforcer(limits.filter(({ kind }) => kind !== 'quota'));
  const quotas = new Map<number, Enforcer>();
  return {
    admit: ({ key, clockUs, replica }) => {
      const own =
        quotas.get(replica) ?? new Enforcer(limits.filter(({ kind }) => kind === 'quota'));
      quotas.set(replica, own);
      for (const one of [rates, own]) {
        const answer = one.ask(key, clockUs);
        if (answer.kind === 'refused') return answer;
      }
      rates.take(key, clockUs);
      own.take(key, clockUs);
      return ADMITTED;
    },
  };
};

/** A day is 24 hours to this quota, counted from its first reset. */
export const dayOf24Hours = (quota: CalendarLimit) => {
  let firstUs: number | undefined;
  return (atUs: number) => {
    firstUs ??= calendarSpan(quota)(atUs).startUs;
    const startUs = firstUs + Math.floor((atUs - firstUs) / DAY_US) * DAY_US;
    return { startUs, endUs: startUs + DAY_US };
  };
};

/** Takes of the quota before the bucket is asked. */
export const throttledCostsQuota = (limits: readonly Limit[]): SimulatedLimiter =>
  takingFirst(limits, ({ kind }) => kind === 'quota');

/** Takes of what is shared before the key's own limits are asked. */
export const sharedFirst = (limits: readonly Limit[]): SimulatedLimiter =>
  takingFirst(limits, ({ scope }) => scope === 'all');

const takingFirst = (
  limits: readonly Limit[],
  isFirst: (limit: Limit) => boolean,
): SimulatedLimiter => {
  const first = new Enforcer(limits.filter(isFirst));
  const then = new Enforcer(limits.filter((limit) => !isFirst(limit)));
  return {
    admit: (call) => {
      const answer = first.admit(call);
      return answer.kind === 'refused' ? answer : then.admit(call);
    },
  };
};
