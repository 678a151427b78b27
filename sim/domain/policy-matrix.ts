// What does a matrix of policies tell: who may call what, and whether tenants are kept apart.

import type { ExitCode } from './exit-code.ts';

/** Written as `matrix.json`. Equal for equal folders, scenario, options and version. */
export interface PolicyMatrix {
  readonly schema: 'poolproof.policy-matrix/1';
  readonly version: string;
  readonly folder: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly exitCode: ExitCode;
  readonly sentence: string;
  /** The tags and inputs that say whose user a caller is, and whose object is meant. */
  readonly tenantTags: readonly string[];
  readonly tenantInputs: readonly string[];
  /** How many different questions there are, and how many of them were put to Cedar itself. */
  readonly questions: number;
  readonly asked: number;
  readonly extent: MatrixExtent;
  /** The day on which hours are shown, in UTC. */
  readonly day: string;
  /** Every question in groups: what is in none of them is no question. */
  readonly groups: readonly MatrixGroup[];
  /** One a tool whose input names a tenant: the smallest question of another's that is allowed. */
  readonly counterexamples: readonly Counterexample[];
  /** Whose control keeps tenants apart, for each operation on their data. */
  readonly controls: readonly ControlRow[];
  /** null when no scenario was held against it. */
  readonly entitlements: EntitlementComparison | null;
  /** Tools that were not judged, because there are more questions about them than the bound. */
  readonly overBound: readonly string[];
  /** Conditions whose values are not known to be told apart: nothing is proved about their tools. */
  readonly unclear: readonly { readonly action: string; readonly condition: string }[];
  readonly replay: string;
}

/** Of which tools something is said. */
export interface MatrixExtent {
  /** Those asked for. */
  readonly tools: number;
  /** Those of which it is proved that Cedar keeps tenants apart. */
  readonly proved: number;
  /** Actions that are allowed, and whose input names no tenant: what they reach is not Cedar's. */
  readonly nameless: readonly string[];
  /** The same, where the entitlements say that they have no object of a tenant's. */
  readonly withoutObject: readonly string[];
}

/** How a caller stands to the tenant whose object is meant; `unnamed` where the input leaves it out. */
export const RELATIONS = [
  'own',
  "another tenant's",
  'without a tenant',
  'unnamed',
  'none',
] as const;
export type Relation = (typeof RELATIONS)[number];

/** Questions with the same answer by the same policies, that differ in what is listed. */
export interface MatrixGroup {
  /** As policies call them: `Target___tool`, all of one target. */
  readonly tools: readonly string[];
  /** Of their gateway. */
  readonly tier: string;
  readonly allowed: boolean;
  /** The policies that decided; empty by default. */
  readonly by: readonly string[];
  readonly objects: readonly Relation[];
  /** Values of tags and inputs that matter; a name that is not here may have any value or none. */
  readonly where: Readonly<Record<string, readonly string[]>>;
  /** Hours of the day shown, in the zone's own time where there is one; null for any time. */
  readonly hours: string | null;
  readonly questions: number;
}

export interface Counterexample {
  readonly action: string;
  readonly relation: Relation;
  /** As `policy test` reads it from `examples/deny`: the tool as its action, the gateway by its tier. */
  readonly example: {
    readonly because: string;
    readonly principal: { readonly id: string; readonly tags: Readonly<Record<string, string>> };
    readonly tool: string;
    readonly gateway: string;
    readonly input: Readonly<Record<string, unknown>>;
    readonly now: string;
  };
  readonly by: readonly string[];
}

/**
 * `separates`: own is allowed, others' is not. `open`: others' is allowed. `closed`: granted to
 * nobody. `not asked`: the control does not see such a call. `unknown`: there is nothing to judge by.
 */
export type Control = 'separates' | 'open' | 'closed' | 'not asked' | 'unknown';

export interface ControlRow {
  /** The tool that makes it; null where the agent does without a tool. */
  readonly tool: string | null;
  readonly tier: string | null;
  readonly operation: string;
  readonly cedar: Control;
  readonly iam: Control;
  /** `no object`: the entitlements say that the tool has no object of a tenant's. */
  readonly kept: 'both' | 'Cedar' | 'IAM' | 'closed' | 'HOLE' | 'not by Cedar' | 'no object';
  /** An access of another's data that IAM allows; null where there is none. */
  readonly opened: OpenedAccess | null;
  /** Why IAM is unknown though there are documents, such as a condition key that is not varied. */
  readonly undecided: readonly string[];
}

/** Tenants and users as `tenant/user`, and the statement as `file#Sid`. */
export interface OpenedAccess {
  readonly caller: string;
  readonly owner: string;
  readonly statement: string;
}

export interface EntitlementComparison {
  readonly scenario: string;
  /** The span of time over which it was compared, as instants. */
  readonly from: string;
  readonly to: string;
  readonly compared: number;
  readonly differences: readonly EntitlementDifference[];
}

export interface EntitlementDifference {
  readonly tool: string;
  readonly gateway: string;
  readonly tiers: readonly string[];
  readonly roles: readonly string[];
  readonly object: Relation;
  readonly zones: readonly string[];
  readonly entitled: boolean;
  readonly allowed: boolean;
  readonly by: readonly string[];
  /** An instant at which they differ. */
  readonly at: string;
}
