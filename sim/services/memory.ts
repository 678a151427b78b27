// What does the platform remember, and for whom: Amazon Bedrock AgentCore Memory.

import { createHash } from 'node:crypto';
import { MEMORY_ARN, MEMORY_ID } from '../domain/arn.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { AccessDecision, AccessQuestion, Hop, Item } from '../domain/ports.ts';
import { type Call, header, isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { DAY_US, SECOND_US } from '../kernel/clock.ts';
import { works } from '../protocol/latency.ts';
import type { TracedService } from '../protocol/tracing.ts';

export const MEMORY_LATENCY: Latency = { medianUs: 60_000, ratioP95: 1.8, perItemUs: 200 };
/** How long extraction takes. Source: asynchronous in the service; 20 s is assumed. */
export const EXTRACTION_US = 20 * SECOND_US;
/** Source: the published sample's event expiry, 90 days. */
const EVENT_LIFE_US = 90 * DAY_US;

export const MEMORY_RULES: readonly Rule[] = [
  {
    service: 'memory',
    rule: 'grammars of actorId, sessionId and namespace; routes and error names',
    source: 'botocore 1.43.107',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: '`namespace` matches exactly, `namespacePath` by hierarchy, each with its own IAM key',
    source: 'live test of 2026-10-02',
    standing: 'observed',
  },
  {
    service: 'memory',
    rule: 'GetMemoryRecord, DeleteMemoryRecord and ListActors have no condition key',
    source: 'IAM service reference',
    standing: 'documented',
  },
  {
    service: 'memory',
    rule: 'extraction writes one record a user turn to /{actorId}/facts/ after 20 s',
    source: 'assumed',
    standing: 'assumed',
  },
  {
    service: 'memory',
    rule: 'retrieval ranks by recency, not by meaning',
    source: 'assumed',
    standing: 'assumed',
  },
];

const ACTOR = /^[a-zA-Z0-9][a-zA-Z0-9_/-]*(:[a-zA-Z0-9_/-]+)*[a-zA-Z0-9_/-]*$/;
const SESSION = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$/;
const NAMESPACE = /^[a-zA-Z0-9/*][a-zA-Z0-9_/*-]*(:[a-zA-Z0-9_/*-]+)*[a-zA-Z0-9_/*-]*$/;

/** One operation: how it is authorized, and what it does once it may. */
interface Operation {
  readonly action: string;
  readonly context: AccessQuestion['context'];
  readonly perform: (hop: Hop) => Outcome;
}
interface Outcome {
  readonly reply: Reply;
  /** Items read or written: they take time. */
  readonly items: number;
}

export const memory: TracedService = async (call, hop) => {
  const operation = operationOf(call, parsed(call.body) ?? {});
  if (operation === undefined) return failure(400, 'ValidationException');
  const decision = hop.authorize({
    sessionToken: header(call.headers, 'x-amz-security-token') ?? '',
    action: `bedrock-agentcore:${operation.action}`,
    resource: MEMORY_ARN,
    context: operation.context,
    nowUs: hop.nowUs(),
  });
  const outcome =
    decision.kind === 'allowed' ? operation.perform(hop) : { reply: refusal(decision), items: 0 };
  await works(hop, MEMORY_LATENCY, outcome.items);
  return outcome.reply;
};

const operationOf = (
  call: Call,
  body: Readonly<Record<string, unknown>>,
): Operation | undefined => {
  const [path, query] = call.path.split('?');
  const [root, id, first, second, third, fourth, fifth, sixth] = (path ?? '')
    .slice(1)
    .split('/')
    .map(decoded);
  if (root !== 'memories' || id !== MEMORY_ID) return undefined;
  switch (`${call.method} ${first}`) {
    case 'POST events':
      return createEvent(body);
    case 'POST actors':
      return { action: 'ListActors', context: {}, perform: listActors };
    case 'POST retrieve':
      return retrieve('RetrieveMemoryRecords', body);
    case 'POST memoryRecords':
      return retrieve('ListMemoryRecords', body);
    case 'GET memoryRecord':
      return recordById('GetMemoryRecord', second, query);
    case 'DELETE memoryRecords':
      return recordById('DeleteMemoryRecord', second, query);
    default:
      if (first !== 'actor' || third !== 'sessions') return undefined;
      if (call.method === 'POST' && fourth === undefined) return listSessions(second);
      if (fifth === 'events') return oneEvent(call.method, second, fourth, sixth);
      return call.method === 'POST' ? listEvents(second, fourth, body) : undefined;
  }
};

const decoded = (part: string): string => (part.includes('%') ? decodeURIComponent(part) : part);

const createEvent = (body: Readonly<Record<string, unknown>>): Operation | undefined => {
  const { actorId, sessionId, payload } = body;
  if (!legal(actorId, ACTOR, 255) || !legal(sessionId, SESSION, 100) || !Array.isArray(payload))
    return undefined;
  if (payload.length === 0 || payload.length > 100) return undefined;
  return {
    action: 'CreateEvent',
    context: keys(actorId, sessionId),
    perform(hop) {
      // Joined: a template would keep its pieces for as long as the whole.
      const eventId = [hop.nowUs(), hop.chance(`event ${hop.nowUs()}`).hex(8)].join('#');
      const partition = eventsOf(actorId, sessionId);
      hop.store('memory-events').put(partition, eventId, JSON.stringify(payload));
      hop.later(EXTRACTION_US, async (job) => extract(job, actorId, payload));
      return { reply: json(201, { event: { actorId, sessionId, eventId } }), items: 1 };
    },
  };
};

/** Long-term memory: what the user said, one record a turn, under the writer's own namespace. */
const extract = (job: Hop, actorId: string, payload: readonly unknown[]): void => {
  const said = payload.flatMap((entry) => {
    const spoken = isRecord(entry) ? entry['conversational'] : undefined;
    const content = isRecord(spoken) && spoken['role'] === 'USER' ? spoken['content'] : undefined;
    return isRecord(content) ? [String(content['text'])] : [];
  });
  const text = said.join(' ').slice(0, 16_000);
  const hash = createHash('sha256').update(`${actorId} ${job.nowUs()} ${text}`).digest('hex');
  job.store('memory-records').put(`/${actorId}/facts/`, ['mem', hash.slice(0, 40)].join('-'), text);
};

const listEvents = (
  actor: unknown,
  session: unknown,
  body: Readonly<Record<string, unknown>>,
): Operation | undefined => {
  if (!legal(actor, ACTOR, 255) || !legal(session, SESSION, 100)) return undefined;
  const most = bounded(body['maxResults'], 20);
  return {
    action: 'ListEvents',
    context: keys(actor, session),
    perform(hop) {
      const items = hop.store('memory-events').query(eventsOf(actor, session), most);
      const living = items.filter((item) => hop.nowUs() - item.writtenUs < EVENT_LIFE_US);
      const events = living.map((item) => eventText(actor, session, item)).reverse();
      return { reply: jsonText(200, `{"events":[${events.join()}]}`), items: living.length };
    },
  };
};

const oneEvent = (
  method: string,
  actor: unknown,
  session: unknown,
  event: unknown,
): Operation | undefined => {
  if (!legal(actor, ACTOR, 255) || !legal(session, SESSION, 100) || typeof event !== 'string')
    return undefined;
  const partition = eventsOf(actor, session);
  return {
    action: method === 'DELETE' ? 'DeleteEvent' : 'GetEvent',
    context: keys(actor, session),
    perform(hop) {
      const store = hop.store('memory-events');
      const item = store.get(partition, event);
      if (item === undefined) return { reply: failure(404, 'ResourceNotFoundException'), items: 1 };
      if (method !== 'DELETE')
        return { reply: jsonText(200, `{"event":${eventText(actor, session, item)}}`), items: 1 };
      store.delete(partition, event);
      return { reply: json(200, { eventId: event }), items: 1 };
    },
  };
};

const listSessions = (actor: unknown): Operation | undefined => {
  if (!legal(actor, ACTOR, 255)) return undefined;
  return {
    action: 'ListSessions',
    context: { 'bedrock-agentcore:actorId': actor },
    perform(hop) {
      const items = hop
        .store('memory-events')
        .scan(JSON.stringify([actor]).slice(0, -1).concat(','));
      const sessions = new Set(items.map((item) => (JSON.parse(item.partition) as string[])[1]));
      return {
        reply: json(200, { sessionSummaries: [...sessions].map((sessionId) => ({ sessionId })) }),
        items: items.length,
      };
    },
  };
};

const listActors = (hop: Hop): Outcome => {
  const items = hop.store('memory-events').scan('');
  const actors = new Set(items.map((item) => (JSON.parse(item.partition) as string[])[0]));
  return {
    reply: json(200, { actorSummaries: [...actors].map((actorId) => ({ actorId })) }),
    items: items.length,
  };
};

const retrieve = (
  action: string,
  body: Readonly<Record<string, unknown>>,
): Operation | undefined => {
  const { namespace, namespacePath, searchCriteria } = body;
  const exact = namespace !== undefined;
  const name = exact ? namespace : namespacePath;
  if (!legal(name, NAMESPACE, 1024)) return undefined;
  const criteria = isRecord(searchCriteria) ? searchCriteria : body;
  const most = bounded(criteria['topK'] ?? body['maxResults'], 10);
  return {
    action,
    context: { [exact ? 'bedrock-agentcore:namespace' : 'bedrock-agentcore:namespacePath']: name },
    perform(hop) {
      const store = hop.store('memory-records');
      const items = (exact ? store.query(name, most) : store.scan(name).slice(-most)).toReversed();
      return {
        reply: json(200, { memoryRecordSummaries: items.map(summary) }),
        items: items.length,
      };
    },
  };
};

const recordById = (
  action: string,
  id: unknown,
  query: string | undefined,
): Operation | undefined => {
  const namespace = new URLSearchParams(query).get('namespace');
  if (typeof id !== 'string' || namespace === null) return undefined;
  return {
    action,
    // Known to the API "for authorization", unknown to the service reference: no key is set.
    context: {},
    perform(hop) {
      const store = hop.store('memory-records');
      const item = store.get(namespace, id);
      if (item === undefined) return { reply: failure(404, 'ResourceNotFoundException'), items: 1 };
      if (action === 'DeleteMemoryRecord') store.delete(namespace, id);
      return { reply: json(200, { memoryRecord: summary(item) }), items: 1 };
    },
  };
};

/** Events of one session; the pair is encoded as JSON so that no two pairs share a partition. */
const eventsOf = (actor: string, session: string): string => JSON.stringify([actor, session]);

/** An event as it is shown. Only its payload is stored, as JSON. */
const eventText = (actor: string, session: string, { sort, value }: Item): string => {
  const [actorId, sessionId, eventId] = [actor, session, sort].map((id) => JSON.stringify(id));
  return `{"actorId":${actorId},"sessionId":${sessionId},"eventId":${eventId},"payload":${value}}`;
};

const keys = (actor: string, session: string): AccessQuestion['context'] => ({
  'bedrock-agentcore:actorId': actor,
  'bedrock-agentcore:sessionId': session,
});

const summary = (item: Item): unknown => ({
  memoryRecordId: item.sort,
  content: { text: item.value },
  namespaces: [item.partition],
});

const legal = (value: unknown, grammar: RegExp, most: number): value is string =>
  typeof value === 'string' && value.length <= most && grammar.test(value);

const bounded = (value: unknown, usual: number): number =>
  typeof value === 'number' && Number.isInteger(value) ? Math.min(100, Math.max(1, value)) : usual;

const jsonText = (status: number, body: string): Reply => ({
  status,
  headers: [['content-type', 'application/json']],
  body,
});

const refusal = (decision: AccessDecision): Reply => {
  if (decision.kind === 'expired') return failure(403, 'ExpiredTokenException');
  return failure(403, 'AccessDeniedException');
};

const failure = (status: number, type: string): Reply =>
  json(status, { message: type }, [['x-amzn-errortype', type]]);
