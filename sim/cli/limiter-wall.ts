// How do limiters with a clock of their own do: a library in memory, and three replicas over one Redis?

import type { Contract } from '../domain/contract.ts';
import type { LeftOut, LimiterRow } from '../domain/limiter-report.ts';
import { judgedRow, type Paced, wallBench } from '../engines/limiter-bench.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { WallClock, wallMs } from '../kernel/wall-clock.ts';
import { FlexibleLimiter, type Limiter, REPLICAS } from '../limiters.ts';
import { type OpenRedis, openRedis } from './redis.ts';

export const WALL_LIMITERS = [
  {
    id: 'flexible-memory',
    does: 'rate-limiter-flexible in memory, on the real clock',
    onRedis: false,
  },
  {
    id: 'flexible-redis',
    does: 'rate-limiter-flexible on Redis, 3 replicas over one store, on the real clock',
    onRedis: true,
  },
] as const;

type WallLimiter = (typeof WALL_LIMITERS)[number];

/** Twenty in a window of one second that the first request opens: short enough to be met three times. */
const CONTRACT: Contract = {
  name: 'twenty-a-second',
  title: 'Twenty requests in a second from the first one on.',
  limits: [
    {
      ...{ name: 'second', scope: 'key', kind: 'fixed-window' },
      ...{ requests: 20, windowUs: SECOND_US, begins: 'first-request' },
    },
  ],
  bestEffort: undefined,
  startUs: 0,
};

/** The library and Redis count in whole milliseconds, each rounded once. */
const GRAIN_US = 2000;

/** One opens a window; the others come at its end, and once more in the next. Then evenly. */
const PLAN: readonly Paced[] = [
  { afterUs: 0, replica: 0 },
  ...Array.from({ length: 25 }, (_, call) => ({ afterUs: 850_000, replica: call })),
  ...Array.from({ length: 25 }, (_, call) => ({ afterUs: 1_150_000, replica: call })),
  ...Array.from({ length: 40 }, (_, call) => ({
    afterUs: 1_300_000 + call * 40_000,
    replica: call,
  })),
];

/** Calls all at once, for decisions a second. */
const HURRIED = 500;

export interface WallFound {
  readonly rows: readonly LimiterRow[];
  readonly leftOut: readonly LeftOut[];
}

/** Tries those of the ids, all at the same time. Finds or starts a Redis where one is needed. */
export const benchOnWallClock = async (
  ids: ReadonlySet<string>,
  redisUrl: string | undefined,
): Promise<WallFound> => {
  const asked = WALL_LIMITERS.filter(({ id }) => ids.has(id));
  const redis = asked.some(({ onRedis }) => onRedis) ? await openRedis(redisUrl) : undefined;
  const here = typeof redis === 'object' ? redis : undefined;
  try {
    const found = await Promise.all(
      asked.map(async (one): Promise<LimiterRow | LeftOut> => {
        if (!one.onRedis) return tried(one, new FlexibleLimiter(terms(one)));
        if (here === undefined) return { limiter: one.id, reason: String(redis) };
        return triedOnRedis(one, here).catch(
          (problem: unknown): LeftOut => ({
            limiter: one.id,
            reason: `${here.place}: ${(problem as Error).message}`,
          }),
        );
      }),
    );
    return {
      rows: found.flatMap((one) => ('reason' in one ? [] : [one])),
      leftOut: found.flatMap((one) => ('reason' in one ? [one] : [])),
    };
  } finally {
    await here?.close();
  }
};

const triedOnRedis = async (one: WallLimiter, redis: OpenRedis): Promise<LimiterRow> => {
  const clients = await redis.connect(REPLICAS);
  try {
    return await tried(one, new FlexibleLimiter(terms(one), clients));
  } finally {
    for (const client of clients) client.disconnect();
  }
};

const terms = ({ id }: WallLimiter) => ({
  points: 20,
  seconds: 1,
  // Runs that share a Redis must not share its counters.
  prefix: `poolproof:${id}:${process.pid}:${Math.round(wallMs() * 1000)}`,
});

const tried = async (one: WallLimiter, limiter: Limiter): Promise<LimiterRow> => {
  const clock = new WallClock();
  const {
    verdict,
    toleranceUs,
    failed: broken,
  } = await wallBench(limiter, CONTRACT, PLAN, {
    ...{ clock, grainUs: GRAIN_US, key: 'wall' },
  });
  const hurry = broken ?? (await hurried(limiter).catch((problem: Error) => problem.message));
  const failed = typeof hurry === 'string' ? hurry : undefined;
  // What is nearer to an edge than the tolerance is not judged: with half a window nothing is.
  const isTooSlow = toleranceUs * 2 > SECOND_US;
  return {
    limiter: one.id,
    pattern: 'edge of 20 in 1 s',
    replicas: one.onRedis ? REPLICAS : 1,
    clock: 'wall',
    heldTo: 'contract',
    toleranceUs,
    ...judgedRow(verdict, CONTRACT),
    drift: null,
    decisionsPerSecond: typeof hurry === 'string' ? 0 : hurry,
    inconclusive:
      failed ??
      (isTooSlow ? `answers took so long that ${toleranceUs} µs of each second are unsure` : null),
  };
};

const hurried = async (limiter: Limiter): Promise<number> => {
  const beganMs = wallMs();
  const calls = Array.from({ length: HURRIED }, (_, replica) =>
    limiter.admit({ key: 'hurried', replica, atUs: 0, clockUs: 0 }),
  );
  await Promise.all(calls);
  return Math.round((HURRIED * 1000) / Math.max(0.001, wallMs() - beganMs));
};
