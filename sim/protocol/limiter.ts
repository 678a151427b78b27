// May this key make one more call? The reference limiter: a token bucket, then a quota.

import type { LimitContract, Permit, Quota, RateLimit } from '../domain/limit.ts';
import { nextPeriodStartUs } from '../kernel/calendar.ts';

/**
 * Admits calls as a usage plan promises them: first the rate, then the quota; a refused call
 * consumes neither. A bucket starts full. O(1) a call, one small record a key.
 *
 * Exact for every safe `nowUs`: nanoseconds of the epoch would not fit below 2^53, so a bucket
 * holds only the nanoseconds that it lacks to be full and the microsecond at which it lacked
 * them. That is at most `burst` permits' worth, which must be a safe integer (104 days to fill);
 * a RangeError says which part of a contract cannot be kept.
 */
export class UsagePlanLimiter {
  readonly #meters = new Map<string, Meter>();

  /**
   * Decides one call of `key`. `retryAfterUs` is exact: if nothing else is admitted before, a
   * call that much later is admitted and an earlier one is not (but for a quota of 0, which
   * never admits and names its next reset). Time that goes back counts as standing still.
   *
   * A contract other than at the last call takes effect now; see `setContract`.
   */
  admit(key: string, contract: LimitContract, nowUs: number): Permit {
    const meter = this.#meterAt(key, contract, nowUs);
    const lacksNs = meter.costNs - (meter.capacityNs - meter.lentNs);
    const quotaIsSpent = meter.used >= meter.quotaRequests;
    if (lacksNs <= 0 && !quotaIsSpent) {
      meter.lentNs += meter.costNs;
      if (contract.quota !== undefined) meter.used += 1;
      return ADMITTED;
    }
    const rateWaitUs = lacksNs <= 0 ? 0 : wholeUsFor(lacksNs);
    const quotaWaitUs = quotaIsSpent ? meter.periodEndUs - meter.atUs : 0;
    return {
      kind: 'refused',
      by: lacksNs > 0 ? 'THROTTLED' : 'QUOTA_EXCEEDED',
      retryAfterUs: meter.atUs - nowUs + Math.max(rateWaitUs, quotaWaitUs),
    };
  }

  /**
   * Changes what was promised to `key` at `nowUs`, as a change of tier does. The period's count
   * carries over, also into a quota of another period. The bucket keeps the permits that it
   * holds, parts rounded down to a nanosecond of the new rate, but no more than the new burst:
   * a larger bucket is not filled by the change. A bucket where none was starts full. What is
   * admitted while there is no quota is not counted.
   */
  setContract(key: string, contract: LimitContract, nowUs: number): void {
    this.#meterAt(key, contract, nowUs);
  }

  #meterAt(key: string, contract: LimitContract, nowUs: number): Meter {
    const known = this.#meters.get(key);
    if (known === undefined) {
      const meter = newMeter(contract, nowUs);
      this.#meters.set(key, meter);
      return meter;
    }
    settle(known, nowUs);
    if (known.contract !== contract) change(known, contract);
    return known;
  }
}

const ADMITTED: Permit = Object.freeze({ kind: 'admitted' });

/** What one key has used, as of `atUs`. Without a rate all `…Ns` are 0: nothing is ever lacking. */
interface Meter {
  contract: LimitContract;
  atUs: number;
  /** The time in which one permit grows. */
  costNs: number;
  capacityNs: number;
  /** The time after which the bucket is full again; from 0 to `capacityNs`. */
  lentNs: number;
  /** Infinity without a quota. */
  quotaRequests: number;
  used: number;
  periodEndUs: number;
}

const newMeter = (contract: LimitContract, nowUs: number): Meter => {
  const meter: Meter = {
    contract,
    atUs: nowUs,
    costNs: 0,
    capacityNs: 0,
    lentNs: 0,
    quotaRequests: Number.POSITIVE_INFINITY,
    used: 0,
    periodEndUs: nowUs,
  };
  change(meter, contract);
  return meter;
};

/** Brings the account to `nowUs`: what has grown back, and whether a new period has begun. */
const settle = (meter: Meter, nowUs: number): void => {
  if (nowUs <= meter.atUs) return;
  // A product above 2^53 is rounded, but not to below it, where every debt is.
  const grownNs = (nowUs - meter.atUs) * 1000;
  meter.lentNs = grownNs >= meter.lentNs ? 0 : meter.lentNs - grownNs;
  meter.atUs = nowUs;
  if (nowUs < meter.periodEndUs) return;
  meter.used = 0;
  const { quota } = meter.contract;
  if (quota !== undefined) meter.periodEndUs = periodEndUs(quota, nowUs);
};

const change = (meter: Meter, contract: LimitContract): void => {
  const { rate, quota } = contract;
  const costNs = rate === undefined ? 0 : permitNs(rate);
  const capacityNs = rate === undefined ? 0 : bucketNs(rate, costNs);
  const quotaRequests = quota === undefined ? Number.POSITIVE_INFINITY : requestsOf(quota);
  const heldNs = meter.capacityNs - meter.lentNs;
  meter.lentNs =
    meter.costNs === 0 ? 0 : Math.max(0, capacityNs - rescaled(heldNs, costNs, meter.costNs));
  meter.costNs = costNs;
  meter.capacityNs = capacityNs;
  meter.quotaRequests = quotaRequests;
  if (quota !== undefined) meter.periodEndUs = periodEndUs(quota, meter.atUs);
  meter.contract = contract;
};

const permitNs = (rate: RateLimit): number => {
  const costNs = Math.round(1_000_000_000 / rate.requestsPerSecond);
  if (costNs >= 1 && Number.isSafeInteger(costNs)) return costNs;
  throw new RangeError(`no bucket keeps a rate of ${rate.requestsPerSecond} requests a second`);
};

const bucketNs = (rate: RateLimit, costNs: number): number => {
  const capacityNs = rate.burst * costNs;
  if (!Number.isSafeInteger(rate.burst) || rate.burst < 1) {
    throw new RangeError(`a burst is a whole number of at least 1, not ${rate.burst}`);
  }
  if (Number.isSafeInteger(capacityNs)) return capacityNs;
  throw new RangeError(`a burst of ${rate.burst} takes more than 104 days to grow back`);
};

const requestsOf = (quota: Quota): number => {
  if (Number.isSafeInteger(quota.requests) && quota.requests >= 0) return quota.requests;
  throw new RangeError(`a quota is a whole number of at least 0, not ${quota.requests}`);
};

const periodEndUs = (quota: Quota, atUs: number): number =>
  nextPeriodStartUs(atUs, quota.period, quota.resetOffsetMinutes);

/** `heldNs × to ÷ from`, rounded down; the product needs more than 53 bits. */
const rescaled = (heldNs: number, to: number, from: number): number =>
  to === from ? heldNs : Number((BigInt(heldNs) * BigInt(to)) / BigInt(from));

/** Rounded up, exactly: below 2^53 / 1000, doubles lie less than two thousandths apart. */
const wholeUsFor = (durationNs: number): number => Math.ceil(durationNs / 1000);
