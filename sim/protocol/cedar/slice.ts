// Which policies can apply to an action, and what do they need to see of a question about it?

import {
  type AuthorizationAnswer,
  type EntityJson,
  type EntityUidJson,
  type Policy,
  type PolicyJson,
  type StatefulAuthorizationCall,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyQuestion } from '../../domain/ports.ts';
import { actionOf, type TargetTool } from '../../domain/tool.ts';
import { formatInstant } from '../../kernel/calendar.ts';
import { type Fact, factsOf } from './facts.ts';
import { cedarInput, fieldOf } from './input.ts';
import { keyWriter, milliseconds } from './key.ts';
import { PreparedPolicies } from './prepared.ts';
import { ACTION_TYPE, actionGroups, GATEWAY_TYPE, PRINCIPAL_TYPE } from './schema.ts';

/** Some policies about one action, as Cedar is asked about them. */
export interface Slice {
  readonly tool: TargetTool;
  /** The names of the tags that the policies read; `undefined` when they may read any. */
  readonly tags: readonly string[] | undefined;
  /** Writes what the policies can tell apart; see `factsOf`. */
  readonly key: (question: PolicyQuestion) => string;
  /** Makes all ready and gives the call of Cedar alone. Both throw what Cedar's bindings do. */
  readonly ready: (question: PolicyQuestion) => () => AuthorizationAnswer;
}

/** Whether the policy's scope takes the tool's action, by itself or by one of its groups. */
export const appliesTo = ({ action }: PolicyJson, tool: TargetTool): boolean => {
  const named = namedActions(action);
  if (named === undefined || named.includes(actionOf(tool))) return true;
  return action.op === 'in' && actionGroups(tool.target).some((group) => named.includes(group));
};

/** The slice of policies that all apply to the tool. `texts` are their texts or JSON by id. */
export const sliceOf = (
  tool: TargetTool,
  policies: readonly PolicyJson[],
  texts: Readonly<Record<string, Policy>>,
): Slice => {
  const facts = factsOf(policies);
  const prepared = new PreparedPolicies(texts);
  const seen = whatIsSeen(facts);
  const action = { type: ACTION_TYPE, id: actionOf(tool) };
  const groups = needsGroups(tool, policies, facts) ? [groupsEntity(tool)] : [];
  return {
    tool,
    tags: seen.tags,
    key: keyWriter(facts),
    ready: (question) => {
      const { id, tags } = question.principal;
      const principal = { type: PRINCIPAL_TYPE, id };
      const own = Object.fromEntries(picked(tags, seen.tags));
      const attrs = seen.id ? { id } : {};
      const now = formatInstant(milliseconds(question.nowUs) * 1000);
      const call: StatefulAuthorizationCall = {
        principal,
        action,
        resource: { type: GATEWAY_TYPE, id: question.gateway },
        context: {
          input: cedarInput(tool.inputSchema, question.input, seen.fields),
          system: { now: { __extn: { fn: 'datetime', arg: now } } },
        },
        preparsedPolicySetId: prepared.name(),
        entities: [{ uid: principal, attrs, parents: [], tags: own }, ...groups],
      };
      return () => statefulIsAuthorized(call);
    },
  };
};

/** The names in an action's scope, or `undefined` for every action. */
const namedActions = (action: PolicyJson['action']): readonly string[] | undefined => {
  if (action.op === 'All') return undefined;
  if ('entities' in action) return action.entities.map(nameOf);
  return 'entity' in action ? [nameOf(action.entity)] : undefined;
};

const nameOf = (entity: EntityUidJson): string =>
  '__entity' in entity ? entity.__entity.id : entity.id;

/** Entities are what costs most in a call, so the action's groups go along only when asked for. */
const needsGroups = (
  tool: TargetTool,
  policies: readonly PolicyJson[],
  facts: readonly Fact[],
): boolean =>
  facts.some(({ kind }) => kind === 'action') ||
  policies.some(({ action }) => namedActions(action)?.includes(actionOf(tool)) === false);

const groupsEntity = (tool: TargetTool): EntityJson => ({
  uid: { type: ACTION_TYPE, id: actionOf(tool) },
  attrs: {},
  parents: actionGroups(tool.target).map((id) => ({ type: ACTION_TYPE, id })),
});

interface Seen {
  readonly id: boolean;
  readonly tags: readonly string[] | undefined;
  /** Top-level fields of the input; `undefined` for all. */
  readonly fields: ReadonlySet<string> | undefined;
}

/** What has to be handed to Cedar so that policies find what they read. */
const whatIsSeen = (facts: readonly Fact[]): Seen => {
  const terms = facts.flatMap((fact) => {
    if (fact.kind === 'tag' || fact.kind === 'input') return [fact];
    if (fact.kind === 'has') return [fact.term];
    return fact.kind === 'same' ? [fact.left, fact.right] : [];
  });
  const isRead = (kind: Fact['kind']): boolean => facts.some((fact) => fact.kind === kind);
  const tags = new Set(terms.flatMap((term) => (term.kind === 'tag' ? [term.name] : [])));
  const fields = terms.flatMap((term) => (term.kind === 'input' ? [term.path[0]] : []));
  const named = fields.filter((name) => name !== undefined);
  return {
    id: isRead('principal id'),
    tags: isRead('all tags') ? undefined : [...tags],
    fields: named.length < fields.length ? undefined : new Set(named),
  };
};

const picked = (
  tags: Readonly<Record<string, string>>,
  names: readonly string[] = Object.keys(tags),
): [string, string][] =>
  names.flatMap((name): [string, string][] => {
    const value = fieldOf(tags, name);
    return typeof value === 'string' ? [[name, value]] : [];
  });
