// Does the calendar agree with known dates, with the zones' clock changes, and with itself?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatInstant,
  isZone,
  localTime,
  nextPeriodStartUs,
  type Period,
  parseInstantUs,
  periodStartUs,
} from '../sim/kernel/calendar.ts';
import { DAY_US, HOUR_US, MINUTE_US } from '../sim/kernel/clock.ts';

const us = (text: string): number => {
  const atUs = parseInstantUs(text);
  if (atUs === undefined) throw new Error(`the test's own instant is wrong: ${text}`);
  return atUs;
};

const instants = fc.integer({ min: us('1700-01-01T00:00Z'), max: us('2250-01-01T00:00Z') });
const offsets = fc.integer({ min: -720, max: 720 });
const periods = fc.constantFrom<Period>('day', 'week', 'month');

test('an instant is read to the microsecond, whatever its zone', () => {
  expect(us('1970-01-01T00:00:00Z')).toBe(0);
  expect(us('1970-01-01T00:00:00.000001Z')).toBe(1);
  expect(us('2024-02-29T12:00:00.5+01:30')).toBe(us('2024-02-29T10:30:00.500Z'));
  expect(us('2026-07-14T20:30-04:00')).toBe(us('2026-07-15T00:30:00Z'));
  expect(us('1969-12-31T23:59:59.999999Z')).toBe(-1);
});

test.each([
  '2026-07-14',
  '2026-07-14T08:00',
  '2026-07-14T08:00:00',
  '2026-02-30T08:00:00Z',
  '2025-02-29T08:00:00Z',
  '2026-13-01T08:00:00Z',
  '2026-07-14T24:00:00Z',
  '2026-07-14T08:00:60Z',
  '2026-07-14T08:00:00.0000001Z',
  '2026-07-14 08:00:00Z',
  '2026-07-14T08:00:00+0200',
  ' 2026-07-14T08:00:00Z',
  '0050-07-14T08:00:00Z',
  '2256-07-14T08:00:00Z',
  '',
])('`%s` is no instant', (text) => {
  expect(parseInstantUs(text)).toBeUndefined();
});

test('what is formatted is read back', () => {
  fc.assert(
    fc.property(instants, (atUs) => {
      expect(parseInstantUs(formatInstant(atUs))).toBe(atUs);
    }),
  );
  expect(formatInstant(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(formatInstant(-1)).toBe('1969-12-31T23:59:59.999999Z');
  expect(() => formatInstant(0.5)).toThrow(RangeError);
});

test('a period begins at or before its instants and the next begins after them', () => {
  fc.assert(
    fc.property(instants, periods, offsets, (atUs, period, offset) => {
      const startUs = periodStartUs(atUs, period, offset);
      const nextUs = nextPeriodStartUs(atUs, period, offset);
      expect(startUs).toBeLessThanOrEqual(atUs);
      expect(nextUs).toBeGreaterThan(atUs);
      expect(periodStartUs(startUs, period, offset)).toBe(startUs);
      expect(periodStartUs(nextUs - 1, period, offset)).toBe(startUs);
      expect(periodStartUs(nextUs, period, offset)).toBe(nextUs);
    }),
    { numRuns: 2_000 },
  );
});

test('days begin at 00:00 UTC, weeks on Monday, months on the first, plus the offset', () => {
  const atUs = us('2028-02-29T00:59:00Z');
  expect(formatInstant(periodStartUs(atUs, 'day', 0))).toBe('2028-02-29T00:00:00.000Z');
  expect(formatInstant(periodStartUs(atUs, 'day', 60))).toBe('2028-02-28T01:00:00.000Z');
  expect(formatInstant(periodStartUs(atUs, 'day', -60))).toBe('2028-02-28T23:00:00.000Z');
  expect(formatInstant(periodStartUs(atUs, 'week', 0))).toBe('2028-02-28T00:00:00.000Z');
  expect(formatInstant(periodStartUs(atUs, 'month', 0))).toBe('2028-02-01T00:00:00.000Z');
  expect(formatInstant(nextPeriodStartUs(atUs, 'month', 120))).toBe('2028-03-01T02:00:00.000Z');
  expect(formatInstant(nextPeriodStartUs(us('2026-12-31T23:59:59Z'), 'month', 0))).toBe(
    '2027-01-01T00:00:00.000Z',
  );
});

test('New York loses an hour in March and has one twice in November', () => {
  const spring = us('2026-03-08T06:59:59.999999Z');
  expect(localTime(spring, 'America/New_York')).toEqual({
    dayOfWeek: 7,
    hour: 1,
    minute: 59,
    minutesOfDay: 119,
    date: '2026-03-08',
  });
  expect(localTime(spring + 1, 'America/New_York')).toMatchObject({ hour: 3, minute: 0 });
  const autumn = us('2026-11-01T05:30:00Z');
  expect(localTime(autumn, 'America/New_York')).toMatchObject({ hour: 1, minute: 30 });
  expect(localTime(autumn + HOUR_US, 'America/New_York')).toMatchObject({ hour: 1, minute: 30 });
});

test('a clinic that opens at eight opens at another instant after the clock change', () => {
  expect(localTime(us('2026-03-06T13:00Z'), 'America/New_York').hour).toBe(8);
  expect(localTime(us('2026-03-09T12:00Z'), 'America/New_York').hour).toBe(8);
  expect(localTime(us('2026-03-27T07:00Z'), 'Europe/Berlin').hour).toBe(8);
  expect(localTime(us('2026-03-30T06:00Z'), 'Europe/Berlin').hour).toBe(8);
});

test('zones without whole hours, and those a day ahead, are read too', () => {
  expect(localTime(us('2026-07-14T18:30:00Z'), 'Asia/Kolkata')).toEqual({
    dayOfWeek: 3,
    hour: 0,
    minute: 0,
    minutesOfDay: 0,
    date: '2026-07-15',
  });
  expect(localTime(us('2026-07-14T12:00Z'), 'Pacific/Kiritimati').date).toBe('2026-07-15');
  // Lord Howe Island moves its clocks by half an hour.
  expect(localTime(us('2026-04-04T14:59Z'), 'Australia/Lord_Howe')).toMatchObject({ hour: 1 });
  expect(localTime(us('2026-04-04T15:00Z'), 'Australia/Lord_Howe')).toMatchObject({
    hour: 1,
    minute: 30,
  });
});

test('in UTC the local time is the instant itself, in whatever order it is asked', () => {
  fc.assert(
    fc.property(instants, (atUs) => {
      const local = localTime(atUs, 'UTC');
      expect(local.date).toBe(formatInstant(atUs).slice(0, 10));
      const sinceMidnightUs = atUs - periodStartUs(atUs, 'day', 0);
      expect(local.minutesOfDay).toBe(Math.floor(sinceMidnightUs / MINUTE_US));
      const daysSinceMonday = (atUs - sinceMidnightUs - periodStartUs(atUs, 'week', 0)) / DAY_US;
      expect(local.dayOfWeek).toBe(daysSinceMonday + 1);
    }),
  );
});

test('a zone is a name of the IANA database', () => {
  expect(isZone('America/New_York')).toBe(true);
  expect(isZone('UTC')).toBe(true);
  expect(isZone('America/New_Yrok')).toBe(false);
  expect(isZone('+02:00')).toBe(false);
  expect(isZone('')).toBe(false);
  expect(() => localTime(0, 'Mars/Olympus')).toThrow(RangeError);
});
