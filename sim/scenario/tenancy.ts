// Who lives in the pool of a scenario, on what terms, and what may they ask for?

import type { TenantId, TierId, UserId } from '../domain/caller.ts';
import type { LimitContract } from '../domain/limit.ts';

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
