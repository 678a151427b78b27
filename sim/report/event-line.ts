// What happened, in one line for a reader: who did what, without the contents that travelled.

import { nameOf } from '../domain/finding.ts';
import type { HistoryEvent } from '../domain/history.ts';
import { formatInstant } from '../kernel/calendar.ts';

/** Time of day in UTC and what happened. Bodies, bearer tokens and stored values stay out. */
export const eventLine = (event: HistoryEvent): string =>
  `${formatInstant(event.atUs).slice(11, 23)}  ${what(event)}`;

const what = (event: HistoryEvent): string => {
  switch (event.kind) {
    case 'arrived':
      return `${event.request?.origin ?? 'a request'} of ${nameOf(event.request?.principal)} arrived`;
    case 'exchange':
      return `${event.from} → ${event.to}  ${event.call.method} ${cut(event.call.path)}  ${event.reply.status}`;
    case 'decided':
      return `${event.service} asked Cedar for ${event.question.action}: ${event.decision?.decision ?? 'no answer'}`;
    case 'authorized':
      return `${event.service} asked IAM for ${event.question.action}: ${event.decision?.kind ?? 'no answer'}`;
    case 'permitted':
      return `the ${event.limiter}’s limiter ${event.permit.kind === 'admitted' ? 'admitted' : `refused (${event.permit.by})`} the key ${cut(event.key)}`;
    case 'stored':
      return `${event.service} ${event.operation} ${event.store} ${cut(event.partition)} ${cut(event.sort)}, items: ${event.items.length}`;
    case 'emitted':
      return `${event.service} emitted a ${event.record.kind}${event.record.kind === 'span' ? ` ${event.record.name}` : ''}`;
    case 'metered':
      return `${event.modelId} metered ${event.inputTokens} input and ${event.outputTokens} output tokens`;
    case 'ended':
      return `the request ended: ${event.outcome}, ${event.status}`;
    case 'changed':
      return `changed: ${event.change} ${event.tenant ?? ''}`.trimEnd();
  }
};

const LONGEST = 60;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
