// Which slices does a set of policies have: one an action for deciding and one for listing.

import { actionOf, type TargetTool } from '../../domain/tool.ts';
import { listingPolicies } from './listing.ts';
import type { DecidingPolicy, DecidingSet } from './load.ts';
import { appliesTo, type Slice, sliceOf } from './slice.ts';

/** The slices of one set, each made when first asked for. */
export class SlicedPolicies {
  readonly #policies: readonly DecidingPolicy[];
  readonly #tools: ReadonlyMap<string, TargetTool>;
  readonly #deciding = new Map<string, Slice>();
  readonly #listing = new Map<string, Slice>();

  /** The slices of a set are pure, so all engines of the set share them. */
  static of(set: DecidingSet): SlicedPolicies {
    const known = sliced.get(set) ?? new SlicedPolicies(set);
    sliced.set(set, known);
    return known;
  }

  private constructor({ policies, tools }: DecidingSet) {
    this.#policies = policies;
    this.#tools = new Map(tools.map((tool) => [actionOf(tool), tool]));
  }

  /** The policies that decide the action, or `undefined` when no tool has it. */
  deciding(action: string): Slice | undefined {
    return this.#deciding.get(action) ?? this.#make(action, this.#deciding, decidingSlice);
  }

  /** The policies that say whether the tool of the action is listed. */
  listing(action: string): Slice | undefined {
    return this.#listing.get(action) ?? this.#make(action, this.#listing, listingSlice);
  }

  #make(action: string, slices: Map<string, Slice>, make: MakeSlice): Slice | undefined {
    const tool = this.#tools.get(action);
    if (tool === undefined) return undefined;
    const policies = this.#policies.filter(({ json }) => appliesTo(json, tool));
    const slice = make(tool, policies);
    slices.set(action, slice);
    return slice;
  }
}

const sliced = new WeakMap<DecidingSet, SlicedPolicies>();

type MakeSlice = (tool: TargetTool, policies: readonly DecidingPolicy[]) => Slice;

const decidingSlice: MakeSlice = (tool, policies) =>
  sliceOf(
    tool,
    policies.map(({ json }) => json),
    Object.fromEntries(policies.map(({ id, text, json }) => [id, text ?? json])),
  );

const listingSlice: MakeSlice = (tool, policies) => {
  const listing = listingPolicies(policies);
  return sliceOf(tool, Object.values(listing), listing);
};
