// What would the same folder be with more tools: its policies again, for tools behind other targets.

import { type PolicyJson, policyToText } from '@cedar-policy/cedar-wasm/nodejs';
import type { LoadedPolicy } from '../../protocol/cedar.ts';

/** A policy as Cedar takes it either way. */
export interface BenchPolicy {
  readonly id: string;
  readonly text: string;
  readonly json: PolicyJson;
}

/**
 * So many policies: first those that can apply to what is asked, then the folder's others, then all
 * of them again for tools of the same form behind further targets, as a larger pool has them.
 */
export const morePolicies = (
  applicable: readonly LoadedPolicy[],
  others: readonly LoadedPolicy[],
  count: number,
): readonly BenchPolicy[] => {
  const own = [...applicable, ...others];
  const copies = Math.max(0, count - own.length);
  return [
    ...own.slice(0, count).map(({ id, text, json }) => ({ id, text, json })),
    ...Array.from({ length: copies }, (_, index) => elsewhere(own[index % own.length], index)),
  ];
};

/** The policy for the tool of another target, so that it never applies to what is asked. */
export const elsewhere = (policy: LoadedPolicy | undefined, copy: number): BenchPolicy => {
  if (policy === undefined) throw new Error('there is no policy to make copies of');
  const tool = /___(.*)$/.exec(JSON.stringify(policy.json.action))?.[1]?.replace(/[^\w-].*$/, '');
  const entity = { type: 'AgentCore::Action', id: `Further-${copy}___${tool ?? 'any'}` };
  const json: PolicyJson = { ...policy.json, action: { op: '==', entity } };
  const answer = policyToText(json);
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  return { id: `${policy.id} (${copy})`, text: answer.text, json };
};
