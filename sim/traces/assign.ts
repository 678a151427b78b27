// Whose request is each row of a trace: a tenant drawn by weight, keyed by the row's number.

import type { Chance } from '../kernel/chance.ts';
import type { TraceRow } from './trace.ts';

/** How much of the traffic each tenant has: by weights, or the more popular the lower its index. */
export type TenantShares =
  | { readonly kind: 'weights'; readonly weights: readonly number[] }
  | { readonly kind: 'zipf'; readonly tenants: number; readonly exponent: number };

export interface Assignment {
  readonly tenants: TenantShares;
  /** Times are multiplied by it: 0.5 replays twice as fast. Above 0. */
  readonly timeScale: number;
  readonly chance: Chance;
}

export interface AssignedRow {
  readonly atUs: number;
  readonly tenantIndex: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * A tenant for each row. Rows of one client go to one tenant; any other row's tenant depends on its
 * number alone, so that what is done to one row moves no other. Throws a RangeError for weights of
 * which none is above 0 or one is below, and for a scale that is not above 0.
 */
export const assign = (
  rows: readonly TraceRow[],
  { tenants, timeScale, chance }: Assignment,
): readonly AssignedRow[] => {
  if (!(timeScale > 0 && Number.isFinite(timeScale))) {
    throw new RangeError(`not a time scale above 0: ${timeScale}`);
  }
  const sums = runningSums(weightsOf(tenants));
  return rows.map(({ atUs, inputTokens, outputTokens, client }, number) => {
    const own = client === undefined ? chance.fork('row', number) : chance.fork('client', client);
    const tenantIndex = indexAt(sums, own.float());
    return { atUs: Math.round(atUs * timeScale), tenantIndex, inputTokens, outputTokens };
  });
};

/** Weights of a Zipf distribution: rank r (from 1) has 1 / r^exponent, an exponent of 0 is even. */
export const zipfWeights = (tenants: number, exponent: number): readonly number[] =>
  Array.from({ length: tenants }, (_, index) => Math.exp(-exponent * Math.log(index + 1)));

const weightsOf = (shares: TenantShares): readonly number[] =>
  shares.kind === 'weights' ? shares.weights : zipfWeights(shares.tenants, shares.exponent);

const runningSums = (weights: readonly number[]): readonly number[] => {
  let sum = 0;
  const sums = weights.map((weight) => {
    if (!(weight >= 0)) throw new RangeError(`not a weight: ${weight}`);
    sum += weight;
    return sum;
  });
  if (!(sum > 0 && Number.isFinite(sum))) throw new RangeError('no tenant has a weight above 0');
  return sums;
};

/** The first index whose running sum is above `share` of the total; a weight of 0 is never drawn. */
const indexAt = (sums: readonly number[], share: number): number => {
  const target = share * (sums.at(-1) ?? 0);
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > target) high = middle;
    else low = middle + 1;
  }
  return low;
};
