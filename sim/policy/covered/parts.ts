// Of which conditions does a policy consist, and in which order does Cedar come to them?

import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { nodeOf, partOf } from '../../protocol/cedar.ts';

/** A condition or a combination of conditions: true, false or failing by itself. */
export type Part =
  | { readonly kind: 'leaf'; readonly id: string; readonly expression: unknown }
  | {
      readonly kind: 'and' | 'or';
      readonly id: string;
      readonly expression: unknown;
      readonly left: Part;
      readonly right: Part;
    }
  | {
      readonly kind: 'not';
      readonly id: string;
      readonly expression: unknown;
      readonly inner: Part;
    }
  | {
      readonly kind: 'if';
      readonly id: string;
      readonly expression: unknown;
      readonly test: Part;
      readonly yes: Part;
      readonly no: Part;
    };

export interface ClauseParts {
  readonly kind: 'when' | 'unless';
  readonly part: Part;
}

/** The clauses of a policy as parts, each with an id of its own within the policy. */
export const partsOf = ({ conditions }: PolicyJson): readonly ClauseParts[] => {
  let count = 0;
  const partOfExpression = (expression: unknown): Part => {
    const id = `part ${count++}`;
    const node = nodeOf(expression);
    const child = (name: string): Part => partOfExpression(partOf(node?.body, name));
    switch (node?.operator) {
      case '&&':
      case '||': {
        const kind = node.operator === '&&' ? 'and' : 'or';
        return { kind, id, expression, left: child('left'), right: child('right') };
      }
      case '!':
        return { kind: 'not', id, expression, inner: child('arg') };
      case 'if-then-else':
        return {
          kind: 'if',
          id,
          expression,
          test: child('if'),
          yes: child('then'),
          no: child('else'),
        };
      default:
        return { kind: 'leaf', id, expression };
    }
  };
  return conditions.map(({ kind, body }) => ({ kind, part: partOfExpression(body) }));
};

/** The part and all parts within it, the outermost first. */
export const allParts = (part: Part): readonly Part[] => {
  switch (part.kind) {
    case 'leaf':
      return [part];
    case 'not':
      return [part, ...allParts(part.inner)];
    case 'if':
      return [part, ...[part.test, part.yes, part.no].flatMap(allParts)];
    default:
      return [part, ...allParts(part.left), ...allParts(part.right)];
  }
};

/** A policy of the same scope whose only condition is the expression; without one, always met there. */
export const asPolicy = (json: PolicyJson, expression?: unknown): PolicyJson => ({
  ...json,
  effect: 'permit',
  conditions: expression === undefined ? [] : [{ kind: 'when', body: expression as Expr }],
});

/** What a part is worth for one question; `undefined` when it fails. */
export type Truth = (part: Part) => boolean | undefined;

/**
 * Tells `see` each condition that Cedar comes to, left to right, and what it is worth there. What a
 * part is worth is Cedar's answer; only the way to it is followed here.
 */
export const walk = (
  clauses: readonly ClauseParts[],
  truth: Truth,
  see: (leaf: Part, value: boolean) => void,
): void => {
  const visit = (part: Part): void => {
    switch (part.kind) {
      case 'leaf': {
        const value = truth(part);
        if (value !== undefined) see(part, value);
        return;
      }
      case 'not':
        visit(part.inner);
        return;
      case 'if': {
        visit(part.test);
        const chosen = truth(part.test);
        if (chosen !== undefined) visit(chosen ? part.yes : part.no);
        return;
      }
      default:
        visit(part.left);
        if (truth(part.left) === (part.kind === 'and')) visit(part.right);
    }
  };
  for (const { kind, part } of clauses) {
    visit(part);
    if (truth(part) !== (kind === 'when')) return;
  }
};
