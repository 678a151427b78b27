// How does rate-limiter-flexible look to the bench, in memory and on Redis?

import {
  type IRateLimiterStoreOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { ADMITTED, type Answer, type LimitedCall } from '../domain/contract.ts';
import type { Limiter } from './limiter.ts';

/** So many points in so many seconds. On Redis the library rounds them down to whole ones. */
export interface Flexible {
  readonly points: number;
  readonly seconds: number;
  /** Of its keys in the store, so that runs do not meet. */
  readonly prefix: string;
}

/**
 * Windows that the first request opens, on the machine's own clock in whole milliseconds. One
 * instance in memory, or one for each client of a Redis: then they are replicas over one store.
 * Rejects when the store fails.
 */
export class FlexibleLimiter implements Limiter {
  readonly #replicas: readonly RateLimiterAbstract[];

  constructor({ points, seconds, prefix }: Flexible, clients: readonly unknown[] = []) {
    const terms = { points, duration: seconds, keyPrefix: prefix };
    this.#replicas =
      clients.length === 0
        ? [new RateLimiterMemory(terms)]
        : clients.map((storeClient) => new RateLimiterRedis(storeTerms(terms, storeClient)));
  }

  async admit({ key, replica }: Pick<LimitedCall, 'key' | 'replica'>): Promise<Answer> {
    const limiter = this.#replicas[replica % this.#replicas.length];
    if (limiter === undefined) throw new Error(`no replica ${replica}`);
    try {
      await limiter.consume(key);
      return ADMITTED;
    } catch (problem) {
      if (!(problem instanceof RateLimiterRes)) throw problem;
      return { kind: 'refused', retryAfterUs: problem.msBeforeNext * 1000 };
    }
  }
}

const storeTerms = (
  terms: { readonly points: number; readonly duration: number; readonly keyPrefix: string },
  storeClient: unknown,
): IRateLimiterStoreOptions => ({ ...terms, storeClient });
