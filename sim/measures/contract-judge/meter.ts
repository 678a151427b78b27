// What does the judge of one limit know after each call, and what can it be sure of?

import type { Stretch } from '../limiter-judge/busiest-window.ts';

/**
 * One limit of one key, or of all keys. Times never go back. What is sure is so for every instant
 * that lies within the tolerance of the stamps.
 */
export interface Meter {
  advance(atUs: number): void;
  /** There was no room: an admission now is wrong. */
  surelySpent(): boolean;
  /** There was room: a refusal now is wrong, if every other limit had room too. */
  surelyHasRoom(): boolean;
  /** Takes an admission at the instant of the last `advance`, right or wrong. */
  take(): void;
  /** The stretch furthest beyond what was promised, the first of equals. */
  worst(): Stretch | undefined;
  /** Of windows: the most admitted in any interval of their length, wherever it begins. */
  fullest(): Stretch | undefined;
}
