// When does a period of a zone begin, where clocks go forward and back?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant, localTime, type Period, parseInstantUs } from '../sim/kernel/calendar.ts';
import { DAY_US, MINUTE_US } from '../sim/kernel/clock.ts';
import { zonedPeriod } from '../sim/kernel/zoned-periods.ts';

const us = (text: string): number => parseInstantUs(text) ?? Number.NaN;

const spanAt = (at: string, period: Period, zone: string, resetMinutes: number): string => {
  const { startUs, endUs } = zonedPeriod(us(at), period, zone, resetMinutes);
  return `${formatInstant(startUs)} ${formatInstant(endUs)}`.replaceAll(':00.000Z', 'Z');
};

test.each([
  ['2026-03-08T12:00Z', 'day', 'America/New_York', 0, '2026-03-08T05:00Z 2026-03-09T04:00Z'],
  ['2026-11-01T12:00Z', 'day', 'America/New_York', 0, '2026-11-01T04:00Z 2026-11-02T05:00Z'],
  // The clock jumps from two to three: a reset at half past two is at the jump.
  ['2026-03-08T12:00Z', 'day', 'America/New_York', 150, '2026-03-08T07:00Z 2026-03-09T06:30Z'],
  // It shows half past one twice: the first time counts, and the second is the same day still.
  ['2026-11-01T05:45Z', 'day', 'America/New_York', 90, '2026-11-01T05:30Z 2026-11-02T06:30Z'],
  ['2026-11-01T06:10Z', 'day', 'America/New_York', 90, '2026-11-01T05:30Z 2026-11-02T06:30Z'],
  ['2026-11-01T05:15Z', 'day', 'America/New_York', 90, '2026-10-31T05:30Z 2026-11-01T05:30Z'],
  ['2026-03-11T00:00Z', 'week', 'Asia/Kathmandu', 0, '2026-03-08T18:15Z 2026-03-15T18:15Z'],
  ['2026-02-28T23:30Z', 'month', 'Europe/Berlin', 0, '2026-02-28T23:00Z 2026-03-31T22:00Z'],
  ['2026-01-01T05:00Z', 'month', 'America/New_York', 360, '2025-12-01T11:00Z 2026-01-01T11:00Z'],
  ['2026-05-05T05:00Z', 'day', 'UTC', 360, '2026-05-04T06:00Z 2026-05-05T06:00Z'],
] as const)(
  'the period around %s, by the %s in %s at minute %i',
  (at, period, zone, minutes, span) => {
    expect(spanAt(at, period, zone, minutes)).toBe(span);
  },
);

const zones = fc.constantFrom(
  ...[
    'UTC',
    'America/New_York',
    'Europe/Berlin',
    'Australia/Lord_Howe',
    'America/Havana',
    'Asia/Kathmandu',
  ],
);
const instants = fc.integer({
  min: us('2000-01-01T00:00Z') / MINUTE_US,
  max: us('2035-01-01T00:00Z') / MINUTE_US,
});

test('periods follow each other without a gap, and each holds what it was asked for', () => {
  fc.assert(
    fc.property(
      instants,
      zones,
      fc.constantFrom<Period>('day', 'week', 'month'),
      fc.integer({ min: 0, max: 1439 }),
      (minute, zone, period, reset) => {
        const atUs = minute * MINUTE_US + 17;
        const span = zonedPeriod(atUs, period, zone, reset);
        expect(span.startUs).toBeLessThanOrEqual(atUs);
        expect(span.endUs).toBeGreaterThan(atUs);
        expect(zonedPeriod(span.endUs, period, zone, reset).startUs).toBe(span.endUs);
        expect(zonedPeriod(span.startUs - 1, period, zone, reset).endUs).toBe(span.startUs);
        expect(zonedPeriod(span.startUs, period, zone, reset)).toEqual(span);
      },
    ),
    { numRuns: 300 },
  );
});

test('a day begins when the clock first shows the reset, minute for minute', () => {
  fc.assert(
    fc.property(instants, zones, fc.integer({ min: 0, max: 1439 }), (minute, zone, reset) => {
      const { startUs, endUs } = zonedPeriod(minute * MINUTE_US, 'day', zone, reset);
      const first = localTime(startUs, zone);
      // At the reset, or past it where the clock has jumped.
      expect(first.minutesOfDay).toBeGreaterThanOrEqual(reset);
      expect(localTime(startUs - MINUTE_US, zone)).not.toMatchObject({
        date: first.date,
        minutesOfDay: first.minutesOfDay,
      });
      expect(Math.abs(endUs - startUs - DAY_US)).toBeLessThanOrEqual(60 * MINUTE_US);
    }),
    { numRuns: 300 },
  );
});
