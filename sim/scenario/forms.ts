// What may stand in one place of a scenario: texts, numbers and times with their ranges.

import { z } from 'zod';
import { isZone, parseInstantUs, zoneNames } from '../kernel/calendar.ts';
import { A_DURATION, DURATION, formatDuration, parseDurationUs } from './duration.ts';
import { expecting, nearest, shown } from './wording.ts';

/** A text of a pattern; `expected` describes it in complaints and in the JSON schema. */
export const text = (pattern: RegExp, expected: string) =>
  z
    .string({ error: expecting(expected) })
    .regex(pattern, { error: expecting(expected), abort: true })
    .describe(expected);

/** Read to whole microseconds, both bounds included. */
export const duration = (leastUs = 0, mostUs = Number.MAX_SAFE_INTEGER) =>
  text(DURATION, A_DURATION)
    .refine((each) => within(parseDurationUs(each), leastUs, mostUs), {
      error: ({ input }) => {
        const least = `at least \`${formatDuration(leastUs)}\``;
        const most =
          mostUs < Number.MAX_SAFE_INTEGER ? ` and at most \`${formatDuration(mostUs)}\`` : '';
        return `expected a duration of ${least}${most}, found ${shown(input)}`;
      },
    })
    .transform((each) => parseDurationUs(each) ?? 0);

/** Read to microseconds since the epoch. */
export const instant = () =>
  z
    .string({ error: expecting(AN_INSTANT) })
    .refine((each) => parseInstantUs(each) !== undefined, { error: expecting(AN_INSTANT) })
    .transform((each) => parseInstantUs(each) ?? 0)
    .describe(AN_INSTANT);

/** Read to minutes after midnight. */
export const timeOfDay = () =>
  text(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day such as `08:00`').transform(
    (each) => Number(each.slice(0, 2)) * 60 + Number(each.slice(3)),
  );

export const zone = () =>
  z
    .string({ error: expecting(A_ZONE) })
    .refine((each) => isZone(each) && isSpeltRight(each), {
      error: ({ input }) => unknownZone(String(input)),
    })
    .describe(A_ZONE);

/**
 * Ids of tenants and users: what STS takes as the value of a session tag, at most 128 characters
 * (assumed; STS takes 256).
 */
export const id = () =>
  text(
    /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
    'an id of 1 to 128 letters, digits, spaces or any of `_.:/=+-@`',
  );

/** Names that become part of ARNs, files and reports. */
export const name = () =>
  text(
    /^[a-z][a-z0-9-]{0,47}$/,
    'a name of at most 48 lower-case letters, digits and hyphens that begins with a letter',
  );

/** A text of the user's own, neither empty nor blank. */
export const prose = (longest: number) => {
  const error = expecting(`a text of 1 to ${longest} characters`);
  return z
    .string({ error })
    .min(1, { error, abort: true })
    .max(longest, { error, abort: true })
    .refine((each) => each.trim() !== '', { error });
};

/** A whole number, both bounds included. */
export const whole = (low: number, high: number) => {
  const error = expecting(`a whole number from ${low} to ${high}`);
  return z.int({ error }).min(low, { error }).max(high, { error });
};

/** A number, both bounds included. */
export const number = (low: number, high: number) => {
  const error = expecting(`a number from ${low} to ${high}`);
  return z.number({ error }).min(low, { error }).max(high, { error });
};

/** A number above 0 and at most `high`. */
export const positive = (high: number) => {
  const error = expecting(`a number above 0 and at most ${high}`);
  return z.number({ error }).positive({ error }).max(high, { error });
};

const within = (us: number | undefined, low: number, high: number): boolean =>
  us !== undefined && us >= low && us <= high;

const AN_INSTANT = 'an instant with its zone, such as `2026-03-02T00:00:00Z`';
const A_ZONE = 'a zone of the IANA database, such as `America/New_York`';

/** As the database spells it: policies compare names letter by letter. */
const isSpeltRight = (zoneName: string): boolean => {
  const spelling = SPELLINGS.get(zoneName.toLowerCase());
  return spelling === undefined || spelling === zoneName;
};

/** Of all zones, by the name in lower case. */
const SPELLINGS: ReadonlyMap<string, string> = new Map(
  zoneNames().map((zoneName) => [zoneName.toLowerCase(), zoneName]),
);

const unknownZone = (zoneName: string): string => {
  const near = SPELLINGS.get(zoneName.toLowerCase()) ?? nearest(zoneName, zoneNames());
  const guess = near === undefined ? '' : `did you mean \`${near}\`? `;
  return `unknown zone ${shown(zoneName)}\n${guess}expected ${A_ZONE}`;
};
