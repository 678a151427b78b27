// What came of the mutants of a folder, as a value and in words?

import type { ExitCode } from '../domain/exit-code.ts';
import { exitCode } from '../domain/exit-code.ts';
import { formatInstant } from '../kernel/calendar.ts';
import { counted } from '../report/numbers.ts';
import { table, wrap } from '../report/table.ts';
import { type Fate, type JudgedMutant, MUTATION_KINDS } from './mutants.ts';

export interface MutantsReport {
  readonly command: 'policy mutants';
  readonly version: string;
  readonly folder: string;
  readonly sentence: string;
  readonly exitCode: ExitCode;
  readonly policies: number;
  readonly cells: number;
  readonly counts: Readonly<Record<Fate['kind'], number>>;
  /** Killed, of those that are valid and not equivalent, in percent; absent when there are none. */
  readonly scorePercent?: number;
  readonly minPercent: number;
  readonly partial: boolean;
  /** Policies of which no mutants were made: they hold numbers that JSON cannot carry. */
  readonly leftOut: readonly string[];
  readonly mutants: readonly ReportedMutant[];
  readonly replay: string;
}

export interface ReportedMutant {
  readonly policy: string;
  readonly kind: string;
  readonly change: string;
  readonly fate: Fate;
}

export interface MutantsFacts {
  readonly version: string;
  readonly folder: string;
  readonly replay: string;
  readonly policies: number;
  readonly cells: number;
  readonly minPercent: number;
  readonly partial: boolean;
  readonly leftOut: readonly string[];
}

export const mutantsReport = (
  judged: readonly JudgedMutant[],
  facts: MutantsFacts,
): MutantsReport => {
  const count = (kind: Fate['kind']): number =>
    judged.filter(({ fate }) => fate.kind === kind).length;
  const counts = {
    killed: count('killed'),
    survived: count('survived'),
    undecided: count('undecided'),
    equivalent: count('equivalent'),
    invalid: count('invalid'),
  };
  const all = counts.killed + counts.survived + counts.undecided;
  const score = all === 0 ? undefined : (100 * counts.killed) / all;
  return {
    command: 'policy mutants',
    ...facts,
    sentence: sentenceOf(counts, all, facts),
    exitCode: exitCode({
      inconclusive: score === undefined || facts.partial,
      thresholdsMissed: score !== undefined && score < facts.minPercent ? 1 : 0,
    }),
    counts,
    ...(score === undefined ? {} : { scorePercent: score }),
    mutants: judged.map(({ mutation: { policy, kind, change }, fate }) => ({
      policy,
      kind,
      change,
      fate,
    })),
  };
};

const sentenceOf = (
  { killed, survived, undecided, equivalent, invalid }: MutantsReport['counts'],
  all: number,
  { policies, cells, partial, leftOut }: MutantsFacts,
): string => {
  const score = all === 0 ? '' : ` (${percent(killed, all)})`;
  const left = [
    ...(survived > 0 ? [`${survived} survived`] : []),
    ...(undecided > 0 ? [`${undecided} undecided`] : []),
    `${equivalent} equivalent and ${invalid} invalid ones not counted`,
    ...(leftOut.length > 0 ? [`none made of ${leftOut.length} that hold numbers beyond 2^53`] : []),
  ];
  return (
    `${killed} of ${counted(all, 'mutant')} of ${counted(policies, 'policy', 'policies')} were killed by ${counted(cells, 'cell')}${score}: ` +
    `${left.join(', ')}${partial ? '; stopped before the end' : ''}.`
  );
};

/** Never 100 % for less than all. */
const percent = (part: number, of: number): string =>
  `${(Math.floor((1000 * part) / of) / 10).toFixed(part === of ? 0 : 1)} %`;

/** The report for a terminal. */
export const mutantsText = (report: MutantsReport, columns: number): string => {
  const of = (kind: Fate['kind']) => report.mutants.filter(({ fate }) => fate.kind === kind);
  return [
    ...wrap(report.sentence, columns),
    '',
    kindsTable(report, columns),
    ...section('Survived: no cell noticed them', of('survived'), columns),
    ...section('Undecided: too many questions to look through', of('undecided'), columns),
    ...section(
      'Equivalent: no question that policies can tell apart is answered otherwise',
      of('equivalent'),
      columns,
    ),
    '',
    `replay  ${report.replay}`,
    '',
  ].join('\n');
};

const FATES = ['killed', 'survived', 'undecided', 'equivalent', 'invalid'] as const;

const kindsTable = ({ mutants }: MutantsReport, columns: number): string =>
  table(
    [{ title: 'change' }, ...FATES.map((title) => ({ title, align: 'right' as const }))],
    MUTATION_KINDS.map((kind) => [
      kind,
      ...FATES.map(
        (fate) => `${mutants.filter((one) => one.kind === kind && one.fate.kind === fate).length}`,
      ),
    ]),
    columns,
  );

/** More than this of one fate are in the file only (assumed). */
const SHOWN = 12;

const section = (
  title: string,
  mutants: readonly ReportedMutant[],
  columns: number,
): readonly string[] => {
  if (mutants.length === 0) return [];
  const more = mutants.length - SHOWN;
  return [
    '',
    title,
    ...mutants.slice(0, SHOWN).flatMap((mutant) => mutantLines(mutant, columns)),
    ...(more > 0 ? [`  and ${more} more, in the report`] : []),
  ];
};

const mutantLines = ({ policy, change, fate }: ReportedMutant, columns: number) => [
  ...wrap(`${policy}: ${change}`, columns - 2).map((line) => `  ${line}`),
  ...(fate.kind === 'survived' ? [`    would notice: ${questionText(fate.question)}`] : []),
];

const questionText = ({
  principal,
  action,
  gateway,
  input,
  nowUs,
}: Extract<Fate, { kind: 'survived' }>['question']): string =>
  JSON.stringify({ tags: principal.tags, action, gateway, input, now: formatInstant(nowUs) });
