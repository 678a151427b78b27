// In which ways can Cedar be asked the same question?

import {
  type AuthorizationAnswer,
  type AuthorizationCall,
  type EntityJson,
  isAuthorized,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyQuestion } from '../../domain/ports.ts';
import { actionOf, type TargetTool } from '../../domain/tool.ts';
import { formatInstant } from '../../kernel/calendar.ts';
import {
  ACTION_TYPE,
  actionGroups,
  cedarInput,
  GATEWAY_TYPE,
  PRINCIPAL_TYPE,
} from '../../protocol/cedar.ts';
import type { BenchPolicy } from './more-policies.ts';

/** Everything of a call but the policies. */
export type Asked = Omit<AuthorizationCall, 'policies'>;

/** The question in full, with so many entities: the caller and the action first, then other callers. */
export const askedOf = (tool: TargetTool, question: PolicyQuestion, entities: number): Asked => {
  const principal = { type: PRINCIPAL_TYPE, id: question.principal.id };
  const action = { type: ACTION_TYPE, id: actionOf(tool) };
  const { tags } = question.principal;
  const callers = Array.from(
    { length: Math.max(0, entities - 2) },
    (_, index): EntityJson => caller(`user ${index}`, tags),
  );
  const groups = {
    uid: action,
    attrs: {},
    parents: actionGroups(tool.target).map((id) => ({ type: ACTION_TYPE, id })),
  };
  return {
    principal,
    action,
    resource: { type: GATEWAY_TYPE, id: question.gateway },
    context: {
      input: cedarInput(tool.inputSchema, question.input),
      system: { now: { __extn: { fn: 'datetime', arg: formatInstant(question.nowUs) } } },
    },
    entities: [caller(question.principal.id, tags), groups, ...callers].slice(0, entities),
  };
};

const caller = (id: string, tags: Readonly<Record<string, string>>): EntityJson => ({
  uid: { type: PRINCIPAL_TYPE, id },
  attrs: { id },
  parents: [],
  tags: { ...tags },
});

/** Asks with the text of all policies each time. */
export const naively = (asked: Asked, policies: readonly BenchPolicy[]) => {
  const staticPolicies = Object.fromEntries(policies.map(({ id, text }) => [id, text]));
  return (): AuthorizationAnswer => isAuthorized({ ...asked, policies: { staticPolicies } });
};

/**
 * Asks policies that Cedar was given before. `place` is a name to keep them under: Cedar never lets
 * go of one, so that places are used again.
 */
export const prepared = (asked: Asked, policies: readonly BenchPolicy[], place: string) => {
  const staticPolicies = Object.fromEntries(policies.map(({ id, json }) => [id, json]));
  const answer = preparsePolicySet(place, { staticPolicies });
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  return (): AuthorizationAnswer => statefulIsAuthorized({ ...asked, preparsedPolicySetId: place });
};

/**
 * The same call of policies that Cedar was never given: it takes the JSON in, misses them, and
 * answers with JSON, before it has read a name, an entity or the context.
 */
export const refused = (asked: Asked) => (): AuthorizationAnswer =>
  statefulIsAuthorized({ ...asked, preparsedPolicySetId: 'never prepared' });

/** Who decided what, as a text: to see that all ways answer alike. */
export const answerText = (answer: AuthorizationAnswer): string =>
  answer.type === 'failure'
    ? `failure: ${answer.errors.map(({ message }) => message).join()}`
    : [
        answer.response.decision,
        ...answer.response.diagnostics.reason.toSorted(),
        ...answer.response.diagnostics.errors.map(({ policyId }) => policyId).sort(),
      ].join('\n');
