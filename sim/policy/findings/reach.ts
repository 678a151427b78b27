// What do policies reach, asked of Cedar over every question they can tell apart: all, or nothing?

import type { PolicyQuestion } from '../../domain/ports.ts';
import { actionOf } from '../../domain/tool.ts';
import type { PolicyFolder } from '../../policy.ts';
import { appliesTo, type LoadedPolicy, MetPolicies, PolicyEngine } from '../../protocol/cedar.ts';
import { behindGateways } from '../gateways.ts';
import { combinations, type Kinds, kindsOf } from '../space.ts';
import { finding, type PolicyFinding } from './finding.ts';

/** Questions asked about one policy or tool at most (assumed). */
const QUESTIONS_MAX = 40_000;

/** Tools that every caller may call with every argument at every time. */
export const permitsAll = (folder: PolicyFolder): readonly PolicyFinding[] => {
  const engine = new PolicyEngine(folder.policies);
  const found = behindGateways(folder.gateways).flatMap((tool) => {
    const near = folder.policies.policies.filter(({ json }) => appliesTo(json, tool));
    const kinds = kindsOf(
      tool,
      near.map(({ json }) => json),
      // Whom another gateway lets in says nothing of this one.
      [],
    );
    const deciding = new Set<string>();
    for (const question of questionsOf(kinds)) {
      if (question === undefined) return [];
      const { decision, determining } = engine.decide(question);
      if (decision === 'deny') return [];
      for (const id of determining) deciding.add(id);
    }
    return kinds.isComplete ? [{ tool, permits: near.filter(({ id }) => deciding.has(id)) }] : [];
  });
  const alike = new Map<string, typeof found>();
  for (const one of found) {
    const key = one.permits.map(({ id }) => id).join('\n');
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()].flatMap((ones) =>
    permitting(
      ones[0]?.permits ?? [],
      ones.map(({ tool }) => actionOf(tool)),
    ),
  );
};

/** One finding for the permits, however many tools they open. */
const permitting = (
  permits: readonly LoadedPolicy[],
  actions: readonly string[],
): readonly PolicyFinding[] => {
  const [first, ...others] = permits;
  if (first === undefined) return [];
  const ids = permits.map(({ id }) => id);
  const how =
    others.length === 0 ? `${listed(ids)} alone permits` : `${listed(ids)} together permit`;
  return [
    finding({
      name: 'permits-all',
      policies: ids,
      file: first.file,
      line: first.line,
      column: first.column,
      message: `${how} every call of ${listed(actions)}, whoever calls with whatever arguments`,
      hint: 'conditions of which one always holds are no condition: ask for who the caller is',
    }),
  ];
};

/** `` `a`, `b` and `c` ``. */
const listed = (names: readonly string[]): string => {
  const all = names.map((name) => `\`${name}\``);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
};

/** Policies that no question meets. */
export const neverApplying = (folder: PolicyFolder): readonly PolicyFinding[] =>
  folder.policies.policies.flatMap((policy) => {
    const told = whyNever(policy, folder);
    if (told === undefined) return [];
    const { id, file, line, column } = policy;
    return [
      finding({
        name: 'never-applies',
        policies: [id],
        file,
        line,
        column,
        message: `\`${id}\` can never apply: ${told.why}`,
        hint: told.hint,
      }),
    ];
  });

const whyNever = (
  policy: LoadedPolicy,
  { gateways, policies }: PolicyFolder,
): { readonly why: string; readonly hint: string } | undefined => {
  if (warnedOf(policy, policies)) return { why: 'Cedar finds it impossible', hint: LOOK };
  const { resource } = policy.json;
  const arn = 'entity' in resource ? idOf(resource.entity) : undefined;
  const known = gateways.map((gateway) => gateway.arn);
  if (arn !== undefined && !known.includes(arn))
    return {
      why: `there is no gateway \`${arn}\``,
      hint: `the gateways are ${known.map((each) => `\`${each}\``).join(', ')}`,
    };
  const tools = behindGateways(gateways).filter((tool) => appliesTo(policy.json, tool));
  if (tools.length === 0)
    return { why: 'its scope takes in no tool', hint: 'name a tool’s action' };
  const own = tools.filter(({ gateway }) => arn === undefined || gateway.arn === arn);
  if (own.length === 0)
    return {
      why: 'the tools of its scope stand behind another gateway',
      hint: `they stand behind ${[...new Set(tools.map(({ gateway }) => `\`${gateway.arn}\``))].join(', ')}`,
    };
  const met = new MetPolicies([policy], policies.tools);
  for (const tool of own) {
    const kinds = kindsOf(tool, [policy.json], []);
    if (!kinds.isComplete) return undefined;
    for (const question of questionsOf(kinds)) {
      if (question === undefined || met.ask(question).met.size > 0) return undefined;
    }
  }
  return {
    why: 'no caller, argument or time meets its conditions',
    hint: LOOK,
  };
};

const LOOK = 'look for conditions that exclude each other';

/** Whether Cedar’s own validation says so. */
const warnedOf = ({ id }: LoadedPolicy, { warnings }: PolicyFolder['policies']): boolean =>
  warnings.some(
    ({ message }) => message.includes(`\`${id}\``) && message.includes('policy is impossible'),
  );

const idOf = (uid: { readonly id: string } | { readonly __entity: { readonly id: string } }) =>
  '__entity' in uid ? uid.__entity.id : uid.id;

/** All of them; `undefined` ends them when there are too many. */
function* questionsOf(kinds: Kinds): Generator<PolicyQuestion | undefined> {
  let asked = 0;
  for (const values of combinations(kinds.axes)) {
    asked += 1;
    if (asked > QUESTIONS_MAX) {
      yield undefined;
      return;
    }
    const question = kinds.question(values);
    if (question !== undefined) yield question;
  }
}
