// How is a policy's JSON read: one node at a time, without trusting its shape.

import { type Expr, policyToText } from '@cedar-policy/cedar-wasm/nodejs';
import { isRecord } from '../../domain/wire.ts';

/** A node of a policy's expression: an object with one key, the operator. */
export interface Node {
  readonly operator: string;
  readonly body: unknown;
}

/** The node, or `undefined` when this is none. */
export const nodeOf = (expression: unknown): Node | undefined => {
  if (!isRecord(expression)) return undefined;
  const [entry, ...rest] = Object.entries(expression);
  return entry === undefined || rest.length > 0
    ? undefined
    : { operator: entry[0], body: entry[1] };
};

/** The part of a node's body with that name, e.g. `left`. */
export const partOf = (body: unknown, name: string): unknown =>
  isRecord(body) ? body[name] : undefined;

export const isVariable = (expression: unknown, name: string): boolean => {
  const node = nodeOf(expression);
  return node?.operator === 'Var' && node.body === name;
};

export const literalText = (expression: unknown): string | undefined => {
  const node = nodeOf(expression);
  return node?.operator === 'Value' && typeof node.body === 'string' ? node.body : undefined;
};

/** The names after `context` in `context.a.b`, or `undefined` when this is no such path. */
export const contextPath = (expression: unknown): readonly string[] | undefined => {
  if (isVariable(expression, 'context')) return [];
  const node = nodeOf(expression);
  const name = partOf(node?.body, 'attr');
  if (node?.operator !== '.' || typeof name !== 'string') return undefined;
  const path = contextPath(partOf(node.body, 'left'));
  return path === undefined ? undefined : [...path, name];
};

/** Every expression right below a node, or `undefined` when the node is of an unknown shape. */
export const childrenOf = ({ operator, body }: Node): readonly unknown[] | undefined => {
  if (operator === 'Value' || operator === 'Var') return [];
  // Sets, and the arguments of extension functions.
  if (Array.isArray(body)) return body;
  if (!isRecord(body)) return undefined;
  if (operator === 'Record') return Object.values(body);
  if (operator === 'if-then-else') return [body['if'], body['then'], body['else']];
  if (operator === '.' || operator === 'has' || operator === 'like') return [body['left']];
  if (operator === 'is') return 'in' in body ? [body['left'], body['in']] : [body['left']];
  if ('arg' in body) return [body['arg']];
  return 'left' in body && 'right' in body ? [body['left'], body['right']] : undefined;
};

/** Whether any part of the expression reads the variable; true when its shape is unknown. */
export const reads = (expression: unknown, variable: string): boolean => {
  const node = nodeOf(expression);
  if (node === undefined) return true;
  if (node.operator === 'Var') return node.body === variable;
  const children = childrenOf(node);
  return children === undefined || children.some((child) => reads(child, variable));
};

/** The expression as Cedar writes it, on one line; its JSON when Cedar cannot write it. */
export const textOf = (expression: unknown): string => {
  const answer = policyToText({
    effect: 'permit',
    principal: { op: 'All' },
    action: { op: 'All' },
    resource: { op: 'All' },
    conditions: [{ kind: 'when', body: expression as Expr }],
  });
  if (answer.type === 'failure') return JSON.stringify(expression);
  const written = /when\s*\{([\s\S]*)\}\s*;\s*$/.exec(answer.text)?.[1] ?? answer.text;
  return written.replace(/\s+/g, ' ').trim();
};

/**
 * Whether the JSON of a policy says all that its text does: beyond 2^53 a number of Cedar's is
 * another one in JSON.
 */
export const isCarriedByJson = (json: unknown): boolean => {
  if (typeof json === 'number') return Number.isSafeInteger(json);
  if (typeof json !== 'object' || json === null) return true;
  return Object.values(json).every(isCarriedByJson);
};
