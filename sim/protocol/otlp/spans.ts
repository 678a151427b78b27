// Which spans does a decoded export request hold?

import type { Attributes, ReceivedSpan, SpanEvent, SpanLink } from '../../domain/received-span.ts';
import { attributesIn } from './attributes.ts';
import { idIn, listIn, microsecondsIn, recordIn, requiredIdIn, type Tree, textIn } from './tree.ts';

const TRACE_ID = 32;
const SPAN_ID = 16;

/** Every span, in the order in which they stand. Throws `Malformed`. */
export const spansIn = (request: unknown): readonly ReceivedSpan[] =>
  listIn(recordIn(request, 'request'), 'resourceSpans', 'request').flatMap((each, index) =>
    spansOfResource(each, `resourceSpans[${index}]`),
  );

const spansOfResource = (raw: unknown, at: string): readonly ReceivedSpan[] => {
  const tree = recordIn(raw, at);
  const sender = attributesIn(recordIn(tree['resource'] ?? {}, at), 'attributes', `${at}.resource`);
  return listIn(tree, 'scopeSpans', at).flatMap((each, index) => {
    const place = `${at}.scopeSpans[${index}]`;
    const scoped = recordIn(each, place);
    const resource = { ...sender, ...scopeIn(scoped['scope'] ?? {}, `${place}.scope`) };
    return listIn(scoped, 'spans', place).map((span, position) =>
      spanIn(
        recordIn(span, `${place}.spans[${position}]`),
        resource,
        `${place}.spans[${position}]`,
      ),
    );
  });
};

/** The instrumentation's own name, version and attributes, under `otel.scope.…`. */
const scopeIn = (raw: unknown, at: string): Attributes => {
  const scope = recordIn(raw, at);
  const own = Object.entries(attributesIn(scope, 'attributes', at));
  return {
    ...Object.fromEntries(own.map(([key, value]) => [`otel.scope.attributes.${key}`, value])),
    ...filled('otel.scope.name', textIn(scope, 'name', at)),
    ...filled('otel.scope.version', textIn(scope, 'version', at)),
  };
};

const filled = (key: string, text: string): Attributes => (text === '' ? {} : { [key]: text });

const spanIn = (tree: Tree, resource: Attributes, at: string): ReceivedSpan => {
  const status = recordIn(tree['status'] ?? {}, `${at}.status`);
  const remarks = [textIn(status, 'message', `${at}.status`), textIn(tree, 'traceState', at)];
  return {
    traceId: requiredIdIn(tree, 'traceId', at, TRACE_ID),
    spanId: requiredIdIn(tree, 'spanId', at, SPAN_ID),
    parentSpanId: idIn(tree, 'parentSpanId', at, SPAN_ID),
    name: textIn(tree, 'name', at),
    service: String(resource['service.name'] ?? 'unknown_service'),
    startUs: microsecondsIn(tree, 'startTimeUnixNano', at),
    endUs: microsecondsIn(tree, 'endTimeUnixNano', at),
    attributes: attributesIn(tree, 'attributes', at),
    events: listIn(tree, 'events', at).map((event, index) =>
      eventIn(event, `${at}.events[${index}]`),
    ),
    links: listIn(tree, 'links', at).map((link, index) => linkIn(link, `${at}.links[${index}]`)),
    resource,
    remarks: remarks.filter((text) => text !== ''),
  };
};

const eventIn = (raw: unknown, at: string): SpanEvent => {
  const tree = recordIn(raw, at);
  return {
    name: textIn(tree, 'name', at),
    atUs: microsecondsIn(tree, 'timeUnixNano', at),
    attributes: attributesIn(tree, 'attributes', at),
  };
};

const linkIn = (raw: unknown, at: string): SpanLink => {
  const tree = recordIn(raw, at);
  return {
    traceId: requiredIdIn(tree, 'traceId', at, TRACE_ID),
    spanId: requiredIdIn(tree, 'spanId', at, SPAN_ID),
    attributes: attributesIn(tree, 'attributes', at),
    remark: textIn(tree, 'traceState', at),
  };
};
