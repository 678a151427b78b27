// How is a server one of several front doors: its limiter, and the decisions that it reports?

import type { Redis } from 'ioredis';
import type { FleetDecision, FleetDoor } from '../../domain/fleet-report.ts';
import type { HistoryEvent, Observer } from '../../domain/history.ts';
import type { Platform, PlatformKit } from '../../domain/ports.ts';
import { UsageError } from '../../domain/usage-error.ts';
import { PlanOnRedis } from '../../limiters.ts';
import { openRedis } from '../redis.ts';

/** A front door of a fleet. */
export interface FrontDoorOnly {
  readonly platform: (kit: PlatformKit) => Platform;
  /** Sees the door's history, and gives what it decided. */
  readonly watch: Watch;
  close(): Promise<void>;
}

/** The keys in Redis of one run begin with this and the secret of the run. */
const PREFIX = 'poolproof:plan';

/** Throws `UsageError` where no Redis answers. */
export const frontDoorOnly = async (
  platform: (kit: PlatformKit) => Platform,
  limiter: { readonly redisUrl: string | undefined; readonly secret: string },
): Promise<FrontDoorOnly> => {
  const watch = new Watch();
  if (limiter.redisUrl === undefined) return { platform, watch, close: async () => {} };
  const redis = await openRedis(limiter.redisUrl);
  if (typeof redis === 'string')
    throw new UsageError([{ file: 'POOLPROOF_REDIS_URL', message: redis }]);
  const [client] = await redis.connect(1);
  return {
    platform: (kit) => {
      const base = platform(kit);
      const plan = new PlanOnRedis(client, `${PREFIX}:${limiter.secret}`);
      return { ...base, limiters: { ...base.limiters, 'front-door': watch.counting(plan) } };
    },
    watch,
    close: async () => disconnect(client),
  };
};

const disconnect = (client: Redis | undefined): void => client?.disconnect();

class Watch implements Observer {
  readonly #decisions: FleetDecision[] = [];
  #undecided = 0;

  see(event: HistoryEvent): void {
    if (event.kind !== 'permitted' || event.limiter !== 'front-door') return;
    const owner = event.request?.principal?.tenant;
    if (owner === undefined) return;
    const { permit, askedUs, atUs } = event;
    this.#decisions.push({
      ...{ tenant: owner.incarnation, tier: owner.tier, askedUs, answeredUs: atUs },
      admitted: permit.kind === 'admitted',
      by: permit.kind === 'refused' ? permit.by : null,
    });
  }

  /** The limiter, with what it could not say counted. */
  counting(limiter: PlanOnRedis): Pick<PlanOnRedis, 'admit'> {
    return {
      admit: (...asked) =>
        limiter.admit(...asked).catch((problem: unknown) => {
          this.#undecided += 1;
          throw problem;
        }),
    };
  }

  door(): FleetDoor {
    return { decisions: this.#decisions, undecided: this.#undecided };
  }
}
