// Which collector does `jaeger=URL` or `otlp=URL` name, and which exporter speaks its language?

import { createRequire } from 'node:module';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { UsageError } from '../domain/usage-error.ts';

export interface Collector {
  /** Its address without a name and a password, for messages. */
  readonly shown: string;
  /** Spans in one request, at most. */
  readonly batchMax: number;
  /** A new exporter to it, which waits so long for an answer where it can. */
  readonly exporter: (waitMs: number) => SpanExporter;
}

/** Exporters take a while to load, and few runs send spans anywhere. */
const load = createRequire(import.meta.url);
type Jaeger = typeof import('@opentelemetry/exporter-jaeger');
type Otlp = typeof import('@opentelemetry/exporter-trace-otlp-http');

/** OpenTelemetry's own default for batches. */
const OTLP_BATCH = 512;
/** The Jaeger client sends as soon as it has so many: a batch is one request, taken or refused whole. */
const JAEGER_BATCH = 100;
/** How long Jaeger's exporter waits at its end, when nothing is left to send. It keeps the process. */
const JAEGER_END_MS = 50;

/** Throws `UsageError`. */
export const collectorOf = (text: string): Collector => {
  const [kind, ...rest] = text.split('=');
  const url = rest.join('=');
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw wrong(text);
  const { origin, pathname } = new URL(url);
  const shown = origin + pathname;
  if (kind === 'jaeger') {
    const exporter = (): SpanExporter => {
      const { JaegerExporter } = load('@opentelemetry/exporter-jaeger') as Jaeger;
      return new JaegerExporter({ endpoint: url, flushTimeout: JAEGER_END_MS }) as SpanExporter;
    };
    return { shown, batchMax: JAEGER_BATCH, exporter };
  }
  if (kind !== 'otlp') throw wrong(text);
  const exporter = (timeoutMillis: number): SpanExporter => {
    const { OTLPTraceExporter } = load('@opentelemetry/exporter-trace-otlp-http') as Otlp;
    return new OTLPTraceExporter({ url, timeoutMillis });
  };
  return { shown, batchMax: OTLP_BATCH, exporter };
};

const wrong = (text: string): UsageError =>
  new UsageError([
    {
      file: '--export-traces',
      message: `not a collector: \`${text}\``,
      hint: 'expected `jaeger=URL` (Thrift over HTTP, e.g. `jaeger=http://127.0.0.1:14268/api/traces`) or `otlp=URL`',
    },
  ]);
