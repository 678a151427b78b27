// Whose secret is in this text? Mints self-describing canaries, and finds them whatever they
// went through.

export const CANARY_KINDS = [
  'prompt',
  'answer',
  'record',
  'document',
  'configuration',
  'memory',
  'secret',
] as const;
export type CanaryKind = (typeof CANARY_KINDS)[number];

export interface CanaryFacts {
  /** Index into the harness's table of labels, 0 to 2^31. */
  readonly owner: number;
  readonly kind: CanaryKind;
  /** One per write, 0 to 2^40. */
  readonly serial: number;
}

/**
 * How a canary was spelled. What it is wrapped in comes first (`hex`, `base64`), then `recased`
 * (any letter in another case than minted), then `json` or `url` (escaped, however often). An
 * escape of another kind, e.g. HTML's, leaves marker and letters alone and counts as `raw`.
 */
export type CanaryForm = 'raw' | 'json' | 'url' | 'hex' | 'base64' | 'recased';

export interface Sighting {
  readonly facts: CanaryFacts;
  readonly form: CanaryForm;
  /** Where its marker begins, in UTF-16 code units from the start of the text or stream. */
  readonly at: number;
}

/**
 * Spells the facts in 33 characters. The head changes under JSON and URL escaping; the marker has
 * no case; the letters (7 for the owner, 1 for the kind, 9 for the serial, then 7 in upper case for
 * the checksum) survive any escaping, and tell every re-casing. Throws a RangeError for facts out
 * of range.
 */
export const mintCanary = (facts: CanaryFacts): string => {
  const { owner, serial } = facts;
  if (!isWithin(owner, OWNER_MAX) || !isWithin(serial, SERIAL_MAX)) {
    throw new RangeError(`no canary for owner ${owner}, serial ${serial}: out of range`);
  }
  const kind = CANARY_KINDS.indexOf(facts.kind);
  const payload = spell(owner, 7) + spell(kind, 1) + spell(serial, 9);
  return HEAD + MARKER + payload + spell(checksum(owner, kind, serial), 7).toUpperCase();
};

/**
 * Every canary in the text, in the order of their places, once for each form that it stands in.
 * A corrupted or cut one is not found; that it is taken for another has a chance of 2^-32.
 */
export const findCanaries = (text: string): readonly Sighting[] => scan(text, 0, 0, undefined);

/** The text with a word in place of every plain canary, even of one that the text's end cuts. */
export const withoutCanaries = (text: string): string => text.replace(PLAIN, 'canary');

/**
 * Finds in a text that comes in chunks what `findCanaries` finds in the whole. Keeps the end of the
 * text only, and one key for each canary that it has reported.
 */
export class CanaryStream {
  readonly #reported = new Set<string>();
  #tail = '';
  #tailAt = 0;

  /** The canaries that this chunk completes, without those reported before. */
  push(chunk: string): readonly Sighting[] {
    const text = this.#tail + chunk;
    // What began earlier than this was complete, and reported, before the chunk came.
    const from = Math.max(0, this.#tail.length - (HEX_LENGTH - 1));
    const found = scan(text, from, this.#tailAt, this.#reported);
    this.#tail = text.slice(-(HEX_LENGTH - 1 + HEAD_LENGTH_MAX));
    this.#tailAt += text.length - this.#tail.length;
    return found;
  }
}

const NONE: readonly Sighting[] = Object.freeze([]);

const OWNER_MAX = 0x8000_0000;
const SERIAL_MAX = 0x100_0000_0000;

/** The quote stands before `é`, so that no text around a raw canary can make it look escaped. */
const HEAD = '%"é';
const ESCAPED_BY_JSON = /\\(?:u00e9|(?:u0022|")é)$/i;
const ESCAPED_BY_URL = /%(?:25)*(?:[ae]9|22é)$/i;
/** How far back a head is looked at: enough for `%25…A9`, escaped six times. */
const HEAD_LENGTH_MAX = 16;

/** Digits, so that no re-casing changes them; no end of it is also its beginning. */
const MARKER = '460937';
const LETTER_COUNT = 24;
const PLAIN = new RegExp(`${MARKER}[A-Za-z]{0,${LETTER_COUNT}}`, 'g');
const CHECKSUM_AT = 17;
const CORE_LENGTH = MARKER.length + LETTER_COUNT;
const HEX_LENGTH = 2 * CORE_LENGTH;
/** From the first character that spells marker only; the same at all three alignments. */
const BASE64_LENGTH = 40;
const LAST_SIGN = /[^A-Za-z0-9]$/;

/** No `i`, whose case is another letter's in Turkish. */
const LETTERS = 'abcdefghjklmnopqrstuvwxyz';
const VALUES = new Int8Array(128).fill(-1);
for (let value = 0; value < LETTERS.length; value += 1) {
  VALUES[LETTERS.charCodeAt(value)] = value;
  VALUES[LETTERS.toUpperCase().charCodeAt(value)] = value;
}

/** A spelling of the marker: how long the canary is from there, and how to get its letters. */
interface Spelling {
  readonly form: 'plain' | 'hex' | 'base64';
  readonly length: number;
  /** For base64: bytes, and whole or shared characters, before the marker in its group of three. */
  readonly bytesBefore: number;
  readonly charactersBefore: number;
}

const base64Marker = (bytesBefore: number): readonly [string, Spelling] => {
  const charactersBefore = Math.ceil((bytesBefore * 4) / 3);
  const end = Math.floor(((bytesBefore + MARKER.length) * 4) / 3);
  const text = Buffer.from('-'.repeat(bytesBefore) + MARKER).toString('base64');
  const spelling: Spelling = {
    form: 'base64',
    length: BASE64_LENGTH,
    bytesBefore,
    charactersBefore,
  };
  return [text.slice(charactersBefore, end), spelling];
};

const SPELLINGS: ReadonlyMap<string, Spelling> = new Map([
  [MARKER, { form: 'plain', length: CORE_LENGTH, bytesBefore: 0, charactersBefore: 0 }],
  [
    Buffer.from(MARKER).toString('hex'),
    { form: 'hex', length: HEX_LENGTH, bytesBefore: 0, charactersBefore: 0 },
  ],
  base64Marker(0),
  base64Marker(1),
  base64Marker(2),
]);

// One expression over all five spellings finds in the order of the text, and beats five times
// `indexOf` (measured: 1.7 times on JSON, 2 on base64, 3 on hex), except on digits alone (0.7).
const ANY_MARKER = new RegExp([...SPELLINGS.keys()].join('|'), 'g');

const scan = (
  text: string,
  from: number,
  offset: number,
  reported: Set<string> | undefined,
): readonly Sighting[] => {
  let found: Sighting[] | undefined;
  let seen = reported;
  ANY_MARKER.lastIndex = from;
  for (let match = ANY_MARKER.exec(text); match !== null; match = ANY_MARKER.exec(text)) {
    const { index } = match;
    const sighting = sightingAt(text, index, offset, SPELLINGS.get(match[0]));
    if (sighting === undefined) {
      ANY_MARKER.lastIndex = index + 1;
      continue;
    }
    const { facts, form } = sighting;
    const key = `${form} ${facts.kind} ${facts.owner} ${facts.serial}`;
    seen ??= new Set();
    if (seen.has(key)) continue;
    seen.add(key);
    found ??= [];
    found.push(sighting);
  }
  return found ?? NONE;
};

const sightingAt = (
  text: string,
  index: number,
  offset: number,
  spelling: Spelling | undefined,
): Sighting | undefined => {
  if (spelling === undefined) return undefined;
  if (spelling.form === 'plain') {
    const facts = read(text, index + MARKER.length);
    return facts && { facts, form: formAt(text, index), at: offset + index };
  }
  // Only the last character of base64 can be `+` or `/`, themselves perhaps escaped; these two
  // differ in bits behind the canary.
  const encoded = text.slice(index, index + spelling.length).replace(LAST_SIGN, '/');
  const bytes = Buffer.from('A'.repeat(spelling.charactersBefore) + encoded, spelling.form);
  const facts = read(bytes.toString('latin1'), spelling.bytesBefore + MARKER.length);
  return facts && { facts, form: spelling.form, at: offset + index };
};

/** The facts that the letters spell from there on, when they keep their checksum. */
const read = (text: string, from: number): CanaryFacts | undefined => {
  const owner = valueAt(text, from, 7);
  const kind = valueAt(text, from + 7, 1);
  const serial = valueAt(text, from + 8, 9);
  const check = valueAt(text, from + CHECKSUM_AT, 7);
  const name = CANARY_KINDS[kind];
  if (name === undefined || !isWithin(owner, OWNER_MAX) || !isWithin(serial, SERIAL_MAX)) {
    return undefined;
  }
  return check === checksum(owner, kind, serial) ? { owner, kind: name, serial } : undefined;
};

const formAt = (text: string, index: number): CanaryForm => {
  if (!isAsMinted(text, index + MARKER.length)) return 'recased';
  if (text.startsWith(HEAD, index - HEAD.length)) return 'raw';
  const head = text.slice(Math.max(0, index - HEAD_LENGTH_MAX), index);
  if (ESCAPED_BY_JSON.test(head)) return 'json';
  return ESCAPED_BY_URL.test(head) ? 'url' : 'raw';
};

/** True when the payload is in lower case and the checksum in upper case. */
const isAsMinted = (text: string, from: number): boolean => {
  for (let at = 0; at < LETTER_COUNT; at += 1) {
    const isLower = text.charCodeAt(from + at) >= 0x61;
    if (isLower !== at < CHECKSUM_AT) return false;
  }
  return true;
};

const spell = (value: number, length: number): string => {
  let rest = value;
  let letters = '';
  for (let at = 0; at < length; at += 1) {
    letters = LETTERS.charAt(rest % LETTERS.length) + letters;
    rest = Math.floor(rest / LETTERS.length);
  }
  return letters;
};

/** The number that `length` letters spell, or -1 when one of them is no letter of the alphabet. */
const valueAt = (text: string, from: number, length: number): number => {
  let value = 0;
  for (let at = from; at < from + length; at += 1) {
    const letter = VALUES[text.charCodeAt(at)] ?? -1;
    if (letter < 0) return -1;
    value = value * LETTERS.length + letter;
  }
  return value;
};

const isWithin = (value: number, max: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= max;

/** 32 bits that depend on every bit of the facts. */
const checksum = (owner: number, kind: number, serial: number): number => {
  const high = Math.floor(serial / 0x1_0000_0000);
  return mix(mix(mix(owner) ^ ((high << 3) | kind)) ^ (serial % 0x1_0000_0000)) >>> 0;
};

/** MurmurHash3's 32-bit finalizer (A. Appleby, public domain): a bijection that spreads bits. */
const mix = (value: number): number => {
  let hash = (value ^ 0x9e37_79b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
};
