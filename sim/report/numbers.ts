// How are figures written, so that every machine writes them alike?

import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '../kernel/clock.ts';

/** `1,234`, or `1,234.50` with two digits; independent of the locale. */
export const figure = (value: number, digits = 0): string => {
  const [whole = '', fraction] = value.toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
};

/** Microseconds as a reader likes them: `95 µs`, `1.2 ms`, `3.4 s`. */
export const microseconds = (us: number): string => {
  if (us < 1000) return `${figure(us)} µs`;
  return us < SECOND_US ? `${figure(us / 1000, 1)} ms` : `${figure(us / SECOND_US, 1)} s`;
};

/** `a day`, `3 days`, `90 min`: a simulated time in the largest unit that it is whole in. */
export const span = (ms: number): string => {
  const us = ms * 1000;
  for (const [unitUs, one, many] of UNITS) {
    if (us < unitUs || us % unitUs !== 0) continue;
    const count = us / unitUs;
    return count === 1 ? one : `${figure(count)} ${many}`;
  }
  return `${figure(ms / 1000, 1)} s`;
};

/** `1 finding`, `2 findings`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${figure(count)} ${count === 1 ? one : many}`;

const UNITS = [
  [DAY_US, 'a day', 'days'],
  [HOUR_US, 'an hour', 'hours'],
  [MINUTE_US, 'a minute', 'min'],
  [SECOND_US, 'a second', 's'],
] as const;
