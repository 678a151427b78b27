// What does a bench of policies tell: what decisions took on this machine, and what to do about it.

import type { ExitCode } from './exit-code.ts';

/** Written as `bench.json`. All times are wall time of this machine, in microseconds. */
export interface PolicyBench {
  readonly schema: 'poolproof.policy-bench/1';
  readonly version: string;
  readonly clock: 'measured (wall time)';
  readonly folder: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly exitCode: ExitCode;
  readonly sentence: string;
  /** Policies of the folder, and the tools that they were asked about in turn. */
  readonly policies: number;
  readonly tools: number;
  /** Ways of asking the same questions of the folder's own policies. */
  readonly ways: readonly BenchedWay[];
  /** The same question among ever more policies. */
  readonly byPolicies: readonly PoliciesRow[];
  /** The same question, prepared and sliced, with ever more entities. */
  readonly byEntities: readonly EntitiesRow[];
  readonly memory: BenchedMemory;
  /** What a user should do, each with the figure that says so. */
  readonly advice: readonly string[];
  readonly seed: number;
  readonly replay: string;
}

/** A figure and the 95 % interval around it; a bound is null where there are too few samples for one. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** How many times as long something takes, beside the same comparison of a thing with itself. */
export interface BenchedRatio extends Estimate {
  readonly control: Estimate;
  /** True when the control is further from 1 than the tolerance: the figure is no more exact than that. */
  readonly controlIsOff: boolean;
  /** True when the ratio's whole interval is further from 1 than the control's. */
  readonly clearsControl: boolean;
}

export type WayName = 'naive' | 'prepared' | 'sliced' | 'engine' | 'remembered';

export interface BenchedWay {
  readonly way: WayName;
  readonly samples: number;
  readonly p50Us: Estimate;
  readonly p90Us: Estimate;
  readonly p99Us: Estimate;
  /** How many times as long as `sliced`. */
  readonly ratio: BenchedRatio;
}

export interface PoliciesRow {
  readonly policies: number;
  /** Those of them that can apply to the question's action. */
  readonly applicable: number;
  readonly rounds: number;
  readonly naiveUs: Estimate;
  readonly preparedUs: Estimate;
  readonly slicedUs: Estimate;
  readonly naiveToSliced: BenchedRatio;
  readonly preparedToSliced: BenchedRatio;
}

/** Medians, and what they differ by. */
export interface EntitiesRow {
  readonly entities: number;
  readonly rounds: number;
  readonly wholeUs: Estimate;
  /** JSON into the module and out of it. */
  readonly serialisationUs: number;
  /** Names and context. */
  readonly requestUs: number;
  readonly entitiesUs: number;
  /** Handing out a copy of the prepared policies, and looking at their scopes. */
  readonly policiesUs: number;
  readonly conditionsUs: number;
  /** The whole call with nothing changed, measured twice: what the machine adds by itself. */
  readonly control: Estimate;
  readonly controlIsOff: boolean;
}

export interface BenchedMemory {
  readonly decisions: number;
  /** Resident memory before the decisions, and what it had grown by at the end. */
  readonly residentBytes: number;
  readonly grownBytes: number;
  /** The most that it had grown by at any of the tenths. */
  readonly mostGrownBytes: number;
}
