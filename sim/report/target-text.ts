// How does a load of a user's own gateway speak: its sentence, its tables, and the line that repeats it.

import type { OutsideLimit, TargetLoadReport, TargetReport } from '../domain/target-report.ts';
import { findingLines, headingOf } from './finding-text.ts';
import { excusedWords } from './fleet-text.ts';
import { experiences, ms, outages, pace, slowest } from './load-tables.ts';
import { type LoadTextSettings, lines, section } from './load-text.ts';
import { counted, figure } from './numbers.ts';
import { type Column, table, wrap } from './table.ts';
import { traceLines } from './trace-lines.ts';

type Told = Omit<TargetLoadReport, 'sentence'>;

/** Every part was measured; what is wrong comes first. */
export const targetSentence = (report: Told): string =>
  `${[...trouble(report), leaks(report), limits(report.target), requests(report), canaries(report.target)].join('; ')}.`;

const trouble = ({ findings, partial, stage, load, target }: Told): readonly string[] => {
  const open = findings.filter(({ waived }) => waived === null);
  const [doubt] = target.inconclusive;
  return [
    ...(open[0] === undefined
      ? []
      : [`${counted(open.length, 'finding')}, the first: ${open[0].title}`]),
    ...(partial ? [`partial: stopped while ${stage}`] : []),
    ...(doubt === undefined ? [] : [`inconclusive: ${doubt}`]),
    ...(load.isLimited ? [`harness-limited: lag p99 ${ms(load.lagMs?.p99)}`] : []),
    ...(target.heldBack > 0
      ? [`${counted(target.heldBack, 'request')} held back by --max-rate`]
      : []),
  ];
};

const leaks = ({ findings, scanned }: Told): string => {
  if (scanned.ownCanaries === 0) return 'leaks not exercised: no canary came back to its owner';
  const found = findings.filter(({ promise }) => promise === 'I1').length;
  return (
    `${counted(found, 'leak')} in ${counted(scanned.answers, 'answer')} scanned, ` +
    `${counted(scanned.ownCanaries, 'own canary', 'own canaries')} met`
  );
};

const limits = ({ limits: all }: TargetReport): string => {
  const judged = all.filter(({ verdict }) => verdict === 'held' || verdict === 'broken');
  if (judged.length === 0) return 'limits not judged';
  const sum = (count: (one: OutsideLimit) => number): number =>
    judged.reduce((total, one) => total + count(one), 0);
  const wrong = sum((one) => one.wrongAdmissions + one.wrongRefusals);
  const tolerance = Math.max(...judged.map(({ toleranceUs }) => toleranceUs)) / 1000;
  return (
    `${counted(wrong, 'wrong limiter decision')} in ${figure(sum((one) => one.admitted + one.refused))} ` +
    `seen from outside, beyond a tolerance of ${ms(tolerance)}` +
    excusedWords(sum((one) => one.couldBeWrong))
  );
};

const requests = ({ load }: Told): string => {
  const { sent, completed, refused, failed } = load.requests;
  if (sent === 0) return 'no requests';
  const latency =
    load.latencyMs === null
      ? ''
      : `, p50 ${ms(load.latencyMs.p50)} and p99 ${ms(load.latencyMs.p99)} from the planned start`;
  return (
    `${counted(sent, 'request')} at ${figure(load.sentPerSecond, 1)}/s (${figure(completed)} completed, ` +
    `${figure(refused)} refused, ${figure(failed)} failed)${latency} (open loop)`
  );
};

const canaries = ({ canaries: { planted, cleaned, left } }: TargetReport): string =>
  planted + left.length === 0
    ? 'nothing was planted'
    : `${figure(cleaned)} of ${counted(planted, 'planted canary', 'planted canaries')} taken away` +
      (left.length === 0 ? '' : `, ${figure(left.length)} LEFT at the target`);

/** Ends with a line break. */
export const targetText = (report: TargetLoadReport, { columns }: LoadTextSettings): string => {
  const { load, findings, target, scenario } = report;
  const blocks: readonly (readonly string[])[] = [
    wrap(report.sentence, columns),
    [
      `${scenario} at ${target.name} (${target.url}), measured (wall time), latencies from the planned start${report.partial ? ', partial' : ''}`,
    ],
    ...findings.map((finding, index) => {
      const place = `finding ${index + 1} of ${findings.length}`;
      return [`${headingOf(finding, place)[0]}  ${place}`, ...findingLines(finding)];
    }),
    ...lines('What came to others (redacted, cut)', target.excerpts),
    ...section('Tenants (open loop)', experiences(slowest(load.tenants), columns)),
    ...section('Limits, from outside', limitTable(target.limits, columns), [
      'A decision lies between asking and answering; the tolerance is the widest such spread.',
      ...target.limits.flatMap(couldBeLine),
    ]),
    ['The generator (open loop)', pace(load, columns)],
    ...lines(
      'Statuses',
      target.statuses.map(({ status, count }) => `${figure(count)}  ${status}`),
    ),
    ...lines(
      'Failures',
      target.failures.map(({ why, count }) => `${figure(count)}  ${why}`),
    ),
    ...lines(
      'Not signed in',
      target.signIns.failed.map(({ user, why }) => `${user}: ${why}`),
    ),
    ...outages(report),
    ...lines('Traces', receivedLines(target)),
    ...lines('Inconclusive', target.inconclusive),
    ...lines('Not played', report.notPlayed),
    ...lines('Notes', target.notes),
    [
      `verdict  ${report.verdict} (exit code ${report.exitCode})`,
      `seed     ${report.seed}`,
      `replay   ${report.replay}`,
    ],
  ];
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
};

const couldBeLine = ({ tenant, couldBeWrong }: OutsideLimit): readonly string[] =>
  couldBeWrong === 0
    ? []
    : [`${figure(couldBeWrong)} of ${tenant} could be wrong: by the median spread they would be.`];

const receivedLines = ({ traces }: TargetReport): readonly string[] =>
  traces === null
    ? []
    : [
        `${figure(traces.received)} of ${counted(traces.begun, 'trace')} that were begun came to ${traces.url}`,
        ...traceLines(traces.counts),
        ...(traces.batchesRefused === 0
          ? []
          : [`${counted(traces.batchesRefused, 'batch', 'batches')} could not be read`]),
      ];

const right = (title: string): Column => ({ title, align: 'right' });

const limitTable = (all: readonly OutsideLimit[], columns: number): string | undefined =>
  all.length === 0
    ? undefined
    : table(
        [
          ...[{ title: 'tenant' }, { title: 'tier' }],
          ...['admitted', 'refused', 'unknown', 'wrongly admitted', 'wrongly refused'].map(right),
          ...[right('tolerance'), { title: 'verdict' }],
        ],
        all.map((one) => [
          ...[one.tenant, one.tier, figure(one.admitted), figure(one.refused), figure(one.unknown)],
          figure(one.wrongAdmissions),
          `${figure(one.wrongRefusals)} of ${figure(one.refusalsJudged)}`,
          ...[ms(one.toleranceUs / 1000), one.verdict],
        ]),
        columns,
      );
