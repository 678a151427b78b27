// Which policies decided, and which of their conditions were met and not met, in the questions asked?

import type { PolicyQuestion } from '../domain/ports.ts';
import type { PolicyFolder } from '../policy.ts';
import {
  isCarriedByJson,
  type LoadedPolicy,
  type Met,
  MetPolicies,
  PolicyEngine,
  textOf,
} from '../protocol/cedar.ts';
import { allParts, asPolicy, type ClauseParts, partsOf, walk } from './covered/parts.ts';

/** Where questions come from. */
export type Source = 'suite' | 'scenario';

export interface CoveredPolicy {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** How many questions it decided, by where they came from. */
  readonly decided: Readonly<Record<Source, number>>;
  readonly conditions: readonly CoveredCondition[];
  /** False when its conditions are not looked at: it holds numbers that JSON cannot carry. */
  readonly isWhole: boolean;
}

export interface CoveredCondition {
  readonly text: string;
  /** Whether it was true, and false, in some question in which Cedar came to it. */
  readonly wasTrue: boolean;
  readonly wasFalse: boolean;
}

/** Gathers what questions cover. */
export class Coverage {
  readonly #engine: PolicyEngine;
  readonly #policies: readonly Watched[];
  readonly #asked: Record<Source, number> = { suite: 0, scenario: 0 };

  constructor({ policies }: Pick<PolicyFolder, 'policies'>) {
    this.#engine = new PolicyEngine(policies);
    this.#policies = policies.policies.map((policy) => watched(policy, policies.tools));
  }

  add(question: PolicyQuestion, source: Source): void {
    this.#asked[source] += 1;
    const { determining } = this.#engine.decide(question);
    for (const policy of this.#policies) {
      if (determining.includes(policy.policy.id)) policy.decided[source] += 1;
      note(policy, policy.parts.ask(question));
    }
  }

  get asked(): Readonly<Record<Source, number>> {
    return this.#asked;
  }

  covered(): readonly CoveredPolicy[] {
    return this.#policies.map(({ policy: { id, file, line, json }, decided, leaves }) => ({
      id,
      file,
      line,
      decided: { ...decided },
      conditions: [...leaves.values()],
      isWhole: isCarriedByJson(json),
    }));
  }
}

interface Watched {
  readonly policy: LoadedPolicy;
  readonly clauses: readonly ClauseParts[];
  readonly parts: MetPolicies;
  readonly decided: Record<Source, number>;
  readonly leaves: Map<string, { readonly text: string; wasTrue: boolean; wasFalse: boolean }>;
  /** Answers that were looked through: equal questions have the very same. */
  readonly noted: WeakSet<Met>;
}

const SCOPE = 'scope';

const watched = (policy: LoadedPolicy, tools: PolicyFolder['policies']['tools']): Watched => {
  // What its JSON does not say cannot be asked in parts: only whether it decides is known.
  const clauses = isCarriedByJson(policy.json) ? partsOf(policy.json) : [];
  const parts = clauses.flatMap(({ part }) => allParts(part));
  const leaves = parts.filter(({ kind }) => kind === 'leaf');
  return {
    policy,
    clauses,
    parts: new MetPolicies(
      [
        { id: SCOPE, json: asPolicy(policy.json) },
        ...parts.map(({ id, expression }) => ({ id, json: asPolicy(policy.json, expression) })),
      ],
      tools,
    ),
    decided: { suite: 0, scenario: 0 },
    leaves: new Map(
      leaves.map(({ id, expression }) => [
        id,
        { text: textOf(expression), wasTrue: false, wasFalse: false },
      ]),
    ),
    noted: new WeakSet(),
  };
};

const note = ({ clauses, leaves, noted }: Watched, answer: Met): void => {
  if (!answer.met.has(SCOPE) || noted.has(answer)) return;
  noted.add(answer);
  walk(
    clauses,
    ({ id }) => (answer.failed.has(id) ? undefined : answer.met.has(id)),
    ({ id }, value) => {
      const leaf = leaves.get(id);
      if (leaf === undefined) return;
      if (value) leaf.wasTrue = true;
      else leaf.wasFalse = true;
    },
  );
};
