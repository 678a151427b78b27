// Is there a question to which a mutant answers otherwise: looked for in all that policies can tell apart.

import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyQuestion } from '../../domain/ports.ts';
import type { PolicyFolder } from '../../policy.ts';
import { appliesTo, type DecidingPolicy, MetPolicies, PolicyEngine } from '../../protocol/cedar.ts';
import { behindGateways, type Gateway } from '../gateways.ts';
import {
  type Axis,
  combinations,
  type Kinds,
  kindsOf,
  type PlacedTool,
  type Value,
} from '../space.ts';
import type { Mutation } from './mutation.ts';

/** What came of looking for a question that tells a mutant from what it comes of. */
export type Difference =
  | { readonly kind: 'a question'; readonly question: PolicyQuestion }
  /** No question that policies can tell apart is answered otherwise. */
  | { readonly kind: 'none' }
  /** There were too many to ask, or a value is used in a way that is not understood. */
  | { readonly kind: 'unknown' };

/** Questions asked about one mutant and tool at most (assumed). */
const QUESTIONS_MAX = 60_000;

/** Looks at every tool that the policy or its mutant applies to. */
export const differenceOf = (
  mutation: Mutation,
  { policies, gateways }: Pick<PolicyFolder, 'policies' | 'gateways'>,
  questionsMax = QUESTIONS_MAX,
): Difference => {
  const original = policies.policies.find(({ id }) => id === mutation.policy);
  if (original === undefined) throw new Error('a mutant comes of no policy');
  const others = policies.policies.filter(({ id }) => id !== mutation.policy);
  let isSure = true;
  for (const tool of behindGateways(gateways)) {
    const both = [original.json, mutation.json];
    if (!both.some((json) => appliesTo(json, tool))) continue;
    const near = others.map(({ json }) => json).filter((json) => appliesTo(json, tool));
    const search = new Search({
      tool,
      gateways,
      mutation,
      original: original.json,
      near,
      questionsMax,
    });
    const found = search.question((mutant) => [...others, mutant]);
    if (found !== undefined) return { kind: 'a question', question: found };
    isSure &&= search.isSure;
  }
  return isSure ? { kind: 'none' } : { kind: 'unknown' };
};

interface Sought {
  readonly tool: PlacedTool;
  readonly gateways: readonly Gateway[];
  readonly mutation: Mutation;
  readonly original: PolicyJson;
  /** The other policies that apply to the tool. */
  readonly near: readonly PolicyJson[];
  readonly questionsMax: number;
}

type Values = ReadonlyMap<string, Value>;

/** The search in the questions about one tool. */
class Search {
  readonly #sought: Sought;
  readonly #kinds: Kinds;
  #asked = 0;
  isSure: boolean;

  constructor(sought: Sought) {
    this.#sought = sought;
    const { tool, gateways, mutation, original, near } = sought;
    this.#kinds = kindsOf(tool, [original, mutation.json, ...near], gateways);
    this.isSure = this.#kinds.isComplete;
  }

  /** A question that the set answers otherwise with the mutant in place of the original. */
  question(setWith: (policy: DecidingPolicy) => readonly DecidingPolicy[]) {
    const { tool, mutation, original } = this.#sought;
    const id = mutation.policy;
    const [before, after] = [original, mutation.json].map(
      (json) => new PolicyEngine({ policies: setWith({ id, json }), tools: [tool] }),
    );
    const others = this.#axesOf(this.#sought.near);
    for (const values of this.#differing(others)) {
      const open = others.filter(({ name }) => !values.has(name));
      for (const more of combinations(open)) {
        if (!this.#mayAsk()) return undefined;
        const question = this.#kinds.question(new Map([...values, ...more]));
        if (question === undefined) continue;
        if (before?.decide(question).decision !== after?.decide(question).decision) return question;
      }
    }
    return undefined;
  }

  /**
   * Values for which the policy and its mutant are not both met or both unmet, one for each way in
   * which they differ and each value that other policies read as well.
   */
  #differing(others: readonly Axis[]): readonly Values[] {
    const { tool, mutation, original } = this.#sought;
    const own = this.#axesOf([original, mutation.json]);
    const effect = original.effect !== mutation.json.effect;
    const met = new MetPolicies(
      [
        { id: 'before', json: original },
        { id: 'after', json: mutation.json },
      ],
      [tool],
    );
    const shared = own.filter(({ name }) => others.some((axis) => axis.name === name));
    const found = new Map<string, Values>();
    for (const part of this.#partsThatDiffer(own)) {
      const open = own.filter(({ name }) => !part.has(name));
      for (const more of combinations(open)) {
        if (!this.#mayAsk()) return [...found.values()];
        const values = new Map([...part, ...more]);
        const question = this.#kinds.question(values);
        if (question === undefined) continue;
        const { met: names, failed } = met.ask(question);
        const [was, is] = ['before', 'after'].map((name) => names.has(name));
        const failing = ['before', 'after'].map((name) => failed.has(name));
        if (was === is && failing[0] === failing[1] && !(effect && was)) continue;
        const key = JSON.stringify([
          was,
          is,
          failing,
          // An absent value is null here, and so never the text that names it.
          shared.map(({ name }) => values.get(name)),
        ]);
        if (!found.has(key)) found.set(key, values);
      }
    }
    return [...found.values()];
  }

  /** Where the changed part has the same value, so has the whole: only the rest is looked at. */
  #partsThatDiffer(own: readonly Axis[]): readonly Values[] {
    const { mutation, tool } = this.#sought;
    if (mutation.truth === undefined) return [new Map()];
    const before = conditionOf(mutation.truth.before);
    const after = conditionOf(mutation.truth.after);
    const names = new Set(this.#axesOf([before, after]).map(({ name }) => name));
    const axes = own.filter(({ name }) => names.has(name));
    const met = new MetPolicies(
      [
        { id: 'before', json: before },
        { id: 'after', json: after },
      ],
      [tool],
    );
    return [...combinations(axes)].filter((values) => {
      if (!this.#mayAsk()) return true;
      const question = this.#kinds.question(values);
      // The rest may make a question of it, so that it is looked at.
      if (question === undefined) return true;
      const { met: names, failed } = met.ask(question);
      return (
        names.has('before') !== names.has('after') || failed.has('before') !== failed.has('after')
      );
    });
  }

  #axesOf(policies: readonly PolicyJson[]): readonly Axis[] {
    const { tool, gateways } = this.#sought;
    const names = new Set(kindsOf(tool, policies, gateways).axes.map(({ name }) => name));
    return this.#kinds.axes.filter(({ name }) => names.has(name));
  }

  #mayAsk(): boolean {
    this.#asked += 1;
    const mayAsk = this.#asked <= this.#sought.questionsMax;
    this.isSure &&= mayAsk;
    return mayAsk;
  }
}

const conditionOf = (body: unknown): PolicyJson => ({
  effect: 'permit',
  principal: { op: 'All' },
  action: { op: 'All' },
  resource: { op: 'All' },
  conditions: [{ kind: 'when', body: body as Expr }],
});
