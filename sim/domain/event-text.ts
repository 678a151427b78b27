// How is an event written down: one line of text that holds all of it, for the digest and the reader.

import type { HistoryEvent, RequestFacts } from './history.ts';
import type { Headers } from './wire.ts';

/** Every fact of the event in one line. Equal events give equal lines, in any process. */
export const eventText = (event: HistoryEvent): string =>
  `${event.index}|${event.atUs}|${event.request?.number ?? 0}|${event.kind}|${factsOf(event)}`;

const factsOf = (event: HistoryEvent): string => {
  switch (event.kind) {
    case 'arrived':
      return event.request === undefined ? '' : requestText(event.request);
    case 'exchange': {
      const { call, reply } = event;
      const sent = `${call.method} ${call.path}|${headersText(call.headers)}|${call.body}`;
      const chunks = reply.chunks === undefined ? '' : reply.chunks.length;
      return `${event.startedUs}|${event.from}>${event.to}|${event.hop}<${event.parent}|${sent}|${reply.status}|${headersText(reply.headers)}|${chunks}|${reply.body}|${event.faulted}`;
    }
    case 'decided': {
      const { question, decision } = event;
      return `${event.service}|${question.principal.id}|${question.action}|${JSON.stringify(question.input)}|${decision?.decision}|${decision?.determining.join()}`;
    }
    case 'authorized': {
      const { question, decision } = event;
      return `${event.service}|${question.sessionToken}|${question.action}|${question.resource}|${JSON.stringify(question.context)}|${decision?.kind}`;
    }
    case 'permitted':
      return `${event.limiter}|${event.key}|${event.permit.kind}`;
    case 'stored':
      return `${event.service}|${event.store}|${event.operation}|${event.partition}|${event.sort}|${event.items.length}|${event.items.map(({ sort, owner, writtenUs }) => `${sort}@${owner}@${writtenUs}`).join()}`;
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
      return `${record.name}|${record.traceId}|${JSON.stringify(record.attributes)}`;
    case 'log':
      return record.line;
    case 'usage':
      return JSON.stringify(record.usage);
  }
};

const requestText = (request: RequestFacts): string =>
  `${request.kind}|${request.origin}|${request.principal?.membership ?? ''}|${request.session ?? ''}|${request.probe?.kind ?? ''}`;

const headersText = (headers: Headers): string => {
  let text = '';
  for (const [name, value] of headers) text += `${name}=${value};`;
  return text;
};
