// How is a server one of several front doors: its limiter, and the decisions that it reports?

import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Platform, PlatformKit } from '../../domain/ports.ts';
import { UsageError } from '../../domain/usage-error.ts';
import type { DoorWatch } from '../../engines/door-watch.ts';
import type { Clock } from '../../kernel/clock.ts';
import { PlanOnRedis } from '../../limiters.ts';
import { openRedis } from '../redis.ts';

/** A front door of a fleet. */
export interface FrontDoorOnly {
  readonly platform: (kit: PlatformKit) => Platform;
  close(): Promise<void>;
}

/** The keys in Redis of one run begin with this: no other run's do. Whoever reads them learns no secret. */
export const planPrefix = (secret: string): string =>
  `poolproof:plan:${createHash('sha256').update(secret).digest('hex').slice(0, 24)}`;

/** Throws `UsageError` where no Redis answers. */
export const frontDoorOnly = async (
  platform: (kit: PlatformKit) => Platform,
  limiter: {
    readonly redisUrl: string | undefined;
    readonly secret: string;
    readonly watch: DoorWatch;
    readonly clock: Pick<Clock, 'nowUs'>;
  },
): Promise<FrontDoorOnly> => {
  if (limiter.redisUrl === undefined || limiter.redisUrl === '')
    return { platform, close: async () => {} };
  const redis = await openRedis(limiter.redisUrl);
  if (typeof redis === 'string')
    throw new UsageError([{ file: 'POOLPROOF_REDIS_URL', message: redis }]);
  const [client] = await redis.connect(1, 'lasting');
  return {
    platform: (kit) => {
      const base = platform(kit);
      const plan = new PlanOnRedis(client, planPrefix(limiter.secret));
      return {
        ...base,
        limiters: { ...base.limiters, 'front-door': limiter.watch.counting(plan, limiter.clock) },
      };
    },
    close: async () => disconnect(client),
  };
};

const disconnect = (client: Redis | undefined): void => client?.disconnect();
