// Where do spans go while a server runs: to a collector, in batches, and never in a request's way.

import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { counted, figure } from '../report/numbers.ts';
import { type Collector, collectorOf } from './collector.ts';

export interface StreamSettings {
  /** Is told once, in a sentence, when spans begin to be lost. */
  readonly say: (sentence: string) => void;
  /** Spans that wait for their turn, at most; what comes beyond them is lost. */
  readonly queueMax?: number;
  /** A batch leaves when it is full, or after so long. */
  readonly delayMs?: number;
  /** How long the collector may take for one batch before that is lost. */
  readonly waitMs?: number;
  /** How long `stop` takes, at most. */
  readonly stopMs?: number;
}

/** `ended` is the sum of the others once the stream has stopped; before, some are on their way. */
export interface StreamCounts {
  readonly ended: number;
  readonly sent: number;
  /** Lost as the queue was full. */
  readonly dropped: number;
  /** Lost as the collector refused them, could not be reached, or did not answer in time. */
  readonly refused: number;
  /** Lost as the time was over when the stream was stopped. */
  readonly unsent: number;
}

/** OpenTelemetry's own delay of batches; the others are assumed. */
const DEFAULTS = { queueMax: 16_384, delayMs: 5_000, waitMs: 5_000, stopMs: 5_000 };

/** The stream to `jaeger=URL` or `otlp=URL`. Throws `UsageError`. */
export const traceStream = (text: string, settings: StreamSettings): TraceStream =>
  new TraceStream(collectorOf(text), settings);

/** A span processor on the wall clock. No failure of the collector's leaves it but in words. */
export class TraceStream implements SpanProcessor {
  readonly #collector: Collector;
  readonly #settings: Required<StreamSettings>;
  readonly #batches: BatchSpanProcessor;
  #exporter: SpanExporter;
  /** The last of the batches that were handed over: they leave one after the other. */
  #last: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  #over = false;
  /** Ends the waiting for the batch that is on its way. */
  #giveUp: () => void = () => {};
  #said = false;
  #handed = 0;
  readonly #counts = { ended: 0, sent: 0, dropped: 0, refused: 0 };

  constructor(collector: Collector, settings: StreamSettings) {
    this.#collector = collector;
    this.#settings = { ...DEFAULTS, ...settings };
    const { queueMax, delayMs, waitMs } = this.#settings;
    this.#exporter = this.#newExporter();
    const handOver: SpanExporter = {
      export: (spans, done) => {
        this.#handed += spans.length;
        this.#last = this.#last.then(() => this.#send(spans));
        void this.#last.then(() => done({ code: 0 }));
      },
      shutdown: async () => {},
    };
    this.#batches = new BatchSpanProcessor(handOver, {
      maxQueueSize: queueMax,
      maxExportBatchSize: Math.min(collector.batchMax, queueMax),
      scheduledDelayMillis: delayMs,
      // The stream's own patience ends first: two of one batch would be at work at a time.
      exportTimeoutMillis: waitMs * 2,
    });
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#counts.ended += 1;
    const { ended, dropped } = this.#counts;
    // What the processor does with a span that finds its queue full, or comes after the end.
    const waiting = ended - 1 - dropped - this.#handed;
    if (this.#stopped !== undefined || waiting >= this.#settings.queueMax) {
      this.#counts.dropped += 1;
      if (this.#stopped === undefined)
        this.#sayOnce(`${figure(this.#settings.queueMax)} spans wait for it already`);
      return;
    }
    this.#batches.onEnd(span);
  }

  /** Resolves when all that has ended was sent or lost. */
  async forceFlush(): Promise<void> {
    await quietly(this.#batches.forceFlush());
    await this.#last;
  }

  /** Sends what is left, for as long as it may take; what then is not sent counts as lost. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async shutdown(): Promise<void> {
    await this.stop();
  }

  counts(): StreamCounts {
    const { ended, sent, dropped, refused } = this.#counts;
    return {
      ...{ ended, sent, dropped, refused },
      unsent: this.#over ? ended - sent - dropped - refused : 0,
    };
  }

  /** How many spans were sent, and of those that were not, why. */
  sentence(): string {
    const { ended, sent, dropped, refused, unsent } = this.counts();
    const reasons = [
      [dropped, 'as too many were waiting'],
      [refused, 'as it did not take them'],
      [unsent, 'as the time was over'],
    ] as const;
    const lost = reasons.flatMap(([count, why]) =>
      count === 0 ? [] : [`${figure(count)} ${why}`],
    );
    const all = `${figure(sent)} of ${counted(ended, 'span')} were taken by ${this.#collector.shown}`;
    return lost.length === 0 ? `${all}.` : `${all}; lost were ${lost.join(', ')}.`;
  }

  async #stop(): Promise<void> {
    const done = quietly(this.#batches.shutdown()).then(() => this.#last);
    await within(this.#settings.stopMs, done);
    this.#over = true;
    this.#giveUp();
    // It ends the connections that are still open, and need not be waited for.
    void quietly(this.#exporter.shutdown());
  }

  async #send(spans: ReadableSpan[]): Promise<void> {
    if (this.#over) return;
    const over = new Promise<undefined>((resolve) => {
      this.#giveUp = () => resolve(undefined);
    });
    const answer = exported(this.#exporter, spans);
    const reason = await within(this.#settings.waitMs, Promise.race([answer, over]));
    if (this.#over) return;
    if (reason === 'taken') {
      this.#counts.sent += spans.length;
      return;
    }
    this.#counts.refused += spans.length;
    this.#sayOnce(reason ?? `no answer within ${figure(this.#settings.waitMs)} ms`);
    if (reason !== undefined) return;
    // What hangs keeps its connection: a new exporter begins with none.
    const hanging = this.#exporter;
    this.#exporter = this.#newExporter();
    void quietly(hanging.shutdown());
  }

  #newExporter(): SpanExporter {
    // A little less than what is waited here, so that the exporter's own words come first.
    return this.#collector.exporter(Math.ceil(this.#settings.waitMs * 0.8));
  }

  #sayOnce(reason: string): void {
    if (this.#said) return;
    this.#said = true;
    this.#settings.say(
      `the collector at ${this.#collector.shown} does not take all spans (${reason}); requests go on, and what is lost is counted`,
    );
  }
}

/** `taken`, or why not. Never rejects. */
const exported = (exporter: SpanExporter, spans: ReadableSpan[]): Promise<string> =>
  new Promise((done) => {
    try {
      exporter.export(spans, ({ code, error }) => {
        if (code === 0) done('taken');
        else done(error?.message.split('\n')[0] || 'no reason given');
      });
    } catch (error) {
      done(error instanceof Error ? error.message : 'no reason given');
    }
  });

/** What the work gives, or undefined when it takes longer. */
const within = async <T>(ms: number, work: Promise<T>): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
};

/** Resolves when the work ends, however it ends. */
const quietly = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => {},
    () => {},
  );
