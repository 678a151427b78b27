// At which instants is it enough to ask: one in every stretch between the times that policies name.

import { type Cut, cutsIn, DAY_MS, intervalOf, ofDay } from '../../protocol/cedar.ts';

/** Instants, one for each stretch of time in which no condition on the time changes its mind. */
export interface Times {
  readonly instantsMs: readonly number[];
  /** Which of the instants stands for this one; `undefined` when none does. */
  readonly standingFor: (ms: number) => number | undefined;
}

/** `usualMs` is asked at where no policy looks at the time. */
export const timesOf = (cuts: readonly Cut[], usualMs: number): Times => {
  const instants = cutsIn(cuts, 'instant cut');
  const daily = cutsIn(cuts, 'daily cut');
  const known = new Map<string, number>();
  const instantsMs: number[] = [];
  const nameOf = (ms: number): string =>
    `${intervalOf(ms, instants)} ${intervalOf(ofDay(ms), daily)}`;
  for (const ms of candidates(instants, daily, usualMs)) {
    const name = nameOf(ms);
    if (known.has(name)) continue;
    known.set(name, instantsMs.length);
    instantsMs.push(ms);
  }
  return { instantsMs, standingFor: (ms) => known.get(nameOf(ms)) };
};

const candidates = (
  instants: readonly number[],
  daily: readonly number[],
  usualMs: number,
): readonly number[] => {
  const [first, last] = [instants[0] ?? usualMs, instants.at(-1) ?? usualMs];
  const edges = [first - 4 * DAY_MS, ...instants, last + 4 * DAY_MS];
  const between = edges.slice(1).flatMap((to, index) => within(edges[index] ?? to, to, daily));
  // The usual instant first: it stands for its stretch, and is what most counterexamples name.
  return [usualMs, ...instants, ...between];
};

/** Instants after `from` and before `to`: of a long stretch those of one whole day of it. */
const within = (from: number, to: number, daily: readonly number[]): readonly number[] => {
  const isLong = to - from > 2 * DAY_MS;
  const middle = from + Math.floor((to - from) / 2);
  const begin = isLong ? middle - ofDay(middle) : from + 1;
  const end = isLong ? begin + DAY_MS : to;
  const midnights = [0, 1, 2].map((days) => begin - ofDay(begin) + days * DAY_MS);
  const marks = midnights
    .flatMap((midnight) => daily.map((atMs) => midnight + atMs))
    .filter((ms) => ms >= begin && ms < end);
  const points = [begin, ...marks, end];
  const middles = points
    .slice(1)
    .map((next, index) => Math.floor(((points[index] ?? next) + next) / 2));
  return [...points, ...middles].filter((ms) => ms > from && ms < to).sort((a, b) => a - b);
};
