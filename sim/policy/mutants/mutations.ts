// Which mutants does a policy have: its effect turned, its scope widened, its conditions changed.

import type { Clause, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyFolder } from '../../policy.ts';
import {
  ACTION_TYPE,
  appliesTo,
  isCarriedByJson,
  type LoadedPolicy,
} from '../../protocol/cedar.ts';
import { behindGateways } from '../gateways.ts';
import { changesOf } from './expressions.ts';
import type { Mutation } from './mutation.ts';

/** Policies of which no mutants are made, because their JSON does not say what they do. */
export const leftOut = ({ policies }: Pick<PolicyFolder, 'policies'>): readonly string[] =>
  policies.policies.filter(({ json }) => !isCarriedByJson(json)).map(({ id }) => id);

/** Every mutant of every policy, each different from the others and from what it comes of. */
export const mutationsOf = ({ policies, gateways }: Pick<PolicyFolder, 'policies' | 'gateways'>) =>
  policies.policies
    .filter(({ json }) => isCarriedByJson(json))
    .flatMap((policy) => {
      const targets = behindGateways(gateways)
        .filter((tool) => appliesTo(policy.json, tool))
        .map(({ target }) => target);
      const all = [
        effectTurned(policy),
        ...scopesWidened(policy, [...new Set(targets)]),
        ...policy.json.conditions.flatMap((_, index) => conditionsChanged(policy, index)),
      ];
      const seen = new Set([JSON.stringify(policy.json)]);
      return all.filter(({ json }) => {
        const text = JSON.stringify(json);
        const isNew = !seen.has(text);
        seen.add(text);
        return isNew;
      });
    });

const effectTurned = ({ id, json }: LoadedPolicy): Mutation => {
  const effect = json.effect === 'permit' ? 'forbid' : 'permit';
  return {
    kind: 'effect turned',
    policy: id,
    json: { ...json, effect },
    change: `\`${json.effect}\` became \`${effect}\``,
    truth: undefined,
    mayBeInvalid: false,
  };
};

/** A bare `is` takes in every caller there is, and cannot be widened. */
const scopesWidened = (
  { id, json }: LoadedPolicy,
  targets: readonly string[],
): readonly Mutation[] => {
  const widened = (change: string, wider: Partial<PolicyJson>): Mutation => ({
    kind: 'scope widened',
    policy: id,
    json: { ...json, ...wider },
    change,
    truth: undefined,
    mayBeInvalid: true,
  });
  const { principal, action, resource } = json;
  const one = principal.op !== 'All' && !(principal.op === 'is' && principal.in === undefined);
  const entities = targets.map((target) => ({ type: ACTION_TYPE, id: target }));
  return [
    ...(one ? [widened('the principal became anyone', { principal: { op: 'All' } })] : []),
    ...(action.op === 'All'
      ? []
      : [
          widened('the action became any of its target', { action: { op: 'in', entities } }),
          widened('the action became any', { action: { op: 'All' } }),
        ]),
    ...(resource.op === 'All' || resource.op === 'is'
      ? []
      : [widened('the gateway became any', { resource: { op: 'All' } })]),
  ];
};

const conditionsChanged = (policy: LoadedPolicy, index: number): readonly Mutation[] => {
  const { id, json } = policy;
  const clause = json.conditions[index];
  if (clause === undefined) return [];
  const { kind, body } = clause;
  const replaced = (other: Clause): PolicyJson => ({
    ...json,
    conditions: json.conditions.map((each, at) => (at === index ? other : each)),
  });
  const turned = kind === 'when' ? 'unless' : 'when';
  const whole: readonly Mutation[] = [
    {
      kind: 'condition dropped',
      policy: id,
      json: { ...json, conditions: json.conditions.filter((_, at) => at !== index) },
      change: `the whole \`${kind}\` was dropped`,
      truth: undefined,
      mayBeInvalid: true,
    },
    {
      kind: 'operator turned',
      policy: id,
      json: replaced({ kind: turned, body }),
      change: `\`${kind}\` became \`${turned}\``,
      truth: undefined,
      mayBeInvalid: true,
    },
  ];
  const parts = changesOf(body).map(
    ({ kind: change, whole: mutated, words, truth, mayBeInvalid }) => ({
      kind: change,
      policy: id,
      json: replaced({ kind, body: mutated as Clause['body'] }),
      // Most mutants are never told of, and writing their conditions out takes longer than they do.
      get change() {
        return words();
      },
      truth,
      mayBeInvalid,
    }),
  );
  return [...whole, ...parts];
};
