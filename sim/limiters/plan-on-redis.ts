// How does a fleet of front doors keep one usage plan: counters in one Redis, by a library's windows?

import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { LimitContract, Permit } from '../domain/limit.ts';
import type { LimiterPort } from '../domain/ports.ts';
import { DAY_US, SECOND_US } from '../kernel/clock.ts';

const PERIOD_DAYS = { day: 1, week: 7, month: 30 } as const;

/**
 * The library's own script cuts windows to whole seconds and counts what it refuses, too. This one
 * takes milliseconds for seconds, takes nothing where it refuses, and gives nothing back to a
 * window that is over. Its arguments are the library's: points, length of the window, most points.
 */
const WINDOW_SCRIPT = `
local points, window, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local count = tonumber(redis.call('get', KEYS[1]) or '0')
local left = redis.call('pttl', KEYS[1])
if points > 0 and count + points > most then return {count + points, left} end
if left >= 0 then return {redis.call('incrby', KEYS[1], math.max(points, -count)), left} end
if points < 0 then return {0, 0} end
redis.call('set', KEYS[1], points, 'PX', window)
return {points, window}
`;

/**
 * A usage plan as rate-limiter-flexible can keep it, on the clock of Redis: a bucket of `burst`
 * permits becomes a window of `burst` requests as long as the bucket takes to fill, and a quota a
 * window of its period, each opened by its first request. Over time both admit as much as the
 * plan; around the edge of a window up to twice the burst less one, and meanwhile less than a
 * bucket would. Rejects when Redis fails.
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
      duration: Math.ceil(windowUs / 1000),
      customIncrTtlLuaScript: WINDOW_SCRIPT,
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
