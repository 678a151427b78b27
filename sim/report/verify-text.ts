// How does a verification speak: its sentence, what it found, and the matrix of cells.

import type { VerifyReport } from '../domain/verify-report.ts';
import { findingLines, headingOf } from './finding-text.ts';
import { counted, figure } from './numbers.ts';
import { promiseTitle } from './promise-texts.ts';
import { table, wrap } from './table.ts';

type Told = Omit<VerifyReport, 'sentence'>;

/** `0 findings in 8,653 tries over 175 of 175 cells …`. */
export const verifySentence = (report: Told): string => {
  const visited = report.cells.filter(({ visits }) => visits > 0).length;
  const bound =
    report.findings.length > 0 || report.tries === 0
      ? ''
      : `, at most ${(report.boundAt95 * 100).toPrecision(2)} % of tries at 95 %`;
  const found = counted(
    report.findings.length,
    report.findings.length === 0 ? 'finding' : 'hole',
    report.findings.length === 0 ? 'findings' : 'holes',
  );
  return (
    `${found} in ${counted(report.tries, 'try', 'tries')} over ` +
    `${visited} of ${report.cells.length} cells${bound}; ` +
    `${counted(report.programs, 'program')} of ${counted(report.moves, 'move')} on ${report.platform}.`
  );
};

export const verifyText = (report: VerifyReport, columns: number): string => {
  const blocks = [
    wrap(report.sentence, columns),
    ...report.findings.map((finding, index) => [
      headingOf(finding, `finding ${index + 1} of ${report.findings.length}`).join('   '),
      ...findingLines(finding),
      ...(finding.also.length === 0
        ? []
        : ['The same moves show:', ...finding.also.map((line) => `  ${line}`)]),
      `Found in program ${finding.executions}; ${counted(finding.moves, 'move')} and ${counted(finding.tenants, 'tenant')} are left of it.`,
    ]),
    ['Promises', promises(report, columns)],
    ['Two runs of one program, the others varied in the second', ...twoRuns(report, columns)],
    ['Visits of each cell', matrix(report, columns)],
    ...(report.notExercised.length === 0
      ? []
      : [['Not exercised', ...report.notExercised.map((line) => `  ${line}`)]]),
    [
      `verdict  ${report.verdict} (exit code ${report.exitCode})${report.partial ? ', partial' : ''}`,
      ...ENDED[report.end],
      `seed     ${report.seed}`,
      `replay   ${report.replay}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

/** Nothing is silently left out: what ended it early is said. */
const ENDED: Readonly<Record<VerifyReport['end'], readonly string[]>> = {
  'all played': [],
  stopped: [],
  time: ['ended    by `--time`'],
  'first finding': ['ended    by `--stop-on-first`'],
  'enough findings': ['ended    by `--max-findings`: there may be more'],
};

const promises = ({ promises: all }: VerifyReport, columns: number): string =>
  table(
    [
      { title: 'promise' },
      { title: 'judged', align: 'right' },
      { title: 'findings', align: 'right' },
    ],
    all.map(({ id, evidence, findings }) => [
      promiseTitle(id),
      evidence === 0 ? 'not exercised' : figure(evidence),
      figure(findings.length),
    ]),
    columns,
  );

const twoRuns = ({ interference }: Told, columns: number): readonly string[] => {
  const { pairs, comparable, requests, compared, felt } = interference;
  const lines = [
    `${counted(pairs, 'pair')}, ${comparable} comparable; ${figure(compared)} of ${counted(requests, 'request')} of the observers compared`,
  ];
  if (felt.length === 0) return lines;
  return [
    ...lines,
    table(
      [
        { title: 'observer' },
        { title: 'feels of' },
        ...['requests', 'mean ms', 'max ms'].map((title) => ({ title, align: 'right' as const })),
      ],
      felt.map(({ observer, other, requests: judged, meanMs, maxMs }) => [
        ...[observer, other, figure(judged), meanMs.toFixed(1), maxMs.toFixed(1)],
      ]),
      columns,
    ),
  ];
};

const matrix = ({ cells }: VerifyReport, columns: number): string => {
  const relations = [...new Set(cells.map(({ relation }) => relation))];
  const operations = [...new Set(cells.map(({ operation }) => operation))];
  const visits = new Map(cells.map((cell) => [`${cell.operation}|${cell.relation}`, cell.visits]));
  return table(
    [{ title: 'operation' }, ...relations.map((title) => ({ title, align: 'right' as const }))],
    operations.map((operation) => [
      operation,
      ...relations.map((relation) => figure(visits.get(`${operation}|${relation}`) ?? 0)),
    ]),
    columns,
  );
};
