// What does an Azure LLM inference trace say: CSV with a header, a UTC stamp and two sizes a row.

import type { Complaint } from '../domain/usage-error.ts';
import { UsageError } from '../domain/usage-error.ts';
import { parseInstantUs } from '../kernel/calendar.ts';
import { type Sifted, shown } from './broken-rows.ts';
import { type CsvLine, csvLines, fieldAt, fieldComplaint } from './csv-lines.ts';
import type { Located } from './decode.ts';

export const azureTimeField = 'TIMESTAMP';

/**
 * Rows with times since the epoch, from stamps such as `2023-11-16 18:15:46.6805900`: steps of
 * 100 ns, cut to whole microseconds. Columns may stand in any order beside others. Throws a
 * UsageError when the header lacks a column.
 */
export const siftAzure = (text: string, file: string): Sifted<Located> => {
  const [header, ...lines] = csvLines(text);
  if (header === undefined) return { rows: [], broken: [] };
  const columns = columnsOf(header, file);
  const rows: Located[] = [];
  const broken: Complaint[] = [];
  for (const line of lines) {
    if (line.fields.length !== header.fields.length) {
      const message = `expected ${header.fields.length} fields, found ${line.fields.length}`;
      broken.push({ file, line: line.line, message });
      continue;
    }
    const complaints = columns.flatMap(({ name, index, expected, read }) => {
      const value = fieldAt(line, index);
      if (read(value) !== undefined) return [];
      const message = `expected ${expected}, found ${shown(value)}`;
      return [fieldComplaint(line, index, { file, path: name, message })];
    });
    broken.push(...complaints);
    const [atUs = 0, inputTokens = 0, outputTokens = 0] = columns.map(({ index, read }) =>
      read(fieldAt(line, index)),
    );
    if (complaints.length === 0) rows.push({ line: line.line, atUs, inputTokens, outputTokens });
  }
  return { rows, broken };
};

interface Column {
  readonly name: string;
  readonly expected: string;
  readonly read: (text: string) => number | undefined;
}

const stampUs = (text: string): number | undefined => {
  const [, date, time, fraction = ''] = STAMP.exec(text) ?? [];
  return parseInstantUs(`${date}T${time}.${fraction.slice(0, 6).padEnd(6, '0')}Z`);
};

// The traces of 2024 add the offset; those of 2023 are UTC without saying so.
const STAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)?$/;

const count = (text: string): number | undefined =>
  /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const COLUMNS: readonly Column[] = [
  { name: azureTimeField, expected: 'a UTC time `YYYY-MM-DD HH:MM:SS.fffffff`', read: stampUs },
  { name: 'ContextTokens', expected: 'a whole number, 0 or more', read: count },
  { name: 'GeneratedTokens', expected: 'a whole number, 0 or more', read: count },
];

const columnsOf = (header: CsvLine, file: string): readonly (Column & { index: number })[] => {
  const names = header.fields.map((_, index) => fieldAt(header, index));
  const columns = COLUMNS.map((column) => ({ ...column, index: names.indexOf(column.name) }));
  const missing = columns.filter(({ index }) => index < 0);
  if (missing.length === 0) return columns;
  throw new UsageError(
    missing.map(({ name }) => ({
      file,
      line: header.line,
      message: `expected a column ${shown(name)}, found ${shown(names.join(','))}`,
      hint: `the header is \`${COLUMNS.map((column) => column.name).join(',')}\``,
    })),
  );
};
