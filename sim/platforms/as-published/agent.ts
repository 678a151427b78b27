// What does the sample's agent do in one turn, for the tenant that its process began with?

import type { Deployment, TierTerms } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import { costMicroUsd } from '../../domain/price.ts';
import type { ToolDefinition } from '../../domain/tool.ts';
import { json, type Reply } from '../../domain/wire.ts';
import { type Answered, modelAnswer, modelCall, type Said } from '../../protocol/model-client.ts';
import { type ToolUser, useTool } from './agent-tools.ts';
import { MemoryHook, type Way } from './memory-hook.ts';
import { PUBLISHED_TOOLS } from './policies.ts';
import { s3Prefix, type TenantContext, termsOf } from './tenant-context.ts';
import type { AsPublishedTerms } from './terms.ts';

/** How long the agent waits for its key to the model host. Source: 545 ms at the median, measured by third parties. */
const PROVIDE_TOKEN_US = 545_000;
/** Turns that the agent's own list of messages holds; the sample's is longer. Assumed. */
const TURNS_KEPT = 8;
/** Model calls a turn before the harness ends it; the sample has no limit. */
const MODEL_CALLS_MAX = 32;

export const AGENT_RULES: readonly Rule[] = [
  {
    service: 'runtime',
    rule: 'model, gateway target and tools follow the context’s tier; an unknown tier gets Basic’s',
    source: 'sample, agent.py TIER_CONFIG and :283 (W02)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'both models are called by Chat Completions, max_tokens unset, one project a tier',
    source: 'sample, agent.py; scripts for projects (W66)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'tenant, tier and S3 prefix are written raw into the system prompt',
    source: 'sample, agent.py (W75)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'usage is booked once a turn to the context’s tier, clinic and user, and not at all when the turn fails',
    source: 'sample, agent.py, usage log (W72)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'the agent holds the last 8 turns of its process; no turn has more than 32 model calls',
    source: 'assumed',
    standing: 'assumed',
  },
];

/** An agent and all that it holds: one for each process. */
export interface Agent {
  readonly context: TenantContext;
  /** The header with the token of the request that the agent was built for. */
  readonly authorization: string;
  readonly memory: MemoryHook;
  /** What was said so far, a list of messages for each turn. */
  readonly turns: (readonly Said[])[];
}

/** Builds the agent: a key for the model host, credentials for memory, the turns before. */
export const agentFor = async (
  context: TenantContext,
  from: { readonly authorization: string; readonly session: string },
  terms: AsPublishedTerms,
  way: Way,
): Promise<Agent> => {
  await way.hop.sleep(PROVIDE_TOKEN_US);
  const memory = new MemoryHook(context, from.session);
  const before = await memory.begin(context, from.authorization, terms, way);
  const turns = before.length === 0 ? [] : [before];
  return { context, authorization: from.authorization, memory, turns };
};

/** One turn, answered as a stream of one chunk: the output guardrail lets no other through. */
export const answer = async (
  deployment: Deployment,
  agent: Agent,
  prompt: string,
  way: Way,
): Promise<Reply> => {
  const { context, authorization, memory, turns } = agent;
  const terms = termsOf(deployment, context.tier);
  if (terms === undefined) return json(500, { error: 'no such tier' });
  const facts = await memory.recall(prompt, way);
  const asked = facts.length === 0 ? prompt : `${prompt}\n${remembered(facts)}`;
  const said: Said[] = [{ role: 'user', text: asked }];
  const user: ToolUser = { context, authorization, terms };
  const text = await converse(user, turns.flat(), said, way);
  if (typeof text !== 'string') return text;
  turns.push([...said, { role: 'assistant', text }]);
  if (turns.length > TURNS_KEPT) turns.shift();
  await memory.save(prompt, text, way);
  const chunks = [`data: ${JSON.stringify(text)}\n\n`];
  const headers = [['content-type', 'text/event-stream']] as const;
  return { status: 200, headers, body: chunks.join(''), chunks };
};

const remembered = (facts: readonly string[]): string => `<memory>\n${facts.join('\n')}\n</memory>`;

/** Model and tools take turns; `said` grows. Gives the answer, or the failure as the runtime's reply. */
const converse = async (
  user: ToolUser,
  before: readonly Said[],
  said: Said[],
  way: Way,
): Promise<string | Reply> => {
  const used = { inputTokens: 0, outputTokens: 0 };
  for (let call = 0; call < MODEL_CALLS_MAX; call += 1) {
    const answered = await askModel(user, [...before, ...said], way);
    if ('status' in answered) return answered;
    used.inputTokens += answered.inputTokens;
    used.outputTokens += answered.outputTokens;
    if (answered.calls.length === 0) {
      charge(user, used, way);
      return answered.text;
    }
    said.push({ role: 'calls', calls: answered.calls });
    for (const tool of answered.calls) {
      const text = await useTool(tool, user, way);
      said.push({ role: 'result', id: tool.id, text, isError: false });
    }
  }
  return json(500, { error: 'too many model calls' });
};

const askModel = async (
  { context, terms }: ToolUser,
  said: readonly Said[],
  { hop, trace }: Way,
): Promise<Answered | Reply> => {
  const call = modelCall('chat', {
    modelId: terms.modelId,
    system: systemPrompt(context),
    said,
    tools: toolsOf(terms),
    maxOutputTokens: 1,
    share: `Healthcare-${terms.tier}`,
  });
  const reply = await hop.call('model', {
    ...call,
    headers: [...call.headers, ...trace.headers()],
    // The sample sets no limit, so that the host reserves what the model can say at most.
    body: call.body.replace('"max_completion_tokens":1,', ''),
  });
  const answered = reply.status === 200 ? modelAnswer('chat', reply) : undefined;
  if (answered !== undefined) return answered;
  const isBusy = reply.status === 429 || reply.status === 503;
  return isBusy ? json(429, { error: 'ThrottlingException' }) : json(500, { error: reply.body });
};

const systemPrompt = (context: TenantContext): string =>
  `You are a clinical assistant of ${context.clinic} (${context.tier}), whose documents are under ${s3Prefix(context)}. SECURITY RULES: never speak of other clinics.`;

const OFFERED = new Map<string, readonly ToolDefinition[]>();

/** One list a tier, always the same object, which is written as JSON but once. */
const toolsOf = ({ tier }: TierTerms): readonly ToolDefinition[] => {
  const known = OFFERED.get(tier);
  if (known !== undefined) return known;
  const offered = PUBLISHED_TOOLS.filter(({ tiers }) => tiers.includes(tier));
  OFFERED.set(tier, offered);
  return offered;
};

const charge = (
  { context, terms }: ToolUser,
  used: { readonly inputTokens: number; readonly outputTokens: number },
  { hop, trace }: Way,
): void => {
  const { tier, clinic, user } = context;
  const { inputTokens, outputTokens } = used;
  const { modelId } = terms;
  const costs = costMicroUsd(modelId, inputTokens, outputTokens);
  const usage = { tier, tenant: clinic, user, modelId, inputTokens, outputTokens };
  hop.emit({ kind: 'usage', usage: { ...usage, costMicroUsd: costs } });
  trace.log('inference_usage', usage);
};
