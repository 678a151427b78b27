// Is every canary found with its facts, whatever it went through, and is nothing else ever found?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CANARY_KINDS,
  type CanaryFacts,
  type CanaryForm,
  CanaryStream,
  findCanaries,
  mintCanary,
  type Sighting,
} from '../sim/domain/canary.ts';

const OWNER_MAX = 2_147_483_648;
const SERIAL_MAX = 1_099_511_627_776;

const facts: fc.Arbitrary<CanaryFacts> = fc.record({
  owner: fc.oneof(fc.nat({ max: 1000 }), fc.integer({ min: 0, max: OWNER_MAX })),
  kind: fc.constantFrom(...CANARY_KINDS),
  serial: fc.oneof(fc.nat({ max: 1000 }), fc.integer({ min: 0, max: SERIAL_MAX })),
});

const textOf = (alphabet: string) =>
  fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 80 });
const surroundings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  textOf('\\"%éu0a92 +'),
  textOf('460937'),
  textOf('0123456789abcdef'),
);

type Encode = (text: string) => string;
const json: Encode = (text) => JSON.stringify(text);
const url: Encode = (text) => encodeURIComponent(text);
const form: Encode = (text) => new URLSearchParams([['q', text]]).toString();
const hex: Encode = (text) => Buffer.from(text).toString('hex');
const base64: Encode = (text) => Buffer.from(text).toString('base64');
const base64url: Encode = (text) => Buffer.from(text).toString('base64url');
const escaped: Encode = (text) =>
  text.replace(/[^\x20-\x7e]|["\\]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
const jsonAscii: Encode = (text) =>
  json(text).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const lowerEscapes: Encode = (text) =>
  text.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase());

const WAYS: Readonly<Record<string, readonly [CanaryForm, Encode]>> = {
  raw: ['raw', (text) => text],
  'JSON once': ['json', json],
  'JSON twice': ['json', (text) => json(json(text))],
  'JSON three times': ['json', (text) => json(json(json(text)))],
  'JSON in ASCII': ['json', jsonAscii],
  'JSON in ASCII, three times': ['json', (text) => json(json(jsonAscii(text)))],
  'JSON made safe for HTML': ['json', (text) => json(text).replaceAll('\\"', '\\u0022')],
  'JSON with every sign escaped': ['json', escaped],
  'JSON with every sign escaped, in upper case': [
    'json',
    (text) =>
      escaped(text).replace(/\\u[0-9a-f]{4}/g, (found) => `\\u${found.slice(2).toUpperCase()}`),
  ],
  URL: ['url', url],
  'URL in lower hex': ['url', (text) => lowerEscapes(url(text))],
  'URL as forms do': ['url', form],
  'URL twice': ['url', (text) => url(url(text))],
  'URL of JSON': ['url', (text) => url(json(text))],
  'JSON of URL': ['url', (text) => json(url(text))],
  hex: ['hex', hex],
  'upper hex': ['hex', (text) => hex(text).toUpperCase()],
  'hex of JSON': ['hex', (text) => hex(json(text))],
  base64: ['base64', base64],
  'base64 one later': ['base64', (text) => base64(`-${text}`)],
  'base64 two later': ['base64', (text) => base64(`--${text}`)],
  'base64 without padding': ['base64', (text) => base64(text).replace(/=+$/, '')],
  base64url: ['base64', base64url],
  'base64url one later': ['base64', (text) => base64url(`-${text}`)],
  'base64url two later': ['base64', (text) => base64url(`--${text}`)],
  'base64 of JSON': ['base64', (text) => base64(json(text))],
  'base64 in a URL': ['base64', (text) => url(base64(text))],
  'base64 in a URL, twice': ['base64', (text) => url(url(base64(text)))],
  'upper case': ['recased', (text) => text.toUpperCase()],
  'lower case': ['recased', (text) => text.toLowerCase()],
  'upper case in JSON': ['recased', (text) => json(text.toUpperCase())],
  'lower case in a URL': ['recased', (text) => url(text.toLowerCase())],
};
const ways = Object.entries(WAYS);

const places = (sightings: readonly Sighting[]) =>
  sightings.map((sighting) => ({ facts: sighting.facts, form: sighting.form }));

const streamed = (chunks: Iterable<string>): readonly Sighting[] => {
  const stream = new CanaryStream();
  return Array.from(chunks, (chunk) => stream.push(chunk)).flat();
};

test.each(ways)('a canary is found with its facts in any text: %s', (_name, [kind, encode]) => {
  fc.assert(
    fc.property(facts, surroundings, surroundings, (expected, before, after) => {
      const text = encode(before + mintCanary(expected) + after);
      expect(places(findCanaries(text))).toEqual([{ facts: expected, form: kind }]);
    }),
    { numRuns: 300 },
  );
});

test('a canary is found in any mix of cases', () => {
  fc.assert(
    fc.property(facts, fc.array(fc.boolean(), { minLength: 33, maxLength: 33 }), (expected, up) => {
      const mixed = Array.from(mintCanary(expected), (letter, at) =>
        up[at] ? letter.toUpperCase() : letter.toLowerCase(),
      ).join('');
      expect(findCanaries(mixed).map((sighting) => sighting.facts)).toEqual([expected]);
    }),
  );
});

test('Turkish re-casing does not hide a canary', () => {
  fc.assert(
    fc.property(facts, (expected) => {
      const canary = mintCanary(expected);
      for (const text of [canary.toLocaleUpperCase('tr'), canary.toLocaleLowerCase('tr')]) {
        expect(findCanaries(text).map((sighting) => sighting.facts)).toEqual([expected]);
      }
    }),
  );
});

test('a canary is short, and JSON and URLs change it', () => {
  fc.assert(
    fc.property(facts, (any) => {
      const canary = mintCanary(any);
      expect(canary.length).toBeLessThanOrEqual(40);
      for (const sign of ['"', '%', 'é']) expect(canary).toContain(sign);
      const changed = [json(canary), url(canary), form(canary)];
      for (const text of changed) expect(text).not.toContain(canary);
    }),
  );
});

test('different facts have different canaries, up to the ends of their ranges', () => {
  const corners = [0, 1, OWNER_MAX - 1, OWNER_MAX].flatMap((owner) =>
    [0, 1, 4_294_967_295, 4_294_967_296, SERIAL_MAX].flatMap((serial) =>
      CANARY_KINDS.map((kind) => ({ owner, kind, serial })),
    ),
  );
  const canaries = corners.map(mintCanary);
  expect(new Set(canaries).size).toBe(corners.length);
  expect(findCanaries(canaries.join('')).map((sighting) => sighting.facts)).toEqual(corners);
});

test.each([
  { owner: -1, kind: 'record', serial: 0 },
  { owner: OWNER_MAX + 1, kind: 'record', serial: 0 },
  { owner: 0.5, kind: 'record', serial: 0 },
  { owner: 0, kind: 'record', serial: SERIAL_MAX + 1 },
  { owner: 0, kind: 'record', serial: Number.NaN },
] as const)('facts out of range are not minted: %o', (wrong) => {
  expect(() => mintCanary(wrong)).toThrow(RangeError);
});

test('in a text without a canary nothing is found', () => {
  const letters = 'abcdefghjklmnopqrstuvwxyzABCDEFGHJKLMNOPQRSTUVWXYZ';
  const bare = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    textOf(`${letters}0123456789+/=`),
    // Near misses: the marker in each spelling, then letters that no checksum fits.
    fc
      .tuple(
        surroundings,
        fc.constantFrom('%"é460937', '343630393337', 'NDYwOTM3', 'Q2MDkzN', '0NjA5Mz'),
        fc.string({ unit: fc.constantFrom(...letters), minLength: 20, maxLength: 60 }),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(bare, (text) => {
      expect(findCanaries(text)).toEqual([]);
      expect(streamed([text])).toEqual([]);
    }),
    { numRuns: 5000 },
  );
});

test('nothing found is one frozen array', () => {
  const nothing = findCanaries('');
  expect(Object.isFrozen(nothing)).toBe(true);
  expect(findCanaries('nothing here, not even 460937')).toBe(nothing);
  expect(new CanaryStream().push('nor here')).toBe(nothing);
});

test('a canary damaged in any one character never yields wrong facts', () => {
  const change = fc.constantFrom('replace', 'drop', 'insert', 'swap', 'double');
  const signs = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzAQZ0123456789%"é\\ ');
  const way = fc.constantFrom(...ways);
  fc.assert(
    fc.property(facts, way, change, fc.nat(), signs, (expected, [, [, encode]], what, at, sign) => {
      const text = encode(mintCanary(expected));
      const place = at % text.length;
      const here = text.charAt(place);
      const put = { replace: sign, drop: '', insert: sign + here, swap: '', double: here + here };
      const next = text.charAt(place + 1);
      const middle = what === 'swap' ? next + here : put[what] + next;
      const broken = text.slice(0, place) + middle + text.slice(place + 2);
      for (const sighting of findCanaries(broken)) expect(sighting.facts).toEqual(expected);
    }),
    { numRuns: 20_000 },
  );
});

test('a canary with a letter replaced by another letter is not found', () => {
  fc.assert(
    fc.property(facts, fc.nat({ max: 23 }), fc.nat({ max: 23 }), (any, at, by) => {
      const canary = mintCanary(any);
      const others = 'abcdefghjklmnopqrstuvwxyz'.replace(canary.charAt(9 + at).toLowerCase(), '');
      const broken = canary.slice(0, 9 + at) + others.charAt(by) + canary.slice(10 + at);
      expect(findCanaries(broken)).toEqual([]);
    }),
    { numRuns: 5000 },
  );
});

test.each(ways)('a canary cut off before its end is not found: %s', (_name, [, encode]) => {
  fc.assert(
    fc.property(facts, fc.nat({ max: 32 }), surroundings, (any, length, after) => {
      expect(findCanaries(encode(mintCanary(any).slice(0, length)))).toEqual([]);
      expect(findCanaries(encode(`${mintCanary(any).slice(0, length)} ${after}`))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('every bit of the facts moves the checksum', () => {
  const checksum = (any: CanaryFacts) => mintCanary(any).slice(-7);
  fc.assert(
    fc.property(facts, fc.integer({ min: 0, max: 39 }), (any, bit) => {
      const flip = (value: number, max: number): number => {
        const weight = Number(1n << BigInt(bit));
        const flipped = Math.floor(value / weight) % 2 === 0 ? value + weight : value - weight;
        return flipped > max ? value : flipped;
      };
      const changed = [
        { ...any, owner: flip(any.owner, OWNER_MAX) },
        { ...any, serial: flip(any.serial, SERIAL_MAX) },
        ...CANARY_KINDS.map((kind) => ({ ...any, kind })),
      ];
      for (const other of changed) {
        const isSame = other.owner === any.owner && other.serial === any.serial;
        if (isSame && other.kind === any.kind) expect(checksum(other)).toBe(checksum(any));
        else expect(checksum(other)).not.toBe(checksum(any));
      }
    }),
    { numRuns: 2000 },
  );
});

test.each(ways)(
  'a false marker just before does not hide a canary: %s',
  (_name, [kind, encode]) => {
    const expected: CanaryFacts = { owner: 11, kind: 'answer', serial: 12 };
    for (let kept = 0; kept < 33; kept += 1) {
      const text = encode(mintCanary(expected).slice(0, kept) + mintCanary(expected));
      expect(places(findCanaries(text))).toEqual([{ facts: expected, form: kind }]);
      expect(streamed(text)).toEqual(findCanaries(text));
    }
  },
);

test('a base64 sign on the border of a canary may itself be escaped', () => {
  const encodings: readonly Encode[] = [
    base64,
    base64url,
    (text) => url(base64(text)),
    (text) => url(url(base64(text))),
    (text) => base64(text).replaceAll('/', '\\/'),
  ];
  const bordered = new Set<string>();
  for (let serial = 0; serial < 200; serial += 1) {
    const expected: CanaryFacts = { owner: 3, kind: 'memory', serial };
    for (const before of ['', '-', '--']) {
      for (const after of ['\u{1f600}', '\u4e00', 'é']) {
        const text = before + mintCanary(expected) + after;
        for (const encode of encodings) {
          expect(places(findCanaries(encode(text)))).toEqual([{ facts: expected, form: 'base64' }]);
        }
        const end = Math.ceil((Buffer.byteLength(before + mintCanary(expected)) * 4) / 3);
        bordered.add(base64(text).charAt(end - 1));
      }
    }
  }
  expect([...bordered]).toEqual(expect.arrayContaining(['+', '/']));
});

test('text around a raw canary cannot make it look escaped', () => {
  const canary = mintCanary({ owner: 7, kind: 'document', serial: 9 });
  for (const before of ['', '\\', '\\\\', '%', '%25', '\\u00e9', '%C3%A9', '"', '4', '46093']) {
    expect(findCanaries(before + canary).map((sighting) => sighting.form)).toEqual(['raw']);
  }
});

test('a canary is told once for each form, at its first place, in the order of the text', () => {
  const one: CanaryFacts = { owner: 1, kind: 'prompt', serial: 1 };
  const two: CanaryFacts = { owner: 2, kind: 'record', serial: 2 };
  const text = [
    hex(mintCanary(two)),
    mintCanary(one),
    mintCanary(two),
    mintCanary(one),
    url(mintCanary(one)),
    base64(mintCanary(one)),
    hex(mintCanary(two)),
  ].join(' ');
  const found = findCanaries(text);
  expect(places(found)).toEqual([
    { facts: two, form: 'hex' },
    { facts: one, form: 'raw' },
    { facts: two, form: 'raw' },
    { facts: one, form: 'url' },
    { facts: one, form: 'base64' },
  ]);
  expect(found[1]?.at).toBe(text.indexOf('460937'));
  expect(streamed(text)).toEqual(found);
});

test.each(ways)('a stream cut anywhere finds what the whole does: %s', (_name, [, encode]) => {
  fc.assert(
    fc.property(facts, facts, surroundings, surroundings, (first, second, before, after) => {
      const middle = mintCanary(first) + after + mintCanary(second);
      const text = encode(before + middle + after) + encode(middle);
      const whole = findCanaries(text);
      expect(whole.length).toBeGreaterThan(0);
      for (let cut = 0; cut <= text.length; cut += 1) {
        const parts = streamed([text.slice(0, cut), text.slice(cut)]);
        if (JSON.stringify(parts) !== JSON.stringify(whole)) expect(parts).toEqual(whole);
      }
      expect(streamed(text.split(''))).toEqual(whole);
    }),
    { numRuns: 10 },
  );
});

test('a stream in chunks of any sizes finds what the whole does', () => {
  const pieces = fc.array(
    fc.oneof(
      surroundings,
      fc
        .tuple(facts, fc.constantFrom(...ways))
        .map(([any, [, [, encode]]]) => encode(mintCanary(any))),
    ),
    { maxLength: 12 },
  );
  const sizes = fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(pieces, sizes, (parts, lengths) => {
      const text = parts.join('');
      const chunks: string[] = [];
      let at = 0;
      for (const length of lengths) {
        chunks.push(text.slice(at, at + length));
        at += length;
      }
      chunks.push(text.slice(at));
      expect(streamed(chunks)).toEqual(findCanaries(text));
    }),
    { numRuns: 1000 },
  );
});

// The README says so: whoever finds one of these mends the README, too.
test.each<[how: string, spelt: Encode]>([
  ['reversed', (text) => [...text].reverse().join('')],
  ['in base64 that is broken into lines', (text) => base64(text).replace(/.{20}/g, '$&\n')],
  ['wrapped twice', (text) => base64(base64(text))],
  ['with every character escaped', (text) => hex(text).replace(/../g, '%$&')],
  ['taken apart into two fields', (text) => json(text).replace(/.{20}/, '$&","')],
])('a canary %s is not found', (_how, spelt) => {
  const text = mintCanary({ owner: 7, kind: 'record', serial: 70 });
  expect(findCanaries(spelt(text))).toEqual([]);
});
