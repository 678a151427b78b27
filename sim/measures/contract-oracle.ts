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

/** A decision, in order of time; `by` is the limit in whose name it was refused, if it said so. */
export interface Decided {
  readonly key: string;
  readonly atUs: number;
  readonly admitted: boolean;
  readonly by?: string;
}

export interface OracleCounts {
  readonly wrongAdmissions: number;
  readonly wrongRefusals: number;
}

/**
 * Counts wrong decisions by asking of each, anew from all before it, whether every limit had room,
 * and whether the one in whose name it was refused had. It costs the square of the trace's length, and shares no code with the
 * judge. Exact as long as the trace is shorter than 100 days; a quota's reset must not lie in an
 * hour that the zone's clock shows twice.
 */
export const oracleCounts = (limits: readonly Limit[], trace: readonly Decided[]): OracleCounts => {
  const rooms = limits.map((limit) => roomsOf(limit, trace));
  let wrongAdmissions = 0;
  let wrongRefusals = 0;
  for (const [index, { admitted, by }] of trace.entries()) {
    const isAsked = (at: number): boolean => by === undefined || limits[at]?.name === by;
    const hasRoom = rooms.every((room, at) => room[index] === true || !isAsked(at));
    if (admitted && !hasRoom) wrongAdmissions += 1;
    if (!admitted && hasRoom) wrongRefusals += 1;
  }
  return { wrongAdmissions, wrongRefusals };
};

/**
 * How far beyond a limit the worst stretch was, in requests rounded up, over every pair of
 * admissions that it counts together; -Infinity without an admission.
 */
export const oracleExcess = (limit: Limit, trace: readonly Decided[]): number =>
  countedTogether(limit, trace)
    .map((places) => placesOf(trace, places).filter(({ admitted }) => admitted))
    .reduce((worst, own) => Math.max(worst, excessOf(limit, own)), Number.NEGATIVE_INFINITY);

const excessOf = (limit: Limit, admissions: readonly Decided[]): number => {
  if (limit.kind === 'sliding-counter') return counterExcess(limit, admissions);
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
  const rooms: boolean[] = [];
  for (const places of countedTogether(limit, trace)) {
    const own = roomsAlone(limit, placesOf(trace, places));
    for (const [at, place] of places.entries()) rooms[place] = own[at] === true;
  }
  return rooms;
};

/** The places of the decisions that a limit counts together: all, or those of each key. */
const countedTogether = (
  { scope }: Limit,
  trace: readonly Decided[],
): readonly (readonly number[])[] => {
  const byKey = new Map<string, number[]>();
  for (const [place, { key }] of trace.entries()) {
    const name = scope === 'all' ? '' : key;
    const known = byKey.get(name);
    if (known === undefined) byKey.set(name, [place]);
    else known.push(place);
  }
  return [...byKey.values()];
};

const placesOf = (trace: readonly Decided[], places: readonly number[]): readonly Decided[] =>
  places.length === trace.length ? trace : places.map((place) => trace[place] as Decided);

const roomsAlone = (limit: Limit, trace: readonly Decided[]): readonly boolean[] => {
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

/** The largest sum of a window and its share of the one before, after each admission. */
const counterExcess = (
  { requests, windowUs }: SlidingLimit,
  admissions: readonly Decided[],
): number => {
  let worst = Number.NEGATIVE_INFINITY;
  for (const [now, { atUs }] of admissions.entries()) {
    const startUs = Math.floor(atUs / windowUs) * windowUs;
    let [before, after] = [0, 0];
    for (let index = 0; index <= now; index += 1) {
      const earlierUs = admissions[index]?.atUs ?? 0;
      if (earlierUs >= startUs) after += 1;
      else if (earlierUs >= startUs - windowUs) before += 1;
    }
    const leftUs = BigInt(startUs + windowUs - atUs);
    const covered = (BigInt(before) * leftUs + BigInt(windowUs - 1)) / BigInt(windowUs);
    worst = Math.max(worst, Number(covered) + after - requests);
  }
  return worst;
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
