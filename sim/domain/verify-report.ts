// What does a verification tell: its programs, the cells that they visited, and what was found.

import type { ExitCode } from './exit-code.ts';
import type { ReportedFinding } from './report.ts';

/** Written as `verify.json`. Equal for equal seed, platform, policies and version, but for the times. */
export interface VerifyReport {
  readonly schema: 'poolproof.verify/1';
  readonly version: string;
  readonly platform: string;
  readonly seed: number;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly exitCode: ExitCode;
  readonly sentence: string;
  /** Generated programs that were played. */
  readonly programs: number;
  readonly moves: number;
  /** Requests, each tried on its own: what the bound below counts. */
  readonly tries: number;
  /** With so many tries and no finding, the share of failing tries is at most this at 95 % (3/N). */
  readonly boundAt95: number;
  readonly cells: readonly VisitedCell[];
  readonly promises: readonly {
    readonly id: string;
    readonly evidence: number;
    readonly findings: readonly string[];
  }[];
  readonly findings: readonly FoundProgram[];
  readonly interference: InterferenceReport;
  /** True when it was stopped before its programs were through. */
  readonly partial: boolean;
  readonly end: VerifyEnd;
  readonly notExercised: readonly string[];
  readonly replay: string;
}

/** What a team reads in one sitting (assumed): more findings are seldom looked for. */
export const FINDINGS_MAX = 100;

/** Why no further program was played. */
export type VerifyEnd = 'all played' | 'first finding' | 'enough findings' | 'time' | 'stopped';

/** What came of playing programs twice, the second time with the others varied (I2). */
export interface InterferenceReport {
  /** Programs that were played twice. */
  readonly pairs: number;
  /** Those in which at least one request of the observer had an equal past in both runs. */
  readonly comparable: number;
  /** Requests of the observers, and those of them that were compared. */
  readonly requests: number;
  readonly compared: number;
  /** How much later answers come to one tenant when one other is there, the shared resources shared. */
  readonly felt: readonly {
    readonly observer: string;
    readonly other: string;
    readonly requests: number;
    /** Negative when the other spares the observer something, such as fetching keys. */
    readonly meanMs: number;
    readonly maxMs: number;
  }[];
}

/** One operation of a boundary, by how the caller stands to the owner. */
export interface VisitedCell {
  readonly operation: string;
  readonly relation: string;
  readonly visits: number;
}

export interface FoundProgram extends ReportedFinding {
  /** The program that was first seen to fail, counted from 1. */
  readonly executions: number;
  /** Of the smallest program that still fails. */
  readonly moves: number;
  readonly tenants: number;
  /** The scenario file that holds it; null when none was written. */
  readonly file: string | null;
  /** What else the same small program shows, each as `promise, title (id)`. */
  readonly also: readonly string[];
}
