// What does a loaded scenario hold: plain data, every default filled in, instants as epoch µs.

import type { TenantId, TierId, UserId } from '../domain/caller.ts';
import type { LimitContract } from '../domain/limit.ts';
import type { ArrivalModel, Window } from '../kernel/arrivals.ts';

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
  /** One for each expression. */
  readonly thresholds: readonly Threshold[];
  /** Promises that must meet evidence, without repetition. */
  readonly expects: readonly PromiseId[];
}

/** The roles of a scenario that declares none. */
export const ROLES = ['physician', 'nurse', 'admin'] as const;

export const BEHAVIOURS = ['helpful', 'verbose', 'hostile'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export const MODELS = ['mistral.ministral-3-8b-instruct', 'openai.gpt-oss-120b'] as const;
export type ModelId = (typeof MODELS)[number];

export interface TierPlan {
  readonly model: ModelId;
  readonly wire: 'converse' | 'chat';
  readonly limits: LimitContract;
}

export interface TenantPlan {
  readonly id: TenantId;
  readonly tier: TierId;
  /** IANA name. */
  readonly zone: string;
  /** Multiplies the tenant's traffic in streams with rates, shares it out in those with totals. */
  readonly weight: number;
  readonly patients: number;
  readonly documents: number;
  readonly users: readonly UserPlan[];
}

/** Ids of users are unique within a tenant; two tenants may each have a `dr.lee`. */
export interface UserPlan {
  readonly id: UserId;
  readonly role: string;
}

/** Generated tenants, whose ids are those of `populationTenant`. */
export interface Population {
  readonly tenants: number;
  /** Shares of the tiers, summing to 1. */
  readonly tiers: Readonly<Record<TierId, number>>;
  readonly zones: readonly string[];
  /** How many users of each role a tenant has. */
  readonly users: Readonly<Record<string, number>>;
  readonly patients: number;
  readonly documents: number;
  /** Zipf exponent of the weights: 0 gives equal ones. */
  readonly skew: number;
}

/** The most tenants that a population may have (assumed). */
export const POPULATION_MAX = 100_000;

/** The id of the n-th generated tenant, counted from 1. */
export const populationTenant = (number: number): TenantId => `tenant-${number}`;

/** The id of a generated tenant's n-th user of a role, counted from 1. */
export const populationUser = (role: string, number: number): UserId => `${role}.${number}`;

export const TOOLS = [
  'patient_context',
  'clinic_config',
  'retrieve_clinic_documents',
  'web_search',
  'current_time',
] as const;
export type ToolName = (typeof TOOLS)[number];

/** Users of these tiers and roles may call the tool: on what their own tenant owns, or on nothing. */
export interface Entitlement {
  readonly tool: ToolName;
  readonly tiers: readonly TierId[];
  readonly roles: readonly string[];
  readonly object: 'own' | 'none';
  /** Always, when undefined. */
  readonly hours: Hours | undefined;
}

/** Minutes after midnight on the wall clock of the tenant's zone, 0 to 1440. */
export interface Hours {
  /** Included. */
  readonly fromMinutes: number;
  /** Excluded, above `fromMinutes`. */
  readonly toMinutes: number;
}

/** What one request asks for: a tool, or nothing but an answer. */
export const TASKS = [...TOOLS, 'talk'] as const;
export type Task = (typeof TASKS)[number];

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

/** Something that the operator does, or (plants) that gets into a tenant's data. */
export type Change = { readonly atUs: number } & (
  | { readonly kind: 'upgrade' | 'downgrade'; readonly tenant: TenantId; readonly tier: TierId }
  | { readonly kind: 'suspend' | 'resume' | 'offboard'; readonly tenant: TenantId }
  /** May give the id of an offboarded tenant a new life. `tenant` is `plan.id`. */
  | { readonly kind: 'onboard'; readonly tenant: TenantId; readonly plan: TenantPlan }
  | { readonly kind: 'rotate-keys' }
  /** `folder` is relative to the scenario's own folder. */
  | { readonly kind: 'swap-policies'; readonly folder: string }
  | {
      readonly kind: 'move-user';
      readonly user: UserId;
      readonly tenant: TenantId;
      readonly to: TenantId;
    }
  | {
      readonly kind: 'change-role';
      readonly user: UserId;
      readonly tenant: TenantId;
      readonly role: string;
    }
  | { readonly kind: 'plant-document'; readonly tenant: TenantId; readonly text: string }
  | {
      readonly kind: 'plant-memory';
      readonly tenant: TenantId;
      readonly user: UserId;
      readonly text: string;
    }
);

export const FAULT_SERVICES = [
  'identity',
  'runtime',
  'gateway',
  'tools',
  'credentials',
  'sts',
  'table',
  'memory',
  'knowledge',
  'model',
  'web',
  'policy',
] as const;
export type FaultService = (typeof FAULT_SERVICES)[number];

/** From `fromUs` (included) to `toUs` (excluded, at most the scenario's end). */
export type Fault = Window & {
  readonly service: FaultService;
  /** Only when `service` is `model`; undefined means every model. */
  readonly model: ModelId | undefined;
} & (
    | { readonly kind: 'slow'; readonly factor: number }
    /** The share of calls that fail, above 0 and at most 1. */
    | { readonly kind: 'failing'; readonly share: number }
    | { readonly kind: 'gone' }
  );

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
