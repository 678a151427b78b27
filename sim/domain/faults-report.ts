// What does a run of the fault catalogue tell: each seeded fault, caught or not, and by what.

import type { ExitCode } from './exit-code.ts';

/** Written as `faults.json`. Equal for equal seeds, budget and version, but for the times. */
export interface FaultsReport {
  readonly schema: 'poolproof.faults/1';
  readonly version: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly exitCode: ExitCode;
  readonly sentence: string;
  readonly total: number;
  /** Faults that any check reported in every search. */
  readonly caught: number;
  /** Faults that the check meant for them reported in every search. */
  readonly attributed: number;
  /** Ids of the faults that the check meant for them reported in no search: each is a failure. */
  readonly unattributed: readonly string[];
  /** Promises whose checks reported none of the faults meant for them in every search: likewise. */
  readonly silent: readonly string[];
  readonly faults: readonly JudgedFault[];
  /** What "A creates, B reads, expect a refusal" would have caught from the same budget. */
  readonly usualTest: { readonly caught: number };
  /** The sound platform from the same budget: anything but 0 findings makes the whole worthless. */
  readonly control: { readonly programs: number; readonly findings: number };
  /** True when it was stopped before every fault was judged. */
  readonly partial: boolean;
  readonly seeds: readonly number[];
  readonly budget: number;
  readonly replay: string;
}

export interface JudgedFault {
  readonly id: string;
  readonly class: string;
  readonly does: string;
  readonly promise: string;
  readonly boundary: string;
  readonly mechanism: string;
  /** Promises whose checks reported it, in any search. */
  readonly caughtBy: readonly string[];
  readonly caught: boolean;
  readonly attributed: boolean;
  /**
   * Executions until it was found, over the searches; null when a search failed. A program counts
   * one, and two when it is played again without the others.
   */
  readonly executions: { readonly median: number | null; readonly max: number | null };
  /** Of the smallest program; null when none was found. */
  readonly moves: number | null;
  readonly tenants: number | null;
  readonly usualTest: boolean;
}
