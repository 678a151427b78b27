// Does a permit ask neither for the caller's tenant nor for their tier, and does no forbid do it?

import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyFolder } from '../../policy.ts';
import { appliesTo, factsOf, type LoadedPolicy } from '../../protocol/cedar.ts';
import { behindGateways } from '../gateways.ts';
import { finding, type PolicyFinding } from './finding.ts';

export const tenantBlindPermits = (
  { policies, gateways }: PolicyFolder,
  identity: ReadonlySet<string>,
): readonly PolicyFinding[] => {
  const forbids = policies.policies.filter(
    ({ effect, json }) => effect === 'forbid' && asks(json, identity),
  );
  const tools = behindGateways(gateways);
  const isGuarded = ({ json }: LoadedPolicy): boolean => {
    const own = tools.filter((tool) => appliesTo(json, tool));
    return (
      own.length > 0 &&
      own.every((tool) => forbids.some((forbid) => guards(forbid.json, json, tool)))
    );
  };
  return policies.policies
    .filter((policy) => policy.effect === 'permit' && !asks(policy.json, identity))
    .filter((policy) => !isGuarded(policy))
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

/** Whether the policy compares one of the tags, or is for one principal by its id. */
const asks = (json: PolicyJson, identity: ReadonlySet<string>): boolean => {
  const scope = json.principal.op;
  if (scope === '==' || scope === 'in') return true;
  return factsOf([json]).some((fact) => {
    if (fact.kind === 'tag') return identity.has(fact.name);
    if (fact.kind !== 'same') return false;
    return [fact.left, fact.right].some((term) => term.kind === 'tag' && identity.has(term.name));
  });
};

/** Whether the forbid applies wherever the permit does, as far as the tool's scope tells. */
const guards = (
  forbid: PolicyJson,
  permit: PolicyJson,
  tool: Parameters<typeof appliesTo>[1],
): boolean => {
  if (!appliesTo(forbid, tool)) return false;
  if (forbid.principal.op !== 'All' && forbid.principal.op !== 'is') return false;
  if (forbid.resource.op === 'All' || forbid.resource.op === 'is') return true;
  return JSON.stringify(forbid.resource) === JSON.stringify(permit.resource);
};
