// How does a report look on a terminal: the sentence, the findings, the tables, and how to repeat it.

import type { Report, ReportedFinding } from '../domain/report.ts';
import { findingLines, headingOf } from './finding-text.ts';
import { type Section, sections } from './rows.ts';
import { table, wrap } from './table.ts';

export interface TerminalSettings {
  /** Characters a line; tables and prose keep to it, event texts are not cut. */
  readonly columns: number;
  readonly colour: boolean;
}

/** Ends with a line break. */
export const terminal = (report: Report, settings: TerminalSettings): string => {
  const paint = painter(settings.colour);
  const colour = COLOURS[report.verdict];
  const blocks = [
    wrap(report.sentence, settings.columns).map((line) => paint(colour, line)),
    [paint('dim', subtitle(report))],
    ...report.findings.map((finding, index) =>
      findingBlock(finding, `finding ${index + 1} of ${report.findings.length}`, settings),
    ),
    ...sections(report).map((section) => sectionBlock(section, settings)),
    ...(report.notExercised.length === 0
      ? []
      : [[paint('bold', 'Not exercised'), ...report.notExercised.map((line) => `  ${line}`)]]),
    [
      `verdict  ${paint(colour, report.verdict)} (exit code ${report.exitCode})`,
      `seed     ${report.seed}`,
      `digest   ${report.digest}`,
      `replay   ${report.replay}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim';

const COLOURS = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;

/** SGR parameters. Source: ECMA-48. */
const SGR: Readonly<Record<Colour, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

const painter =
  (isOn: boolean) =>
  (colour: Colour, text: string): string =>
    isOn ? `\u001b[${SGR[colour]}m${text}\u001b[0m` : text;

const subtitle = ({ scenario, platform, clock, partial }: Report): string => {
  const time = clock === 'wall' ? 'measured (wall time)' : 'computed (simulated time)';
  return `${scenario} on ${platform}, ${time}${partial ? ', partial' : ''}`;
};

const findingBlock = (
  finding: ReportedFinding,
  place: string,
  { columns, colour }: TerminalSettings,
): readonly string[] => {
  const [title] = headingOf(finding, place);
  const gap = ' '.repeat(Math.max(2, columns - title.length - place.length));
  const paint = painter(colour);
  const shade = finding.waived === null ? 'red' : 'yellow';
  return [
    `${paint(shade, title)}${gap}${place}`,
    ...findingLines(finding).flatMap((line) => wrapIndented(line, columns)),
  ];
};

/** Prose goes on under where it began; a line of columns (two spaces) and a command stay whole. */
const wrapIndented = (line: string, columns: number): readonly string[] => {
  const [, indent = '', text = ''] = /^(\s*(?:- )?)(.*)$/.exec(line) ?? [];
  if (line.length <= columns || line.startsWith('Replay: ') || text.includes('  ')) return [line];
  const [first = '', ...rest] = wrap(text, columns - indent.length);
  return [`${indent}${first}`, ...rest.map((each) => `${' '.repeat(indent.length)}${each}`)];
};

const sectionBlock = (
  { title, columns, rows, notes }: Section,
  settings: TerminalSettings,
): readonly string[] => [
  painter(settings.colour)('bold', title),
  table(columns, rows, settings.columns),
  ...notes.flatMap((note) => wrap(note, settings.columns)),
];
