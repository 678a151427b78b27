// Which day, period or hour of the clinic is it? Pure arithmetic on given epoch microseconds.

import { DAY_US, MINUTE_US, SECOND_US } from './clock.ts';

export type Period = 'day' | 'week' | 'month';

/** The wall clock of a zone, to the minute. */
export interface LocalTime {
  /** As in ISO 8601: 1 is Monday, 7 is Sunday. */
  readonly dayOfWeek: number;
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  /** Minutes since the local midnight by the wall clock, 0 to 1439. */
  readonly minutesOfDay: number;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/**
 * Microseconds since the epoch of an ISO 8601 instant with a zone (`Z` or `±HH:MM`), seconds and
 * their fraction (at most six digits) optional. Undefined for anything else: no zone, no such day,
 * a leap second, or an instant that is no safe integer (before 1684 or after 2255).
 */
export const parseInstantUs = (text: string): number | undefined => {
  const groups = INSTANT.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const year = Number(groups['year']);
  const day = Number(groups['day']);
  const midnightMs = Date.UTC(year, Number(groups['month']) - 1, day);
  // `Date.UTC` rolls 30 February over into March, and takes the year 50 for 1950.
  const date = new Date(midnightMs);
  if (date.getUTCFullYear() !== year || date.getUTCDate() !== day) return undefined;
  const timeOfDayUs =
    minutesUs(groups['hour'], groups['minute']) +
    Number(groups['second'] ?? 0) * SECOND_US +
    Number((groups['fraction'] ?? '').padEnd(6, '0'));
  const aheadUs = minutesUs(groups['zoneHour'], groups['zoneMinute']);
  const atUs = midnightMs * 1000 + timeOfDayUs - (groups['sign'] === '-' ? -aheadUs : aheadUs);
  return Number.isSafeInteger(atUs) ? atUs : undefined;
};

/**
 * The ISO 8601 text of an instant in UTC, with three digits of a second, or six where it has
 * microseconds. A RangeError for what is not a safe integer.
 */
export const formatInstant = (atUs: number): string => {
  if (!Number.isSafeInteger(atUs)) throw new RangeError(`not whole microseconds: ${atUs}`);
  const restUs = modulo(atUs, 1000);
  const text = new Date((atUs - restUs) / 1000).toISOString();
  return restUs === 0 ? text : `${text.slice(0, -1)}${String(restUs).padStart(3, '0')}Z`;
};

/** An instant as HTTP's `date` header has it, to the second. */
export const formatHttpDate = (atUs: number): string =>
  new Date(Math.floor(atUs / 1000)).toUTCString();

/**
 * When the period that holds `atUs` began. Days begin at 00:00 UTC plus the offset, weeks on
 * Monday (assumed; no source says on which day a weekly quota is reset), months on the first.
 */
export const periodStartUs = (atUs: number, period: Period, offsetMinutes: number): number => {
  const offsetUs = offsetMinutes * MINUTE_US;
  const shiftedUs = atUs - offsetUs;
  if (period === 'month') return monthStartUs(shiftedUs, 0) + offsetUs;
  if (period === 'day') return shiftedUs - modulo(shiftedUs, DAY_US) + offsetUs;
  // The epoch was a Thursday, three days after a Monday.
  return shiftedUs - modulo(shiftedUs + 3 * DAY_US, 7 * DAY_US) + offsetUs;
};

/** When the period after the one that holds `atUs` begins; always later than `atUs`. */
export const nextPeriodStartUs = (atUs: number, period: Period, offsetMinutes: number): number => {
  if (period === 'month') {
    const offsetUs = offsetMinutes * MINUTE_US;
    return monthStartUs(atUs - offsetUs, 1) + offsetUs;
  }
  return periodStartUs(atUs, period, offsetMinutes) + (period === 'day' ? DAY_US : 7 * DAY_US);
};

/**
 * What a clock on the wall of an IANA zone shows. Exact from 1972 on, since when every zone is
 * whole minutes from UTC. A RangeError for an unknown zone: ask `isZone` first.
 */
export const localTime = (atUs: number, zone: string): LocalTime => {
  const wall = wallOf(zone);
  const minuteUs = atUs - modulo(atUs, MINUTE_US);
  if (wall.minuteUs !== minuteUs) {
    wall.shown = readWall(wall.format, minuteUs);
    wall.minuteUs = minuteUs;
  }
  return wall.shown;
};

/** The names of all zones that are known here, for suggestions. */
export const zoneNames = (): readonly string[] => Intl.supportedValuesOf('timeZone');

/** Whether the name is a zone of the IANA database. A bare offset such as `+02:00` is not. */
export const isZone = (name: string): boolean => {
  try {
    wallOf(name);
    return true;
  } catch {
    return false;
  }
};

const INSTANT = new RegExp(
  '^(?<year>\\d{4})-(?<month>0[1-9]|1[0-2])-(?<day>0[1-9]|[12]\\d|3[01])' +
    'T(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d)' +
    '(?::(?<second>[0-5]\\d)(?:\\.(?<fraction>\\d{1,6}))?)?' +
    '(?:Z|(?<sign>[+-])(?<zoneHour>[01]\\d|2[0-3]):(?<zoneMinute>[0-5]\\d))$',
);

const minutesUs = (hours = '0', minutes = '0'): number =>
  (Number(hours) * 60 + Number(minutes)) * MINUTE_US;

/** What is left over of whole parts of `by`: from 0 up, below 0 too. */
export const modulo = (value: number, by: number): number => {
  const rest = value % by;
  // `+ 0` turns the -0 of a negative multiple into 0.
  return rest < 0 ? rest + by : rest + 0;
};

const monthStartUs = (atUs: number, monthsOn: number): number => {
  const date = new Date(Math.floor(atUs / 1000));
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsOn, 1) * 1000;
};

/** A zone's formatter and the last minute read from it: a run's time moves on, so one is enough. */
interface Wall {
  readonly format: Intl.DateTimeFormat;
  minuteUs: number;
  shown: LocalTime;
}

const walls = new Map<string, Wall>();

const wallOf = (zone: string): Wall => {
  const known = walls.get(zone);
  if (known !== undefined) return known;
  // Node 24 takes bare offsets for zones and Node 20 does not.
  if (!/^[A-Za-z]/.test(zone)) throw new RangeError(`not an IANA zone: ${zone}`);
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const wall = { format, minuteUs: 0, shown: readWall(format, 0) };
  walls.set(zone, wall);
  return wall;
};

const readWall = (format: Intl.DateTimeFormat, atUs: number): LocalTime => {
  const shown = new Map(
    format.formatToParts(atUs / 1000).map((part) => [part.type, Number(part.value)]),
  );
  const field = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? Number.NaN;
  const dateMs = Date.UTC(field('year'), field('month') - 1, field('day'));
  const hour = field('hour');
  const minute = field('minute');
  return {
    dayOfWeek: modulo(dateMs / 86_400_000 + 3, 7) + 1,
    hour,
    minute,
    minutesOfDay: hour * 60 + minute,
    date: new Date(dateMs).toISOString().slice(0, 10),
  };
};
