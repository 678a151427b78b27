// What are the tests of a folder worth: how many of its policies' mutants do they notice?

import type { PolicyQuestion } from '../domain/ports.ts';
import { actionOf } from '../domain/tool.ts';
import { UsageError } from '../domain/usage-error.ts';
import type { PolicyFolder } from '../policy.ts';
import { appliesTo, PolicyEngine, validityProblem } from '../protocol/cedar.ts';
import { type Case, titleOf } from './case.ts';
import { behindGateways } from './gateways.ts';
import { differenceOf } from './mutants/difference.ts';
import type { Mutation } from './mutants/mutation.ts';
import { mutationsOf } from './mutants/mutations.ts';
import { answers, wrongIn } from './testing.ts';

export { MUTATION_KINDS, type Mutation, type MutationKind } from './mutants/mutation.ts';
export { leftOut, mutationsOf } from './mutants/mutations.ts';

/** What became of a mutant. */
export type Fate =
  /** A case is answered otherwise than it expects. */
  | { readonly kind: 'killed'; readonly by: string }
  /** No case noticed it, and this question would have. */
  | { readonly kind: 'survived'; readonly question: PolicyQuestion }
  /** It answers every question that policies can tell apart as the original does. */
  | { readonly kind: 'equivalent' }
  /** Cedar's strict validation refuses it. */
  | { readonly kind: 'invalid'; readonly why: string }
  /** No case noticed it, and there were too many questions to say whether one could. */
  | { readonly kind: 'undecided' };

export interface JudgedMutant {
  readonly mutation: Mutation;
  readonly fate: Fate;
}

/** How a judgement is watched and ended. */
export interface Watching {
  /** Ids of the policies that are changed; all when left out. */
  readonly policies?: ReadonlySet<string>;
  /** What is judged; every mutant when left out. */
  readonly mutations?: readonly Mutation[];
  /** Questions asked about one mutant and tool at most, to find one that it answers otherwise. */
  readonly questionsMax?: number;
  readonly stopped?: () => boolean;
  readonly tell?: (judged: JudgedMutant, done: number, total: number) => void;
}

/**
 * Judges every mutant of the folder's policies by the cases. Throws a UsageError when a case fails
 * without any mutant: it would notice each of them.
 */
export const judgeMutants = (
  folder: PolicyFolder,
  cases: readonly Case[],
  { policies, mutations: all, questionsMax, stopped = () => false, tell = () => {} }: Watching = {},
): readonly JudgedMutant[] => {
  refuseFailing(folder, cases);
  const mutations = (all ?? mutationsOf(folder)).filter(
    ({ policy }) => policies === undefined || policies.has(policy),
  );
  // What noticed the last mutant mostly notices the next: it is asked first.
  const order = [...cases];
  const judged: JudgedMutant[] = [];
  for (const mutation of mutations) {
    if (stopped()) break;
    const one = { mutation, fate: fateOf(mutation, folder, { order, questionsMax }) };
    judged.push(one);
    tell(one, judged.length, mutations.length);
  }
  return judged;
};

const refuseFailing = ({ folder, policies }: PolicyFolder, cases: readonly Case[]): void => {
  const failing = answers(cases, policies).filter(({ wrong }) => wrong !== '').length;
  if (failing === 0) return;
  const message = `${failing} of ${cases.length} cells are answered otherwise than expected already`;
  throw new UsageError([{ file: folder, message, hint: 'see `npx poolproof policy test`' }]);
};

const fateOf = (
  mutation: Mutation,
  folder: PolicyFolder,
  { order, questionsMax }: { readonly order: Case[]; readonly questionsMax: number | undefined },
): Fate => {
  const { policies } = folder;
  if (mutation.mayBeInvalid) {
    const why = validityProblem(mutation.json, policies.tools);
    if (why !== undefined) return { kind: 'invalid', why };
  }
  const killer = killerOf(mutation, folder, order);
  if (killer !== undefined) return { kind: 'killed', by: titleOf(killer) };
  const difference = differenceOf(mutation, folder, questionsMax);
  if (difference.kind === 'a question') return { kind: 'survived', question: difference.question };
  return { kind: difference.kind === 'none' ? 'equivalent' : 'undecided' };
};

/** The first case that the mutant fails; it is put first for the next mutant. */
const killerOf = (
  mutation: Mutation,
  { policies, gateways }: PolicyFolder,
  order: Case[],
): Case | undefined => {
  const original = policies.policies.find(({ id }) => id === mutation.policy);
  const actions = new Set(
    behindGateways(gateways)
      .filter((tool) =>
        [original?.json, mutation.json].some((json) => json && appliesTo(json, tool)),
      )
      .map(actionOf),
  );
  const engine = new PolicyEngine({
    tools: policies.tools,
    policies: policies.policies.map((policy) =>
      policy.id === mutation.policy ? { id: policy.id, json: mutation.json } : policy,
    ),
  });
  const index = order.findIndex(
    (one) => actions.has(one.question.action) && wrongIn(one, engine.decide(one.question)) !== '',
  );
  const [killer] = index < 0 ? [] : order.splice(index, 1);
  if (killer !== undefined) order.unshift(killer);
  return killer;
};
