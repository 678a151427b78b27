// How does a bench of policies speak: its sentence, its tables, and what to do.

import type {
  BenchedRatio,
  BenchedWay,
  EntitiesRow,
  Estimate,
  PoliciesRow,
  PolicyBench,
  WayName,
} from '../domain/policy-bench.ts';
import { counted, figure, microseconds } from './numbers.ts';
import { type Column, table, wrap } from './table.ts';

const WAYS: Readonly<Record<WayName, string>> = {
  naive: 'naive: all policies as text, each time',
  prepared: 'prepared: all policies, parsed before',
  sliced: 'sliced: those of the action, parsed before',
  engine: 'engine: as poolproof asks, each call checked and built anew',
  remembered: 'remembered: by what the policies can tell apart',
};

export const benchSentence = ({
  policies,
  tools,
  ways,
  byPolicies,
}: Pick<PolicyBench, 'policies' | 'tools' | 'ways' | 'byPolicies'>): string => {
  const of = (name: WayName): BenchedWay | undefined => ways.find(({ way }) => way === name);
  const [naive, sliced] = [of('naive'), of('sliced')];
  const most = byPolicies.at(-1);
  if (naive === undefined || sliced === undefined) return 'Nothing was measured.';
  return (
    `A decision among ${counted(policies, 'policy', 'policies')} about ${counted(tools, 'tool')} takes ` +
    `${shortTime(sliced.p50Us.value)} prepared and sliced (p50; p99 ${shortTime(sliced.p99Us.value)}) and ` +
    `${shortTime(naive.p50Us.value)} by the naive call, ${ratioText(naive.ratio)}` +
    (most === undefined
      ? '.'
      : `; among ${figure(most.policies)}, ${ratioText(most.naiveToSliced)}.`)
  );
};

export const benchText = (report: PolicyBench, columns: number): string => {
  const { ways, byPolicies, byEntities, memory, advice } = report;
  const blocks = [
    wrap(report.sentence, columns),
    ['The same questions in turn, asked in five ways', waysTable(ways, columns)],
    [
      'One question among ever more policies: the folder’s own, and copies for further targets (p50)',
      policiesTable(byPolicies, columns),
    ],
    [
      'One question with ever more entities, prepared and sliced, taken apart by differences (p50)',
      entitiesTable(byEntities, columns),
      ...wrap(STEPS, columns),
    ],
    [
      `Memory: ${counted(memory.decisions, 'decision')} asked of Cedar, resident ${mebibytes(memory.residentBytes)} before, ` +
        `${mebibytes(memory.grownBytes)} more at the end, at most ${mebibytes(memory.mostGrownBytes)}.`,
    ].flatMap((line) => wrap(line, columns)),
    ['What to do', ...advice.flatMap((line) => hanging(line, columns))],
    [
      ...wrap(
        'clock    measured (wall time): times are this machine’s; × compares 10th percentiles within rounds, its control is the same work twice, and `?` marks what stands beside a control that is off by more than 5 %',
        columns,
      ),
      `verdict  ${report.verdict} (exit code ${report.exitCode})`,
      `seed     ${report.seed}`,
      `replay   ${report.replay}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const STEPS =
  'JSON: the call refused for want of its policies, before anything of it is read · request, entities: an empty set of policies, without and with the entities, less that · policies: the same number of policies for another action, less the empty set · conditions: the policies of the action, less those · noise: less than the same call twice differs by';

const hanging = (text: string, columns: number): readonly string[] =>
  wrap(text, columns - 4).map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`));

const right = (...titles: readonly string[]): readonly Column[] =>
  titles.map((title) => ({ title, align: 'right' }));

const waysTable = (ways: readonly BenchedWay[], columns: number): string =>
  table(
    [{ title: 'way' }, ...right('calls', 'p50', 'p90', 'p99', '× sliced', 'control')],
    ways.map(({ way, samples, p50Us, p90Us, p99Us, ratio }) => [
      WAYS[way],
      figure(samples),
      ...[p50Us, p90Us, p99Us].map(estimateText),
      ratioCell(ratio),
      controlCell(ratio.control),
    ]),
    columns,
  );

const policiesTable = (rows: readonly PoliciesRow[], columns: number): string =>
  table(
    right(
      ...['policies', 'of action', 'rounds', 'naive', 'prepared', 'sliced'],
      ...['naive × sliced', 'prepared × sliced', 'control'],
    ),
    rows.map((row) => [
      figure(row.policies),
      figure(row.applicable),
      figure(row.rounds),
      ...[row.naiveUs, row.preparedUs, row.slicedUs].map(({ value }) => shortTime(value)),
      ratioCell(row.naiveToSliced),
      ratioCell(row.preparedToSliced),
      controlCell(row.naiveToSliced.control),
    ]),
    columns,
  );

const entitiesTable = (rows: readonly EntitiesRow[], columns: number): string =>
  table(
    right(
      ...['entities', 'rounds', 'whole', 'JSON', 'request', 'entities', 'policies'],
      ...['conditions', 'control'],
    ),
    rows.map((row) => [
      figure(row.entities),
      figure(row.rounds),
      `${shortTime(row.wholeUs.value)}${row.controlIsOff ? ' ?' : ''}`,
      ...[row.serialisationUs, row.requestUs, row.entitiesUs, row.policiesUs, row.conditionsUs].map(
        (us) => differenceCell(us, row),
      ),
      controlCell(row.control),
    ]),
    columns,
  );

/** What is less than the same call differs from itself is not told from nothing. */
const differenceCell = (us: number, { wholeUs, control }: EntitiesRow): string => {
  const off = Math.max(Math.abs((control.low ?? 1) - 1), Math.abs((control.high ?? 1) - 1));
  return Math.abs(us) <= off * wholeUs.value ? 'noise' : shortTime(us);
};

/** `61 µs`, `1.2 ms`: differences may be below zero, where noise is all there is. */
export const shortTime = (us: number): string => {
  if (us < 0) return `-${shortTime(-us)}`;
  return us < 10 ? `${figure(us, 1)} µs` : microseconds(us);
};

const estimateText = ({ value, low, high }: Estimate): string =>
  `${shortTime(value)} (${boundText(low)}–${boundText(high)})`;

/** Without its unit where that is the microsecond. */
const boundText = (us: number | null): string =>
  us === null ? '?' : shortTime(us).replace(' µs', '');

/** `19.8 times as long`. */
export const ratioText = (ratio: BenchedRatio): string =>
  `${times(ratio.value)} times as long (control ${figure(ratio.control.value, 2)})`;

const times = (value: number): string => figure(value, value < 10 ? 2 : value < 100 ? 1 : 0);

const ratioCell = ({ value, low, high, controlIsOff }: BenchedRatio): string =>
  `${times(value)}${controlIsOff ? ' ?' : ''} (${low === null ? '?' : times(low)}–${high === null ? '?' : times(high)})`;

const controlCell = ({ value, low, high }: Estimate): string =>
  `${figure(value, 2)} (${low === null ? '?' : figure(low, 2)}–${high === null ? '?' : figure(high, 2)})`;

const mebibytes = (bytes: number): string => `${figure(bytes / 1_048_576, 1)} MiB`;
