// What does a policy look at, and which values of it can it tell apart?

import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { isRecord } from '../../domain/wire.ts';
import {
  type Cut,
  childrenOf,
  contextPath,
  cutsOf,
  isCarriedByJson,
  isVariable,
  literalText,
  nodeOf,
  partOf,
} from '../../protocol/cedar.ts';
import {
  entityId,
  keyOf,
  literalOf,
  literalsOf,
  type Scalar,
  type Variable,
  variableOf,
} from './variable.ts';

/** What a pattern of `like` consists of: characters, and `*` as `undefined`. */
export type Pattern = readonly (string | undefined)[];

/** A variable and what policies compare it with. */
export interface Sighting {
  readonly variable: Variable;
  readonly literals: Set<Scalar>;
  /** What it is asked to contain, where it is a set. */
  readonly members: Set<Scalar>;
  readonly patterns: Pattern[];
}

/** All that some policies look at. */
export interface Reading {
  readonly sightings: Map<string, Sighting>;
  /** Pairs of variables that are compared with each other, by key. */
  readonly compared: (readonly [string, string])[];
  readonly cuts: Cut[];
  /** Conditions whose values are not known to be told apart, in Cedar's JSON, shortened. */
  readonly unclear: Set<string>;
}

export const emptyReading = (): Reading => ({
  sightings: new Map(),
  compared: [],
  cuts: [],
  unclear: new Set(),
});

/** Adds what a policy looks at. */
export const readPolicy = (policy: PolicyJson, into: Reading): void => {
  const { principal, resource } = policy;
  if (!isCarriedByJson(policy)) into.unclear.add('a number beyond 2^53');
  if ('entity' in principal) addLiteral(into, CALLER, entityId(principal.entity));
  if ('entity' in resource) addLiteral(into, GATEWAY, entityId(resource.entity));
  for (const { body } of policy.conditions) readCondition(body, into);
};

/** Notes a variable, so that it is varied. */
export const sighted = (into: Reading, variable: Variable): Sighting => {
  const key = keyOf(variable);
  const known = into.sightings.get(key);
  if (known !== undefined) return known;
  const made = { variable, literals: new Set<Scalar>(), members: new Set<Scalar>(), patterns: [] };
  into.sightings.set(key, made);
  return made;
};

const CALLER: Variable = { kind: 'caller' };
const GATEWAY: Variable = { kind: 'gateway' };

const addLiteral = (into: Reading, variable: Variable, literal: Scalar | undefined): void => {
  const sighting = sighted(into, variable);
  if (literal !== undefined) sighting.literals.add(literal);
};

const readCondition = (expression: unknown, into: Reading): void => {
  const node = nodeOf(expression);
  switch (node?.operator) {
    case '&&':
    case '||':
    case '!':
    case 'if-then-else':
      for (const child of childrenOf(node) ?? []) readCondition(child, into);
      return;
    case 'Value':
      return;
    default:
      if (node === undefined || !readAtom(node.operator, node.body, into))
        readUnclear(expression, into);
  }
};

/** Reads a comparison; false when it is of no form that is known here. */
const readAtom = (operator: string, body: unknown, into: Reading): boolean => {
  const [left, right] = Array.isArray(body)
    ? [body[0] as unknown, body[1] as unknown]
    : [partOf(body, 'left'), partOf(body, 'right')];
  switch (operator) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'lessThan':
    case 'lessThanOrEqual':
    case 'greaterThan':
    case 'greaterThanOrEqual':
      return readComparison(left, right, into);
    case 'in':
      return readMembership(left, right, into);
    case 'contains':
      return readContains(left, right, into);
    case 'containsAll':
    case 'containsAny':
      return (
        readMembers(left, literalsOf(right), into) || readMembers(right, literalsOf(left), into)
      );
    case 'isEmpty':
      return readMembers(partOf(body, 'arg'), [], into);
    case 'like':
      return readPattern(left, partOf(body, 'pattern'), into);
    case 'hasTag':
      return readTag(left, right, into);
    case 'has':
      return readPresence(left, partOf(body, 'attr'), into);
    case 'is':
      return !isRecord(body) || body['in'] === undefined;
    case '.':
      return readFlag({ '.': body }, into);
    default:
      return false;
  }
};

const readComparison = (left: unknown, right: unknown, into: Reading): boolean => {
  const cuts = cutsOf(left, right);
  if (cuts !== undefined) {
    into.cuts.push(...cuts);
    return true;
  }
  const [one, other] = [variableOf(left), variableOf(right)];
  if (one !== undefined && other !== undefined) {
    sighted(into, one);
    sighted(into, other);
    into.compared.push([keyOf(one), keyOf(other)]);
    return true;
  }
  const variable = one ?? other;
  const literal = literalOf(one === undefined ? left : right);
  if (variable === undefined) return literalOf(left) !== undefined && literal !== undefined;
  if (literal === undefined) return false;
  addLiteral(into, variable, literal);
  return true;
};

/** `in` an entity is being it here: no gateway and no caller has a parent. */
const readMembership = (left: unknown, right: unknown, into: Reading): boolean => {
  const variable = variableOf(left);
  const entities = literalsOf(right) ?? [literalOf(right)];
  if (variable === undefined || variable.kind === 'tag' || variable.kind === 'input') return false;
  for (const entity of entities) addLiteral(into, variable, entity);
  return entities.every((entity) => entity !== undefined);
};

const readContains = (left: unknown, right: unknown, into: Reading): boolean => {
  const literals = literalsOf(left);
  const variable = variableOf(right);
  if (literals !== undefined && variable !== undefined) {
    for (const literal of literals) addLiteral(into, variable, literal);
    return true;
  }
  const literal = literalOf(right);
  return literal !== undefined && readMembers(left, [literal], into);
};

const readMembers = (
  set: unknown,
  members: readonly Scalar[] | undefined,
  into: Reading,
): boolean => {
  const variable = variableOf(set);
  if (variable?.kind !== 'input' || members === undefined) return false;
  const sighting = sighted(into, variable);
  for (const member of members) sighting.members.add(member);
  return true;
};

const readPattern = (left: unknown, pattern: unknown, into: Reading): boolean => {
  const variable = variableOf(left);
  if (variable === undefined || !Array.isArray(pattern)) return false;
  const { patterns } = sighted(into, variable);
  const read = pattern.map((piece: unknown) => {
    const literal = isRecord(piece) ? piece['Literal'] : undefined;
    return typeof literal === 'string' ? literal : undefined;
  });
  const isNew = patterns.every((known) => JSON.stringify(known) !== JSON.stringify(read));
  if (isNew) patterns.push(read);
  return true;
};

const readTag = (left: unknown, right: unknown, into: Reading): boolean => {
  const name = literalText(right);
  if (name === undefined || !isVariable(left, 'principal')) return false;
  sighted(into, { kind: 'tag', name });
  return true;
};

const readPresence = (left: unknown, attribute: unknown, into: Reading): boolean => {
  const names: readonly unknown[] = Array.isArray(attribute) ? attribute : [attribute];
  // A caller always has its id.
  if (isVariable(left, 'principal')) return true;
  const path = contextPath(left);
  if (path === undefined || !names.every((name) => typeof name === 'string')) return false;
  const [section, ...rest] = [...path, ...names];
  if (section === 'input' && rest.length > 0) sighted(into, { kind: 'input', path: rest });
  return true;
};

const readFlag = (expression: unknown, into: Reading): boolean => {
  const variable = variableOf(expression);
  if (variable?.kind !== 'input') return false;
  sighted(into, variable);
  return true;
};

/** Varies what stands anywhere in the condition as well as can be, and says that more may matter. */
const readUnclear = (expression: unknown, into: Reading): void => {
  into.unclear.add(shortened(JSON.stringify(expression)));
  const found: { readonly variables: Variable[]; readonly literals: Scalar[] } = {
    variables: [],
    literals: [],
  };
  gather(expression, found);
  for (const variable of found.variables)
    for (const literal of found.literals) addLiteral(into, variable, literal);
  for (const variable of found.variables) sighted(into, variable);
};

const gather = (
  expression: unknown,
  found: { readonly variables: Variable[]; readonly literals: Scalar[] },
): void => {
  const variable = variableOf(expression);
  const literal = literalOf(expression);
  if (variable !== undefined) found.variables.push(variable);
  else if (literal !== undefined) found.literals.push(literal);
  const node = nodeOf(expression);
  if (node === undefined || variable !== undefined) return;
  for (const child of childrenOf(node) ?? []) gather(child, found);
};

const LONGEST = 120;
const shortened = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
