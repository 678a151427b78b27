// What was most admitted in any interval of each length, against what the contract lets through?

import type { Limit } from '../../domain/contract.ts';
import type { Envelope } from '../../domain/limiter-report.ts';
import type { Played } from './play.ts';

const POINTS = 40;

/**
 * The curve of one limit: for lengths up to three windows, the most that one key (or all keys
 * together) was admitted in any interval of that length, both ends included. Quotas have none.
 */
export const envelopeOf = (limit: Limit, played: Played): Envelope['points'] => {
  if (limit.kind === 'quota') return [];
  const lengthUs = 3 * windowUsOf(limit);
  const times = [...timesByKey(limit, played).values()];
  return Array.from({ length: POINTS + 1 }, (_, index) => {
    const us = Math.round((lengthUs * index) / POINTS);
    const admitted = times.reduce((most, each) => Math.max(most, mostWithin(each, us)), 0);
    return { lengthUs: us, admitted, allowed: allowedIn(limit, us) };
  });
};

const windowUsOf = (limit: Exclude<Limit, { readonly kind: 'quota' }>): number =>
  'permitNs' in limit
    ? Math.max(1, Math.ceil((limit.permitNs * limit.burst) / 1000))
    : limit.windowUs;

/** In a closed interval; a window that slides lets its number through once for each begun length. */
const allowedIn = (limit: Exclude<Limit, { readonly kind: 'quota' }>, us: number): number => {
  if ('permitNs' in limit) return limit.burst + Math.floor((us * 1000) / limit.permitNs);
  const windows = Math.floor(us / limit.windowUs) + 1;
  return limit.requests * (limit.kind === 'fixed-window' && us > 0 ? windows + 1 : windows);
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

const mostWithin = (timesUs: readonly number[], us: number): number => {
  let from = 0;
  let most = 0;
  for (const [to, atUs] of timesUs.entries()) {
    while (atUs - (timesUs[from] ?? atUs) > us) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
};
