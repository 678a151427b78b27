// What does a limit let through at most, and which limits of a contract can never decide?

import { DAY_US, HOUR_US } from '../kernel/clock.ts';
import type { Limit } from './contract.ts';

/** Requests and length of a limit's windows; of a period the shortest and the longest there is. */
interface Windows {
  readonly requests: number;
  readonly shortestUs: number;
  readonly longestUs: number;
}

/** Zones put their clocks forward or back by two hours at most. */
const PERIODS = {
  day: [DAY_US - 2 * HOUR_US, DAY_US + 2 * HOUR_US],
  week: [7 * DAY_US - 2 * HOUR_US, 7 * DAY_US + 2 * HOUR_US],
  month: [28 * DAY_US - 2 * HOUR_US, 31 * DAY_US + 2 * HOUR_US],
} as const;

/**
 * The names of limits that never decide, because another lets no more through than they would: a
 * limiter without them admits the same calls. Of two that are equal the first stays. Not all such
 * limits are found: those that only several others together outdo are not.
 */
export const impliedLimits = (limits: readonly Limit[]): readonly string[] => {
  let standing = limits;
  for (const limit of limits.toReversed()) {
    const others = standing.filter((other) => other !== limit);
    if (others.some((other) => outdoes(other, limit))) standing = others;
  }
  return limits.filter((limit) => !standing.includes(limit)).map(({ name }) => name);
};

const outdoes = (other: Limit, limit: Limit): boolean => {
  if (other.scope === 'key' && limit.scope === 'all') return false;
  if (!('permitNs' in limit)) {
    const { requests, longestUs } = windowsOf(limit);
    // A counter looks at two windows.
    const lengthUs = limit.kind === 'sliding-counter' ? 2 * longestUs : longestUs;
    return mostWithin(other, lengthUs - 1) <= requests;
  }
  if ('permitNs' in other) return other.burst <= limit.burst && other.permitNs >= limit.permitNs;
  const { requests, shortestUs } = windowsOf(other);
  const isSlower = requests * limit.permitNs <= shortestUs * 1000;
  return isSlower && mostWithin(other, shortestUs) <= limit.burst;
};

/**
 * The most that a limit admits in an interval of whole microseconds, wherever it begins; both ends
 * belong to it, so that 0 is one instant. Never too little; of a counter and of a quota it may be
 * more than they reach.
 */
export const mostWithin = (limit: Limit, us: number): number => {
  if ('permitNs' in limit) return limit.burst + Math.floor((us * 1000) / limit.permitNs);
  const { requests, shortestUs } = windowsOf(limit);
  // Windows that begin where the interval does, or those that it touches when it begins in one.
  const begun = Math.floor(us / shortestUs) + 1;
  if (limit.kind === 'sliding-log' || us === 0) return requests * begun;
  const touched = Math.floor((us - 1) / shortestUs) + 2;
  // Of two neighbours one is not full: what is before still counts.
  if (limit.kind === 'sliding-counter') return requests * touched - Math.floor(touched / 2);
  if (limit.kind === 'quota' || limit.begins === 'epoch') return requests * touched;
  // The admission that opened the first of those lies before the interval.
  return Math.max(requests * begun, requests * touched - 1);
};

const windowsOf = (limit: Exclude<Limit, { readonly permitNs: number }>): Windows => {
  const { requests } = limit;
  if (limit.kind !== 'quota')
    return { requests, shortestUs: limit.windowUs, longestUs: limit.windowUs };
  const [shortestUs, longestUs] = PERIODS[limit.period];
  return { requests, shortestUs, longestUs };
};
