// May this caller ever call the tool: the policies with every condition on the call left open.

import type { Clause, Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { nodeOf, partOf, reads } from './expression.ts';
import type { DecidingPolicy } from './load.ts';

/**
 * Policies that allow whenever some input and some time might be allowed by the given ones: each
 * permit is split into the ways in which it can hold, of which only what does not read the context
 * is kept; of the forbids, only those that do not read it at all.
 *
 * SIMPLIFICATION: the service evaluates partially; this may list a tool that no call is allowed for
 * (a forbid that always holds, two conditions that exclude each other), and never hides one that
 * some call is allowed for. Whether the service takes the time as known is not documented.
 */
export const listingPolicies = (
  policies: readonly DecidingPolicy[],
): Readonly<Record<string, PolicyJson>> => {
  const listing = policies.flatMap(({ json }): readonly PolicyJson[] => {
    if (json.effect === 'forbid') {
      return json.conditions.some(({ body }) => reads(body, 'context')) ? [] : [json];
    }
    return waysOf(json.conditions).map((way) => ({
      ...json,
      conditions: way.map((body): Clause => ({ kind: 'when', body })),
    }));
  });
  return Object.fromEntries(listing.map((policy, index) => [`listing ${index}`, policy]));
};

/** What must hold in one of the ways in which a condition can hold. */
type Way = readonly Expr[];

/** Beyond this many ways a permit is taken for one that may always hold. */
const WAYS_MAX = 64;

const waysOf = (clauses: readonly Clause[]): readonly Way[] =>
  clauses.reduce<readonly Way[]>(
    (ways, { kind, body }) => both(ways, waysTo(body, kind === 'when')),
    [[]],
  );

const waysTo = (expression: Expr, wanted: boolean): readonly Way[] => {
  if (!reads(expression, 'context')) {
    return [[wanted ? expression : { '!': { arg: expression } }]];
  }
  const node = nodeOf(expression);
  const part = (name: string): Expr => partOf(node?.body, name) as Expr;
  switch (node?.operator) {
    case '!':
      return waysTo(part('arg'), !wanted);
    case '&&':
    case '||': {
      const join = (node.operator === '&&') === wanted ? both : either;
      return join(waysTo(part('left'), wanted), waysTo(part('right'), wanted));
    }
    case 'if-then-else':
      return either(
        both(waysTo(part('if'), true), waysTo(part('then'), wanted)),
        both(waysTo(part('if'), false), waysTo(part('else'), wanted)),
      );
    default:
      return [[]];
  }
};

const both = (left: readonly Way[], right: readonly Way[]): readonly Way[] =>
  bounded(left.flatMap((one) => right.map((other) => [...one, ...other])));

const either = (left: readonly Way[], right: readonly Way[]): readonly Way[] =>
  bounded([...left, ...right]);

const bounded = (ways: readonly Way[]): readonly Way[] => (ways.length > WAYS_MAX ? [[]] : ways);
