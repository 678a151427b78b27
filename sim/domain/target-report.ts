// What is told of a user's own gateway: what the harness saw of it from outside, as one plain value.

import type { LoadReport } from './load-report.ts';
import type { ReportedFinding } from './report.ts';
import type { TraceCounts } from './trace-counts.ts';

/** Times are measured on the wall clock of this machine. No text in it holds a secret. */
export interface TargetReport {
  readonly name: string;
  readonly url: string;
  /** SHA-256 of the target file. */
  readonly hash: string;
  readonly signIns: {
    /** Users. */
    readonly signedIn: number;
    readonly failed: readonly { readonly user: string; readonly why: string }[];
  };
  /** Of asks that were answered at all. */
  readonly statuses: readonly { readonly status: number; readonly count: number }[];
  readonly failures: readonly { readonly why: string; readonly count: number }[];
  /** Asks whose answer was whole and held a text. */
  readonly answered: number;
  /** Not sent, so that the rate stayed within `--max-rate`. */
  readonly heldBack: number;
  /** As the target's answers say; 0 where the file does not say where. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
  readonly limits: readonly OutsideLimit[];
  readonly canaries: CanaryCounts;
  /** Null where the target file names no port for them. */
  readonly traces: TargetTraces | null;
  /** On I1, I5 and I6; all of them redacted. */
  readonly findings: readonly ReportedFinding[];
  /** Canaries that came back to one who may read them: the positive controls. */
  readonly ownCanaries: number;
  /** What was around canaries that came to others, redacted and cut. */
  readonly excerpts: readonly string[];
  /** What could not be told, and why. */
  readonly inconclusive: readonly string[];
  /** What is to be known besides. */
  readonly notes: readonly string[];
}

/** How the limits of a tenant looked from outside. */
export interface OutsideLimit {
  readonly tenant: string;
  readonly tier: string;
  readonly admitted: number;
  readonly refused: number;
  /** Failed: whether they were admitted is not known. */
  readonly unknown: number;
  readonly wrongAdmissions: number;
  readonly wrongRefusals: number;
  /** Refusals that could be judged: the others may have been by a quota that was used before. */
  readonly refusalsJudged: number;
  /** Decisions that the tolerance excuses: wrong, had the median spread been tolerated in place of the widest. */
  readonly couldBeWrong: number;
  /** The widest spread of (stamp − instant of the decision), in microseconds; 0 without a decision. */
  readonly toleranceUs: number;
  readonly verdict: 'held' | 'broken' | 'inconclusive' | 'not promised' | 'not exercised';
}

export interface CanaryCounts {
  readonly planted: number;
  readonly cleaned: number;
  /** What is left at the target, to be removed by hand. */
  readonly left: readonly LeftCanary[];
  /** Plantings that failed, with the reason. */
  readonly failed: readonly { readonly tenant: string; readonly why: string }[];
}

export interface LeftCanary {
  readonly tenant: string;
  readonly id: string;
  readonly why: string;
}

export interface TargetTraces {
  /** Where they are received. */
  readonly url: string;
  /** Traces that the harness began. */
  readonly begun: number;
  /** Of these, those of which spans came. */
  readonly received: number;
  /** Batches that could not be read. */
  readonly batchesRefused: number;
  /** Of all traces that came. */
  readonly counts: TraceCounts;
}

/** What a load of a user's own gateway concludes. */
export interface TargetLoadReport
  extends Pick<
    LoadReport,
    | 'schemaVersion'
    | 'version'
    | 'node'
    | 'scenario'
    | 'seed'
    | 'partial'
    | 'stage'
    | 'exitCode'
    | 'verdict'
    | 'sentence'
    | 'replay'
    | 'load'
    | 'scanned'
    | 'notPlayed'
  > {
  readonly target: TargetReport;
  /** On I1 of what came back, and those of the target report. */
  readonly findings: readonly ReportedFinding[];
}

/** What a dry run tells. Written as `dry-run.json`, the stamp without which nothing beyond this machine is loaded. */
export interface DryRunReport {
  readonly sentence: string;
  /** SHA-256 of the target file and the URL in place of its own. */
  readonly hash: string;
  /** True when every tenant was answered so that it can be read. */
  readonly isSound: boolean;
  /** When it ended, ISO 8601. */
  readonly atUtc: string;
  readonly url: string;
  readonly steps: readonly DryRunStep[];
}

/** One tenant's part of a dry run. */
export interface DryRunStep {
  readonly tenant: string;
  readonly user: string;
  /** Lines of what was sent, and what came back, without secrets and cut. */
  readonly shown: readonly string[];
  /** Why it failed; null where it did not. */
  readonly problem: string | null;
}
