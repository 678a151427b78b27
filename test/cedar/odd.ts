// For which small platform are odd policies, and what does Cedar itself answer there?

import { type EntityJson, isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyDecision, PolicyQuestion } from '../../sim/domain/ports.ts';
import { actionOf, type ObjectSchema, type TargetTool } from '../../sim/domain/tool.ts';
import { parseInstantUs } from '../../sim/kernel/calendar.ts';
import { cedarInput } from '../../sim/protocol/cedar/input.ts';
import { loadPolicies, type PolicySet } from '../../sim/protocol/cedar.ts';

export const us = (text: string): number => {
  const atUs = parseInstantUs(text);
  if (atUs === undefined) throw new Error(`the test's own instant is wrong: ${text}`);
  return atUs;
};

const closed = (
  properties: ObjectSchema['properties'],
  required: readonly string[],
): ObjectSchema => ({ type: 'object', properties, required, additionalProperties: false });

const RICH = closed(
  {
    s: { type: 'string' },
    o: { type: 'string' },
    n: { type: 'integer' },
    m: { type: 'integer' },
    b: { type: 'boolean' },
    d: { type: 'number' },
    list: { type: 'array', items: { type: 'string' } },
    rec: closed({ x: { type: 'string' }, y: { type: 'string' } }, ['x']),
  },
  ['s', 'n'],
);
export const TOOLS: readonly TargetTool[] = [
  { target: 'T', name: 'one', inputSchema: RICH },
  { target: 'T', name: 'two', inputSchema: RICH },
  { target: 'U', name: 'plain', inputSchema: closed({ s: { type: 'string' } }, ['s']) },
];
export const NOON_US = us('2026-07-14T12:00:00Z');

export const load = (text: string, tools = TOOLS): PolicySet =>
  loadPolicies([{ file: 'odd.cedar', text }], tools);

export const ask = (question: Partial<PolicyQuestion> = {}): PolicyQuestion => ({
  principal: { id: 'u1', tags: { t: 'x' } },
  action: 'T___one',
  gateway: 'g1',
  input: { s: 'x', n: 1 },
  nowUs: NOON_US,
  ...question,
});

/** The whole question to the whole set, nothing prepared, sliced, left out or remembered. */
export const askedInFull = (set: PolicySet, question: PolicyQuestion) => {
  const tool = set.tools.find((one) => actionOf(one) === question.action);
  if (tool === undefined) throw new Error('the test asks about no tool');
  const principal = { type: 'AgentCore::OAuthUser', id: question.principal.id };
  const action = (id: string) => ({ type: 'AgentCore::Action', id });
  const entity = (uid: EntityJson['uid'], parents: EntityJson['parents'] = []): EntityJson => ({
    uid,
    attrs: {},
    parents,
  });
  const now = new Date(Math.floor(question.nowUs / 1000)).toISOString();
  const answer = isAuthorized({
    principal,
    action: action(question.action),
    resource: { type: 'AgentCore::Gateway', id: question.gateway },
    context: {
      input: cedarInput(tool.inputSchema, question.input),
      system: { now: { __extn: { fn: 'datetime', arg: now } } },
    },
    policies: { staticPolicies: Object.fromEntries(set.policies.map((one) => [one.id, one.text])) },
    entities: [
      { ...entity(principal), attrs: { id: principal.id }, tags: { ...question.principal.tags } },
      entity({ type: 'AgentCore::Gateway', id: question.gateway }),
      entity(action(question.action), [action(tool.target), action('CallTool')]),
      entity(action(tool.target), [action('CallTool')]),
      entity(action('CallTool'), [action('Mcp')]),
    ],
  });
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  const { decision, diagnostics } = answer.response;
  const failed = diagnostics.errors.length > 0;
  return {
    decision: failed ? 'deny' : decision,
    determining: failed && decision === 'allow' ? [] : [...diagnostics.reason].sort(),
    errors: diagnostics.errors.map((one) => `${one.policyId}: ${one.error.message}`).sort(),
  };
};

export const outcome = ({ decision, determining, errors }: PolicyDecision) => ({
  decision,
  determining,
  errors,
});
