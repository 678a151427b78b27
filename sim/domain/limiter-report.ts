// What does the limiter bench say, as a value that JSON can hold?

import type { ExitCode } from './exit-code.ts';
import type { CountedShare } from './share.ts';

/** What was admitted in a stretch, and what was allowed. */
export interface WorstStretch {
  /** The limit's name. */
  readonly limit: string;
  /** ISO 8601; the end of a period is not included. */
  readonly from: string;
  readonly lengthUs: number;
  readonly admitted: number;
  readonly allowed: number;
}

/** One limiter under one pattern. */
export interface LimiterRow {
  readonly limiter: string;
  readonly pattern: string;
  readonly replicas: number;
  readonly clock: 'simulated' | 'wall';
  /** What it is held to: the contract, its band, or nothing, because it is built otherwise. */
  readonly heldTo: 'contract' | 'band' | 'nothing';
  readonly toleranceUs: number;
  readonly decisions: number;
  readonly admitted: number;
  readonly wrongAdmissions: CountedShare;
  readonly wrongRefusals: CountedShare;
  readonly worst: WorstStretch | null;
  /** Of windows: the most in any interval of their length, wherever it begins. */
  readonly fullest: WorstStretch | null;
  /** Admitted, less what an exact limiter admits of the same calls; null on the wall clock. */
  readonly drift: number | null;
  /** Limits that alone never stood in a call's way, without those that another implies. */
  readonly unreached: readonly string[];
  /** Made by the limiter alone, in real time. */
  readonly decisionsPerSecond: number;
  /** Why nothing can be said, where that is so. */
  readonly inconclusive: string | null;
}

/** The worst that the adversary found against a limiter. */
export interface AdversaryRow {
  readonly limiter: string;
  readonly limit: string;
  readonly admitted: number;
  readonly allowed: number;
  readonly lengthUs: number;
  readonly heldTo: LimiterRow['heldTo'];
  /** Of the attack's calls; the stretch is beyond the promise only where there are any. */
  readonly wrongAdmissions: number;
  /** As of a row, by all calls of the search. */
  readonly unreached: readonly string[];
  readonly evaluations: number;
  readonly decisions: number;
  /** The limits are too large for the search: that it found nothing says little. */
  readonly bounded: boolean;
  readonly seconds: number;
  /** The calls that do it, in words. */
  readonly attack: readonly string[];
}

export interface LimiterFaultRow {
  readonly id: string;
  readonly does: string;
  readonly harm: 'admits' | 'refuses' | 'either';
  readonly contract: string;
  readonly caught: boolean;
  /** Patterns under which it was seen to do the harm that it does. */
  readonly patterns: readonly string[];
  readonly wrongAdmissions: number;
  readonly wrongRefusals: number;
  /** The sound limiter's wrong decisions on the same contract and patterns. */
  readonly control: number;
}

/** A row that could not be made, and why. */
export interface LeftOut {
  readonly limiter: string;
  readonly reason: string;
}

/** A picture's data: what was admitted since the first call, and what was allowed by then. */
export interface Envelope {
  readonly limiter: string;
  readonly pattern: string;
  readonly limit: string;
  readonly lengthUs: number;
  /** Longest interval first admission to i-th: the most admitted in any interval of that length. */
  readonly points: readonly {
    readonly lengthUs: number;
    readonly admitted: number;
    readonly allowed: number;
  }[];
}

export interface LimiterReport {
  readonly schema: 'poolproof.limiter/1';
  readonly version: string;
  readonly sentence: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly exitCode: ExitCode;
  readonly contract: {
    readonly file: string;
    readonly name: string;
    readonly title: string;
    readonly limits: readonly string[];
    /** Names of limits that never decide, because another one lets no more through. */
    readonly implied: readonly string[];
    readonly band: string | null;
  };
  readonly rows: readonly LimiterRow[];
  readonly adversary: readonly AdversaryRow[];
  readonly faults: readonly LimiterFaultRow[];
  readonly leftOut: readonly LeftOut[];
  /** What each limiter and each pattern does, in words. */
  readonly meanings: readonly { readonly name: string; readonly does: string }[];
  /** Limits that one who is said to keep them never met; without any such, that nobody met. */
  readonly unreached: readonly string[];
  readonly envelopes: readonly Envelope[];
  readonly partial: boolean;
  readonly seed: number;
  readonly replay: string;
}
