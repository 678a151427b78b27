// What does a Mooncake trace say: a JSON object a line with milliseconds, two sizes and block ids.

import type { Complaint } from '../domain/usage-error.ts';
import { parsed } from '../domain/wire.ts';
import { type Sifted, shown } from './broken-rows.ts';
import type { Located } from './decode.ts';

export const mooncakeTimeField = 'timestamp';

/**
 * Rows with times since the trace's own zero, from `{"timestamp": ms, "input_length": n,
 * "output_length": n, "hash_ids": [n, …]}`; `hash_ids` may be missing.
 */
export const siftMooncake = (text: string, file: string): Sifted<Located> => {
  const rows: Located[] = [];
  const broken: Complaint[] = [];
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (raw.trim() === '') continue;
    const line = index + 1;
    const fields = parsed(raw);
    if (fields === undefined) {
      broken.push({ file, line, message: `expected a JSON object, found ${shown(raw)}` });
      continue;
    }
    const complaints = FIELDS.filter(({ name, sound }) => !sound(fields[name])).map(
      ({ name, expected }): Complaint => {
        const message = `expected ${expected}, found ${shownJson(fields[name])}`;
        return { file, line, path: name, message };
      },
    );
    broken.push(...complaints);
    if (complaints.length === 0) rows.push(rowOf(line, fields));
  }
  return { rows, broken };
};

const shownJson = (value: unknown): string =>
  value === undefined ? 'nothing' : shown(JSON.stringify(value));

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

// Beyond the bound the microseconds would not be safe integers.
const isMs = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER / 1000;

const isIds = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every(isCount);

const FIELDS = [
  { name: mooncakeTimeField, expected: 'milliseconds, 0 or more', sound: isMs },
  { name: 'input_length', expected: 'a whole number, 0 or more', sound: isCount },
  { name: 'output_length', expected: 'a whole number, 0 or more', sound: isCount },
  {
    name: 'hash_ids',
    expected: 'a list of whole numbers',
    sound: (value: unknown) => value === undefined || isIds(value),
  },
] as const;

const rowOf = (line: number, fields: Readonly<Record<string, unknown>>): Located => {
  const ids = fields['hash_ids'];
  const row = {
    line,
    atUs: Math.round(Number(fields[mooncakeTimeField]) * 1000),
    inputTokens: Number(fields['input_length']),
    outputTokens: Number(fields['output_length']),
  };
  return isIds(ids) ? { ...row, hashIds: ids } : row;
};
