// What came of the tests of a folder, as a value and in words?

import { type ExitCode, exitCode } from '../domain/exit-code.ts';
import { junit } from '../report/junit.ts';
import { counted } from '../report/numbers.ts';
import { wrap } from '../report/table.ts';
import type { Case } from './case.ts';
import { titleOf } from './case.ts';
import type { Answered } from './testing.ts';

export interface TestReport {
  readonly command: 'policy test';
  readonly version: string;
  readonly folder: string;
  readonly sentence: string;
  readonly exitCode: ExitCode;
  readonly cells: number;
  readonly allowed: number;
  readonly denied: number;
  readonly suites: readonly { readonly name: string; readonly cells: number }[];
  readonly failures: readonly TestFailure[];
  readonly replay: string;
}

export interface TestFailure {
  readonly title: string;
  readonly place: Case['place'];
  readonly wrong: string;
  readonly determining: readonly string[];
  readonly errors: readonly string[];
  readonly question: Case['question'];
}

export interface TestFacts {
  readonly version: string;
  readonly folder: string;
  readonly replay: string;
}

/** A wrong answer to who may do what is a finding. */
export const testReport = (answered: readonly Answered[], facts: TestFacts): TestReport => {
  const failures = answered
    .filter(({ wrong }) => wrong !== '')
    .map(({ asked, decided, wrong }) => ({
      title: titleOf(asked),
      place: asked.place,
      wrong,
      determining: decided.determining,
      errors: decided.errors,
      question: asked.question,
    }));
  const allowed = answered.filter(({ decided }) => decided.decision === 'allow').length;
  const names = [...new Set(answered.map(({ asked }) => asked.suite))];
  const suites = names.map((name) => ({
    name,
    cells: answered.filter(({ asked }) => asked.suite === name).length,
  }));
  const found = { cells: answered.length, allowed, denied: answered.length - allowed, suites };
  return {
    command: 'policy test',
    ...facts,
    ...found,
    sentence: sentenceOf(found, failures.length),
    exitCode: exitCode({ findings: failures.length }),
    failures,
  };
};

const sentenceOf = (
  { cells, allowed, denied, suites }: Pick<TestReport, 'cells' | 'allowed' | 'denied' | 'suites'>,
  failures: number,
): string => {
  const of = `${counted(cells, 'cell')} of ${counted(suites.length, 'suite')}`;
  const split = `${allowed} ${allowed === 1 ? 'was' : 'were'} allowed and ${denied} denied`;
  if (failures === 0) return `All ${of} were answered as expected: ${split}.`;
  return `${failures} of ${of} were answered otherwise than expected; ${split}.`;
};

/** The report for a terminal. */
export const testText = (report: TestReport, columns: number): string =>
  [
    ...wrap(report.sentence, columns),
    ...report.suites.map(({ name, cells }) => `  ${name}: ${counted(cells, 'cell')}`),
    ...report.failures.slice(0, SHOWN).flatMap((failure) => ['', ...failureLines(failure)]),
    ...(report.failures.length > SHOWN
      ? ['', `${report.failures.length - SHOWN} more stand in the report`]
      : []),
    '',
    `replay  ${report.replay}`,
    '',
  ].join('\n');

/** More failures than this are in the file only (assumed). */
const SHOWN = 20;

const failureLines = ({ title, place, wrong, determining, errors, question }: TestFailure) => [
  `${place.file}:${place.line}:${place.column}: ${title}`,
  `  ${wrong}`,
  `  ${decidedBy(determining)}`,
  ...errors.map((error) => `  error: ${error}`),
  `  asked: ${JSON.stringify({ tags: question.principal.tags, input: question.input })}`,
];

const decidedBy = (determining: readonly string[]): string =>
  determining.length === 0
    ? 'no policy decided: denied by default'
    : `decided by ${determining.map((id) => `\`${id}\``).join(', ')}`;

/** The report for a build server. */
export const testJunit = (answered: readonly Answered[]): string => {
  const names = [...new Set(answered.map(({ asked }) => asked.suite))];
  return junit(
    'poolproof policy test',
    names.map((name) => ({
      name,
      cases: answered
        .filter(({ asked }) => asked.suite === name)
        .map(({ asked, decided, wrong }) => ({
          name: `${asked.test} › ${asked.cell}`,
          file: asked.place.file,
          line: asked.place.line,
          ...(wrong === ''
            ? {}
            : { failure: [wrong, decidedBy(decided.determining), ...decided.errors].join('\n') }),
        })),
    })),
  );
};
