// Is a permit met without asking for the caller's tenant or tier, and does no forbid ask in its place?

import type { PolicyFolder } from '../../policy.ts';
import { appliesTo, factsOf, type LoadedPolicy, PolicyEngine } from '../../protocol/cedar.ts';
import { behindGateways } from '../gateways.ts';
import { type Axis, combinations, kindsOf, type PlacedTool } from '../space.ts';
import { finding, type PolicyFinding } from './finding.ts';

/** Questions asked about one permit and tool at most (assumed). */
const QUESTIONS_MAX = 40_000;

/** What the names of axes for tags begin with. */
const TAG = 'tag ';

export const tenantBlindPermits = (
  { policies, gateways }: PolicyFolder,
  identity: ReadonlySet<string>,
): readonly PolicyFinding[] => {
  const tools = behindGateways(gateways);
  const forbids = policies.policies.filter(({ effect }) => effect === 'forbid');
  const isBlind = (permit: LoadedPolicy): boolean =>
    tools
      .filter((tool) => appliesTo(permit.json, tool))
      .some((tool) => {
        const near = forbids.filter(({ json }) => appliesTo(json, tool));
        // Forbids only take away: a permit that asks by itself is not asked again with them.
        return isOpen(tool, [permit], identity) && isOpen(tool, [permit, ...near], identity);
      });
  return policies.policies
    .filter((policy) => policy.effect === 'permit' && isBlind(policy))
    .map((policy) =>
      finding({
        name: 'tenant-blind-permit',
        policies: [policy.id],
        file: policy.file,
        line: policy.line,
        column: policy.column,
        message: `\`${policy.id}\` asks neither for the caller’s tenant nor for their tier`,
        hint: 'compare a tag such as `tier` with what it must be (tags of other names: `--identity`)',
      }),
    );
};

/**
 * Whether Cedar allows some call whatever the identity of its caller: for each of the tags it is
 * allowed without it, or with every value of it. The caller is none that a policy names.
 */
const isOpen = (
  tool: PlacedTool,
  policies: readonly LoadedPolicy[],
  identity: ReadonlySet<string>,
): boolean => {
  const kinds = kindsOf(
    tool,
    policies.map(({ json }) => json),
    [],
  );
  const axes = kinds.axes.map((axis) =>
    axis.name === 'caller' ? { ...axis, values: axis.values.slice(-1) } : axis,
  );
  const isIdentity = ({ name }: Axis): boolean =>
    name.startsWith(TAG) && identity.has(name.slice(TAG.length));
  const tags = axes.filter(isIdentity);
  const engine = new PolicyEngine({ policies, tools: [tool] });
  let asked = 0;
  for (const rest of combinations(axes.filter((axis) => !isIdentity(axis)))) {
    const question = kinds.question(rest);
    if (question === undefined) continue;
    const { principal } = question;
    const isAllowed = (own: Tags): boolean => {
      asked += 1;
      const caller = { ...principal, tags: { ...principal.tags, ...own } };
      return engine.decide({ ...question, principal: caller }).decision === 'allow';
    };
    if (isOpenTo(tags, {}, isAllowed)) return true;
    if (asked > QUESTIONS_MAX) break;
  }
  const isSure = kinds.isComplete && asked <= QUESTIONS_MAX;
  return !isSure && !policies.some((policy) => reads(policy, identity));
};

type Tags = Readonly<Record<string, string>>;

/** A value of a tag that differs from whatever it is compared with. */
const NOBODYS = 'nobody’s';

/** Tag by tag: absent, or each of its values. */
const isOpenTo = (
  [tag, ...others]: readonly Axis[],
  chosen: Tags,
  isAllowed: (chosen: Tags) => boolean,
): boolean => {
  if (tag === undefined) return isAllowed(chosen);
  if (isOpenTo(others, chosen, isAllowed)) return true;
  const name = tag.name.slice(TAG.length);
  const present = tag.values.filter((value) => typeof value === 'string');
  return [NOBODYS, ...present].every((value) =>
    isOpenTo(others, { ...chosen, [name]: value }, isAllowed),
  );
};

/** Where not every question could be asked: whether the policy compares one of the tags. */
const reads = ({ json }: LoadedPolicy, identity: ReadonlySet<string>): boolean =>
  factsOf([json]).some((fact) => {
    const terms = fact.kind === 'same' ? [fact.left, fact.right] : [fact];
    return terms.some((term) => term.kind === 'tag' && identity.has(term.name));
  });
