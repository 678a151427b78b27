// How does a workload use AgentCore Memory: its routes, spoken with the caller's own credentials.

import type { Hop } from '../domain/ports.ts';
import { type Headers, isRecord, parsed, type Reply } from '../domain/wire.ts';
import type { Trace } from './tracing.ts';
import type { Credentials } from './vending.ts';

/** One side of a turn. */
export interface Spoken {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** Memory as one call uses it. All give `undefined` (or false) when memory refuses or fails; nothing is swallowed. */
export class MemoryClient {
  readonly #root: string;
  readonly #headers: Headers;
  readonly #hop: Hop;

  constructor(memoryId: string, credentials: Credentials, hop: Hop, trace: Trace) {
    this.#root = `/memories/${memoryId}`;
    this.#headers = [...signed(credentials), ...trace.headers()];
    this.#hop = hop;
  }

  /** The last `turns` turns of a session, oldest first. */
  async lastEvents(
    actor: string,
    session: string,
    turns: number,
  ): Promise<readonly Spoken[] | undefined> {
    const path = `/actor/${encodeURIComponent(actor)}/sessions/${session}`;
    const reply = await this.#post(path, { maxResults: turns });
    const events = reply.status === 200 ? parsed(reply.body)?.['events'] : undefined;
    return Array.isArray(events) ? events.toReversed().flatMap(spoken) : undefined;
  }

  async retrieve(
    namespace: string,
    query: string,
    topK: number,
  ): Promise<readonly string[] | undefined> {
    const searchCriteria = { searchQuery: query.slice(0, 1000), topK };
    const reply = await this.#post('/retrieve', { namespace, searchCriteria });
    const records =
      reply.status === 200 ? parsed(reply.body)?.['memoryRecordSummaries'] : undefined;
    return Array.isArray(records) ? records.map(recordText) : undefined;
  }

  async createEvent(actor: string, session: string, payload: readonly Spoken[]): Promise<boolean> {
    const reply = await this.#post('/events', {
      actorId: actor,
      sessionId: session,
      payload: payload.map(conversational),
    });
    return reply.status === 201;
  }

  #post(path: string, body: unknown): Promise<Reply> {
    return this.#hop.call('memory', {
      method: 'POST',
      path: this.#root + path,
      headers: this.#headers,
      body: JSON.stringify(body),
    });
  }
}

const conversational = ({ role, text }: Spoken): unknown => ({
  conversational: { role: role === 'user' ? 'USER' : 'ASSISTANT', content: { text } },
});

/**
 * The headers of a signed AWS call.
 * SIMPLIFICATION: in simulated time the signature is not computed; the session token, which nobody
 * can guess, stands for it.
 */
export const signed = (credentials: Credentials): Headers => [
  ['authorization', `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}`],
  ['x-amz-security-token', credentials.sessionToken],
];

const spoken = (event: unknown): readonly Spoken[] => {
  const payload = isRecord(event) ? event['payload'] : undefined;
  if (!Array.isArray(payload)) return [];
  return payload.flatMap((entry: unknown) => {
    const said = isRecord(entry) ? entry['conversational'] : undefined;
    const content = isRecord(said) ? said['content'] : undefined;
    if (!isRecord(said) || !isRecord(content)) return [];
    const role = said['role'] === 'USER' ? 'user' : 'assistant';
    return [{ role, text: String(content['text']) } as const];
  });
};

const recordText = (record: unknown): string => {
  const content = isRecord(record) ? record['content'] : undefined;
  return isRecord(content) ? String(content['text']) : '';
};
