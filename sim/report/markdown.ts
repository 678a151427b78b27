// How does a report read as Markdown, for a pull request or a wiki?

import type { Report } from '../domain/report.ts';
import { findingLines, kindOf } from './finding-text.ts';
import { type Section, sections } from './rows.ts';

/** GitHub-flavoured Markdown; ends with a line break. */
export const markdown = (report: Report): string => {
  const { scenario, platform, clock } = report;
  const time = clock === 'wall' ? 'measured (wall time)' : 'computed (simulated time)';
  const blocks = [
    `# ${VERDICTS[report.verdict]}: ${inline(scenario)} on ${inline(platform)}`,
    inline(report.sentence),
    `Numbers are ${time}${report.partial ? '; the run is partial' : ''}.`,
    ...report.findings.flatMap((finding, index) => [
      `## ${kindOf(finding)} ${inline(finding.title)} (finding ${index + 1} of ${report.findings.length})`,
      fenced(findingLines(finding).join('\n')),
    ]),
    ...sections(report).flatMap((section) => [
      `## ${inline(section.title)}`,
      tableOf(section),
      ...section.notes.map(inline),
    ]),
    ...(report.notExercised.length === 0
      ? []
      : ['## Not exercised', report.notExercised.map((line) => `- ${inline(line)}`).join('\n')]),
    `Seed ${report.seed}, digest \`${report.digest}\`, exit code ${report.exitCode}. To repeat it:`,
    fenced(report.replay),
  ];
  return `${blocks.join('\n\n')}\n`;
};

const VERDICTS = { pass: 'Pass', fail: 'Fail', inconclusive: 'Inconclusive' } as const;

const tableOf = ({ columns, rows }: Section): string =>
  [
    columns.map(({ title }) => inline(title)),
    columns.map(({ align }) => (align === 'right' ? '---:' : '---')),
    ...rows.map((row) => row.map(inline)),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** Names come from scenarios and platforms: nothing in them may become markup. */
const inline = (text: string): string =>
  text.replace(/[\\`*_[\]<>|#]/g, '\\$&').replace(/\s+/g, ' ');

/** A fence longer than any run of backticks inside. */
const fenced = (text: string): string => {
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}text\n${text}\n${fence}`;
};
