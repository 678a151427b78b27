// Which fields stand on which line: CSV whose fields hold no commas, quotes or line ends.

import { parse } from 'csv-parse/sync';
import type { Complaint } from '../domain/usage-error.ts';

export interface CsvLine {
  /** Counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The lines that are not empty. A field may be quoted, but a quote never spans lines: in numbers and
 * dates it has no reason to, and one stray quote must not swallow the rest of the file.
 */
export const csvLines = (text: string): readonly CsvLine[] => {
  const lines: CsvLine[] = [];
  parse(text, {
    bom: true,
    quote: null,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    on_record: (fields: string[], { lines: line }) => {
      lines.push({ line, fields });
      return null;
    },
  });
  return lines;
};

/** The field without surrounding blanks and quotes; empty for one that is not there. */
export const fieldAt = ({ fields }: CsvLine, index: number): string => {
  const field = (fields[index] ?? '').trim();
  return /^".*"$/.test(field) ? field.slice(1, -1) : field;
};

/** A complaint about one field, with the column at which it begins. */
export const fieldComplaint = (
  { line, fields }: CsvLine,
  index: number,
  complaint: Complaint,
): Complaint => {
  const column = fields.slice(0, index).reduce((sum, field) => sum + field.length + 1, 1);
  return { ...complaint, line, column };
};
