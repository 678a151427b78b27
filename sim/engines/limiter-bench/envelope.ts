// What was most admitted in any interval of each length, against what the contract lets through?

import { mostWithin } from '../../domain/ceiling.ts';
import type { Limit } from '../../domain/contract.ts';
import type { Envelope } from '../../domain/limiter-report.ts';
import { windowOf } from '../../limiters.ts';
import type { Played } from './play.ts';

const POINTS = 40;

/**
 * The curve of one limit: for lengths up to three windows, the most that one key (or all keys
 * together) was admitted in any interval of that length, both ends included. Quotas have none. Clocks
 * that are off by `toleranceUs` may show so much more time between two calls.
 */
export const envelopeOf = (limit: Limit, played: Played, toleranceUs = 0): Envelope['points'] => {
  if (limit.kind === 'quota') return [];
  const lengthUs = 3 * windowOf(limit).windowUs;
  const times = [...timesByKey(limit, played).values()];
  return Array.from({ length: POINTS + 1 }, (_, index) => {
    const us = Math.round((lengthUs * index) / POINTS);
    const admitted = times.reduce((most, each) => Math.max(most, mostIn(each, us)), 0);
    return { lengthUs: us, admitted, allowed: mostWithin(limit, us + toleranceUs) };
  });
};

const timesByKey = (limit: Limit, { calls, answers }: Played) => {
  const times = new Map<string, number[]>();
  for (const [index, { key, atUs }] of calls.entries()) {
    if (answers[index]?.kind !== 'admitted') continue;
    const name = limit.scope === 'all' ? '' : key;
    const known = times.get(name);
    if (known === undefined) times.set(name, [atUs]);
    else known.push(atUs);
  }
  return times;
};

const mostIn = (timesUs: readonly number[], us: number): number => {
  let from = 0;
  let most = 0;
  for (const [to, atUs] of timesUs.entries()) {
    while (atUs - (timesUs[from] ?? atUs) > us) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
};
