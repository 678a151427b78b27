// Which tables does a load show: its tiers and tenants, the generator, both sides, what the server bears.

import type { LoadExperience, LoadFigures, LoadReport, Saturation } from '../domain/load-report.ts';
import type { Outage } from '../domain/outage.ts';
import type { LatencySummary } from '../domain/report.ts';
import { counted, figure } from './numbers.ts';
import { left, right, table, wrap } from './table.ts';

const TENANTS_SHOWN = 10;

/** Those that waited longest first. */
export const slowest = (tenants: readonly LoadExperience[]): readonly LoadExperience[] =>
  tenants
    .toSorted((a, b) => (b.latencyMs?.p95 ?? 0) - (a.latencyMs?.p95 ?? 0))
    .slice(0, TENANTS_SHOWN);

export const shown = ({ tenants }: LoadFigures): readonly string[] =>
  tenants.length <= TENANTS_SHOWN
    ? []
    : [
        `The ${TENANTS_SHOWN} of ${figure(tenants.length)} with the highest p95; load.json has all.`,
      ];

export const experiences = (all: readonly LoadExperience[], columns: number): string | undefined =>
  all.length === 0
    ? undefined
    : table(
        [
          left('who'),
          ...['sent', 'completed', 'refused', 'failed'].map(right),
          ...['p50 ms', 'p95 ms', 'p99 ms', 'first ms', 'goodput/s'].map(right),
        ],
        all.map(({ id, requests: own, latencyMs, firstPieceMs, goodputPerSecond }) => [
          id,
          ...[own.sent, own.completed, own.refused, own.failed].map((count) => figure(count)),
          ...[latencyMs?.p50, latencyMs?.p95, latencyMs?.p99, firstPieceMs?.p50].map(orDash),
          figure(goodputPerSecond, 2),
        ]),
        columns,
      );

export const pace = (load: LoadFigures, columns: number): string =>
  table(
    [left('what'), ...['p50 ms', 'p90 ms', 'p99 ms', 'max ms'].map(right)],
    [
      quantiles('latency, planned start to end', load.latencyMs),
      quantiles('first piece, from the planned start', load.firstPieceMs),
      quantiles(`lag of sending (at most ${ms(load.lagBoundMs)} at p99)`, load.lagMs),
      quantiles('event loop delay', load.eventLoopDelayMs),
    ],
    columns,
  ) +
  `\n${counted(load.planned, 'start')} planned in ${figure(load.plannedSeconds, 1)} s, ${figure(load.dropped)} dropped; ` +
  `at most ${figure(load.inFlightMax)} of ${figure(load.inFlightBound)} under way; ` +
  `${figure(load.streamed)} answers streamed; at best ${figure(load.ceilingPerSecond, 1)} requests/s sent on time; ` +
  `${counted(load.users.signedIn, 'user')} signed in, ${figure(load.users.refused)} could not`;

const quantiles = (what: string, summary: LatencySummary | null): readonly string[] => [
  what,
  ...[summary?.p50, summary?.p90, summary?.p99, summary?.max].map(orDash),
];

export const outages = ({ load }: Pick<LoadReport, 'load'>): readonly (readonly string[])[] =>
  load.outages.length === 0
    ? []
    : [
        [
          'Nobody answered',
          ...load.outages.map(
            (outage) => `  ${stretchOf(outage)}: ${counted(outage.failed, 'request')} failed`,
          ),
        ],
      ];

/** `from 15:00:01.000 to the end (2.0 s)`. */
export const stretchOf = ({ fromUs, toUs, isOver }: Outage): string =>
  `from ${clockTime(fromUs)} to ${isOver ? clockTime(toUs) : 'the end'} (${figure((toUs - fromUs) / 1_000_000, 1)} s)`;

/** `15:00:02.314` by the run's clock, UTC. */
export const clockTime = (atUs: number): string => {
  const allMs = Math.floor(atUs / 1000) % 86_400_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const hours = two(allMs / 3_600_000);
  const minutes = two((allMs / 60_000) % 60);
  const seconds = two((allMs / 1000) % 60);
  return `${hours}:${minutes}:${seconds}.${String(allMs % 1000).padStart(3, '0')}`;
};

export const agreement = (report: LoadReport, columns: number): string =>
  table(
    [left('what'), right('count'), left('by'), right('count'), left('by'), left('verdict')],
    report.agreement.map(({ what, one, other, isEqual }) => [
      what,
      figure(one.count),
      one.by,
      figure(other.count),
      other.by,
      isEqual ? (one.count === other.count ? 'equal' : 'explained') : 'differ',
    ]),
    columns,
  );

export const promises = ({ server }: LoadReport, columns: number): string =>
  table(
    [left('promise'), left('verdict'), ...['evidence', 'controls', 'findings'].map(right)],
    (server?.promises ?? []).map(({ id, text, verdict, evidence, controls, findings }) => [
      `${id} ${text}`,
      verdict,
      figure(evidence),
      figure(controls),
      figure(findings.length),
    ]),
    columns,
  );

export const thresholds = (report: LoadReport, columns: number): string =>
  table(
    [left('threshold'), right('value'), left('verdict')],
    report.thresholds.map(({ text, value, holds }) => [
      text,
      value === null ? 'no samples' : figure(value, Number.isInteger(value) ? 0 : 4),
      holds ? 'holds' : 'missed',
    ]),
    columns,
  );

export const saturated = ({ closed, open, ratio, endpoint }: Saturation, columns: number) => [
  table(
    [left('engine'), left('how'), right('requests/s'), right('p50 ms'), right('p99 ms')],
    [
      [
        closed.engine,
        `closed loop, ${closed.connections} connections`,
        figure(closed.requestsPerSecond, 1),
        figure(closed.latencyMs.p50),
        figure(closed.latencyMs.p99),
      ],
      ...open.steps.map((step) => [
        open.engine,
        `${figure(step.plannedPerSecond, 1)}/s planned${step.kept ? '' : ', not kept'}`,
        figure(step.answeredPerSecond, 1),
        figure(step.latencyMsP50, 1),
        figure(step.latencyMsP99, 1),
      ]),
    ],
    columns,
  ),
  ...wrap(
    `Endpoint: ${endpoint}. It bears ${figure(closed.requestsPerSecond, 1)} requests/s bare (autocannon); ` +
      `the open loop with all checks reached ${figure(open.requestsPerSecond, 1)}, ${figure(ratio, 2)} of it.`,
    columns,
  ),
];

/** `12.3 ms`, `1.23 s`, or a dash. */
export const ms = (value: number | undefined): string => {
  if (value === undefined) return '–';
  return value < 1000 ? `${figure(value, 1)} ms` : `${figure(value / 1000, 2)} s`;
};

const orDash = (value: number | undefined): string =>
  value === undefined ? '–' : figure(value, 1);
