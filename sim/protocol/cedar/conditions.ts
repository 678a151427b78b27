// Which policies does a question meet, each taken by itself: what was true in it, and what failed?

import type { PolicyQuestion } from '../../domain/ports.ts';
import type { TargetTool } from '../../domain/tool.ts';
import { inputProblem } from './input.ts';
import type { DecidingPolicy, DecidingSet } from './load.ts';
import { SlicedPolicies } from './sliced.ts';

/** Ids of policies whose scope and conditions the question meets, and of those that fail on it. */
export interface Met {
  readonly met: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
}

/**
 * Policies as so many conditions: Cedar is asked about all of them at once, with one effect, so
 * that it names every one that a question meets. Answers are remembered by the facts that the
 * policies can tell apart.
 */
export class MetPolicies {
  readonly #set: DecidingSet;
  readonly #known = new Map<string, Map<string, Met>>();

  constructor(policies: readonly DecidingPolicy[], tools: readonly TargetTool[]) {
    const effects = new Set(policies.map(({ json }) => json.effect));
    this.#set = {
      policies:
        effects.size === 1
          ? policies
          : policies.map(({ id, json }) => ({ id, json: { ...json, effect: 'permit' } })),
      tools,
    };
  }

  /** Nothing is met by a question that never reaches Cedar: of an unknown action or another shape. */
  ask(question: PolicyQuestion): Met {
    const slice = SlicedPolicies.of(this.#set).deciding(question.action);
    if (slice === undefined) return NOTHING;
    if (inputProblem(slice.tool.inputSchema, question.input) !== undefined) return NOTHING;
    const own = this.#known.get(question.action) ?? new Map<string, Met>();
    this.#known.set(question.action, own);
    const key = slice.key(question);
    const known = own.get(key);
    if (known !== undefined) return known;
    const answer = slice.ready(question)();
    if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
    const { reason, errors } = answer.response.diagnostics;
    const met = { met: new Set(reason), failed: new Set(errors.map(({ policyId }) => policyId)) };
    own.set(key, met);
    return met;
  }
}

const NOTHING: Met = { met: new Set(), failed: new Set() };
