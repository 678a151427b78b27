// What is a span of our own, as it ended, in the form of a span that somebody sent to us?

import type { HrTime, AttributeValue as OwnValue } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Attributes, AttributeValue, ReceivedSpan } from '../domain/received-span.ts';

/** Gives what a decoder gives of the same span once it has gone over the wire. */
export const receivedSpan = (span: ReadableSpan): ReceivedSpan => {
  const { traceId, spanId, traceState } = span.spanContext();
  const resource = resourceOf(span);
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    name: span.name,
    service: String(resource['service.name'] ?? 'unknown_service'),
    startUs: microseconds(span.startTime),
    endUs: microseconds(span.endTime),
    attributes: attributesOf(span.attributes),
    events: span.events.map(({ name, time, attributes }) => ({
      ...{ name, atUs: microseconds(time), attributes: attributesOf(attributes ?? {}) },
    })),
    links: span.links.map(({ context, attributes }) => ({
      ...{ traceId: context.traceId, spanId: context.spanId },
      attributes: attributesOf(attributes ?? {}),
      remark: context.traceState?.serialize() ?? '',
    })),
    resource,
    remarks: [span.status.message ?? '', traceState?.serialize() ?? ''].filter(
      (text) => text !== '',
    ),
  };
};

type Own = Readonly<Record<string, OwnValue | undefined>>;

const attributesOf = (own: Own): Attributes => {
  const read: Record<string, AttributeValue> = {};
  for (const key in own) {
    const value = own[key];
    if (value !== undefined) read[key] = plain(value);
  }
  return read;
};

/** JSON has no way to write numbers that are none, and what is no safe integer stays a text. */
const plain = (value: OwnValue): AttributeValue => {
  if (typeof value === 'object') return JSON.stringify(value);
  if (typeof value !== 'number') return value;
  const isRead = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isRead ? value : String(value);
};

/** Rounded down. */
const microseconds = ([seconds, nanoseconds]: HrTime): number =>
  seconds * 1_000_000 + Math.floor(nanoseconds / 1_000);

/** One object for all spans of one tracer. */
const resourceOf = ({ resource, instrumentationScope }: ReadableSpan): Attributes => {
  const known = RESOURCES.get(instrumentationScope);
  if (known !== undefined && known.of === resource) return known.read;
  const { name, version } = instrumentationScope;
  const read = {
    ...attributesOf(resource.attributes),
    ...(name === '' ? {} : { 'otel.scope.name': name }),
    ...(version === undefined || version === '' ? {} : { 'otel.scope.version': version }),
  };
  RESOURCES.set(instrumentationScope, { of: resource, read });
  return read;
};

const RESOURCES = new WeakMap<object, { readonly of: object; readonly read: Attributes }>();
