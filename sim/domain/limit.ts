// What was promised about rates: limits as data, in whole nanoseconds.

/** A token bucket: never more than `burst + rate × Δt` admitted in any interval Δt. */
export interface RateLimit {
  /** Permits added a second, above 0. Rounded once to whole nanoseconds a permit. */
  readonly requestsPerSecond: number;
  /** The bucket's capacity in permits, a whole number of at least 1. */
  readonly burst: number;
}

/** A quota in fixed calendar periods. */
export interface Quota {
  readonly requests: number;
  readonly period: 'day' | 'week' | 'month';
  /** Offset of the reset from 00:00 UTC, in minutes. */
  readonly resetOffsetMinutes: number;
}

export interface LimitContract {
  readonly rate?: RateLimit;
  readonly quota?: Quota;
}

/** Which limit refused, in the words of API Gateway's gateway responses. */
export type Refusal = 'THROTTLED' | 'QUOTA_EXCEEDED';

export type Permit =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly by: Refusal; readonly retryAfterUs: number };
