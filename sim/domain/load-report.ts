// What does a load on the wall clock conclude: one plain value, every number with the engine that gave it.

import type { Calibration } from './calibration.ts';
import type { ExitCode } from './exit-code.ts';
import type { FleetReport } from './fleet-report.ts';
import type { Outage } from './outage.ts';
import type { LatencySummary, Report, ReportedFinding, ReportedThreshold } from './report.ts';

/** Times are measured, in wall time; latencies count from the planned start. */
export interface LoadReport {
  readonly schemaVersion: 1;
  /** Of poolproof. */
  readonly version: string;
  readonly node: string;
  readonly scenario: string;
  readonly platform: string;
  /** What was called: `the bundled server`, or a URL. */
  readonly target: string;
  readonly seed: number;
  readonly partial: boolean;
  /** How far it came. */
  readonly stage: LoadStage;
  readonly exitCode: ExitCode;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly sentence: string;
  /** The one command that repeats the load. */
  readonly replay: string;
  readonly load: LoadFigures;
  /** Of the generator's own checks and of the server's. */
  readonly findings: readonly LoadFinding[];
  /** What the generator looked for canaries in. */
  readonly scanned: {
    /** Answers and streams; of the bundled server those to sign-ins, too. */
    readonly answers: number;
    /**
     * Canaries that came back to one who may read them, in answers, streams and headers: the
     * positive controls, without which a leak might not have shown either. What was sent counts not.
     */
    readonly ownCanaries: number;
  };
  /** What both sides counted. */
  readonly agreement: readonly Agreement[];
  /** What the server's own checks and measures came to; null when it had died, or is not ours. */
  readonly server: Report | null;
  /** What the server met that was no call of the platform's; null as above. */
  readonly connections: ServerConnections | null;
  /** How several front doors kept the plans between them; null where there was one. */
  readonly fleet: FleetReport | null;
  readonly thresholds: readonly ReportedThreshold[];
  readonly saturation: Saturation | null;
  /** The same in simulated time beside it; null where that was not asked for. */
  readonly calibration: Calibration | null;
  /** What of the scenario was not played, in words. */
  readonly notPlayed: readonly string[];
  /** Expected promises that met no evidence, and what else was not tried. */
  readonly notExercised: readonly string[];
  /** What else is to be said, such as that the server died. */
  readonly notes: readonly string[];
}

export const LOAD_STAGES = [
  'opening',
  'signing in',
  'load',
  'draining',
  'saturation',
  'done',
] as const;
export type LoadStage = (typeof LOAD_STAGES)[number];

export type LoadFinding = ReportedFinding & { readonly seenBy: 'generator' | 'server' };

/** What the open loop measured. */
export interface LoadFigures {
  readonly engine: 'open loop';
  /** Who signed in, before the load began, and who could not. */
  readonly users: { readonly signedIn: number; readonly refused: number };
  /** As long was asked for. */
  readonly plannedSeconds: number;
  /** From the first planned start to the last end. */
  readonly seconds: number;
  readonly planned: number;
  /** Planned and never sent: too much was under way. */
  readonly dropped: number;
  readonly requests: LoadRequests;
  readonly sentPerSecond: number;
  /** Answers that came as a stream. */
  readonly streamed: number;
  readonly inFlightMax: number;
  readonly inFlightBound: number;
  /** From the planned start to the end, of completed and failed requests; null without any. */
  readonly latencyMs: LatencySummary | null;
  /** From the planned start to the first piece of the answer. */
  readonly firstPieceMs: LatencySummary | null;
  /** From the planned start to the sending. */
  readonly lagMs: LatencySummary | null;
  /** At p99 above it, the generator was the limit. */
  readonly lagBoundMs: number;
  /** By how much the generator's event loop was late; null where it was not watched. */
  readonly eventLoopDelayMs: LatencySummary | null;
  readonly isLimited: boolean;
  /** Requests sent on time in the best second. */
  readonly ceilingPerSecond: number;
  readonly tiers: readonly LoadExperience[];
  readonly tenants: readonly LoadExperience[];
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
  /** Stretches of half a second or more in which connections failed and nobody answered. */
  readonly outages: readonly Outage[];
}

export interface LoadRequests {
  readonly sent: number;
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
  /** Cut by the generator as it was stopped: nobody knows how they would have ended. */
  readonly unanswered: number;
}

export interface LoadExperience {
  /** A tier's name, or a tenant's incarnation. */
  readonly id: string;
  readonly tier: string;
  readonly requests: LoadRequests;
  readonly latencyMs: LatencySummary | null;
  readonly firstPieceMs: LatencySummary | null;
  /** Completed requests a second. */
  readonly goodputPerSecond: number;
}

/** One figure as both sides have it. */
export interface Agreement {
  readonly what: string;
  /** Who counted, and what. */
  readonly one: { readonly by: string; readonly count: number };
  readonly other: { readonly by: string; readonly count: number };
  readonly isEqual: boolean;
}

export interface ServerConnections {
  readonly answered: number;
  readonly tooLarge: number;
  readonly malformed: number;
  readonly left: number;
  readonly slow: number;
}

/** What the endpoint bears: a closed loop beside the open one, against the same endpoint. */
export interface Saturation {
  readonly seconds: number;
  /** What was asked, in words. */
  readonly endpoint: string;
  readonly closed: {
    readonly engine: 'autocannon';
    readonly connections: number;
    readonly requestsPerSecond: number;
    /** Whole milliseconds, uncorrected: of what the closed loop sent, when it sent it. */
    readonly latencyMs: { readonly p50: number; readonly p99: number };
    readonly statuses: Readonly<Record<string, number>>;
  };
  readonly open: {
    readonly engine: 'open loop';
    /** The highest rate at which it kept its plan and all was answered. */
    readonly requestsPerSecond: number;
    readonly steps: readonly SaturationStep[];
    readonly statuses: Readonly<Record<string, number>>;
  };
  /** The open loop's rate over autocannon's. */
  readonly ratio: number;
}

export interface SaturationStep {
  readonly plannedPerSecond: number;
  readonly answeredPerSecond: number;
  readonly lagMsP99: number;
  readonly latencyMsP50: number;
  readonly latencyMsP99: number;
  /** Whether as much was answered as was planned. */
  readonly kept: boolean;
}
