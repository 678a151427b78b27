// What came of checking a folder, as a value and in words?

import { type ExitCode, exitCode } from '../domain/exit-code.ts';
import type { Complaint } from '../domain/usage-error.ts';
import { counted } from '../report/numbers.ts';
import { wrap } from '../report/table.ts';
import type { PolicyFinding } from './findings.ts';

export interface CheckReport {
  readonly command: 'policy check';
  readonly version: string;
  readonly folder: string;
  readonly sentence: string;
  readonly exitCode: ExitCode;
  readonly policies: number;
  readonly files: number;
  readonly tools: number;
  readonly findings: readonly CheckedFinding[];
  /** What is no finding, but worth knowing: warnings of Cedar and policies without a name. */
  readonly notes: readonly Complaint[];
  readonly replay: string;
}

export interface CheckedFinding extends PolicyFinding {
  /** Set when the finding was accepted. */
  readonly waived?: { readonly reason: string; readonly owner: string; readonly until: string };
  readonly note?: string;
}

export type CheckFacts = Omit<CheckReport, 'command' | 'sentence' | 'exitCode'>;

/** A finding that is not waived misses the threshold of none. */
export const checkReport = (facts: CheckFacts): CheckReport => {
  const open = facts.findings.filter(({ waived }) => waived === undefined).length;
  return {
    command: 'policy check',
    ...facts,
    sentence: sentenceOf(facts, open),
    exitCode: exitCode({ thresholdsMissed: open }),
  };
};

const sentenceOf = ({ policies, files, tools, findings }: CheckFacts, open: number): string => {
  const waived = findings.length - open;
  const found = open === 0 ? 'nothing was found' : counted(open, 'finding');
  const more = waived === 0 ? '' : `, ${waived} waived`;
  const valid = policies === 1 ? 'is' : 'are';
  return `${counted(policies, 'policy', 'policies')} in ${counted(files, 'file')} ${valid} valid for ${counted(tools, 'tool')}; ${found}${more}.`;
};

/** The report for a terminal. */
export const checkText = (report: CheckReport, columns: number): string =>
  [
    ...wrap(report.sentence, columns),
    ...report.findings.flatMap((each) => ['', ...findingLines(each, columns)]),
    ...(report.notes.length === 0 ? [] : ['']),
    ...report.notes.flatMap(({ file, line, column, message }) =>
      wrap(`${[file, line, column].join(':')}: note: ${message}`, columns),
    ),
    '',
    `replay  ${report.replay}`,
    '',
  ].join('\n');

const findingLines = (
  { file, line, column, name, id, message, hint, waived, note }: CheckedFinding,
  columns: number,
): readonly string[] => [
  `${file}:${line}:${column}: ${name}  ${id}`,
  ...indented(message, columns),
  ...indented(`hint: ${hint}`, columns),
  ...(waived === undefined
    ? []
    : indented(`waived until ${waived.until} by ${waived.owner}: ${waived.reason}`, columns)),
  ...(note === undefined ? [] : indented(note, columns)),
];

const indented = (text: string, columns: number): readonly string[] =>
  wrap(text, columns - 2).map((line) => `  ${line}`);
