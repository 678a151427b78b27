// When is that: the times of a group of questions as hours of one day.

import { isZone, localTime } from '../kernel/calendar.ts';
import { MINUTE_US } from '../kernel/clock.ts';
import type { Space } from './space.ts';

const MINUTES = 24 * 60;

/**
 * The hours of the day that holds `usualUs` which are among these times, such as `08:00–18:00`; in
 * the zone's own time where there is one, else in UTC. `null` for any time at all.
 */
export const hoursOf = (
  space: Space,
  chosen: readonly number[],
  { usualUs, zone }: { readonly usualUs: number; readonly zone: string | undefined },
): string | null => {
  const times = space.dimensions.find(({ key }) => key === 'time')?.values.length ?? 1;
  if (chosen.length === times) return null;
  const isLocal = zone !== undefined && isZone(zone);
  const { minutesOfDay } = localTime(usualUs, isLocal ? zone : 'UTC');
  const midnightUs = usualUs - (usualUs % MINUTE_US) - minutesOfDay * MINUTE_US;
  const isIn = (minute: number): boolean =>
    chosen.includes(space.indexOf('time', (midnightUs + minute * MINUTE_US) / 1000) ?? -1);
  const spans: string[] = [];
  let from: number | undefined;
  for (let minute = 0; minute <= MINUTES; minute += 1) {
    const inside = minute < MINUTES && isIn(minute);
    if (inside && from === undefined) from = minute;
    if (!inside && from !== undefined) {
      spans.push(`${clock(from)}–${clock(minute)}`);
      from = undefined;
    }
  }
  if (spans.length === 0) return 'not on this day';
  return `${spans.join(', ')} ${isLocal ? 'local' : 'UTC'}`;
};

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
