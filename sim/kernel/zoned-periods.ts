// When did this day, week or month of a zone begin, by its clocks that go forward and back?

import {
  localTime,
  nextPeriodStartUs,
  type Period,
  parseInstantUs,
  periodStartUs,
} from './calendar.ts';
import { DAY_US, MINUTE_US } from './clock.ts';

/** From `startUs` (included) to `endUs` (excluded). */
export interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

/**
 * The period that holds `atUs`. Days begin when the zone's clock first shows `resetMinutes` after
 * midnight, or at the jump where it never shows that; weeks on Monday (assumed, as no source says),
 * months on the first.
 *
 * SIMPLIFICATION: a zone that changes its clocks twice within two days is read by one change.
 */
export const zonedPeriod = (
  atUs: number,
  period: Period,
  zone: string,
  resetMinutes: number,
): Span => {
  if (zone === 'UTC') {
    return {
      startUs: periodStartUs(atUs, period, resetMinutes),
      endUs: nextPeriodStartUs(atUs, period, resetMinutes),
    };
  }
  const resetUs = resetMinutes * MINUTE_US;
  let startLocalUs = beginning(shownUs(atUs, zone) - resetUs, period);
  for (;;) {
    const nextLocalUs = beginning(startLocalUs + LONGER_US[period], period);
    const startUs = instantOf(startLocalUs + resetUs, zone);
    const endUs = instantOf(nextLocalUs + resetUs, zone);
    if (atUs >= startUs && atUs < endUs) return { startUs, endUs };
    // A clock that went back over the reset shows the day before once more.
    startLocalUs = atUs < startUs ? beginning(startLocalUs - DAY_US, period) : nextLocalUs;
  }
};

/** From the beginning of a period, a time that surely lies in the next one. */
const LONGER_US: Readonly<Record<Period, number>> = {
  day: DAY_US,
  week: 7 * DAY_US,
  month: 31 * DAY_US,
};

/** What the zone's clock shows, as if it were UTC. */
const shownUs = (atUs: number, zone: string): number => {
  const { date, minutesOfDay } = localTime(atUs, zone);
  return midnightUs(date) + minutesOfDay * MINUTE_US + rest(atUs, MINUTE_US);
};

const midnightUs = (date: string): number => parseInstantUs(`${date}T00:00Z`) ?? Number.NaN;

const beginning = (localUs: number, period: Period): number => {
  const dayUs = localUs - rest(localUs, DAY_US);
  // The epoch was a Thursday, three days after a Monday.
  if (period === 'week') return dayUs - rest(dayUs + 3 * DAY_US, 7 * DAY_US);
  return period === 'month' ? midnightUs(`${localTime(dayUs, 'UTC').date.slice(0, 8)}01`) : dayUs;
};

/** The first instant at which the zone's clock shows that or has jumped over it. */
const instantOf = (localUs: number, zone: string): number => {
  const [early, late] = [-DAY_US, DAY_US].map((shiftUs) => {
    const nearUs = localUs + shiftUs;
    return localUs - (shownUs(nearUs, zone) - nearUs);
  }) as [number, number];
  const [firstUs, lastUs] = [Math.min(early, late), Math.max(early, late)];
  if (shownUs(firstUs, zone) === localUs) return firstUs;
  if (shownUs(lastUs, zone) === localUs) return lastUs;
  let [beforeUs, afterUs] = [firstUs - rest(firstUs, MINUTE_US), lastUs];
  while (afterUs - beforeUs > MINUTE_US) {
    const middleUs = beforeUs + Math.floor((afterUs - beforeUs) / 2 / MINUTE_US) * MINUTE_US;
    if (shownUs(middleUs, zone) < localUs) beforeUs = middleUs;
    else afterUs = middleUs;
  }
  return afterUs;
};

const rest = (value: number, by: number): number => {
  const left = value % by;
  return left < 0 ? left + by : left + 0;
};
