// Is what a real OpenTelemetry SDK exports read as it was meant, and is nonsense refused in words?

import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { fc, test as property } from '@fast-check/vitest';
import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import protobuf from 'protobufjs/light.js';
import { expect, test } from 'vitest';
import { decompress } from '../sim/cli/decompress.ts';
import type { ReceivedSpan } from '../sim/domain/received-span.ts';
import { decodeTraces, otlpRefusal, receiveTraces } from '../sim/protocol/otlp.ts';
import { listening } from './collectors.ts';

const BYTES_MAX = 1_000_000;

interface Received {
  readonly spans: readonly ReceivedSpan[];
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

/** A receiver as a server makes one: undoes the compression, decodes, answers. */
const receiving = async (
  exported: (url: string) => Promise<void>,
): Promise<readonly Received[]> => {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { 'content-type': contentType, 'content-encoding': contentEncoding } = request.headers;
      const plain = decompress(contentEncoding, Buffer.concat(parts), BYTES_MAX);
      if (plain.kind === 'refused') {
        response.writeHead(plain.status).end(otlpRefusal(contentType, plain.complaint).body);
        return;
      }
      const { reply, spans } = receiveTraces(contentType, plain.bytes);
      received.push({ spans, contentType, contentEncoding });
      response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body);
    });
  });
  const { url, close } = await listening(server);
  try {
    await exported(`${url}/v1/traces`);
  } finally {
    await close();
  }
  return received;
};

const START: [number, number] = [1_772_463_600, 123_456_789];
const END: [number, number] = [1_772_463_601, 1_999];

type Exporter = ConstructorParameters<typeof SimpleSpanProcessor>[0];

/** A request and a call within it, told by the SDK as its users tell it. */
const told = async (exporter: Exporter): Promise<void> => {
  const failures: unknown[] = [];
  const watched: Exporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0) failures.push(result.error);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'clinic', 'host.cpus': 2 }),
    spanProcessors: [new SimpleSpanProcessor(watched)],
  });
  const tracer = provider.getTracer('by hand', '1.2.3');
  const request = tracer.startSpan('POST /ask', { startTime: START });
  const call = tracer.startSpan(
    'call ü',
    {
      startTime: START,
      links: [{ context: { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), traceFlags: 1 } }],
      attributes: {
        'tenant.id': 'clinic-a',
        count: -3,
        large: 9_007_199_254_740_991,
        share: 0.25,
        empty: '',
        held: true,
        roles: ['nurse', 'physician'],
      },
    },
    trace.setSpan(ROOT_CONTEXT, request),
  );
  call.addEvent('retried', { attempt: 2 }, [1_772_463_600, 500_000_000]);
  call.setStatus({ code: SpanStatusCode.ERROR, message: 'the tool is gone' });
  call.end(END);
  request.end(END);
  await provider.forceFlush();
  await provider.shutdown();
  expect(failures).toEqual([]);
};

test.each([
  ['JSON', 'application/json', undefined, (url: string) => new JsonExporter({ url })],
  [
    'JSON, gzip',
    'application/json',
    'gzip',
    (url: string) => new JsonExporter({ url, compression: 'gzip' as never }),
  ],
  ['protobuf', 'application/x-protobuf', undefined, (url: string) => new ProtobufExporter({ url })],
  [
    'protobuf, gzip',
    'application/x-protobuf',
    'gzip',
    (url: string) => new ProtobufExporter({ url, compression: 'gzip' as never }),
  ],
] as const)(
  'what the OpenTelemetry SDK exports in %s is read as it was told',
  async (_name, contentType, contentEncoding, exporter) => {
    const received = await receiving((url) => told(exporter(url)));
    expect(new Set(received.map((one) => `${one.contentType} ${one.contentEncoding}`))).toEqual(
      new Set([`${contentType} ${contentEncoding}`]),
    );
    // Each is a request of its own, and they may overtake one another.
    const spans = received
      .flatMap((one) => one.spans)
      .toSorted((one, other) => (one.name > other.name ? -1 : 1));
    expect(spans.map(({ name }) => name)).toEqual(['call ü', 'POST /ask']);
    const [call, request] = spans;
    expect(request).toMatchObject({ parentSpanId: undefined, attributes: {}, events: [] });
    expect(request?.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(call?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(call).toEqual({
      traceId: request?.traceId,
      spanId: call?.spanId,
      parentSpanId: request?.spanId,
      name: 'call ü',
      service: 'clinic',
      startUs: 1_772_463_600_123_456,
      endUs: 1_772_463_601_000_001,
      attributes: {
        'tenant.id': 'clinic-a',
        count: -3,
        large: 9_007_199_254_740_991,
        share: 0.25,
        empty: '',
        held: true,
        roles: '["nurse","physician"]',
      },
      events: [{ name: 'retried', atUs: 1_772_463_600_500_000, attributes: { attempt: 2 } }],
      links: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), attributes: {}, remark: '' }],
      resource: {
        'service.name': 'clinic',
        'host.cpus': 2,
        'otel.scope.name': 'by hand',
        'otel.scope.version': '1.2.3',
      },
      remarks: ['the tool is gone'],
    });
  },
);

// ---- By hand.

const SPAN = { traceId: '0A'.repeat(16), spanId: '0b'.repeat(8), name: 'a' };
const requestOf = (...spans: readonly unknown[]): unknown => ({
  resourceSpans: [{ scopeSpans: [{ spans }] }],
});
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const spanOf = (more: object): ReceivedSpan | undefined => {
  const decoded = decodeTraces('json', json(requestOf({ ...SPAN, ...more })));
  if (decoded.kind === 'malformed') throw new Error(decoded.complaint);
  return decoded.spans[0];
};

const complaintOf = (value: unknown): string | undefined => {
  const decoded = decodeTraces('json', json(value));
  return decoded.kind === 'malformed' ? decoded.complaint : undefined;
};

test('ids are read in lower case, and a parent that is empty or zeros is none', () => {
  expect(spanOf({})).toMatchObject({ traceId: '0a'.repeat(16), parentSpanId: undefined });
  expect(spanOf({ parentSpanId: '' })?.parentSpanId).toBeUndefined();
  expect(spanOf({ parentSpanId: '0'.repeat(16) })?.parentSpanId).toBeUndefined();
  expect(spanOf({ parentSpanId: 'AB'.repeat(8) })?.parentSpanId).toBe('ab'.repeat(8));
});

test('a sender that does not name itself is an unknown service, and fields of tomorrow are passed over', () => {
  expect(spanOf({ tomorrow: { a: 1 } })).toMatchObject({ service: 'unknown_service', remarks: [] });
  expect(decodeTraces('json', json({}))).toEqual({ kind: 'spans', spans: [] });
  expect(decodeTraces('protobuf', new Uint8Array())).toEqual({ kind: 'spans', spans: [] });
});

test('every form of a value is read, and none is lost in a list, a map or bytes', () => {
  const readOf = (value: unknown): unknown =>
    spanOf({ attributes: [{ key: 'k', value }] })?.attributes['k'];
  expect(readOf({ intValue: '12' })).toBe(12);
  expect(readOf({ intValue: 12 })).toBe(12);
  expect(readOf({ intValue: '9223372036854775807' })).toBe('9223372036854775807');
  expect(readOf({ doubleValue: 'NaN' })).toBe('NaN');
  expect(readOf({ boolValue: false })).toBe(false);
  expect(readOf({ bytesValue: Buffer.from('übel').toString('base64') })).toBe('übel');
  expect(readOf({ bytesValue: '/w==' })).toBe('/w==');
  expect(readOf({})).toBe('null');
  const list = [{ stringValue: 'a' }, { kvlistValue: { values: [{ key: 'b', value: {} }] } }];
  expect(readOf({ arrayValue: { values: list } })).toBe('["a",{"b":null}]');
  const twice = [
    { key: 'b', value: { intValue: 1 } },
    { key: 'b', value: { intValue: 2 } },
  ];
  expect(readOf({ kvlistValue: { values: twice } })).toBe('[["b",1],["b",2]]');
  const key = { key: '__proto__', value: { stringValue: 'own' } };
  expect(Object.entries(spanOf({ attributes: [key] })?.attributes ?? {})).toEqual([
    ['__proto__', 'own'],
  ]);
});

test('a mistake is told by its place and by what was expected', () => {
  const at = 'resourceSpans[0].scopeSpans[0].spans[0]';
  const of = (more: object): string | undefined => complaintOf(requestOf({ ...SPAN, ...more }));
  const value = { key: 'k', value: { stringValue: 's' } };
  expect(of({})).toBeUndefined();
  expect(of({ traceId: undefined })).toBe(
    `${at}.traceId: expected an id that is not empty and not all zeros`,
  );
  expect(of({ spanId: 'xyz' })).toBe(`${at}.spanId: expected an id of 16 hexadecimal digits`);
  expect(of({ name: 5 })).toBe(`${at}.name: expected a text`);
  expect(of({ startTimeUnixNano: 'soon' })).toMatch(/startTimeUnixNano: expected a whole number/);
  expect(of({ endTimeUnixNano: '-1' })).toMatch(/endTimeUnixNano: expected nanoseconds/);
  expect(of({ attributes: {} })).toBe(`${at}.attributes: expected a list`);
  expect(of({ attributes: [value, value] })).toBe(`${at}.attributes: expected every key once`);
  expect(of({ attributes: [{ key: 'k', value: { boolValue: 1 } }] })).toBe(
    `${at}.attributes[0].value.boolValue: expected true or false`,
  );
  expect(complaintOf([])).toBe('request: expected an object');
  expect(complaintOf({ resourceSpans: [5] })).toBe('resourceSpans[0]: expected an object');
});

test('a list in a list without end is refused, and ends nobody', () => {
  const depth = 100_000;
  const deep = `${'{"arrayValue":{"values":['.repeat(depth)}${']}}'.repeat(depth)}`;
  const [before, after] = JSON.stringify(
    requestOf({ ...SPAN, attributes: [{ key: 'k', value: 'HERE' }] }),
  ).split('"HERE"');
  const decoded = decodeTraces('json', Buffer.from(`${before}${deep}${after}`));
  expect(decoded).toMatchObject({ complaint: expect.stringMatching(/at most 32 lists/) });
  expect(decodeTraces('protobuf', nestedBody(4))).toMatchObject({
    spans: [{ attributes: { '': '[[null]]' } }],
  });
  expect(decodeTraces('protobuf', nestedBody(500))).toMatchObject({ kind: 'malformed' });
});

const wrapped = (tag: number, bytes: Uint8Array): Uint8Array => {
  const length = protobuf.Writer.create().uint32(bytes.length).finish();
  return Buffer.concat([Uint8Array.of(tag), length, bytes]);
};

/** A span with an attribute: a value with a list (field 5) with a value (field 1), and so on. */
const nestedBody = (levels: number): Uint8Array => {
  let value: Uint8Array = new Uint8Array();
  for (let level = 0; level < levels; level += 1)
    value = wrapped(level % 2 === 0 ? 0x0a : 0x2a, value);
  const attribute = wrapped(0x4a, wrapped(0x12, value));
  const ids = [wrapped(0x0a, Buffer.alloc(16, 1)), wrapped(0x12, Buffer.alloc(8, 1))];
  return [0x12, 0x12, 0x0a].reduce<Uint8Array>(
    (inner, tag) => wrapped(tag, inner),
    Buffer.concat([...ids, attribute]),
  );
};

test('what is refused is answered as OTLP says, in the encoding of the question', () => {
  const bad = json(requestOf({ ...SPAN, name: 5 }));
  const said = receiveTraces('application/json; charset=utf-8', bad);
  expect(said).toMatchObject({
    reply: { status: 400, contentType: 'application/json' },
    spans: [],
  });
  expect(JSON.parse(Buffer.from(said.reply.body).toString())).toEqual({
    code: 3,
    message: 'resourceSpans[0].scopeSpans[0].spans[0].name: expected a text',
  });
  const { reply } = receiveTraces('application/x-protobuf', Uint8Array.of(0xff));
  expect(reply).toMatchObject({ status: 400, contentType: 'application/x-protobuf' });
  const message = 'request: expected an ExportTraceServiceRequest in protobuf';
  expect(Buffer.from(reply.body).toString('latin1')).toBe(
    `\x08\x03\x12${String.fromCharCode(message.length)}${message}`,
  );
  expect(receiveTraces('text/plain', bad).reply.status).toBe(415);
  expect(receiveTraces('constructor', bad).reply.status).toBe(415);
  expect(receiveTraces(undefined, bad).reply.status).toBe(415);
  expect(JSON.stringify(receiveTraces('application/json', Buffer.from('{"secret')))).not.toMatch(
    /secret/,
  );
});

test('a body is decompressed up to a bound, and refused beyond it', () => {
  const body = Buffer.alloc(5000, 'a');
  expect(decompress(undefined, body, 5000)).toEqual({ kind: 'bytes', bytes: body });
  expect(decompress(' GZIP', gzipSync(body), 5000)).toEqual({ kind: 'bytes', bytes: body });
  expect(decompress('gzip', gzipSync(body), 4999)).toMatchObject({ status: 413 });
  expect(decompress('identity', body, 4999)).toMatchObject({ status: 413 });
  expect(decompress('gzip', body, 5000)).toMatchObject({ status: 400 });
  expect(decompress('gzip', gzipSync(body).subarray(0, 20), 5000)).toMatchObject({ status: 400 });
  expect(decompress('br', body, 5000)).toMatchObject({ status: 415 });
  expect(decompress('constructor', body, 5000)).toMatchObject({ status: 415 });
});

property.prop([fc.uint8Array({ maxLength: 200 })])('no bytes make the decoder throw', (bytes) => {
  for (const encoding of ['json', 'protobuf'] as const)
    expect(decodeTraces(encoding, bytes).kind).toMatch(/^(spans|malformed)$/);
});

property.prop([fc.jsonValue()])('no JSON makes the decoder throw, wherever it stands', (value) => {
  const fields = ['traceId', 'parentSpanId', 'name', 'status', 'events', 'links', 'attributes'];
  const all = [
    value,
    requestOf(value),
    { resourceSpans: value },
    ...fields.map((field) => requestOf({ ...SPAN, [field]: value })),
    requestOf({ ...SPAN, attributes: [{ key: 'k', value }] }),
    requestOf({ ...SPAN, attributes: [{ key: 'k', value: { kvlistValue: value } }] }),
  ];
  for (const one of all)
    expect(decodeTraces('json', json(one)).kind).toMatch(/^(spans|malformed)$/);
});
