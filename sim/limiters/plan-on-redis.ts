// How does a fleet of front doors keep one usage plan: counters in one Redis, by a library's windows?

import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { LimitContract, Permit } from '../domain/limit.ts';
import type { LimiterPort } from '../domain/ports.ts';
import { DAY_US, SECOND_US } from '../kernel/clock.ts';

const PERIOD_DAYS = { day: 1, week: 7, month: 30 } as const;

/**
 * A usage plan as rate-limiter-flexible can keep it, on the clock of Redis: a bucket of `burst`
 * permits becomes a window of `burst` requests as long as the bucket takes to fill, and a quota a
 * window of its period, each opened by its first request. Over time both admit as much as the
 * plan; around the edge of a window up to twice the burst less one. Rejects when Redis fails.
 */
export class PlanOnRedis implements LimiterPort {
  readonly #client: unknown;
  readonly #prefix: string;
  readonly #windows = new Map<string, RateLimiterRedis>();

  /** `prefix` keeps the counters of runs apart. */
  constructor(client: unknown, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  async admit(key: string, { rate, quota }: LimitContract): Promise<Permit> {
    const bucket =
      rate && this.#window('rate', rate.burst, (rate.burst / rate.requestsPerSecond) * SECOND_US);
    const period =
      quota && this.#window('quota', quota.requests, PERIOD_DAYS[quota.period] * DAY_US);
    const throttled = bucket && (await refusal(bucket, key));
    if (throttled !== undefined) return { kind: 'refused', by: 'THROTTLED', ...throttled };
    const spent = period && (await refusal(period, key));
    if (spent === undefined) return { kind: 'admitted' };
    // A refused call consumes neither.
    await bucket?.reward(key);
    return { kind: 'refused', by: 'QUOTA_EXCEEDED', ...spent };
  }

  #window(name: string, points: number, windowUs: number): RateLimiterRedis {
    const id = `${name} ${points} in ${windowUs}`;
    const known = this.#windows.get(id);
    if (known !== undefined) return known;
    const made = new RateLimiterRedis({
      storeClient: this.#client,
      points,
      duration: windowUs / SECOND_US,
      keyPrefix: `${this.#prefix}:${name}`,
    });
    this.#windows.set(id, made);
    return made;
  }
}

const refusal = async (
  window: RateLimiterRedis,
  key: string,
): Promise<{ readonly retryAfterUs: number } | undefined> => {
  try {
    await window.consume(key);
    return undefined;
  } catch (problem) {
    if (!(problem instanceof RateLimiterRes)) throw problem;
    return { retryAfterUs: problem.msBeforeNext * 1000 };
  }
};
