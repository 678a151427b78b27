// What did an OpenTelemetry exporter send to `POST /v1/traces`, and how is it answered?

import type { ReceivedSpan } from '../domain/received-span.ts';
import { refusalBytes, requestTree } from './otlp/protobuf.ts';
import { spansIn } from './otlp/spans.ts';
import { Malformed } from './otlp/tree.ts';

export type OtlpEncoding = 'json' | 'protobuf';

/** Spans, or in words why there are none. */
export type DecodedTraces =
  | { readonly kind: 'spans'; readonly spans: readonly ReceivedSpan[] }
  | { readonly kind: 'malformed'; readonly complaint: string };

/** An answer over HTTP: 200 taken, 400 malformed, 415 in no encoding that is read here. */
export interface OtlpReply {
  readonly status: 200 | 400 | 415;
  readonly contentType: string;
  readonly body: Uint8Array;
}

export interface ReceivedTraces {
  readonly reply: OtlpReply;
  /** Empty unless the reply is 200: a request is taken whole or not at all. */
  readonly spans: readonly ReceivedSpan[];
}

/** INVALID_ARGUMENT of google.rpc.Code, which OTLP puts into the body of a refusal. */
const INVALID_ARGUMENT = 3;

/**
 * Takes an ExportTraceServiceRequest of OTLP over HTTP. `bytes` are the body without compression:
 * `Content-Encoding` is undone by whoever received it. Never throws.
 */
export const receiveTraces = (
  contentType: string | undefined,
  bytes: Uint8Array,
): ReceivedTraces => {
  const encoding = encodingOf(contentType);
  if (encoding === undefined) {
    const complaint = 'expected content of the type application/json or application/x-protobuf';
    return { reply: refused(415, 'json', complaint), spans: [] };
  }
  const decoded = decodeTraces(encoding, bytes);
  if (decoded.kind === 'malformed')
    return { reply: refused(400, encoding, decoded.complaint), spans: [] };
  return { reply: taken(encoding), spans: decoded.spans };
};

/** Decodes the body of an export request. Never throws. */
export const decodeTraces = (encoding: OtlpEncoding, bytes: Uint8Array): DecodedTraces => {
  try {
    const tree = encoding === 'json' ? jsonTree(bytes) : protobufTree(bytes);
    return { kind: 'spans', spans: spansIn(tree) };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', complaint: error.message };
    throw error;
  }
};

/** A refusal for what was wrong before the body could be read, e.g. its compression. */
export const otlpRefusal = (contentType: string | undefined, complaint: string): OtlpReply =>
  refused(400, encodingOf(contentType) ?? 'json', complaint);

const encodingOf = (contentType: string | undefined): OtlpEncoding | undefined => {
  const [type = ''] = (contentType ?? '').split(';');
  return ENCODINGS.get(type.trim().toLowerCase());
};

const ENCODINGS: ReadonlyMap<string, OtlpEncoding> = new Map([
  ['application/json', 'json'],
  ['application/x-protobuf', 'protobuf'],
]);

const UTF8 = new TextDecoder('utf-8', { fatal: true });

const jsonTree = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    // The parser's own words would repeat what was sent.
    throw new Malformed('request', 'expected JSON in UTF-8');
  }
};

const protobufTree = (bytes: Uint8Array): unknown => {
  try {
    return requestTree(bytes);
  } catch {
    throw new Malformed('request', 'expected an ExportTraceServiceRequest in protobuf');
  }
};

const CONTENT_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
};

/** An ExportTraceServiceResponse without partial success: empty in both encodings. */
const taken = (encoding: OtlpEncoding): OtlpReply => ({
  status: 200,
  contentType: CONTENT_TYPES[encoding],
  body: encoding === 'json' ? Buffer.from('{}') : new Uint8Array(),
});

const refused = (status: 400 | 415, encoding: OtlpEncoding, message: string): OtlpReply => ({
  status,
  contentType: CONTENT_TYPES[encoding],
  body:
    encoding === 'json'
      ? Buffer.from(JSON.stringify({ code: INVALID_ARGUMENT, message }))
      : refusalBytes(INVALID_ARGUMENT, message),
});
