// When is that: the dates a policy may write, as whole microseconds since 1970-01-01T00:00:00Z.

const W3C =
  /^(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d\d:\d\d))?)?$/;
const EPOCH_SECONDS = /^\d{1,12}$/;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Microseconds of a W3C date (year-month at least; without a time, its first instant in UTC) or of
 * UNIX seconds; `undefined` when it is neither. Digits after the microsecond are dropped.
 * Source: IAM User Guide, date condition operators.
 */
export const instantUs = (text: string): number | undefined => {
  if (EPOCH_SECONDS.test(text)) return Number(text) * 1_000_000;
  const match = W3C.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    day = '1',
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    zone = 'Z',
  ] = match;
  const days = daysSinceEpoch(Number(year), Number(month), Number(day));
  const offset = offsetMinutes(zone);
  if (days === undefined || offset === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const minutes = (days * 24 + Number(hour)) * 60 + Number(minute) - offset;
  return (minutes * 60 + Number(second)) * 1_000_000 + Number(fraction.padEnd(6, '0'));
};

/** True for what could be a year and could be UNIX seconds. */
export const isAmbiguousInstant = (text: string): boolean => /^\d{4}$/.test(text);

const daysSinceEpoch = (year: number, month: number, day: number): number | undefined => {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const monthDays = MONTH_DAYS[month - 1];
  if (monthDays === undefined || day < 1) return undefined;
  if (day > monthDays + (leap && month === 2 ? 1 : 0)) return undefined;
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const inYear = MONTH_DAYS.slice(0, month - 1).reduce((sum, days) => sum + days, 0);
  const epoch = 719_162; // days from 0001-01-01 to 1970-01-01 in the Gregorian calendar
  return before * 365 + leapDays + inYear + (leap && month > 2 ? 1 : 0) + day - 1 - epoch;
};

const offsetMinutes = (zone: string): number | undefined => {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
};
