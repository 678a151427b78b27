// How long is `1h30m`: texts with units, and whole microseconds.

import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '../kernel/clock.ts';

/** Whole numbers with units, the larger units first, each at most once. */
export const DURATION =
  /^(?=\d)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?(?:(\d{1,9})us)?$/;

export const A_DURATION = 'a duration such as `250ms`, `90s`, `10m`, `1h30m` or `7d`';

/** Microseconds of a duration, or undefined when the text is none or no safe integer. */
export const parseDurationUs = (text: string): number | undefined => {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const us = UNITS.reduce(
    (sum, [unitUs], index) => sum + Number(match[index + 1] ?? 0) * unitUs,
    0,
  );
  return Number.isSafeInteger(us) ? us : undefined;
};

/** The shortest text that `parseDurationUs` reads as `us` (whole, at least 0). */
export const formatDuration = (us: number): string => {
  let restUs = us;
  let text = '';
  for (const [unitUs, unit] of UNITS) {
    const count = Math.floor(restUs / unitUs);
    restUs -= count * unitUs;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
};

const UNITS = [
  [DAY_US, 'd'],
  [HOUR_US, 'h'],
  [MINUTE_US, 'm'],
  [SECOND_US, 's'],
  [1000, 'ms'],
  [1, 'us'],
] as const;
