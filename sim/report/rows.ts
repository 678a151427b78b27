// What stands in each table of a report? The same rows for every rendering.

import type { Experience, LimiterSummary, Report } from '../domain/report.ts';
import { figure, microseconds } from './numbers.ts';
import { promiseTitle } from './promise-texts.ts';
import type { Column } from './table.ts';
import { sourceLines } from './trace-lines.ts';

export interface Section {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** What is to be said below the table. */
  readonly notes: readonly string[];
}

/** Every section that has rows, in the order of the report. */
export const sections = (report: Report): readonly Section[] =>
  [
    promises(report),
    experiences('Tiers', report.tiers),
    limiter(report),
    policy(report),
    resources(report),
    fairness(report),
    traces(report),
    thresholds(report),
  ].filter(({ rows }) => rows.length > 0);

/** How many tenants the limiter's table names. */
const OFFENDERS = 5;

const column = (title: string): Column => ({ title });
const numeric = (title: string): Column => ({ title, align: 'right' });

const promises = (report: Report): Section => ({
  title: 'Promises',
  columns: [
    column('promise'),
    column('verdict'),
    numeric('evidence'),
    numeric('controls'),
    numeric('findings'),
  ],
  rows: report.promises.map(({ id, verdict, evidence, controls, findings }) => [
    promiseTitle(id),
    verdict,
    figure(evidence),
    figure(controls),
    figure(findings.length),
  ]),
  notes: [],
});

const experiences = (title: string, all: readonly Experience[]): Section => ({
  title,
  columns: [
    column('tier'),
    numeric('asked'),
    numeric('completed'),
    numeric('refused'),
    numeric('failed'),
    numeric('p50 ms'),
    numeric('p95 ms'),
    numeric('p99 ms'),
    numeric('goodput/s'),
    numeric('cost USD'),
  ],
  rows: all.map(({ id, requests, latencyMs, goodputPerSecond, costMicroUsd }) => [
    id,
    figure(requests.arrived),
    figure(requests.completed),
    figure(requests.refused),
    figure(requests.failed),
    ...[latencyMs?.p50, latencyMs?.p95, latencyMs?.p99].map((ms) => orDash(ms, 0)),
    figure(goodputPerSecond, 4),
    figure(costMicroUsd / 1_000_000, 4),
  ]),
  notes: [],
});

const limiter = ({ limiter: all }: Report): Section => {
  const worst = all.toSorted((a, b) => badness(b) - badness(a)).slice(0, OFFENDERS);
  const rest = all.length - worst.length;
  const sum = (pick: (row: LimiterSummary) => number): string =>
    figure(all.reduce((total, row) => total + pick(row), 0));
  const totals = [
    `all ${figure(all.length)}`,
    '',
    sum(({ admitted }) => admitted),
    sum(({ refused }) => refused),
    sum(({ wrongAdmissions }) => wrongAdmissions),
    sum(({ wrongRefusals }) => wrongRefusals),
    '',
  ];
  return {
    title: 'Limits at the front door',
    columns: [
      column('tenant'),
      column('tier'),
      numeric('admitted'),
      numeric('refused'),
      numeric('wrongly admitted'),
      numeric('wrongly refused'),
      numeric('worst window'),
    ],
    rows: all.length === 0 ? [] : [...worst.map(limiterRow), totals],
    notes:
      rest === 0
        ? []
        : [`Not shown: ${figure(rest)} more, none of them worse; report.json has all.`],
  };
};

const limiterRow = (row: LimiterSummary): readonly string[] => [
  row.tenant,
  row.tier,
  figure(row.admitted),
  figure(row.refused),
  figure(row.wrongAdmissions),
  figure(row.wrongRefusals),
  row.worstWindow === null ? '–' : `${row.worstWindow.admitted} of ${row.worstWindow.allowed}`,
];

/** Wrong decisions first, refusals among equals. */
const badness = ({ wrongAdmissions, wrongRefusals, refused, admitted }: LimiterSummary): number =>
  wrongAdmissions + wrongRefusals + refused / (1 + refused + admitted);

const policy = ({ policy: { decisions, evaluated, cacheHits, latencyUs } }: Report): Section => ({
  title: 'Cedar policies (latency measured in wall time)',
  columns: [
    numeric('decisions'),
    numeric('evaluated'),
    numeric('cache hits'),
    numeric('p50'),
    numeric('p90'),
    numeric('p99'),
    numeric('max'),
  ],
  rows:
    decisions === 0
      ? []
      : [
          [
            figure(decisions),
            figure(evaluated),
            figure(cacheHits),
            ...[latencyUs?.p50, latencyUs?.p90, latencyUs?.p99, latencyUs?.max].map(orDashUs),
          ],
        ],
  notes: [],
});

const resources = (report: Report): Section => ({
  title: 'Resources',
  columns: [
    column('resource'),
    numeric('uses'),
    numeric('refusals'),
    numeric('failures'),
    numeric('queue p50'),
    numeric('queue p95'),
    numeric('queue max'),
  ],
  rows: report.resources.map((resource) =>
    resource.kind === 'service'
      ? [
          resource.name,
          figure(resource.uses),
          figure(resource.refusals),
          figure(resource.failures),
          '',
          '',
          '',
        ]
      : [
          resource.name,
          figure(resource.uses),
          figure(resource.refusals),
          '',
          ...[resource.queuedUsP50, resource.queuedUsP95, resource.queuedUsMax].map(orDashUs),
        ],
  ),
  notes: [],
});

const fairness = (report: Report): Section => ({
  title: 'Fairness',
  columns: [column('tier'), numeric('tenants'), numeric('index')],
  rows: report.fairness.tiers.map(({ tier, tenants, index }) => [
    tier,
    figure(tenants),
    orDash(index, 4),
  ]),
  notes: [`${report.fairness.formula}.`],
});

const traces = (report: Report): Section => ({
  title: 'Traces',
  columns: [
    column('traces'),
    numeric('spans'),
    numeric('complete'),
    numeric('naming'),
    numeric('right'),
    numeric('findings'),
  ],
  rows: report.traces.map(({ source, counts, named, right, findings }) => [
    source === 'own' ? 'of the platform' : 'received',
    ...[counts.spans, counts.complete, named, right, findings.length].map((each) => figure(each)),
  ]),
  notes: report.traces.flatMap((each) => sourceLines(each)),
});

const thresholds = (report: Report): Section => ({
  title: 'Thresholds',
  columns: [column('threshold'), numeric('value'), column('verdict')],
  rows: report.thresholds.map(({ text, value, holds }) => [
    text,
    value === null ? 'no samples' : figure(value, Number.isInteger(value) ? 0 : 4),
    holds ? 'holds' : 'missed',
  ]),
  notes: [],
});

const orDash = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? '–' : figure(value, digits);

const orDashUs = (us: number | null | undefined): string =>
  us === null || us === undefined ? '–' : microseconds(us);
