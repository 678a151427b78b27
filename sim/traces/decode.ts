// Which requests does a trace file hold: its format found, its broken rows named, its times from 0.

import type { Complaint } from '../domain/usage-error.ts';
import { UsageError } from '../domain/usage-error.ts';
import { azureTimeField, siftAzure } from './azure.ts';
import type { Leniency, Sifted } from './broken-rows.ts';
import { refuseBroken, shown } from './broken-rows.ts';
import { mooncakeTimeField, siftMooncake } from './mooncake.ts';
import type { TraceFormat, TraceRow } from './trace.ts';
import { traceFormats } from './trace.ts';

export interface DecodedTrace {
  readonly format: TraceFormat;
  /** In order of time, the first at 0. Never empty. */
  readonly rows: readonly TraceRow[];
  /** What leniency left out, a complaint for each field; empty when strict. */
  readonly skipped: readonly Complaint[];
  /** Rows earlier than the one before them in the file, which leniency sorted in. */
  readonly outOfOrder: number;
}

/** A row as it stands in the file: its line, and its time from whatever origin the file has. */
export interface Located extends TraceRow {
  readonly line: number;
}

/**
 * The requests of a trace file's text; `format` undefined looks at the first line. Throws a
 * UsageError that lists the broken rows (strict), or when the format is unknown or not one of
 * requests, the header is wrong, or no sound row is left (always).
 */
export const decodeTrace = (
  format: TraceFormat | undefined,
  text: string,
  file: string,
  leniency: Leniency,
): DecodedTrace => {
  const found = format ?? detectFormat(text);
  if (found === undefined) throw unknownFormat(text, file);
  if (found === 'servegen') throw notRequests(file);
  const sifted = found === 'azure' ? siftAzure(text, file) : siftMooncake(text, file);
  const late = latecomers(sifted.rows);
  const path = found === 'azure' ? azureTimeField : mooncakeTimeField;
  refuseBroken(leniency.lenient ? sifted : withLate(sifted, late, { file, path }), file, leniency);
  return {
    format: found,
    rows: fromZero(sifted.rows),
    skipped: sifted.broken,
    outOfOrder: late.length,
  };
};

/** The format that the first line looks like. */
export const detectFormat = (text: string): TraceFormat | undefined => {
  const [first = ''] = /[^\s\ufeff].*/.exec(text) ?? [];
  if (first.startsWith('{')) return 'mooncake';
  if (/\bTIMESTAMP\b/.test(first)) return 'azure';
  return /^\d+(?:,[^,]*){5}$/.test(first.trim()) ? 'servegen' : undefined;
};

const unknownFormat = (text: string, file: string): UsageError => {
  const [first] = /[^\s\ufeff].*/.exec(text) ?? [];
  const message =
    first === undefined
      ? 'expected a trace, found an empty file'
      : `unknown trace format, the first line is ${shown(first)}`;
  const names = traceFormats.map((name) => `\`${name}\``).join(', ');
  return new UsageError([{ file, line: 1, message, hint: `known formats: ${names}` }]);
};

const notRequests = (file: string): UsageError =>
  new UsageError([
    {
      file,
      message: 'a `servegen` file describes the arrivals of a client, not requests with sizes',
      hint: 'name it as a client of a scenario that says how large its requests are',
    },
  ]);

const latecomers = (rows: readonly Located[]): readonly Located[] =>
  rows.filter((row, index) => row.atUs < (rows[index - 1]?.atUs ?? row.atUs));

const withLate = (
  { rows, broken }: Sifted<Located>,
  late: readonly Located[],
  place: { readonly file: string; readonly path: string },
): Sifted<Located> => {
  const complaints = late.map(
    ({ line }): Complaint => ({
      ...place,
      line,
      message: 'expected a time no earlier than that of the row before',
    }),
  );
  const all = [...broken, ...complaints].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { rows, broken: all };
};

const fromZero = (rows: readonly Located[]): readonly TraceRow[] => {
  const sorted = [...rows].sort((a, b) => a.atUs - b.atUs);
  const zeroUs = sorted[0]?.atUs ?? 0;
  return sorted.map(({ line: _, ...row }) => ({ ...row, atUs: row.atUs - zeroUs }));
};
