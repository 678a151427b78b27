// What does the sample's agent remember: a hook that gives up for good, and says nothing, at the first failure.

import { MEMORY_ID } from '../../domain/arn.ts';
import type { Rule } from '../../domain/fidelity.ts';
import type { Hop } from '../../domain/ports.ts';
import { parsed } from '../../domain/wire.ts';
import { MemoryClient, type Spoken } from '../../protocol/memory-client.ts';
import type { Trace } from '../../protocol/tracing.ts';
import type { Credentials } from '../../protocol/vending.ts';
import { RUNTIME_CREDENTIALS } from './roles.ts';
import { joinedActor, payloadOf, type TenantContext } from './tenant-context.ts';
import type { AsPublishedTerms } from './terms.ts';

export const MEMORY_HOOK_RULES: readonly Rule[] = [
  {
    service: 'memory',
    rule: 'credentials are vended once for an agent and never again; after 15 minutes memory fails',
    source: 'sample, agent/scoped_credentials.py:38; agent_task.py (W37)',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: 'the first failure switches memory off for the rest of the session; the answer goes out as if nothing were missing',
    source: 'sample, memory_hook.py:79 and :140 (W44)',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: 'when AssumeRole fails, memory is used with the runtime’s own role (parameter `memoryWithoutVending`)',
    source: 'sample, main.py:210 builds such a manager; that it is used: assumed (W38)',
    standing: 'assumed',
  },
  {
    service: 'memory',
    rule: 'the memory session is the client’s session id, bound to no user',
    source: 'sample, main.py; AgentCore Runtime, sessions (W42)',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: 'facts go into the user’s turn, 3 of them; the tags around them are the mock model’s',
    source: 'sample, memory_hook.py (W43); tags assumed',
    standing: 'documented',
  },
];

/** Source: sample, get_last_k_turns(k=5). */
const TURNS_SHOWN = 5;
/** Source: sample, top_k 3. */
const FACTS_SHOWN = 3;

/** One call's way out. */
export interface Way {
  readonly hop: Hop;
  readonly trace: Trace;
}

/** The memory of one agent, for whom the agent was built. */
export class MemoryHook {
  readonly #actor: string;
  readonly #session: string;
  #credentials: Credentials | undefined;

  constructor(context: TenantContext, session: string) {
    this.#actor = joinedActor(context);
    this.#session = session;
  }

  /** Has credentials vended, and gives the last turns of the session, oldest first. */
  async begin(
    context: TenantContext,
    authorization: string,
    terms: AsPublishedTerms,
    way: Way,
  ): Promise<readonly Spoken[]> {
    const fallback =
      terms.memoryWithoutVending === 'runtime role' ? RUNTIME_CREDENTIALS : undefined;
    this.#credentials = (await vend(context, authorization, way)) ?? fallback;
    const turns = await this.#client(way)?.lastEvents(this.#actor, this.#session, TURNS_SHOWN);
    return this.#orGiveUp(turns) ?? [];
  }

  async recall(prompt: string, way: Way): Promise<readonly string[]> {
    const namespace = `/${this.#actor}/facts/`;
    const facts = await this.#client(way)?.retrieve(namespace, prompt, FACTS_SHOWN);
    return this.#orGiveUp(facts) ?? [];
  }

  async save(prompt: string, answer: string, way: Way): Promise<void> {
    const kept = await this.#client(way)?.createEvent(this.#actor, this.#session, [
      { role: 'user', text: prompt },
      { role: 'assistant', text: answer },
    ]);
    this.#orGiveUp(kept === true ? kept : undefined);
  }

  #client({ hop, trace }: Way): MemoryClient | undefined {
    if (this.#credentials === undefined) return undefined;
    return new MemoryClient(MEMORY_ID, this.#credentials, hop, trace);
  }

  #orGiveUp<T>(got: T | undefined): T | undefined {
    if (got === undefined) this.#credentials = undefined;
    return got;
  }
}

const vend = async (
  context: TenantContext,
  authorization: string,
  { hop, trace }: Way,
): Promise<Credentials | undefined> => {
  const reply = await hop.call('credentials', {
    method: 'POST',
    path: '/credentials',
    headers: [['authorization', authorization], ...trace.headers()],
    body: JSON.stringify(payloadOf(context)),
  });
  const vended = reply.status === 200 ? parsed(reply.body) : undefined;
  if (vended === undefined) return undefined;
  return {
    accessKeyId: String(vended['AccessKeyId']),
    secretAccessKey: String(vended['SecretAccessKey']),
    sessionToken: String(vended['SessionToken']),
    expiresUs: Number(vended['ExpirationUs']),
  };
};
