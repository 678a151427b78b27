// Which questions can policies tell apart: one of each kind, from the facts that they read.

import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyQuestion } from '../domain/ports.ts';
import { actionOf, type InputSchema, type ObjectSchema } from '../domain/tool.ts';
import { isRecord } from '../domain/wire.ts';
import { type Fact, factsOf, type Term } from '../protocol/cedar.ts';
import type { Gateway, GatewayTool } from './gateways.ts';
import { instantsBetween } from './space/instants.ts';
import { type Literal, literalsOf, termName } from './space/literals.ts';
import { STRANGERS, smallest, valuesOf } from './space/values.ts';

/** One thing in which questions differ, with the values that policies can tell apart in it. */
export interface Axis {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly put: (question: Draft, value: unknown) => void;
}

/** The questions about one tool. */
export interface Space {
  readonly axes: readonly Axis[];
  /** False when policies use a value in a way that is not understood, so that kinds may be missing. */
  readonly isComplete: boolean;
  /** The question with these values; where none is given, an axis’s first. */
  readonly question: (values: ReadonlyMap<string, unknown>) => PolicyQuestion;
}

/** A question while it is put together. */
export interface Draft {
  principal: { id: string; tags: Record<string, string> };
  gateway: string;
  input: Record<string, unknown>;
  nowUs: number;
}

/** The questions about a tool that the policies can tell apart. */
export const spaceOf = (
  tool: GatewayTool & { readonly gateway: Gateway },
  policies: readonly PolicyJson[],
  gateways: readonly Gateway[],
): Space => {
  const facts = factsOf(policies);
  const literals = literalsOf(policies);
  const terms = termsOf(facts);
  const same = facts.flatMap((fact) => (fact.kind === 'same' ? [fact] : []));
  const constants = (term: Term): readonly Literal[] => {
    const linked = same.flatMap(({ left, right }) =>
      [left, right].some((one) => termName(one) === termName(term)) ? [left, right] : [],
    );
    return [term, ...linked].flatMap((one) => [...(literals.get(termName(one)) ?? [])]);
  };
  const axes = [
    ...gatewayAxis(facts, policies, tool.gateway, gateways),
    ...principalAxis(facts, policies),
    ...terms.flatMap((term) => termAxis(term, tool.inputSchema, constants(term))),
    ...timeAxis(facts),
  ];
  const unread = facts.some((fact) => UNREADABLE.has(fact.kind));
  const whole = terms.some((term) => term.kind === 'input' && term.path.length === 0);
  return {
    axes,
    isComplete: !unread && !whole,
    question: (values) => questionOf(tool, axes, values),
  };
};

/** Every combination of the axes' values, the last axis the fastest. */
export function* combinations(axes: readonly Axis[]): Generator<ReadonlyMap<string, unknown>> {
  const [first, ...rest] = axes;
  if (first === undefined) {
    yield new Map();
    return;
  }
  for (const value of first.values)
    for (const others of combinations(rest)) yield new Map([[first.name, value], ...others]);
}

/** How many combinations there are. */
export const sizeOf = (axes: readonly Axis[]): number =>
  axes.reduce((size, { values }) => size * values.length, 1);

const UNREADABLE: ReadonlySet<Fact['kind']> = new Set(['all tags', 'now']);

const questionOf = (
  tool: GatewayTool & { readonly gateway: Gateway },
  axes: readonly Axis[],
  values: ReadonlyMap<string, unknown>,
): PolicyQuestion => {
  const [usualMs = 0] = instantsBetween([], []);
  const draft: Draft = {
    principal: { id: 'someone', tags: {} },
    gateway: tool.gateway.arn,
    input: smallest(tool.inputSchema),
    nowUs: usualMs * 1000,
  };
  for (const axis of axes)
    axis.put(draft, values.has(axis.name) ? values.get(axis.name) : axis.values[0]);
  return { ...draft, action: actionOf(tool) };
};

const termsOf = (facts: readonly Fact[]): readonly Term[] => {
  const terms = facts.flatMap((fact): readonly Term[] => {
    if (fact.kind === 'tag' || fact.kind === 'input') return [fact];
    if (fact.kind === 'has') return [fact.term];
    return fact.kind === 'same' ? [fact.left, fact.right] : [];
  });
  return [...new Map(terms.map((term) => [termName(term), term])).values()];
};

const gatewayAxis = (
  facts: readonly Fact[],
  policies: readonly PolicyJson[],
  own: Gateway,
  gateways: readonly Gateway[],
): readonly Axis[] => {
  if (!facts.some(({ kind }) => kind === 'gateway')) return [];
  const named = policies.flatMap(({ resource }) => ('entity' in resource ? [resource.entity] : []));
  const ids = named.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id));
  const values = [...new Set([own.arn, ...gateways.map(({ arn }) => arn), ...ids])];
  const put: Axis['put'] = (draft, value) => {
    draft.gateway = String(value);
  };
  return [{ name: 'gateway', values, put }];
};

const principalAxis = (
  facts: readonly Fact[],
  policies: readonly PolicyJson[],
): readonly Axis[] => {
  if (!facts.some(({ kind }) => kind === 'principal id')) return [];
  const named = policies.flatMap(({ principal }) =>
    'entity' in principal ? [principal.entity] : [],
  );
  const ids = named.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id));
  const put: Axis['put'] = (draft, value) => {
    draft.principal.id = String(value);
  };
  return [{ name: 'principal', values: [...new Set(['someone', ...ids])], put }];
};

const termAxis = (
  term: Term,
  schema: ObjectSchema,
  literals: readonly Literal[],
): readonly Axis[] => {
  const name = termName(term);
  if (term.kind === 'tag') {
    const put: Axis['put'] = (draft, value) => {
      if (value !== ABSENT) draft.principal.tags[term.name] = String(value);
    };
    const texts = literals.filter((each) => typeof each === 'string');
    return [{ name, values: [...new Set([...texts, ...STRANGERS]), ABSENT], put }];
  }
  const found = fieldAt(schema, term.path);
  if (found === undefined) return [];
  const values = valuesOf(found.schema, literals);
  const put: Axis['put'] = (draft, value) => {
    if (value !== ABSENT) place(draft.input, term.path, value);
  };
  return [{ name, values: found.isRequired ? values : [...values, ABSENT], put }];
};

/** Stands for a tag or field that is not there. */
export const ABSENT = Symbol('absent');

const fieldAt = (
  schema: ObjectSchema,
  path: readonly string[],
): { readonly schema: InputSchema; readonly isRequired: boolean } | undefined => {
  let here: InputSchema = schema;
  let isRequired = true;
  for (const name of path) {
    if (here.type !== 'object') return undefined;
    const next: InputSchema | undefined = here.properties[name];
    if (next === undefined) return undefined;
    isRequired &&= here.required.includes(name);
    here = next;
  }
  return path.length === 0 ? undefined : { schema: here, isRequired };
};

const place = (input: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    input[name] = value;
    return;
  }
  const inner = input[name];
  const record = isRecord(inner) ? { ...inner } : {};
  input[name] = record;
  place(record, rest, value);
};

const timeAxis = (facts: readonly Fact[]): readonly Axis[] => {
  const cuts = (kind: 'instant cut' | 'daily cut'): readonly number[] =>
    facts.flatMap((fact) => (fact.kind === kind ? [fact.atMs] : []));
  const [instants, times] = [cuts('instant cut'), cuts('daily cut')];
  if (instants.length === 0 && times.length === 0) return [];
  const put: Axis['put'] = (draft, value) => {
    draft.nowUs = Number(value) * 1000;
  };
  return [{ name: 'now', values: instantsBetween(instants, times), put }];
};
