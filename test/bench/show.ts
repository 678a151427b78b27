// How does a bench show what it found: a title, a table, and what must be known to read it?

import { type Column, table } from '../../sim/report/table.ts';

/** One bench: a name to choose it by, and what it asks. */
export interface Bench {
  readonly name: string;
  readonly question: string;
  readonly run: (options: BenchOptions) => Promise<readonly Shown[]>;
}

export interface BenchOptions {
  /** Of the benches that play a scenario; each has its own number by default. */
  readonly requests: number | undefined;
  /** How often what is compared is repeated; at least 1. */
  readonly rounds: number | undefined;
  /** Of each loop over HTTP. */
  readonly seconds: number | undefined;
}

export interface Shown {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
  /** Findings, and whatever makes the figures worthless: the bench has failed. */
  readonly complaints: readonly string[];
}

const WIDTH = 110;

export const shownText = ({ title, columns, rows, notes, complaints }: Shown): string =>
  [
    `\n${title}`,
    table(columns, rows, WIDTH),
    ...notes.map((note) => `  ${note}`),
    ...complaints.map((complaint) => `  FAILED  ${complaint}`),
    '',
  ].join('\n');

export const words = (title: string): Column => ({ title });
export const figures = (...titles: readonly string[]): readonly Column[] =>
  titles.map((title) => ({ title, align: 'right' }));

/** `12,345.7`: at most so many digits after the point. */
export const figure = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const percent = (share: number): string => `${figure(share * 100, 1)} %`;

export const ratioText = (ratio: number): string => `${figure(ratio, ratio < 100 ? 2 : 0)}×`;
