// Does a condition about time or identity rest on what the caller says of it?

import {
  childrenOf,
  contextPath,
  type LoadedPolicy,
  type Node,
  nodeOf,
  reads,
} from '../../protocol/cedar.ts';
import { TENANT_WORDS, TIER_WORDS } from '../tenancy.ts';
import { finding, type PolicyFinding } from './finding.ts';
import { placeInPolicy } from './place.ts';

/** What the names of arguments about time and identity are made of. Assumed. */
const TIME = new Set(
  'time hour hours minute day weekday date now today timestamp clock zone timezone'.split(' '),
);
const IDENTITY = new Set([
  ...TENANT_WORDS,
  ...TIER_WORDS,
  ...'role roles group groups user username caller principal actor owner sub admin department'.split(
    ' ',
  ),
]);

export const callerSuppliedConditions = (
  policies: readonly LoadedPolicy[],
): readonly PolicyFinding[] =>
  policies.flatMap((policy) => {
    const uses = policy.json.conditions.flatMap(({ body }) => trusted(body));
    const names = new Map(uses.map((use) => [use.path.join('.'), use]));
    return [...names.values()].map(({ path, about }) =>
      finding(
        {
          name: 'caller-supplied-condition',
          policies: [policy.id],
          file: policy.file,
          ...placeInPolicy(policy, path),
          message: `\`${policy.id}\` decides by \`context.input.${path.join('.')}\`, which the caller supplies, as if it told the ${about === 'time' ? 'time' : 'caller’s identity'}`,
          hint:
            about === 'time'
              ? 'use `context.system.now`, which the gateway sets'
              : 'compare it with a tag of the principal, which comes from the verified token',
        },
        path.join('.'),
      ),
    );
  });

interface Use {
  readonly path: readonly string[];
  readonly about: 'time' | 'identity';
}

const COMPARING: ReadonlySet<string> = new Set([
  ...['==', '!=', '<', '<=', '>', '>=', 'like', 'contains', 'containsAny', 'containsAll'],
  ...['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'],
]);

/** Arguments that are compared with nothing that the gateway vouches for. */
const trusted = (expression: unknown): readonly Use[] => {
  const node = nodeOf(expression);
  if (node === undefined) return [];
  const flag = useOf(expression);
  if (flag !== undefined) return [flag];
  // Whether an argument is there at all says nothing of time or identity.
  if (node.operator === 'has') return [];
  if (COMPARING.has(node.operator)) return isVouchedFor(node) ? [] : usesIn(expression);
  return (childrenOf(node) ?? []).flatMap(trusted);
};

const isVouchedFor = (node: Node): boolean =>
  (childrenOf(node) ?? []).some((child) => reads(child, 'principal') || readsSystem(child));

const readsSystem = (expression: unknown): boolean => {
  const [section] = contextPath(expression) ?? [];
  if (section === 'system') return true;
  const node = nodeOf(expression);
  return node !== undefined && (childrenOf(node) ?? []).some(readsSystem);
};

const usesIn = (expression: unknown): readonly Use[] => {
  const use = useOf(expression);
  if (use !== undefined) return [use];
  const node = nodeOf(expression);
  return node === undefined ? [] : (childrenOf(node) ?? []).flatMap(usesIn);
};

const useOf = (expression: unknown): Use | undefined => {
  const [section, ...path] = contextPath(expression) ?? [];
  const name = path.at(-1);
  if (section !== 'input' || name === undefined) return undefined;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  if (words.some((word) => TIME.has(word))) return { path, about: 'time' };
  return words.some((word) => IDENTITY.has(word)) ? { path, about: 'identity' } : undefined;
};
