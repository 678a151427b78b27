// What would the judge have to say? The definitions themselves, over every pair of calls: slow and plain.

import type {
  BucketLimit,
  CalendarLimit,
  Limit,
  SlidingLimit,
  WindowLimit,
} from '../domain/contract.ts';
import { localTime, parseInstantUs } from '../kernel/calendar.ts';
import { DAY_US, MINUTE_US } from '../kernel/clock.ts';

/** A decision on one key, in order of time. */
export interface Decided {
  readonly atUs: number;
  readonly admitted: boolean;
}

export interface OracleCounts {
  readonly wrongAdmissions: number;
  readonly wrongRefusals: number;
}

/**
 * Counts wrong decisions on one key by asking of each decision, anew from all before it, whether
 * every limit had room. It costs the square of the trace's length, and shares no code with the
 * judge. Exact as long as the trace is shorter than 100 days; a quota's reset must not lie in an
 * hour that the zone's clock shows twice.
 */
export const oracleCounts = (limits: readonly Limit[], trace: readonly Decided[]): OracleCounts => {
  const rooms = limits.map((limit) => roomsOf(limit, trace));
  let wrongAdmissions = 0;
  let wrongRefusals = 0;
  for (const [index, { admitted }] of trace.entries()) {
    const hasRoom = rooms.every((room) => room[index] === true);
    if (admitted && !hasRoom) wrongAdmissions += 1;
    if (!admitted && hasRoom) wrongRefusals += 1;
  }
  return { wrongAdmissions, wrongRefusals };
};

/**
 * How far beyond a limit the worst stretch was, in requests rounded up, over every pair of
 * admissions; -Infinity without an admission. Not of sliding counters, which name no stretch.
 */
export const oracleExcess = (limit: Limit, trace: readonly Decided[]): number => {
  const admissions = trace.filter(({ admitted }) => admitted);
  const windows = 'permitNs' in limit ? [] : windowsOf(limit, admissions);
  let worst = Number.NEGATIVE_INFINITY;
  for (const [to, { atUs: toUs }] of admissions.entries()) {
    for (let from = 0; from <= to; from += 1) {
      const lengthUs = toUs - (admissions[from]?.atUs ?? 0);
      if ('permitNs' in limit) {
        const grown = Math.floor((lengthUs * 1000) / limit.permitNs);
        worst = Math.max(worst, to - from + 1 - limit.burst - grown);
      } else if (isTogether(limit, lengthUs, windows[from], windows[to])) {
        worst = Math.max(worst, to - from + 1 - limit.requests);
      }
    }
  }
  return worst;
};

const roomsOf = (limit: Limit, trace: readonly Decided[]): readonly boolean[] => {
  if ('permitNs' in limit) return bucketRooms(limit, trace);
  if (limit.kind === 'sliding-counter') return counterRooms(limit, trace);
  const windows = windowsOf(limit, trace);
  return trace.map(({ atUs }, now) => {
    let used = 0;
    for (let index = 0; index < now; index += 1) {
      const one = trace[index];
      if (one === undefined || !one.admitted) continue;
      if (isTogether(limit, atUs - one.atUs, windows[index], windows[now])) used += 1;
    }
    return used < limit.requests;
  });
};

/** Whether two calls, so far apart, lie within one window or period. */
const isTogether = (
  limit: Exclude<Limit, BucketLimit>,
  lengthUs: number,
  one: number | string | undefined,
  other: number | string | undefined,
): boolean =>
  limit.kind.startsWith('sliding') && 'windowUs' in limit
    ? lengthUs < limit.windowUs
    : one === other;

/** The window or period of each call; of what slides there is none. */
const windowsOf = (
  limit: Exclude<Limit, BucketLimit>,
  trace: readonly Decided[],
): readonly (number | string)[] => {
  if (limit.kind === 'quota') return trace.map(({ atUs }) => dayOf(limit, atUs));
  if (limit.kind !== 'fixed-window') return [];
  if (limit.begins === 'epoch') return trace.map(({ atUs }) => Math.floor(atUs / limit.windowUs));
  const opened = openings(limit, trace);
  return trace.map(({ atUs }) => {
    const last = opened.findLast((openedUs) => openedUs <= atUs);
    // Before an admission a window that is over is none.
    return last === undefined || atUs - last >= limit.windowUs ? 'none' : last;
  });
};

const counterRooms = (
  { requests, windowUs }: SlidingLimit,
  trace: readonly Decided[],
): readonly boolean[] => {
  const windowOf = (us: number): number => Math.floor(us / windowUs);
  return trace.map(({ atUs }, now) => {
    const earlier = trace.slice(0, now).filter(({ admitted }) => admitted);
    const count = (window: number): number =>
      earlier.filter((one) => windowOf(one.atUs) === window).length;
    const window = windowOf(atUs);
    const before = BigInt(count(window - 1)) * BigInt((window + 1) * windowUs - atUs);
    const after = BigInt(count(window) + 1) * BigInt(windowUs);
    return before + after <= BigInt(requests) * BigInt(windowUs);
  });
};

/** When windows were opened: by the first admission, and by each first one after a window's end. */
const openings = (limit: WindowLimit, trace: readonly Decided[]): readonly number[] => {
  const opened: number[] = [];
  for (const { atUs, admitted } of trace) {
    const lastUs = opened.at(-1);
    if (admitted && (lastUs === undefined || atUs - lastUs >= limit.windowUs)) opened.push(atUs);
  }
  return opened;
};

/** In thousandths of a microsecond; wrong admissions leave an empty bucket empty. */
const bucketRooms = (limit: BucketLimit, trace: readonly Decided[]): readonly boolean[] => {
  const fullNs = limit.permitNs * limit.burst;
  let levelNs = fullNs;
  return trace.map(({ atUs, admitted }, index) => {
    levelNs = Math.min(fullNs, levelNs + (atUs - (trace[index - 1]?.atUs ?? atUs)) * 1000);
    const hasRoom = levelNs >= limit.permitNs;
    if (admitted) levelNs = Math.max(0, levelNs - limit.permitNs);
    return hasRoom;
  });
};

/** The first day of the period, by what the zone's clock shows. */
const dayOf = ({ period, zone, resetMinutes }: CalendarLimit, atUs: number): string => {
  const { date, minutesOfDay, dayOfWeek } = localTime(atUs, zone);
  const midnightUs = parseInstantUs(`${date}T00:00Z`) ?? 0;
  const shownUs = midnightUs + (minutesOfDay - resetMinutes) * MINUTE_US;
  const isBefore = minutesOfDay < resetMinutes;
  const day = localTime(shownUs, 'UTC').date;
  if (period === 'month') return day.slice(0, 7);
  if (period === 'day') return day;
  const weekday = isBefore ? ((dayOfWeek + 5) % 7) + 1 : dayOfWeek;
  return localTime(shownUs - (weekday - 1) * DAY_US, 'UTC').date;
};
