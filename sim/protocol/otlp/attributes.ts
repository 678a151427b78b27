// What does an OTLP attribute say: a text, a number or a truth value, whatever it was wrapped in.

import type { AttributeValue } from '../../domain/received-span.ts';
import { listIn, Malformed, recordIn, type Tree, textIn, wholeIn } from './tree.ts';

/** Lists in lists: OpenTelemetry's own attributes have one level. Assumed. */
const DEEPEST = 32;

/** A list of `{ key, value }`. Throws `Malformed`; a key that stands twice is a mistake, too. */
export const attributesIn = (
  tree: Tree,
  field: string,
  at: string,
): Record<string, AttributeValue> => {
  const members: [string, AttributeValue][] = [];
  for (const [key, value] of pairsIn(tree, field, at, 0))
    members.push([key, isPlain(value) ? value : JSON.stringify(value)]);
  const read: Record<string, AttributeValue> = Object.fromEntries(members);
  if (Object.keys(read).length !== members.length)
    throw new Malformed(`${at}.${field}`, 'expected every key once');
  return read;
};

type Nested = AttributeValue | readonly Nested[] | { readonly [key: string]: Nested } | null;

const isPlain = (value: Nested): value is AttributeValue =>
  value !== null && typeof value !== 'object';

/** Pairs of a key and what it says, in the order in which they stand. */
const pairsIn = (
  tree: Tree,
  field: string,
  at: string,
  depth: number,
): readonly (readonly [string, Nested])[] =>
  listIn(tree, field, at).map((member, index) => {
    const place = `${at}.${field}[${index}]`;
    const pair = recordIn(member, place);
    return [textIn(pair, 'key', place), valueIn(pair['value'], `${place}.value`, depth)] as const;
  });

const valueIn = (raw: unknown, at: string, depth: number): Nested => {
  if (raw === undefined || raw === null) return null;
  if (depth > DEEPEST) throw new Malformed(at, `expected at most ${DEEPEST} lists in each other`);
  const tree = recordIn(raw, at);
  const [form] = Object.keys(FORMS).filter((name) => (tree[name] ?? undefined) !== undefined);
  return form === undefined ? null : (FORMS[form]?.(tree, at, depth) ?? null);
};

const FORMS: Readonly<Record<string, (tree: Tree, at: string, depth: number) => Nested>> = {
  stringValue: (tree, at) => textIn(tree, 'stringValue', at),
  boolValue: (tree, at) => {
    const value = tree['boolValue'];
    if (typeof value !== 'boolean')
      throw new Malformed(`${at}.boolValue`, 'expected true or false');
    return value;
  },
  intValue: (tree, at) => {
    const value = wholeIn(tree, 'intValue', at);
    // What a number of JavaScript cannot hold stays the text that it was.
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  },
  doubleValue: (tree, at) => {
    const value = tree['doubleValue'];
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    // JSON has no other way to write these three.
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
    throw new Malformed(`${at}.doubleValue`, 'expected a number');
  },
  arrayValue: (tree, at, depth) => {
    const place = `${at}.arrayValue`;
    const list = recordIn(tree['arrayValue'], place);
    return listIn(list, 'values', place).map((value, index) =>
      valueIn(value, `${place}.values[${index}]`, depth + 1),
    );
  },
  kvlistValue: (tree, at, depth) => {
    const place = `${at}.kvlistValue`;
    const pairs = pairsIn(recordIn(tree['kvlistValue'], place), 'values', place, depth + 1);
    // As pairs where a key stands twice, so that nothing that was said is lost.
    const unique = new Set(pairs.map(([key]) => key)).size === pairs.length;
    return unique ? Object.fromEntries(pairs) : pairs;
  },
  bytesValue: (tree, at) => {
    const value = tree['bytesValue'];
    if (value instanceof Uint8Array) return textOfBytes(value);
    return textOfBytes(Buffer.from(textIn(tree, 'bytesValue', at), 'base64'));
  },
};

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const textOfBytes = (bytes: Uint8Array): string => {
  try {
    return UTF8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('base64');
  }
};
