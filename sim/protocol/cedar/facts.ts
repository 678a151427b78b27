// Which facts of a question can policies tell apart: what their JSON reads, and no more.

import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { isRecord } from '../../domain/wire.ts';
import {
  childrenOf,
  contextPath,
  isVariable,
  literalText,
  type Node,
  nodeOf,
  partOf,
} from './expression.ts';
import { type Cut, cutsOf } from './time.ts';

/** A value that a policy compares: a tag, or a field of the input by its path. */
export type Term =
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'input'; readonly path: readonly string[] };

/**
 * One thing that a policy can learn of a question. Policies give the same answer to two questions
 * that agree in every fact; where a use is not understood, the fact is the whole value.
 */
export type Fact =
  | Term
  | Cut
  | { readonly kind: 'has'; readonly term: Term }
  /** Whether both are there, and are equal. */
  | { readonly kind: 'same'; readonly left: Term; readonly right: Term }
  /** `action`, for its groups, is part of no key: each action has policies of its own. */
  | { readonly kind: 'principal id' | 'all tags' | 'gateway' | 'action' | 'now' };

/** The facts that the policies read, each once, without those that another one holds. */
export const factsOf = (policies: readonly PolicyJson[]): readonly Fact[] => {
  const found = policies.flatMap((policy) => [
    ...scopeFacts(policy),
    ...policy.conditions.flatMap(({ body }) => factsIn(body)),
  ]);
  const facts = [...new Map(found.map((fact) => [JSON.stringify(fact), fact])).values()];
  return facts.filter((fact) => !isHeld(fact, facts));
};

const scopeFacts = ({ principal, resource }: PolicyJson): Fact[] => {
  // Every principal is an OAuthUser and every resource a Gateway, so a bare `is` tells nothing.
  const facts: Fact[] = [];
  if (principal.op !== 'All' && !(principal.op === 'is' && principal.in === undefined)) {
    facts.push({ kind: 'principal id' });
  }
  if (resource.op !== 'All') facts.push({ kind: 'gateway' });
  return facts;
};

const factsIn = (expression: unknown): readonly Fact[] => {
  const node = nodeOf(expression);
  if (node === undefined) return EVERYTHING;
  return understood(node, expression) ?? childrenOf(node)?.flatMap(factsIn) ?? EVERYTHING;
};

const understood = (node: Node, expression: unknown): readonly Fact[] | undefined => {
  const { operator, body } = node;
  const left = partOf(body, 'left');
  switch (operator) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparisonFacts(operator, left, partOf(body, 'right'));
    case 'getTag':
    case 'hasTag':
      return tagFacts(operator, left, partOf(body, 'right'));
    case 'has':
      return presenceFacts(left, partOf(body, 'attr'));
    case 'is':
      return typeFacts(body);
    case '.':
    case 'Var':
      return readFacts(expression);
    default:
      return undefined;
  }
};

const EVERYTHING: readonly Fact[] = [
  { kind: 'principal id' },
  { kind: 'all tags' },
  { kind: 'gateway' },
  { kind: 'action' },
  { kind: 'input', path: [] },
  { kind: 'now' },
];

const comparisonFacts = (
  operator: string,
  left: unknown,
  right: unknown,
): readonly Fact[] | undefined => {
  const cuts = cutsOf(left, right);
  if (cuts !== undefined) return cuts;
  if (operator !== '==' && operator !== '!=') return undefined;
  const [leftTerm, rightTerm] = [termOf(left), termOf(right)];
  if (leftTerm === undefined || rightTerm === undefined) return undefined;
  return [{ kind: 'same', left: leftTerm, right: rightTerm }];
};

/** The value that an expression reads, or `undefined` when it is none by itself. */
const termOf = (expression: unknown): Term | undefined => {
  const [section, ...path] = contextPath(expression) ?? [];
  if (section === 'input' && path.length > 0) return { kind: 'input', path };
  const node = nodeOf(expression);
  if (node?.operator !== 'getTag') return undefined;
  const name = literalText(partOf(node.body, 'right'));
  const isOwn = isVariable(partOf(node.body, 'left'), 'principal');
  return isOwn && name !== undefined ? { kind: 'tag', name } : undefined;
};

const tagFacts = (operator: string, left: unknown, right: unknown): readonly Fact[] | undefined => {
  const name = literalText(right);
  if (name === undefined || !isVariable(left, 'principal')) return undefined;
  const term: Term = { kind: 'tag', name };
  return [operator === 'getTag' ? term : { kind: 'has', term }];
};

const readFacts = (expression: unknown): readonly Fact[] | undefined => {
  if (isVariable(expression, 'principal')) return [{ kind: 'principal id' }, { kind: 'all tags' }];
  if (isVariable(expression, 'resource')) return [{ kind: 'gateway' }];
  if (isVariable(expression, 'action')) return [{ kind: 'action' }];
  const path = contextPath(expression);
  if (path === undefined) return principalFieldFacts(expression);
  const [section, ...rest] = path;
  if (section === undefined) return [{ kind: 'input', path: [] }, { kind: 'now' }];
  return section === 'input' ? [{ kind: 'input', path: rest }] : [{ kind: 'now' }];
};

/** The only attribute of a principal is its id. */
const principalFieldFacts = (expression: unknown): readonly Fact[] | undefined =>
  isVariable(partOf(nodeOf(expression)?.body, 'left'), 'principal')
    ? [{ kind: 'principal id' }]
    : undefined;

const presenceFacts = (left: unknown, attribute: unknown): readonly Fact[] | undefined => {
  const names: readonly unknown[] = Array.isArray(attribute) ? attribute : [attribute];
  const path = contextPath(left);
  if (isVariable(left, 'principal')) return [{ kind: 'principal id' }];
  if (path === undefined || !names.every((name) => typeof name === 'string')) return undefined;
  const [section, ...rest] = [...path, ...names];
  // `input` and `system.now` are always there.
  if (section !== 'input' || rest.length === 0) return [];
  return [{ kind: 'has', term: { kind: 'input', path: rest } }];
};

const typeFacts = (body: unknown): readonly Fact[] | undefined => {
  const left = partOf(body, 'left');
  const isEntity = isVariable(left, 'principal') || isVariable(left, 'resource');
  return isEntity && isRecord(body) && body['in'] === undefined ? [] : undefined;
};

/** Whether other facts tell at least as much. */
const isHeld = (fact: Fact, all: readonly Fact[]): boolean => {
  const holds = (term: Term): boolean => all.some((other) => other !== fact && covers(other, term));
  switch (fact.kind) {
    case 'tag':
    case 'input':
      return holds(fact);
    case 'has':
      return holds(fact.term);
    case 'same':
      return holds(fact.left) && holds(fact.right);
    case 'instant cut':
    case 'daily cut':
      return all.some(({ kind }) => kind === 'now');
    default:
      return false;
  }
};

const covers = (fact: Fact, term: Term): boolean => {
  if (term.kind === 'tag') {
    return fact.kind === 'all tags' || (fact.kind === 'tag' && fact.name === term.name);
  }
  return fact.kind === 'input' && fact.path.every((name, depth) => name === term.path[depth]);
};
