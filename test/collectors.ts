// How does a test collect what is exported, and read it as each wire format says?

import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { ROOT } from './tidy/house.ts';

export interface Listening {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export const listening = (server: Server): Promise<Listening> =>
  new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      done({
        url: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });

/** A span as a collector has it, whichever way it came. Ids in hexadecimal. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined where a trace begins. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly startUs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Delivery {
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

export interface Collecting extends Listening {
  /** What has arrived so far, in order. */
  readonly deliveries: readonly Delivery[];
}

/** A collector that answers each delivery as it is told, or lets it hang. */
export const collecting = async (
  answer: (delivery: Delivery, response: ServerResponse) => void,
): Promise<Collecting> => {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const contentType = request.headers['content-type'];
      const delivery = { path: request.url ?? '', contentType, body: Buffer.concat(parts) };
      deliveries.push(delivery);
      answer(delivery, response);
    });
  });
  return { ...(await listening(server)), deliveries };
};

// ---- The two wire formats.

interface ThriftTag {
  readonly key: string;
  readonly vType: 'STRING' | 'DOUBLE' | 'BOOL' | 'LONG' | 'BINARY';
  readonly vStr: string;
  readonly vDouble: number;
  readonly vBool: boolean;
}

/** Numbers of 64 bits are bytes, the most significant first. */
interface ThriftSpan {
  readonly traceIdHigh: Buffer;
  readonly traceIdLow: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly operationName: string;
  readonly startTime: Buffer;
  readonly tags: readonly ThriftTag[];
}

interface ThriftBatch {
  readonly process: { readonly serviceName: string };
  readonly spans: readonly ThriftSpan[];
}

// Neither package brings types along.
const { Thrift } = createRequire(import.meta.url)('thriftrw') as {
  readonly Thrift: new (settings: {
    readonly source: string;
    readonly allowOptionalArguments: boolean;
  }) => { readonly Batch: { fromBuffer(body: Buffer): ThriftBatch } };
};
const IDL = `${ROOT}node_modules/jaeger-client/dist/src/jaeger-idl/thrift/jaeger.thrift`;
const jaeger = new Thrift({ source: readFileSync(IDL, 'utf8'), allowOptionalArguments: true });

export const fromJaeger = ({ body }: Delivery): readonly CollectedSpan[] =>
  jaeger.Batch.fromBuffer(body).spans.map((span) => ({
    traceId: span.traceIdHigh.toString('hex') + span.traceIdLow.toString('hex'),
    spanId: span.spanId.toString('hex'),
    parentId: span.parentSpanId.every((byte) => byte === 0)
      ? undefined
      : span.parentSpanId.toString('hex'),
    name: span.operationName,
    startUs: Number(span.startTime.readBigInt64BE()),
    attributes: Object.fromEntries(span.tags.map((tag) => [tag.key, tagValue(tag)])),
  }));

const tagValue = (tag: ThriftTag): unknown => {
  if (tag.vType === 'STRING') return tag.vStr;
  return tag.vType === 'BOOL' ? tag.vBool : tag.vDouble;
};

/** OTLP over HTTP in JSON. */
interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly startTimeUnixNano: string;
        readonly attributes: readonly {
          readonly key: string;
          readonly value: Readonly<Record<string, unknown>>;
        }[];
      }[];
    }[];
  }[];
}

export const fromOtlp = ({ body }: Delivery): readonly CollectedSpan[] =>
  (JSON.parse(body.toString('utf8')) as OtlpRequest).resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map((span) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      parentId: span.parentSpanId,
      name: span.name,
      startUs: Number(BigInt(span.startTimeUnixNano) / 1000n),
      attributes: Object.fromEntries(
        span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
      ),
    }));
