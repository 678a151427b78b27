// What does a server do about traces: judge those sent to it, judge its own, and send its own on?

import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { TraceBook, type TraceSettings } from '../../checks.ts';
import { nameOfLabel, type Verdict } from '../../domain/finding.ts';
import type { HistoryEvent, Observer } from '../../domain/history.ts';
import type { Label } from '../../domain/label.ts';
import type { ReceivedSpan } from '../../domain/received-span.ts';
import type { ReportedTraces } from '../../domain/report.ts';
import { header } from '../../domain/wire.ts';
import { type Clock, SECOND_US } from '../../kernel/clock.ts';
import { receivedSpan } from '../../protocol/ended-span.ts';
import { type OtlpReply, otlpRefusal, receiveTraces } from '../../protocol/otlp.ts';
import { type ServerSurroundings, TRACES_BYTES_MAX } from '../../server.ts';
import { decompress } from '../decompress.ts';
import { type TraceStream, traceStream } from '../trace-stream.ts';

export interface TraceFlags {
  /** `jaeger=URL` or `otlp=URL`. */
  readonly exportTraces?: string;
  /** The platform's own spans are judged as traces, too. */
  readonly checkTraces?: boolean;
}

/** What whole traces came to. */
export interface JudgedTraces {
  readonly verdicts: readonly Verdict[];
  readonly traces: readonly ReportedTraces[];
}

type Door = NonNullable<ServerSurroundings['traces']>;

/** Everything about traces that a server is opened with, and what it came to. */
export class ServedTraces {
  readonly #received: TraceBook;
  readonly #own: OwnTraces | undefined;
  readonly #stream: TraceStream | undefined;
  readonly around: Pick<ServerSurroundings, 'spanProcessors' | 'traces'> & {
    readonly observers: readonly Observer[];
  };

  /** `labelOf` gives the label of a canary's owner. Throws `UsageError` on a wrong collector. */
  constructor(
    flags: TraceFlags,
    clock: Clock,
    telling: {
      readonly labelOf: (owner: number) => Label | undefined;
      readonly say: (sentence: string) => void;
    },
  ) {
    const settings = { ...SETTINGS, ownerName: nameFrom(telling.labelOf) };
    this.#received = new TraceBook(settings);
    this.#own =
      flags.checkTraces === true
        ? new OwnTraces(new TraceBook({ ...settings, quietUs: OWN_QUIET_US }), clock)
        : undefined;
    this.#stream =
      flags.exportTraces === undefined
        ? undefined
        : traceStream(flags.exportTraces, { say: telling.say });
    this.around = {
      traces: traceDoor(this.#received, clock),
      spanProcessors: [this.#own, this.#stream].filter((one) => one !== undefined),
      observers: this.#own === undefined ? [] : [this.#own],
    };
  }

  /** Judges all that has come. Concludes once, when nothing more comes. */
  conclude(): JudgedTraces {
    const judged = [
      judgedBy(this.#received, 'received', null),
      ...(this.#own === undefined ? [] : [this.#own.conclude()]),
    ];
    return {
      verdicts: judged.flatMap(({ verdicts }) => verdicts),
      traces: judged.flatMap(({ traces }) => traces),
    };
  }

  /** Sends what is left, for a bounded time, and says what was sent; nothing without a collector. */
  async stop(): Promise<readonly string[]> {
    await this.#stream?.stop();
    return this.#stream === undefined ? [] : [this.#stream.sentence()];
  }
}

/**
 * Spans of our own are seen as they end, on no way in batches: of a whole trace nothing more comes
 * but from work that outlives its request. Assumed.
 */
const OWN_QUIET_US = SECOND_US;

/** Takes an export request in, undoes its compression, and has the book see its spans. */
export const traceDoor =
  (book: Pick<TraceBook, 'see'>, clock: Pick<Clock, 'nowUs'>): Door =>
  (headers, body) => {
    const type = header(headers, 'content-type');
    const plain = decompress(header(headers, 'content-encoding'), body, TRACES_BYTES_MAX);
    if (plain.kind === 'refused') return sendable(otlpRefusal(type, plain.complaint), plain.status);
    const { reply, spans } = receiveTraces(type, plain.bytes);
    book.see(spans, clock.nowUs());
    return sendable(reply);
  };

const sendable = (
  { contentType, body, status }: OtlpReply,
  refusal: number = status,
): ReturnType<Door> => ({ status: refusal, headers: [['content-type', contentType]], body });

/** The platform's own spans, as they end, beside the requests that they must be of. */
export class OwnTraces implements SpanProcessor, Observer {
  readonly #book: TraceBook;
  readonly #clock: Pick<Clock, 'nowUs'>;
  #requests = 0;

  constructor(book: TraceBook, clock: Pick<Clock, 'nowUs'>) {
    this.#book = book;
    this.#clock = clock;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#book.see([receivedSpan(span)], this.#clock.nowUs());
  }

  see(event: HistoryEvent): void {
    if (event.kind === 'exchange' && event.from === 'internet' && event.to === 'front-door')
      this.#requests += 1;
  }

  conclude(): JudgedTraces {
    return judgedBy(this.#book, 'own', this.#requests);
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

/** A call that the front door answered is for somebody; who signs in, or fetches keys, is not yet. */
export const SETTINGS: TraceSettings = {
  mustName: (root) => {
    const status = root.attributes['http.response.status_code'];
    return isOf('front-door', root) && typeof status === 'number' && status < 400;
  },
  isEarly: (span) => isOf('identity', span),
};

const isOf = (service: string, { name }: ReceivedSpan): boolean => name.startsWith(`${service} `);

const nameFrom = (labelOf: (owner: number) => Label | undefined) => (owner: number) =>
  nameOfLabel(labelOf(owner));

const judgedBy = (
  book: TraceBook,
  source: ReportedTraces['source'],
  requests: number | null,
): JudgedTraces => {
  const { verdicts, counts } = book.conclude();
  const naming = verdicts.find(({ promise }) => promise === 'I5');
  return {
    verdicts,
    traces: [
      {
        ...{ source, requests, counts },
        ...{ named: naming?.evidence ?? 0, right: naming?.controls ?? 0 },
        findings: verdicts.flatMap(({ findings }) => findings.map(({ id }) => id)),
      },
    ],
  };
};
