// What does a loaded scenario hold: plain data, every default filled in, instants as epoch µs.

import type { TenantId, TierId, UserId } from '../domain/caller.ts';
import type { ArrivalModel, Window } from '../kernel/arrivals.ts';
import type { Change, Fault } from './change.ts';
import type { Move } from './move.ts';
import type { Behaviour, Entitlement, Population, Task, TenantPlan, TierPlan } from './tenancy.ts';

export * from './change.ts';
export * from './tenancy.ts';

/** Every instant (`…Us` of a change, window, fault) counts from the epoch, not from `startUs`. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly startUs: number;
  readonly durationUs: number;
  /** `startUs + durationUs`; nothing happens at it or later. */
  readonly endUs: number;
  readonly seed: number;
  readonly hosting: 'microvm' | 'pooled';
  /** How the mocked models behave. */
  readonly behaviour: Behaviour;
  /** The roles that users can have. */
  readonly roles: readonly string[];
  /** At least one, in the order of the file. */
  readonly tiers: Readonly<Record<TierId, TierPlan>>;
  /** The explicit tenants; `population` adds to them. */
  readonly tenants: readonly TenantPlan[];
  readonly population: Population | undefined;
  /** Kept apart from the platform's policies. What is not listed is forbidden. */
  readonly entitlements: readonly Entitlement[];
  readonly traffic: readonly Stream[];
  readonly probes: Probes | undefined;
  /** Ascending in time; equal times keep the order of the file. */
  readonly changes: readonly Change[];
  readonly faults: readonly Fault[];
  /** Played one after another from the start, besides the traffic. */
  readonly moves: readonly Move[];
  /** The moves are played a second time, and the observer must notice nothing (I2). */
  readonly observer: Observation | undefined;
  /** One for each expression. */
  readonly thresholds: readonly Threshold[];
  /** Promises that must meet evidence, without repetition. */
  readonly expects: readonly PromiseId[];
}

/** What the others do in the second run: nothing, more, or something else. */
export const VARIATIONS = [
  /** Nothing: their moves are left out. */
  'removed',
  /** Each of their moves three times. */
  'multiplied',
  /** They say other words, more of them, and own more. */
  'reworded',
  /** What the observer does, word for word, at the same instant or just before. */
  'alike',
  /** The same under other names. */
  'renamed',
  /** They leave now and then, and come back under the same ids as strangers. */
  'reborn',
  /** The same with tokens that no door may take. */
  'refused',
] as const;
export type Variation = (typeof VARIATIONS)[number];

/** Who must notice nothing of the others, and of what. */
export interface Observation {
  /** One tenant, or several that tell one another all they see. */
  readonly tenants: readonly TenantId[];
  /** One user of the only tenant: their colleagues are others, too. */
  readonly user: UserId | undefined;
  readonly others: Variation;
  /** `replicated`: each tenant has the declared shared resources to itself, and must see equal times. */
  readonly resources: 'shared' | 'replicated';
}

export interface Stream {
  readonly name: string;
  readonly tenants: Choice;
  readonly load: Load;
  /** Relative weights, every task listed, at least one above 0. */
  readonly mix: Readonly<Record<Task, number>>;
  /** Requests in one conversation, which is one agent session. At least 1. */
  readonly turns: number;
  /** Mean think time between the turns of a conversation. */
  readonly pauseUs: number;
  readonly promptCharacters: number;
  readonly window: Window;
  readonly maxOutputTokens: number;
}

export type Choice =
  | { readonly kind: 'all' }
  | { readonly kind: 'tier'; readonly tier: TierId }
  | { readonly kind: 'tenants'; readonly tenants: readonly TenantId[] };

/** Rates, sizes and totals count requests, every turn being one. `arrivalsOf` makes them starts. */
export type Load =
  /** Per tenant, times its weight. */
  | { readonly kind: 'rate'; readonly arrivals: Arrivals }
  /** So many requests over the window and all tenants; `arrivals` has a rate of 1 to be scaled. */
  | { readonly kind: 'total'; readonly requests: number; readonly arrivals: Arrivals }
  | { readonly kind: 'trace'; readonly trace: Trace };

type KernelDiurnal = Extract<ArrivalModel, { readonly kind: 'diurnal' }>;

/** As in the kernel, save that the hours of a day are by default those of the tenant's zone. */
export type Arrivals = Exclude<ArrivalModel, KernelDiurnal> | ZonedDiurnal;
export type ZonedDiurnal = Omit<KernelDiurnal, 'utcOffsetMinutes'> & {
  readonly utcOffsetMinutes?: number;
};

export interface Trace {
  /** Relative to the scenario's own folder. */
  readonly file: string;
  readonly format: 'azure' | 'mooncake' | 'servegen';
  /** Simulated time over recorded time: 2 replays at half the speed. */
  readonly timeScale: number;
  /** Zipf exponent by which requests are shared out over tenants: 0 shares equally. */
  readonly skew: number;
}

export const PROBE_KINDS = [
  'forged-bearer',
  'expired-bearer',
  'claimless-bearer',
  'wrong-audience-bearer',
  'wrong-issuer-bearer',
  'unsigned-bearer',
  'unknown-key-bearer',
  'no-bearer',
  'stranger-session',
  'stranger-namespace',
  'stranger-actor',
  'stranger-argument',
  'stranger-record',
  'stranger-document-filter',
  'stranger-key',
  'stranger-header',
  'payload-fields',
  'direct-runtime',
  'direct-gateway',
  'direct-tools',
  'direct-table',
  'direct-memory',
  'direct-knowledge',
  'direct-credentials',
  'premium-tool',
  'out-of-hours',
  'sign-up',
  'own-baggage',
  'repeated-header',
] as const;
export type ProbeKind = (typeof PROBE_KINDS)[number];

/** One round of all kinds each `everyUs`, the first one `everyUs` after the start. */
export interface Probes {
  readonly everyUs: number;
  readonly kinds: readonly ProbeKind[];
}

/** Metrics of many samples. */
export const SAMPLED_METRICS = ['latency_ms', 'policy_latency_us'] as const;
/** Metrics of one value. */
export const VALUE_METRICS = [
  'goodput_per_second',
  'refused_share',
  'failed_share',
  'wrong_decisions',
  'cost_micro_usd',
  'jain_index',
] as const;
export type SampledMetric = (typeof SAMPLED_METRICS)[number];
export type ValueMetric = (typeof VALUE_METRICS)[number];

export const SAMPLE_AGGREGATIONS = [
  'p50',
  'p90',
  'p95',
  'p99',
  'max',
  'min',
  'mean',
  'count',
] as const;
export type SampleAggregation = (typeof SAMPLE_AGGREGATIONS)[number];

/** The longer operators first, as a parser needs them. */
export const OPERATORS = ['<=', '>=', '==', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A bound on a metric over the requests of a tier, of a tenant, or of all. */
export type Threshold = {
  /** As written, e.g. `latency_ms{tier:premium}: p95 < 15000`. */
  readonly text: string;
  readonly tier: TierId | undefined;
  readonly tenant: TenantId | undefined;
  readonly operator: Operator;
  readonly bound: number;
} & (
  | { readonly metric: SampledMetric; readonly aggregation: SampleAggregation }
  | { readonly metric: ValueMetric; readonly aggregation: 'value' }
);

export const PROMISES = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
] as const;
export type PromiseId = (typeof PROMISES)[number];
