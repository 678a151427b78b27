// What did several front doors admit between them, against the one plan that they were to keep?

import type { Refusal } from './limit.ts';
import type { Outage } from './outage.ts';
import type { LimiterSummary } from './report.ts';

/** One decision of one front door. Times are of the run's clock as that process reads it. */
export interface DoorDecision {
  /** `id:n`, the n-th life of the tenant id. */
  readonly tenant: string;
  readonly tier: string;
  readonly membership: string;
  /** When its request was planned. */
  readonly plannedUs: number;
  readonly askedUs: number;
  readonly answeredUs: number;
  readonly admitted: boolean;
  readonly by: Refusal | null;
}

/** What one front door did. */
export interface FleetDoor {
  readonly decisions: readonly DoorDecision[];
  /** Requests that failed because its limiter could not say: when it was asked, and gave up. */
  readonly undecided: readonly { readonly askedUs: number; readonly answeredUs: number }[];
}

/** A front door that ended before it was told to, and what it decided with it. */
export interface LostDoor {
  readonly lostUs: number;
}

/** How the front doors kept one tenant's plan together. */
export interface FleetTenant extends Omit<LimiterSummary, 'daily'> {
  /** What was tolerated: the widest span between a question of the tenant's and its answer, and the error of the clocks. */
  readonly toleranceUs: number;
  /** Decisions that it excuses: wrong, had the tenant's median span been tolerated in place of the widest. */
  readonly couldBeWrong: number;
}

/** How a fleet of front doors kept the plans of all tenants. */
export interface FleetReport {
  /** `local`: each door counts for itself; `redis`: all count in one Redis. */
  readonly limiter: 'local' | 'redis';
  readonly replicas: number;
  /** Of each front door. */
  readonly doors: readonly {
    readonly decided: number;
    readonly undecided: number;
    /** When it ended before it was told to, and what it decided with it; null where it did not. */
    readonly lostUs: number | null;
  }[];
  /** When the limiter could not say, and requests failed in place of being let in. */
  readonly silences: readonly Outage[];
  /** How far stamps of different processes may be apart: what the judge tolerates. */
  readonly toleranceUs: number;
  /** Empty where a door was lost: what is known of a part of the decisions judges none. */
  readonly tenants: readonly FleetTenant[];
  readonly wrongAdmissions: number;
  readonly wrongRefusals: number;
  /** Of all tenants: not called wrong, and not known to be right. */
  readonly couldBeWrong: number;
}
