// What is a mutant: a policy with one thing changed, and what was there before.

import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

export const MUTATION_KINDS = [
  'effect turned',
  'condition dropped',
  'operator turned',
  'scope widened',
  'literal changed',
] as const;
export type MutationKind = (typeof MUTATION_KINDS)[number];

/** One part of a condition that is true or false by itself, before and after. */
export interface Truth {
  readonly before: unknown;
  readonly after: unknown;
}

/** A policy with one thing changed. */
export interface Mutation {
  readonly kind: MutationKind;
  /** Of the policy that was changed. */
  readonly policy: string;
  readonly json: PolicyJson;
  /** In words, e.g. ``resource == … became any resource``. */
  readonly change: string;
  /** The smallest part around the change that is true or false by itself, if there is one. */
  readonly truth: Truth | undefined;
  /** Whether it may fail to validate: what keeps all types and tests of presence cannot. */
  readonly mayBeInvalid: boolean;
}
