// What did a limiter promise, whatever its kind: limits in the order in which they are asked.

import type { Period } from '../kernel/calendar.ts';

/** One limit of a contract. Durations are whole microseconds or, where it says so, nanoseconds. */
export type Limit = Named &
  (
    | Of<BucketLimit, 'token-bucket'>
    | Of<BucketLimit, 'gcra'>
    | WindowLimit
    | Of<SlidingLimit, 'sliding-log'>
    | Of<SlidingLimit, 'sliding-counter'>
    | CalendarLimit
  );

/** One of the kinds that are written alike. */
type Of<L extends { readonly kind: string }, K extends L['kind']> = L & { readonly kind: K };

interface Named {
  readonly name: string;
  /** Whether each key has it for itself, or all keys together, as a stage or an account has. */
  readonly scope: 'key' | 'all';
}

/**
 * Never more than `burst + Δt / permitNs` in any interval Δt, and a permit whenever that allows it.
 * A token bucket and the generic cell rate algorithm (GCRA) promise the same in other words.
 */
export interface BucketLimit {
  readonly kind: 'token-bucket' | 'gcra';
  /** The time in which one permit grows, from 1 ns; `permitNs × burst` is a safe integer. */
  readonly permitNs: number;
  readonly burst: number;
}

/** Never more than `requests` in a window; windows do not overlap. */
export interface WindowLimit {
  readonly kind: 'fixed-window';
  readonly requests: number;
  readonly windowUs: number;
  /** Windows are multiples of their length since the epoch, or begin with the first admission. */
  readonly begins: 'epoch' | 'first-request';
}

/**
 * `sliding-log`: never more than `requests` in any interval that is half open and `windowUs` long.
 * `sliding-counter`: never more than `requests`, where the window before counts with the share of
 * it that such an interval still covers.
 */
export interface SlidingLimit {
  readonly kind: 'sliding-log' | 'sliding-counter';
  readonly requests: number;
  readonly windowUs: number;
}

/** Never more than `requests` in a calendar period of a zone. */
export interface CalendarLimit {
  readonly kind: 'quota';
  readonly requests: number;
  readonly period: Period;
  /** Of the IANA database. */
  readonly zone: string;
  /** The reset by the zone's clock, in minutes after midnight. */
  readonly resetMinutes: number;
}

/**
 * A call is admitted exactly when every limit has room; a refused call takes nothing of any. With
 * `bestEffort` limits are targets: what is admitted may be that share above, what is refused that
 * share below.
 */
export interface Contract {
  readonly name: string;
  readonly title: string;
  readonly limits: readonly Limit[];
  readonly bestEffort: Band | undefined;
  /** When the bench's calls begin. */
  readonly startUs: number;
}

/** Shares: `overshoot` from 0 to 1, `undershoot` from 0 to 0.5. */
export interface Band {
  readonly overshoot: number;
  readonly undershoot: number;
}

/** One call of one key, as it arrives. */
export interface LimitedCall {
  readonly key: string;
  /** The instant of the call. */
  readonly atUs: number;
  /** What the clock of the replica that is asked shows then. */
  readonly clockUs: number;
  /** Counted from 0; a limiter takes it modulo the number of its replicas. */
  readonly replica: number;
}

/** What a limiter says to a call; `by` is the name of a limit that had no room. */
export type Answer =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly by?: string; readonly retryAfterUs?: number };

export const ADMITTED: Answer = Object.freeze({ kind: 'admitted' });

/**
 * The contract with every limit larger by `share`, or smaller where that is below 0 (above -1). What
 * is not whole is rounded towards the contract as written: a band is never wider than it says.
 */
export const scaled = (contract: Contract, share: number): Contract => ({
  ...contract,
  limits: contract.limits.map((limit) => scaledLimit(limit, share)),
});

const scaledLimit = (limit: Limit, share: number): Limit => {
  if (!('permitNs' in limit)) return { ...limit, requests: withShare(limit.requests, share) };
  const exactNs = limit.permitNs / (1 + share);
  const permitNs = share > 0 ? Math.ceil(exactNs - NOISE) : Math.floor(exactNs + NOISE);
  return { ...limit, permitNs, burst: withShare(limit.burst, share) };
};

/** What floating numbers are off by: three tenths of ten are three. */
const NOISE = 1e-9;

const withShare = (count: number, share: number): number =>
  count + Math.sign(share) * Math.floor(count * Math.abs(share) + NOISE);
