// How does a load speak: its sentence, its tables, and the line that repeats it.

import type { LoadReport } from '../domain/load-report.ts';
import { calibrationLines, calibrationWords } from './calibration-text.ts';
import { findingLines, headingOf } from './finding-text.ts';
import { fleetLines, fleetWords, lostWords } from './fleet-text.ts';
import {
  agreement,
  experiences,
  ms,
  outages,
  pace,
  promises,
  saturated,
  shown,
  slowest,
  thresholds,
} from './load-tables.ts';
import { counted, figure } from './numbers.ts';
import { EXPECTED } from './sentence.ts';
import { wrap } from './table.ts';

type Told = Omit<LoadReport, 'sentence'>;

/** Every part was measured; what is wrong comes first. */
export const loadSentence = (report: Told): string =>
  `${[...trouble(report), leaks(report), requests(report), limits(report), ...agreed(report), usage(report)].join('; ')}.`;

const trouble = (report: Told): readonly string[] => {
  const { findings, thresholds, partial, stage, load, server, notExercised, agreement } = report;
  const open = findings.filter(({ waived }) => waived === null);
  const missed = thresholds.filter(({ holds }) => !holds);
  const unlike = agreement.filter(({ isEqual }) => !isEqual);
  const expected = notExercised.filter((line) => line.endsWith(EXPECTED));
  return [
    ...(open[0] === undefined
      ? []
      : [`${counted(open.length, 'finding')}, the first: ${open[0].title}`]),
    ...(partial ? [`partial: stopped while ${STAGE_WORDS[stage]}`] : []),
    ...(server === null && stage !== 'opening' && report.target === BUNDLED
      ? ['inconclusive: the server died and says nothing']
      : []),
    ...(report.fleet === null
      ? []
      : lostWords(report.fleet).map((words) => `inconclusive: ${words}`)),
    ...unlike
      .slice(0, 1)
      .map(
        ({ what, one, other }) =>
          `inconclusive: ${what} ${figure(one.count)} (${one.by}), ${figure(other.count)} (${other.by})`,
      ),
    ...(expected.length === 0
      ? []
      : [
          `inconclusive: ${expected.map((line) => line.slice(0, -EXPECTED.length).trim()).join(', ')} not exercised`,
        ]),
    ...(notExercised.includes(NOTHING_DONE) ? ['inconclusive: no request was completed'] : []),
    ...(load.isLimited
      ? [
          `harness-limited: lag p99 ${ms(load.lagMs?.p99)} above ${ms(load.lagBoundMs)}, ` +
            `${figure(load.ceilingPerSecond, 1)} requests/s were sent on time at best`,
        ]
      : []),
    ...(load.dropped > 0
      ? [
          `harness-limited: ${counted(load.dropped, 'start')} dropped, ${figure(load.inFlightBound)} were under way`,
        ]
      : []),
    ...(missed[0] === undefined || load.requests.sent === 0
      ? []
      : [
          `${missed.length} of ${counted(thresholds.length, 'threshold')} missed, the first: ${missed[0].text}`,
        ]),
  ];
};

/** Where nobody was served, nothing could leak, and nothing was shown. */
export const NOTHING_DONE = 'requests: none was completed';

/** How `target` names the server that the command itself starts. */
export const BUNDLED = 'the bundled server';

const STAGE_WORDS: Readonly<Record<LoadReport['stage'], string>> = {
  opening: 'the server opened',
  'signing in': 'users signed in',
  load: 'requests were sent',
  draining: 'the last answers were waited for',
  saturation: 'the endpoint was saturated',
  done: 'it ended',
};

const leaks = ({ scanned, findings, server }: Told): string => {
  if (scanned.answers === 0) return 'leaks not exercised';
  const found = findings.filter(({ promise }) => promise === 'I1').length;
  const flows = server?.promises.find(({ id }) => id === 'I1')?.evidence;
  return (
    `${counted(found, 'leak')} in ${counted(scanned.answers, 'answer')} scanned` +
    (flows === undefined ? '' : ` and ${counted(flows, 'flow')} judged by the server`)
  );
};

const requests = ({ load }: Told): string => {
  const { sent, completed, refused, failed, unanswered } = load.requests;
  if (sent === 0) return 'no requests';
  const ends = [
    `${figure(completed)} completed`,
    `${figure(refused)} refused`,
    `${figure(failed)} failed`,
    ...(unanswered > 0 ? [`${figure(unanswered)} cut`] : []),
  ];
  const latency =
    load.latencyMs === null
      ? 'none timed'
      : `p50 ${ms(load.latencyMs.p50)} and p99 ${ms(load.latencyMs.p99)} from the planned start`;
  return (
    `${counted(sent, 'request')} at ${figure(load.sentPerSecond, 1)}/s (${ends.join(', ')}), ${latency}, ` +
    `lag p99 ${ms(load.lagMs?.p99)} (open loop)`
  );
};

const limits = ({ server, fleet }: Told): string => {
  if (fleet !== null) return fleetWords(fleet);
  const rows = server?.limiter ?? [];
  const decisions = rows.reduce((sum, { admitted, refused }) => sum + admitted + refused, 0);
  if (decisions === 0) return 'limits not exercised';
  const wrong = rows.reduce((sum, row) => sum + row.wrongAdmissions + row.wrongRefusals, 0);
  return `${counted(wrong, 'wrong limiter decision')} in ${figure(decisions)}`;
};

/** With simulated time, where that was asked for. */
const agreed = ({ calibration }: Told): readonly string[] =>
  calibration === null ? [] : [calibrationWords(calibration)];

const usage = ({ agreement }: Told): string => {
  if (agreement.length === 0) return 'usage not compared';
  if (agreement.some(({ isEqual }) => !isEqual)) return 'usage differs between the sides';
  // Of requests that were cut only one side knows the end.
  return agreement.every(
    ({ one, other, what }) => one.count === other.count && !what.includes('no whole'),
  ) && agreement.some(({ what }) => what.startsWith('requests'))
    ? 'usage equal on both sides to the token and the request'
    : 'usage equal on both sides to the token';
};

export interface LoadTextSettings {
  /** Characters a line. */
  readonly columns: number;
  /** The files that were written. */
  readonly files?: readonly string[];
}

/** Ends with a line break. */
export const loadText = (report: LoadReport, { columns, files = [] }: LoadTextSettings): string => {
  const { load, findings, saturation, server } = report;
  const blocks: readonly (readonly string[])[] = [
    wrap(report.sentence, columns),
    [
      `${report.scenario} on ${report.platform}, ${report.target}, measured (wall time), latencies from the planned start${report.partial ? ', partial' : ''}`,
    ],
    ...findings.map((finding, index) => {
      const place = `finding ${index + 1} of ${findings.length}, seen by the ${finding.seenBy}`;
      return [`${headingOf(finding, place)[0]}  ${place}`, ...findingLines(finding)];
    }),
    ...section('Tiers (open loop)', experiences(load.tiers, columns)),
    ...section('Tenants (open loop)', experiences(slowest(load.tenants), columns), shown(load)),
    ['The generator (open loop)', pace(load, columns)],
    ...(load.failures.length === 0
      ? []
      : [
          [
            'Failures',
            ...load.failures.map(({ reason, count }) => `  ${figure(count)}  ${reason}`),
          ],
        ]),
    ...outages(report),
    ...(report.agreement.length === 0 ? [] : [['Both sides', agreement(report, columns)]]),
    ...(report.fleet === null
      ? []
      : [['Front doors (open loop)', ...fleetLines(report.fleet, columns)]]),
    ...(server === null ? [] : [['Promises (server)', promises(report, columns)]]),
    ...(report.calibration === null
      ? []
      : [['Simulated and wall time', ...calibrationLines(report.calibration, columns)]]),
    ...(saturation === null ? [] : [['Saturation', ...saturated(saturation, columns)]]),
    ...(report.thresholds.length === 0 ? [] : [['Thresholds', thresholds(report, columns)]]),
    ...lines('Not exercised', report.notExercised),
    ...lines('Not played', report.notPlayed),
    ...lines('Notes', report.notes),
    [
      `verdict  ${report.verdict} (exit code ${report.exitCode})`,
      `seed     ${report.seed}`,
      ...(files.length === 0 ? [] : [`report   ${files.join(', ')}`]),
      `replay   ${report.replay}`,
    ],
  ];
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
};

export const lines = (title: string, all: readonly string[]): readonly (readonly string[])[] =>
  all.length === 0 ? [] : [[title, ...all.map((line) => `  ${line}`)]];

export const section = (
  title: string,
  text: string | undefined,
  notes: readonly string[] = [],
): readonly (readonly string[])[] => (text === undefined ? [] : [[title, text, ...notes]]);
