// What did the open loop measure: the generator's own figures, as a report tells them.

import type { LoadFigures } from '../domain/load-report.ts';
import type { LatencySummary } from '../domain/report.ts';
import { SECOND_US } from '../kernel/clock.ts';
import type { Generated } from './generator.ts';
import { experienceOf, requestsOf } from './tally.ts';

/** `eventLoopDelayMs` was measured by the process, beside the generator. */
export const figuresOf = (
  { tally, pace, planned, users, startUs, endUs }: Generated,
  durationUs: number,
  eventLoopDelayMs: LatencySummary | null,
): LoadFigures => {
  const spanUs = Math.max(1, endUs - startUs);
  const { sent, ...kept } = pace;
  return {
    engine: 'open loop',
    users,
    plannedSeconds: durationUs / SECOND_US,
    seconds: spanUs / SECOND_US,
    planned,
    requests: requestsOf(tally.all),
    // Over the time in which starts were planned: afterwards only answers came.
    sentPerSecond: (sent * SECOND_US) / Math.min(spanUs, durationUs),
    streamed: tally.streamed,
    latencyMs: tally.all.latencies.summary(),
    firstPieceMs: tally.all.firstPieces.summary(),
    ...kept,
    eventLoopDelayMs,
    tiers: tally.tiers.map((each) => experienceOf(each, spanUs)),
    tenants: tally.tenants.map((each) => experienceOf(each, spanUs)),
    failures: [...tally.failures].map(([reason, count]) => ({ reason, count })),
    outages: tally.outages(endUs),
  };
};
