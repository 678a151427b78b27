// What is covered of a folder's policies, as a value and in words?

import { type ExitCode, exitCode } from '../domain/exit-code.ts';
import { counted } from '../report/numbers.ts';
import { table, wrap } from '../report/table.ts';
import type { CoveredPolicy, Source } from './covered.ts';

export interface CoverageReport {
  readonly command: 'policy coverage';
  readonly version: string;
  readonly folder: string;
  readonly sentence: string;
  readonly exitCode: ExitCode;
  readonly asked: Readonly<Record<Source, number>>;
  /** Of the policies, those that decided some question, in percent. */
  readonly policiesPercent: number;
  /** Of the two outcomes of every condition, those that were seen, in percent. */
  readonly outcomesPercent: number;
  readonly minPercent: number;
  readonly policies: readonly CoveredPolicy[];
  readonly replay: string;
}

export interface CoverageFacts {
  readonly version: string;
  readonly folder: string;
  readonly replay: string;
  readonly asked: Readonly<Record<Source, number>>;
  readonly minPercent: number;
  /** Whether a run was stopped before its end. */
  readonly partial: boolean;
}

export const coverageReport = (
  policies: readonly CoveredPolicy[],
  { partial, ...facts }: CoverageFacts,
): CoverageReport => {
  const decided = policies.filter(isDeciding).length;
  const conditions = policies.flatMap((policy) => policy.conditions);
  const outcomes = conditions.reduce(
    (sum, { wasTrue, wasFalse }) => sum + Number(wasTrue) + Number(wasFalse),
    0,
  );
  const policiesPercent = percentOf(decided, policies.length);
  const { suite, scenario } = facts.asked;
  return {
    command: 'policy coverage',
    ...facts,
    sentence:
      `${decided} of ${counted(policies.length, 'policy', 'policies')} decided (${shown(policiesPercent)} %), and ` +
      `${outcomes} of ${2 * conditions.length} outcomes of ${counted(conditions.length, 'condition')} were met, in ` +
      `${askedText(suite, scenario)}${partial ? '; stopped before the end' : ''}.`,
    exitCode: exitCode({
      thresholdsMissed: policiesPercent < facts.minPercent ? 1 : 0,
      inconclusive: partial || suite + scenario === 0,
    }),
    policiesPercent,
    outcomesPercent: percentOf(outcomes, 2 * conditions.length),
    policies,
  };
};

const isDeciding = ({ decided }: CoveredPolicy): boolean => decided.suite + decided.scenario > 0;

const percentOf = (part: number, of: number): number => (of === 0 ? 100 : (100 * part) / of);

/** Never 100 for less than all. */
const shown = (percent: number): string => String(Math.floor(10 * percent) / 10);

const askedText = (suite: number, scenario: number): string => {
  if (scenario === 0) return counted(suite, 'cell');
  return suite === 0
    ? `${counted(scenario, 'question')} of a run`
    : `${counted(suite, 'cell')} and ${counted(scenario, 'question')} of a run`;
};

/** The report for a terminal. */
export const coverageText = (report: CoverageReport, columns: number): string => {
  const { scenario } = report.asked;
  const sources: readonly Source[] = scenario === 0 ? ['suite'] : ['suite', 'scenario'];
  return [
    ...wrap(report.sentence, columns),
    '',
    table(
      [
        { title: 'policy' },
        ...sources.map((title) => ({ title, align: 'right' as const })),
        { title: 'conditions', align: 'right' },
        { title: 'met both ways', align: 'right' },
      ],
      report.policies.map(({ id, decided, conditions }) => [
        id,
        ...sources.map((source) => String(decided[source])),
        String(conditions.length),
        String(conditions.filter(({ wasTrue, wasFalse }) => wasTrue && wasFalse).length),
      ]),
      columns,
    ),
    ...report.policies.flatMap((policy) => missingLines(policy, columns)),
    '',
    `replay  ${report.replay}`,
    '',
  ].join('\n');
};

const missingLines = (policy: CoveredPolicy, columns: number): readonly string[] => {
  const missing = policy.conditions.filter(({ wasTrue, wasFalse }) => !wasTrue || !wasFalse);
  if (missing.length === 0 && isDeciding(policy) && policy.isWhole) return [];
  return [
    '',
    `${policy.file}:${policy.line}: ${policy.id}`,
    ...(isDeciding(policy) ? [] : ['  never decided']),
    ...(policy.isWhole ? [] : ['  its conditions are not looked at: it holds numbers beyond 2^53']),
    ...missing
      .slice(0, SHOWN)
      .flatMap(({ text, wasTrue, wasFalse }) =>
        wrap(`${lack(wasTrue, wasFalse)}: ${text}`, columns - 2).map((line) => `  ${line}`),
      ),
    ...(missing.length > SHOWN ? [`  and ${missing.length - SHOWN} more, in the report`] : []),
  ];
};

/** More conditions of one policy than this are in the file only (assumed). */
const SHOWN = 12;

const lack = (wasTrue: boolean, wasFalse: boolean): string => {
  if (wasTrue) return 'never false';
  return wasFalse ? 'never true' : 'never come to';
};
