// When did this day, week or month of a zone begin, by its clocks that go forward and back?

import {
  localTime,
  modulo,
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
  let startLocalUs = periodStartUs(shownUs(atUs, zone) - resetUs, period, 0);
  for (;;) {
    const nextLocalUs = nextPeriodStartUs(startLocalUs, period, 0);
    const startUs = instantOf(startLocalUs + resetUs, zone);
    const endUs = instantOf(nextLocalUs + resetUs, zone);
    if (atUs >= startUs && atUs < endUs) return { startUs, endUs };
    // A clock that went back over the reset shows the day before once more.
    startLocalUs = atUs < startUs ? periodStartUs(startLocalUs - DAY_US, period, 0) : nextLocalUs;
  }
};

/** What the zone's clock shows, as if it were UTC. */
const shownUs = (atUs: number, zone: string): number => {
  const { date, minutesOfDay } = localTime(atUs, zone);
  const midnightUs = parseInstantUs(`${date}T00:00Z`) ?? Number.NaN;
  return midnightUs + minutesOfDay * MINUTE_US + modulo(atUs, MINUTE_US);
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
  let [beforeUs, afterUs] = [firstUs - modulo(firstUs, MINUTE_US), lastUs];
  while (afterUs - beforeUs > MINUTE_US) {
    const middleUs = beforeUs + Math.floor((afterUs - beforeUs) / 2 / MINUTE_US) * MINUTE_US;
    if (shownUs(middleUs, zone) < localUs) beforeUs = middleUs;
    else afterUs = middleUs;
  }
  return afterUs;
};
