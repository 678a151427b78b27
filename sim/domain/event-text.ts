// How is an event written down: one line of text that holds all of it, for the digest and the reader.

import type { HistoryEvent, RequestFacts } from './history.ts';
import type { UsageRecord } from './ports.ts';
import type { Headers } from './wire.ts';

/** Every fact of the event in one line. Equal events give equal lines, in any process. */
export const eventText = (event: HistoryEvent): string =>
  `${event.index}|${event.atUs}|${event.request?.number ?? 0}|${event.kind}|${factsOf(event)}`;

const factsOf = (event: HistoryEvent): string => {
  switch (event.kind) {
    case 'arrived':
      return event.request === undefined ? '' : requestText(event.request);
    case 'exchange': {
      const { call, reply, request } = event;
      const sent = `${call.method} ${call.path}|${headersText(call.headers, request?.bearer?.text)}|${call.body}`;
      const chunks = reply.chunks === undefined ? '' : reply.chunks.length;
      return `${event.startedUs}|${event.from}>${event.to}|${event.hop}<${event.parent}|${sent}|${reply.status}|${headersText(reply.headers)}|${chunks}|${reply.body}|${event.faulted}`;
    }
    case 'decided': {
      const { question, decision } = event;
      return `${event.service}|${question.principal.id}|${question.action}|${JSON.stringify(question.input)}|${decision?.decision}|${decision?.determining.join()}`;
    }
    case 'authorized': {
      const { question, decision } = event;
      return `${event.service}|${question.sessionToken}|${question.action}|${question.resource}|${membersText(question.context)}|${decision?.kind}`;
    }
    case 'permitted':
      return `${event.limiter}|${event.key}|${event.permit.kind}`;
    case 'stored':
      return `${event.service}|${event.store}|${event.operation}|${event.partition}|${event.sort}|${event.items.length}|${itemsText(event.items)}${event.replaced === undefined ? '' : `|${event.replaced.owner}@${event.replaced.writtenUs}`}`;
    case 'emitted':
      return `${event.service}|${event.record.kind}|${recordText(event.record)}`;
    case 'metered':
      return `${event.modelId}|${event.inputTokens}|${event.outputTokens}|${event.queuedUs}`;
    case 'ended':
      return `${event.outcome}|${event.status}|${event.startedUs}`;
    case 'changed':
      return `${event.change}|${event.tenant ?? ''}|${event.service ?? ''}|${event.begins ?? ''}`;
  }
};

const recordText = (record: Extract<HistoryEvent, { kind: 'emitted' }>['record']): string => {
  switch (record.kind) {
    case 'span':
      return `${record.name}|${record.traceId}|${membersText(record.attributes)}`;
    case 'log':
      return record.line;
    case 'usage':
      return usageText(record.usage);
  }
};

const itemsText = (items: Extract<HistoryEvent, { kind: 'stored' }>['items']): string => {
  let text = '';
  for (const { sort, owner, writtenUs } of items) text += `${sort}@${owner}@${writtenUs},`;
  return text;
};

const membersText = (members: Readonly<Record<string, unknown>>): string => {
  let text = '';
  for (const name of Object.keys(members)) {
    const value = members[name];
    // Nearly all are text or numbers: JSON of the whole takes three times as long (measured).
    text += `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)};`;
  }
  return text;
};

const usageText = (usage: UsageRecord): string =>
  `${usage.tier}|${usage.tenant}|${usage.user}|${usage.modelId}|${usage.inputTokens}|${usage.outputTokens}|${usage.costMicroUsd}`;

const requestText = (request: RequestFacts): string =>
  `${request.kind}|${request.origin}|${request.principal?.membership ?? ''}|${request.session ?? ''}|${request.probe?.kind ?? ''}|${request.bearer?.text ?? ''}`;

/** The bearer token of the request stands in the line of its arrival: on each hop a mark is enough for it. */
const headersText = (headers: Headers, bearer?: string): string => {
  let text = '';
  for (const [name, value] of headers) {
    const isOwn = bearer !== undefined && name === 'authorization' && isBearer(value, bearer);
    text += isOwn ? 'authorization;' : `${name}=${value};`;
  }
  return text;
};

const isBearer = (value: string, bearer: string): boolean =>
  value.length === 'Bearer '.length + bearer.length &&
  value.startsWith('Bearer ') &&
  value.endsWith(bearer);
