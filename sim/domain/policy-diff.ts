// What does a comparison of two policy folders tell: whose answers changed, and how.

import type { ExitCode } from './exit-code.ts';
import type { Relation } from './policy-matrix.ts';

/** Written as `diff.json`. Equal for equal folders, options and version. */
export interface PolicyDiff {
  readonly schema: 'poolproof.policy-diff/1';
  readonly version: string;
  readonly old: string;
  readonly new: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly exitCode: ExitCode;
  readonly sentence: string;
  /** Questions that either folder can tell apart. */
  readonly questions: number;
  readonly allowedNow: number;
  readonly deniedNow: number;
  /** Of those allowed now: on the object of a tenant that is not the caller's. */
  readonly acrossTenants: number;
  /** Questions with the same answer, by other policies than before. */
  readonly decidedOtherwise: number;
  readonly day: string;
  readonly changes: readonly PolicyChange[];
  /** Actions that only one of the folders has, or that take another input. */
  readonly toolsGone: readonly string[];
  readonly toolsNew: readonly string[];
  readonly inputsChanged: readonly string[];
  readonly overBound: readonly string[];
  readonly unclear: readonly { readonly action: string; readonly condition: string }[];
  readonly replay: string;
}

/** Questions whose answer changed in the same way, by the same policies. */
export interface PolicyChange {
  readonly tools: readonly string[];
  readonly tier: string;
  readonly change: 'allowed now' | 'denied now';
  /** The policies of the old and the new folder that decide; empty by default. */
  readonly oldBy: readonly string[];
  readonly newBy: readonly string[];
  readonly objects: readonly Relation[];
  readonly where: Readonly<Record<string, readonly string[]>>;
  readonly hours: string | null;
  readonly questions: number;
  readonly acrossTenants: boolean;
}
