// What becomes of the broken rows of a trace: all of them in one error, or skipped and counted.

import type { Complaint } from '../domain/usage-error.ts';
import { UsageError } from '../domain/usage-error.ts';

/** A decoder's findings: rows in the order of the file, and a complaint for each that is broken. */
export interface Sifted<Row> {
  readonly rows: readonly Row[];
  readonly broken: readonly Complaint[];
}

export interface Leniency {
  /** Skips broken rows instead of refusing the file. */
  readonly lenient: boolean;
}

/** Complaints that are listed before the rest is only counted; assumed to fill one screen. */
const LISTED = 20;

/**
 * Throws a UsageError when rows are broken and leniency does not forgive it, or when none is left:
 * an empty trace proves nothing.
 */
export const refuseBroken = (
  { rows, broken }: Sifted<unknown>,
  file: string,
  { lenient }: Leniency,
): void => {
  const empty = rows.length === 0;
  if (!empty && (lenient || broken.length === 0)) return;
  const complaints = broken.slice(0, LISTED);
  const more = broken.length - complaints.length;
  if (more > 0) complaints.push({ file, message: `and ${more} more` });
  if (empty) complaints.push({ file, message: 'expected at least one sound row, found none' });
  const last = complaints.pop();
  if (last === undefined) return;
  const hint = '`--lenient` skips broken rows and says how many';
  throw new UsageError([...complaints, lenient || broken.length === 0 ? last : { ...last, hint }]);
};

/** A text as a complaint shows it: in backticks, and cut where it would fill the line. */
export const shown = (text: string): string =>
  `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
