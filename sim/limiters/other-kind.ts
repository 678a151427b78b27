// How is a limit of one kind kept by the algorithm of another, as users of a library often do?

import type { Limit } from '../domain/contract.ts';

export type Algorithm =
  | 'gcra'
  | 'fixed-window'
  | 'opened-window'
  | 'sliding-log'
  | 'sliding-counter';

/** Whether the algorithm promises of each limit just what the limit says. */
export const isOwnKind = (limit: Limit, algorithm: Algorithm): boolean => {
  if (limit.kind === 'quota') return true;
  if (limit.kind === 'token-bucket') return algorithm === 'gcra';
  if (limit.kind !== 'fixed-window') return limit.kind === algorithm;
  return algorithm === (limit.begins === 'epoch' ? 'fixed-window' : 'opened-window');
};

/**
 * The limit in the algorithm's own terms: a bucket of `burst` becomes `burst` a window in which it
 * grows back, and a window becomes a bucket of its requests. Quotas stay what they are.
 */
export const inKind = (limit: Limit, algorithm: Algorithm): Limit => {
  if (isOwnKind(limit, algorithm) || limit.kind === 'quota') return limit;
  const { name, scope } = limit;
  const { requests, windowUs } = windowOf(limit);
  if (algorithm === 'gcra') {
    const permitNs = Math.max(1, Math.round((windowUs * 1000) / requests));
    return { name, scope, kind: 'gcra', permitNs, burst: requests };
  }
  if (algorithm === 'fixed-window' || algorithm === 'opened-window') {
    const begins = algorithm === 'fixed-window' ? 'epoch' : 'first-request';
    return { name, scope, kind: 'fixed-window', requests, windowUs, begins };
  }
  return { name, scope, kind: algorithm, requests, windowUs };
};

/** So many requests in so long: of a bucket its burst, in the time in which it grows back. */
export const windowOf = (
  limit: Exclude<Limit, { readonly kind: 'quota' }>,
): { readonly requests: number; readonly windowUs: number } =>
  'permitNs' in limit
    ? {
        requests: limit.burst,
        windowUs: Math.max(1, Math.ceil((limit.permitNs * limit.burst) / 1000)),
      }
    : limit;
