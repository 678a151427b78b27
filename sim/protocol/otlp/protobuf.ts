// How do the messages of OTLP stand in protobuf, as far as they are read or written here?

import protobuf from 'protobufjs/light.js';

/**
 * The fields that are read, by the names and numbers of opentelemetry-proto 1.x (trace/v1, common/v1,
 * resource/v1, collector/trace/v1); what stands in other fields is passed over, as protobuf wants it.
 */
const MESSAGES = {
  ExportTraceServiceRequest: { resourceSpans: [1, 'repeated ResourceSpans'] },
  ResourceSpans: { resource: [1, 'Resource'], scopeSpans: [2, 'repeated ScopeSpans'] },
  Resource: { attributes: [1, 'repeated KeyValue'] },
  ScopeSpans: { scope: [1, 'Scope'], spans: [2, 'repeated Span'] },
  Scope: { name: [1, 'string'], version: [2, 'string'], attributes: [3, 'repeated KeyValue'] },
  Span: {
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    traceState: [3, 'string'],
    parentSpanId: [4, 'bytes'],
    name: [5, 'string'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'repeated KeyValue'],
    events: [11, 'repeated Event'],
    links: [13, 'repeated Link'],
    status: [15, 'SpanStatus'],
  },
  Event: {
    timeUnixNano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'repeated KeyValue'],
  },
  Link: {
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    traceState: [3, 'string'],
    attributes: [4, 'repeated KeyValue'],
  },
  SpanStatus: { message: [2, 'string'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  AnyValue: {
    stringValue: [1, 'string'],
    boolValue: [2, 'bool'],
    intValue: [3, 'int64'],
    doubleValue: [4, 'double'],
    arrayValue: [5, 'ArrayValue'],
    kvlistValue: [6, 'KeyValueList'],
    bytesValue: [7, 'bytes'],
  },
  ArrayValue: { values: [1, 'repeated AnyValue'] },
  KeyValueList: { values: [1, 'repeated KeyValue'] },
  /** google.rpc.Status: what a refusal says. */
  Refusal: { code: [1, 'int32'], message: [2, 'string'] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>;

const fieldOf = (id: number, form: string): protobuf.IField => {
  const [, repeated, type = form] = /^(repeated) (\w+)$/.exec(form) ?? [];
  return { id, type, ...(repeated === undefined ? {} : { rule: 'repeated' }) };
};

const ROOT = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(MESSAGES).map(([name, fields]): [string, protobuf.IType] => [
      name,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [id, form]]) => [field, fieldOf(id, form)]),
        ),
        // At most one of a value's forms is set, and an empty text is set, too.
        ...(name === 'AnyValue' ? { oneofs: { value: { oneof: Object.keys(fields) } } } : {}),
      },
    ]),
  ),
});

const REQUEST = ROOT.lookupType('ExportTraceServiceRequest');
const REFUSAL = ROOT.lookupType('Refusal');

/**
 * The message as a tree of the same shape as OTLP's JSON: 64-bit numbers are decimal texts; ids and
 * bytes are bytes. Throws on what is no such message, or is nested deeper than 100 levels.
 */
export const requestTree = (bytes: Uint8Array): unknown =>
  REQUEST.toObject(REQUEST.decode(bytes), { longs: String });

/** A google.rpc.Status in protobuf. */
export const refusalBytes = (code: number, message: string): Uint8Array =>
  REFUSAL.encode(REFUSAL.create({ code, message })).finish();
