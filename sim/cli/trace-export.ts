// Where do a run's OpenTelemetry spans go: to a Jaeger or OTLP collector, while simulated time stands still.

import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { UsageError } from '../domain/usage-error.ts';
import { collectorOf } from './collector.ts';

/** A span processor that keeps ended spans only until the next pause, and hands all of them over then. */
export class TraceExport implements SpanProcessor {
  readonly #exporter: SpanExporter;
  #ended: ReadableSpan[] = [];
  sent = 0;

  constructor(exporter: SpanExporter) {
    this.#exporter = exporter;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#ended.push(span);
  }

  /** Exports what has ended since the last time. Throws when the collector does not take it. */
  async drain(): Promise<void> {
    const spans = this.#ended;
    this.#ended = [];
    for (let from = 0; from < spans.length; from += BATCH)
      await this.#send(spans.slice(from, from + BATCH));
  }

  async #send(batch: ReadableSpan[]): Promise<void> {
    const result = await new Promise<{ code: number; error?: Error }>((resolve) =>
      this.#exporter.export(batch, resolve),
    );
    if (result.code !== 0)
      throw new UsageError([
        {
          file: '--export-traces',
          message: `the collector did not take the spans: ${result.error?.message ?? 'no reason given'}`,
        },
      ]);
    this.sent += batch.length;
  }

  async forceFlush(): Promise<void> {
    await this.drain();
  }

  async shutdown(): Promise<void> {
    await this.drain();
    await this.#exporter.shutdown();
  }
}

/** Spans in one export: OpenTelemetry's own default for batches. */
const BATCH = 512;

/** The exporter of `jaeger=URL` or `otlp=URL`. Throws `UsageError`. */
export const traceExport = (text: string): TraceExport =>
  new TraceExport(collectorOf(text).exporter(WAIT_MS));

/** How long a collector may take for one batch: OpenTelemetry's own default for OTLP. */
const WAIT_MS = 10_000;
