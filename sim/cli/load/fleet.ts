// How does a load meet several front doors: a server behind them, and the doors as processes beside it.

import type { FleetDoor, FleetReport, LostDoor } from '../../domain/fleet-report.ts';
import type { LimitContract } from '../../domain/limit.ts';
import type {
  Report,
  ReportedFinding,
  ReportedPromise,
  RequestTotals,
} from '../../domain/report.ts';
import { UsageError } from '../../domain/usage-error.ts';
import { judgeFleet } from '../../measures.ts';
import type { RunOptions } from '../inputs.ts';
import { forget, type OpenRedis, openRedis } from '../redis.ts';
import { planPrefix } from '../serve/front-door.ts';
import { type ServerProcess, startServer } from '../server-process.ts';
import type { LoadedServer, ServerTold } from './loaded.ts';

export interface FleetTerms {
  readonly replicas: number;
  readonly limiter: FleetReport['limiter'];
  readonly limitsOf: (tier: string) => LimitContract | undefined;
  /** How a server is started; in a process of its own unless given. */
  readonly start?: typeof startServer;
}

/**
 * Clocks of processes on one machine come of one clock, each rounded once when its process began;
 * they are held to be within this of one another, in microseconds. Assumed.
 */
const CLOCK_ERROR_US = 2_000;

/** Starts the server and then the doors. Throws as `startServer` does, and where no Redis is. */
export const startFleet = async (
  scenario: string,
  options: RunOptions & { readonly platform: string; readonly out: string },
  shiftUs: number,
  { replicas, limiter, limitsOf, start = startServer }: FleetTerms,
  signal: AbortSignal,
): Promise<LoadedServer> => {
  const redis = limiter === 'redis' ? await redisOrMistake() : undefined;
  const started: ServerProcess[] = [];
  try {
    const behind = await start(scenario, options, shiftUs, { signal, sharesTraces: true });
    started.push(behind);
    const opened = await Promise.allSettled(
      Array.from({ length: replicas }, () =>
        start(scenario, options, shiftUs, {
          sharesTraces: true,
          signal,
          door: { of: behind, redisUrl: redis?.url },
        }),
      ),
    );
    // All have opened or ended: none opens later, when nobody would end it.
    const doors = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    started.push(...doors);
    const failed = opened.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return {
      ...{ outsideUrl: behind.outsideUrl, secret: behind.secret },
      frontDoors: doors.map(({ outsideUrl }) => outsideUrl),
      stop: () =>
        ended(behind, doors, (decided) =>
          judgeFleet(decided, { limiter, limitsOf, clockErrorUs: CLOCK_ERROR_US }),
        ).finally(async () => {
          if (redis !== undefined) await forget(redis, planPrefix(behind.secret));
          await redis?.close();
        }),
    };
  } catch (problem) {
    await Promise.all(started.map((one) => one.kill()));
    await redis?.close();
    throw problem;
  }
};

const redisOrMistake = async (): Promise<OpenRedis> => {
  const redis = await openRedis(process.env['POOLPROOF_REDIS_URL']);
  if (typeof redis !== 'string') return redis;
  throw new UsageError([
    {
      file: '--limiter',
      message: `\`redis\` needs a Redis: ${redis}`,
      hint: 'POOLPROOF_REDIS_URL names one; without it a `redis-server` on the PATH is started',
    },
  ]);
};

/** The doors end first: what they pass on, the server behind them has still to answer. */
const ended = async (
  behind: ServerProcess,
  doors: readonly ServerProcess[],
  judge: (doors: readonly (FleetDoor | LostDoor)[]) => FleetReport,
): Promise<ServerTold | undefined> => {
  const said = await Promise.all(doors.map((door) => door.stop()));
  const last = await behind.stop();
  const told = said.filter((one) => one !== undefined);
  if (last === undefined) return undefined;
  const fleet = judge(
    said.map((one, index) => one?.door ?? { lostUs: doors[index]?.endedUs() ?? 0 }),
  );
  const reports = told.map(({ report }) => report);
  const all = [last.report, ...reports];
  return {
    report: {
      ...last.report,
      requests: summed(reports),
      limiter: fleet.tenants.map(({ toleranceUs: _, couldBeWrong: __, ...kept }) => ({
        ...kept,
        daily: [],
      })),
      findings: together(all.flatMap(({ findings }) => findings).filter(isOfOne)),
      promises: last.report.promises.map((one) =>
        isOfOne({ promise: one.id }) ? seenByAll(one, all) : judgedBy(one, fleet),
      ),
    },
    tally: last.tally,
    fleet,
  };
};

/** A door that shares its plans with others seems to break them: on I6 only all doors are judged. */
const isOfOne = ({ promise }: Pick<ReportedFinding, 'promise'>): boolean => promise !== 'I6';

/** What several processes found is told once, and counted for all. */
const together = (findings: readonly ReportedFinding[]): readonly ReportedFinding[] => {
  const byId = new Map<string, ReportedFinding>();
  for (const each of findings) {
    const known = byId.get(each.id);
    const count = each.count + (known?.count ?? 0);
    byId.set(each.id, { ...(known ?? each), count });
  }
  return [...byId.values()];
};

/** What one process saw of a promise no other saw: what broke in any of them is broken. */
const seenByAll = (promise: ReportedPromise, all: readonly Report[]): ReportedPromise => {
  const own = all.flatMap(({ promises }) => promises).filter(({ id }) => id === promise.id);
  const sum = (of: (one: ReportedPromise) => number): number =>
    own.reduce((total, one) => total + of(one), 0);
  const isBroken = own.some(({ verdict }) => verdict === 'broken');
  const evidence = sum((one) => one.evidence);
  return {
    ...promise,
    verdict: isBroken ? 'broken' : evidence > 0 ? 'held' : 'not exercised',
    ...{ evidence, controls: sum((one) => one.controls) },
    findings: [...new Set(own.flatMap(({ findings }) => findings))],
  };
};

/** The plans are kept, or not, by all doors together. */
const judgedBy = (
  promise: ReportedPromise,
  { tenants, ...fleet }: FleetReport,
): ReportedPromise => {
  const controls = tenants.reduce((sum, { admitted }) => sum + admitted, 0);
  const evidence = tenants.reduce((sum, { refused }) => sum + refused, controls);
  const wrong = fleet.wrongAdmissions + fleet.wrongRefusals;
  const verdict = wrong > 0 ? 'broken' : evidence > 0 ? 'held' : 'not exercised';
  return { ...promise, verdict, evidence, controls };
};

/** Requests are counted where they came in. */
const summed = (reports: readonly Report[]): RequestTotals => {
  const sum = (of: (requests: RequestTotals) => number): number =>
    reports.reduce((total, { requests }) => total + of(requests), 0);
  return {
    planned: sum((one) => one.planned),
    arrived: sum((one) => one.arrived),
    completed: sum((one) => one.completed),
    refused: sum((one) => one.refused),
    failed: sum((one) => one.failed),
    dropped: sum((one) => one.dropped),
    asked: {
      inputTokens: sum((one) => one.asked.inputTokens),
      outputTokens: sum((one) => one.asked.outputTokens),
    },
  };
};
