// How do rows fit a terminal's width? Plain tables without frames, long texts wrapped, never cut.

import CliTable from 'cli-table3';

export interface Column {
  readonly title: string;
  /** Figures stand to the right. */
  readonly align?: 'left' | 'right';
}

/** A column of words. */
export const left = (title: string): Column => ({ title });

/** A column of figures. */
export const right = (title: string): Column => ({ title, align: 'right' });

/** Lines of at most `width` characters, broken at spaces, or in a word that is longer than that. */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line];
};

/** The table's text, at most `width` characters wide where its columns can be narrowed to that. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string => {
  const widths = fitted(
    columns.map(({ title }, index) =>
      Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
    ),
    width - GAP * columns.length,
  );
  const wrapped = (cell: string, index: number): string =>
    wrap(cell, widths[index] ?? cell.length).join('\n');
  const drawn = new CliTable({
    chars: NO_FRAME,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
    head: columns.map(({ title }, index) => wrapped(title, index)),
    colWidths: widths.map((each) => each + GAP),
    colAligns: columns.map(({ align }) => align ?? 'left'),
  });
  for (const row of rows) drawn.push(row.map(wrapped));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};

const GAP = 2;
const NARROWEST = 8;

const NO_FRAME = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** Takes from the widest column, character by character, until the sum fits. */
const fitted = (natural: readonly number[], room: number): readonly number[] => {
  const widths = [...natural];
  let over = widths.reduce((sum, each) => sum + each, 0) - room;
  for (; over > 0; over -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    const was = widths[widest] ?? 0;
    if (was <= NARROWEST) break;
    widths[widest] = was - 1;
  }
  return widths;
};
