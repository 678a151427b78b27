// What stands at a place of a decoded message, and what if it is not what was expected?

import { isRecord } from '../../domain/wire.ts';

/** An object of a message, whether it came in JSON or in protobuf. */
export type Tree = Readonly<Record<string, unknown>>;

/** A message that is not as OTLP says. Caught where the message came in; never leaves the decoder. */
export class Malformed extends Error {
  override readonly name = 'Malformed';

  constructor(at: string, expected: string) {
    super(`${at}: ${expected}`);
  }
}

export const recordIn = (value: unknown, at: string): Tree => {
  if (isRecord(value) && !(value instanceof Uint8Array)) return value;
  throw new Malformed(at, 'expected an object');
};

/** The list of a field; none and `null` are an empty one, as protobuf has it. */
export const listIn = (tree: Tree, field: string, at: string): readonly unknown[] => {
  const value = tree[field] ?? [];
  if (Array.isArray(value)) return value;
  throw new Malformed(`${at}.${field}`, 'expected a list');
};

export const textIn = (tree: Tree, field: string, at: string): string => {
  const value = tree[field] ?? '';
  if (typeof value === 'string') return value;
  throw new Malformed(`${at}.${field}`, 'expected a text');
};

/** A whole number of up to 64 bits, which JSON may write as a decimal text. */
export const wholeIn = (tree: Tree, field: string, at: string): bigint => {
  const value = tree[field] ?? 0;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw new Malformed(`${at}.${field}`, 'expected a whole number or its decimal text');
};

/** Nanoseconds since 1970 as whole microseconds. */
export const microsecondsIn = (tree: Tree, field: string, at: string): number => {
  const nanoseconds = wholeIn(tree, field, at);
  if (nanoseconds >= 0n && nanoseconds < NANOSECONDS_MAX) return Number(nanoseconds / 1000n);
  throw new Malformed(`${at}.${field}`, 'expected nanoseconds since 1970 in 64 bits');
};

const NANOSECONDS_MAX = 0x1_0000_0000_0000_0000n;

/** An id of so many hexadecimal digits, or undefined when there is none. Ids of zeros are none. */
export const idIn = (tree: Tree, field: string, at: string, digits: number): string | undefined => {
  const value = tree[field] ?? '';
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  if (text === '') return undefined;
  if (typeof text !== 'string' || text.length !== digits || !/^[0-9a-f]+$/i.test(text))
    throw new Malformed(`${at}.${field}`, `expected an id of ${digits} hexadecimal digits`);
  return /^0+$/.test(text) ? undefined : text.toLowerCase();
};

export const requiredIdIn = (tree: Tree, field: string, at: string, digits: number): string => {
  const id = idIn(tree, field, at, digits);
  if (id !== undefined) return id;
  throw new Malformed(`${at}.${field}`, 'expected an id that is not empty and not all zeros');
};
