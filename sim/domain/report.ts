// What does a run conclude: the report, one plain value from which every rendering is made.

import type { ExitCode } from './exit-code.ts';
import type { TraceCounts } from './trace-counts.ts';

/** Times in simulated time are `computed`, those of the wall clock `measured`; `clock` says which. */
export interface Report {
  readonly schemaVersion: 1;
  /** Of poolproof. */
  readonly version: string;
  readonly node: string;
  readonly scenario: string;
  readonly platform: string;
  readonly hashes: ReportHashes;
  readonly seed: number;
  /** Of the history; two runs with the same digest saw the same events. */
  readonly digest: string;
  readonly clock: 'simulated' | 'wall';
  /** True when the run was stopped before its end. */
  readonly partial: boolean;
  readonly exitCode: ExitCode;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly sentence: string;
  /** The one command that repeats the run. */
  readonly replay: string;
  readonly findings: readonly ReportedFinding[];
  readonly promises: readonly ReportedPromise[];
  /** Of requests of kind `ask`. */
  readonly requests: RequestTotals;
  /** One entry for each life of a tenant that asked the front door, in order of first decision. */
  readonly limiter: readonly LimiterSummary[];
  readonly policy: PolicySummary;
  readonly resources: readonly ResourceSummary[];
  readonly tiers: readonly Experience[];
  readonly tenants: readonly Experience[];
  readonly users: readonly Experience[];
  readonly fairness: Fairness;
  readonly thresholds: readonly ReportedThreshold[];
  readonly speed: Speed;
  /** Traces that were judged whole, each source apart; none in simulated time. */
  readonly traces: readonly ReportedTraces[];
  /** What met no evidence, in words: it did not pass, it was not tried. */
  readonly notExercised: readonly string[];
}

/** SHA-256 in hexadecimal of what the run was a function of. */
export interface ReportHashes {
  readonly scenario: string;
  readonly platform: string;
  readonly policies: string;
}

export interface ReportedFinding {
  /** Stable over runs, seeds and times; what a waiver names. */
  readonly id: string;
  readonly promise: string;
  readonly title: string;
  /** The events, one a line. */
  readonly let: readonly string[];
  /** One inference a line; the last is the contradiction. */
  readonly then: readonly string[];
  /** How often it occurred. */
  readonly count: number;
  /** The events of the same request up to the first occurrence, one a line. */
  readonly neighbourhood: readonly string[];
  readonly replay: string;
  readonly waived: Waived | null;
  /** What else is to be said, such as that its waiver has expired. */
  readonly note: string | null;
}

export interface Waived {
  readonly reason: string;
  readonly owner: string;
  /** The last day on which the waiver holds, YYYY-MM-DD in UTC. */
  readonly until: string;
}

export interface ReportedPromise {
  readonly id: string;
  readonly text: string;
  readonly verdict: 'held' | 'broken' | 'not exercised';
  /** How many times it was judged. */
  readonly evidence: number;
  /** The positive controls among the evidence. */
  readonly controls: number;
  /** Ids of findings, waived ones included. */
  readonly findings: readonly string[];
}

export interface RequestTotals {
  readonly planned: number;
  readonly arrived: number;
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
  /** Planned and never sent. */
  readonly dropped: number;
  /** Model tokens that the driver asked for, whatever came of it. */
  readonly asked: { readonly inputTokens: number; readonly outputTokens: number };
}

/** How the front door's limiter kept its contract with one life of a tenant. */
export interface LimiterSummary {
  /** `id:n`, the n-th life of the tenant id. */
  readonly tenant: string;
  /** Of the last decision. */
  readonly tier: string;
  readonly admitted: number;
  readonly refused: number;
  readonly wrongAdmissions: number;
  readonly wrongRefusals: number;
  /** The interval in which most was admitted beyond the promise; the promise is `allowed`. */
  readonly worstWindow: LimiterWindow | null;
  readonly daily: readonly DailyAdmissions[];
}

/** In simulated microseconds since the epoch, both ends included. */
export interface LimiterWindow {
  readonly fromUs: number;
  readonly toUs: number;
  readonly admitted: number;
  readonly allowed: number;
}

export interface DailyAdmissions {
  /**
   * YYYY-MM-DD, the UTC date on which the day began: at 00:00 UTC, or at the reset of the daily
   * quota where the contract names another.
   */
  readonly day: string;
  /** Of the day's first decision. */
  readonly tier: string;
  readonly admitted: number;
  /** The daily quota; null without one, or when the contract changed during the day. */
  readonly quota: number | null;
  /** Refusals because the quota was spent: above 0, more was asked than the quota. */
  readonly refusedByQuota: number;
}

/** Calls of Cedar policies. */
export interface PolicySummary {
  readonly decisions: number;
  /** Decisions for which Cedar was really asked. */
  readonly evaluated: number;
  readonly cacheHits: number;
  /** Wall time of Cedar's own answers, outside the digest; null when nothing was evaluated. */
  readonly latencyUs: PolicyLatency | null;
}

/** Wall microseconds, by nearest rank: all that a threshold on `policy_latency_us` may name. */
export interface PolicyLatency {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly count: number;
}

/** A resource that tenants share: a model host, or a service of the platform. */
export type ResourceSummary = ModelSummary | ServiceSummary;

export interface ModelSummary {
  readonly kind: 'model';
  /** `model:<id>`. */
  readonly name: string;
  /** Calls that the host metered. */
  readonly uses: number;
  /** Waits in the host's queue, simulated microseconds; null without uses. */
  readonly queuedUsP50: number | null;
  readonly queuedUsP95: number | null;
  readonly queuedUsMax: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Replies with status 429 or 503. */
  readonly refusals: number;
}

export interface ServiceSummary {
  readonly kind: 'service';
  readonly name: string;
  /** Calls received. */
  readonly uses: number;
  /** Replies with status 429 or 503. */
  readonly refusals: number;
  /** Replies with status 500 or above. */
  readonly failures: number;
  /** Calls that began while an ordered fault was in force. */
  readonly faulted: number;
}

/** What a tier, a tenant or a user got. */
export interface Experience {
  /** A tier's name, a tenant's incarnation or a user's membership. */
  readonly id: string;
  /** Every tier in which it asked, in order. */
  readonly tiers: readonly string[];
  readonly requests: Outcomes;
  /** Of completed and failed requests, as quick refusals would flatter; null without any. */
  readonly latencyMs: LatencySummary | null;
  /** Completed requests per simulated second of the whole run. */
  readonly goodputPerSecond: number;
  /** As the platform charged them, whatever kind of request caused it. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicroUsd: number;
}

export interface Outcomes {
  readonly arrived: number;
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
}

/** Nearest rank, in milliseconds. */
export interface LatencySummary {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Fairness {
  /** What the index is, in words. */
  readonly formula: string;
  readonly tiers: readonly TierFairness[];
}

export interface TierFairness {
  readonly tier: string;
  /** How many tenants were compared. */
  readonly tenants: number;
  /** From 1 ÷ tenants to 1; null with fewer than two tenants or without goodput. */
  readonly index: number | null;
}

export interface ReportedThreshold {
  readonly text: string;
  /** Null when the metric has no samples, which never holds. */
  readonly value: number | null;
  readonly holds: boolean;
}

/** How fast the harness itself was. */
export interface Speed {
  /** Requests of kind `ask` per wall second. */
  readonly requestsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly wallMs: number;
  readonly simulatedMs: number;
  readonly events: number;
}

/** What whole traces came to: those that clients sent, or those of the platform itself. */
export interface ReportedTraces {
  readonly source: 'received' | 'own';
  /** Calls from the internet that the front door answered; null where only what was sent is known. */
  readonly requests: number | null;
  readonly counts: TraceCounts;
  /** Spans that had to name somebody, or did. */
  readonly named: number;
  /** Of them, those that name all whom their trace is for. */
  readonly right: number;
  /** Ids. */
  readonly findings: readonly string[];
}
