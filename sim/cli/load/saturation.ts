// What does the server bear: autocannon's bare rate, and the open loop's with all checks, against one endpoint.

import type { Saturation } from '../../domain/load-report.ts';
import type { WallClock } from '../../kernel/wall-clock.ts';
import { BARE_ENDPOINT, bareAsk, type Generator, stepUp } from '../../load.ts';
import { type ClosedLoopFigures, closedLoop } from './autocannon.ts';

export interface Saturating {
  readonly generator: Generator;
  readonly clock: WallClock;
  readonly outsideUrl: string;
  /** Seconds of the closed loop in all: half before the open loop, half after. At least 2. */
  readonly seconds: number;
  readonly connections: number;
  readonly stopped: () => boolean;
}

/** The open loop begins at so much of the bare rate. */
const FROM_SHARE = 0.5;
const STEPS_PER_SECONDS = 4;
const LOOK_MS = 50;

/** Undefined when it was stopped, or nobody could sign in. Everyone has signed in before. */
export const saturate = async (order: Saturating): Promise<Saturation | undefined> => {
  const ending = new AbortController();
  const look = setInterval(() => {
    if (order.stopped()) ending.abort();
  }, LOOK_MS);
  try {
    return await measured(order, ending.signal);
  } finally {
    clearInterval(look);
  }
};

const measured = async (
  order: Saturating,
  signal: AbortSignal,
): Promise<Saturation | undefined> => {
  const { generator, clock, outsideUrl, seconds, connections, stopped } = order;
  const client = generator.clients.find(({ bearer }) => bearer !== undefined);
  if (client === undefined) return undefined;
  const { method, path, headers, body } = bareAsk(client, 'bare');
  const job = {
    ...{ url: `${outsideUrl}${path}`, method, body, connections },
    headers: Object.fromEntries(headers),
    duration: Math.max(1, Math.round(seconds / 2)),
  };
  const before = await closedLoop(job, signal);
  if (before === undefined) return undefined;
  const { steps, statuses } = await stepUp({
    ...{ generator, client, clock, stopped },
    fromPerSecond: Math.max(1, FROM_SHARE * before.requests.average),
    stepSeconds: seconds / STEPS_PER_SECONDS,
  });
  const after = await closedLoop(job, signal);
  if (after === undefined || stopped()) return undefined;
  // The better half: what else the machine did is not the endpoint's.
  const best = before.requests.average > after.requests.average ? before : after;
  const requestsPerSecond = Math.max(0, ...steps.map((step) => step.answeredPerSecond));
  return {
    seconds,
    endpoint: BARE_ENDPOINT,
    closed: {
      engine: 'autocannon',
      connections,
      requestsPerSecond: best.requests.average,
      latencyMs: { p50: best.latency.p50, p99: best.latency.p99 },
      statuses: statusesOf(before, after),
    },
    open: { engine: 'open loop', requestsPerSecond, steps, statuses },
    ratio: best.requests.average > 0 ? requestsPerSecond / best.requests.average : 0,
  };
};

const statusesOf = (...all: readonly ClosedLoopFigures[]): Readonly<Record<string, number>> => {
  const statuses: Record<string, number> = {};
  for (const { statusCodeStats } of all)
    for (const [status, { count }] of Object.entries(statusCodeStats))
      statuses[status] = (statuses[status] ?? 0) + count;
  return statuses;
};
