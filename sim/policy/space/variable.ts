// Which part of a question does an expression read, and which literal is it?

import { isRecord } from '../../domain/wire.ts';
import { contextPath, isVariable, literalText, nodeOf, partOf } from '../../protocol/cedar.ts';

/** A part of a question that a policy can read; the time is apart, see `Cut`. */
export type Variable =
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'input'; readonly path: readonly string[] }
  | { readonly kind: 'caller' | 'gateway' };

export type Scalar = string | number | boolean;

/** Two variables have the same key when they are the same. */
export const keyOf = (variable: Variable): string => {
  if (variable.kind === 'tag') return `tag ${variable.name}`;
  return variable.kind === 'input' ? `input ${variable.path.join('.')}` : variable.kind;
};

/** The tags that say whose user a caller is, and the inputs, by their paths, that say whose object is meant. */
export interface TenantNames {
  readonly tenantTags: readonly string[];
  readonly tenantInputs: readonly string[];
}

/** Whether a variable names a tenant: the caller's where it is a tag, the object's where an input. */
export const isTenant = (
  variable: Variable | { readonly kind: 'time' },
  { tenantTags, tenantInputs }: TenantNames,
): boolean =>
  (variable.kind === 'tag' && tenantTags.includes(variable.name)) ||
  (variable.kind === 'input' && tenantInputs.includes(variable.path.join('.')));

/** The part of a question that the expression is. */
export const variableOf = (expression: unknown): Variable | undefined => {
  if (isVariable(expression, 'principal')) return { kind: 'caller' };
  if (isVariable(expression, 'resource')) return { kind: 'gateway' };
  const [section, ...path] = contextPath(expression) ?? [];
  if (section === 'input' && path.length > 0) return { kind: 'input', path };
  const node = nodeOf(expression);
  if (!isVariable(partOf(node?.body, 'left'), 'principal')) return undefined;
  // The only attribute of a caller is its id.
  if (node?.operator === '.') return { kind: 'caller' };
  const name = literalText(partOf(node?.body, 'right'));
  return node?.operator === 'getTag' && name !== undefined ? { kind: 'tag', name } : undefined;
};

/** The literal that the expression is: text, a number, a truth, an entity by its id. */
export const literalOf = (expression: unknown): Scalar | undefined => {
  const node = nodeOf(expression);
  if (node?.operator === 'decimal' && Array.isArray(node.body)) {
    const text = literalText(node.body[0]);
    return text === undefined ? undefined : Number(text);
  }
  if (node?.operator !== 'Value') return undefined;
  const { body } = node;
  if (isRecord(body)) return entityId(body);
  return typeof body === 'string' || typeof body === 'number' || typeof body === 'boolean'
    ? body
    : undefined;
};

/** The literals of a set of nothing else. */
export const literalsOf = (expression: unknown): readonly Scalar[] | undefined => {
  const node = nodeOf(expression);
  if (node?.operator !== 'Set' || !Array.isArray(node.body)) return undefined;
  const literals = node.body.map(literalOf);
  return literals.every((literal) => literal !== undefined) ? literals : undefined;
};

export const entityId = (entity: unknown): string | undefined => {
  const inner: unknown = partOf(entity, '__entity') ?? entity;
  const id = partOf(inner, 'id');
  return typeof id === 'string' ? id : undefined;
};
