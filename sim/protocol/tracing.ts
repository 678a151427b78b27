// How does the operator know who a call was for: spans, baggage and logs, from the first hop to the last.

import { ROOT_CONTEXT, type Span, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { pino } from 'pino';
import type { Caller } from '../domain/caller.ts';
import type { Hop, Service, ServiceName } from '../domain/ports.ts';
import { type Call, type Headers, header, type Reply } from '../domain/wire.ts';
import type { Chance } from '../kernel/chance.ts';
import { decodeBaggage, encodeBaggage, type Members, passedOn } from './baggage.ts';

/** One call's place in its trace. `headers` go on every call to an internal host, and to no other. */
export interface Trace {
  headers(): Headers;
  /** Names the verified caller: from here on spans, logs and baggage carry it. */
  attribute(caller: Caller): void;
  /** The baggage that came in. */
  readonly baggage: Members;
  log(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
}

export type TracedService = (call: Call, hop: Hop, trace: Trace) => Promise<Reply>;

/** Spans through the OpenTelemetry SDK, in simulated time with ids drawn by chance. */
export class Tracing {
  readonly #tracer;
  readonly #ended: ReadableSpan[] = [];
  #ids: Chance | undefined;

  /** `processors` are further span processors, such as an exporter's. */
  constructor(processors: readonly SpanProcessor[] = []) {
    const collect: SpanProcessor = {
      onStart: () => {},
      onEnd: (span) => {
        this.#ended.push(span);
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    this.#tracer = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'platform' }),
      // What the usual sampler decides for a parent that is always sampled, without asking it.
      sampler: new AlwaysOnSampler(),
      spanProcessors: [collect, ...processors],
      idGenerator: {
        generateTraceId: () => this.#draw(32),
        generateSpanId: () => this.#draw(16),
      },
    }).getTracer('platform');
  }

  /**
   * Wraps a service: a span around each call, parented by what came in. A call from the internet
   * starts a trace anew, and its baggage is thrown away.
   */
  traced(service: ServiceName, handle: TracedService): Service {
    const loggers = new ServiceLog(service);
    const ids = `span ${service}`;
    return async (call, hop) => {
      this.#ids = hop.chance(ids);
      const edge = hop.peer === 'internet';
      const incoming = header(call.headers, 'traceparent');
      const parent = remoteParent(incoming);
      const span = this.#tracer.startSpan(
        `${service} ${call.method}`,
        {
          kind: SpanKind.SERVER,
          startTime: instant(hop.nowUs()),
          ...(edge && parent !== undefined ? { links: [{ context: parent }] } : {}),
        },
        edge || parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
      );
      const view = new CallTrace(
        span,
        hop,
        loggers,
        edge ? undefined : header(call.headers, 'baggage'),
      );
      try {
        const reply = await handle(call, hop, view);
        span.setAttribute('http.response.status_code', reply.status);
        return reply;
      } finally {
        this.#finish(span, service, hop);
      }
    };
  }

  #finish(span: Span, service: ServiceName, hop: Hop): void {
    span.end(instant(hop.nowUs()));
    for (const ended of this.#ended.splice(0)) {
      hop.emit({
        kind: 'span',
        service,
        name: ended.name,
        traceId: ended.spanContext().traceId,
        attributes: ended.attributes,
      });
    }
  }

  #draw(digits: number): string {
    if (this.#ids === undefined) throw new Error('a span began outside a traced call');
    return this.#ids.hex(digits);
  }
}

class CallTrace implements Trace {
  readonly baggage: Members;
  readonly #span: Span;
  readonly #hop: Hop;
  readonly #log: ServiceLog;
  #outgoing: string | undefined;

  constructor(span: Span, hop: Hop, log: ServiceLog, incoming: string | undefined) {
    this.#span = span;
    this.#hop = hop;
    this.#log = log;
    this.baggage = decodeBaggage(incoming);
    // A baggage span processor's work: what came in names the span until the service verifies it.
    for (const [key, value] of Object.entries(this.baggage)) span.setAttribute(key, value);
    this.#outgoing = passedOn(incoming);
  }

  headers(): Headers {
    const { traceId, spanId } = this.#span.spanContext();
    const traceparent = ['traceparent', `00-${traceId}-${spanId}-01`] as const;
    return this.#outgoing === undefined
      ? [traceparent]
      : [traceparent, ['baggage', this.#outgoing]];
  }

  attribute(caller: Caller): void {
    const members = membersOf(caller);
    for (const key of Object.keys(members)) {
      const value = members[key] ?? '';
      if (this.baggage[key] !== value) this.#span.setAttribute(key, value);
    }
    this.#outgoing = encodeBaggage(members);
  }

  log(message: string, fields: Readonly<Record<string, string | number | boolean>> = {}): void {
    this.#log.write(this.#hop, message, fields);
  }
}

/** The baggage of a caller: tenant, tier and permission scope; no user, for attribution is by tenant. */
export const membersOf = (caller: Caller): Members => ({
  'tenant.id': caller.tenant,
  'tenant.tier': caller.tier,
  'tenant.scope': caller.role,
});

/** True when the baggage names someone other than the verified caller. */
export const foreignBaggage = ({ baggage }: Trace, caller: Caller): boolean =>
  differs(baggage['tenant.id'], caller.tenant) ||
  differs(baggage['tenant.tier'], caller.tier) ||
  differs(baggage['tenant.scope'], caller.role);

const differs = (said: string | undefined, known: string): boolean =>
  said !== undefined && said !== known;

/**
 * Fields whose values never reach a line, should a service ever log one: the second line of defence
 * behind not logging them. Fields are texts, numbers and truth values, so none hides below another,
 * and paths with a wildcard, which make a line ten times as dear, would find nothing more.
 */
const SECRETS = [
  ...['authorization', 'Authorization', '["x-api-key"]', '["x-amz-security-token"]'],
  ...['SecretAccessKey', 'SessionToken', 'IdToken', 'AccessToken', 'RefreshToken'],
  ...['password', 'Password', 'PASSWORD'],
];

/** A pino logger of one service whose lines go to the hop of the call that wrote them. */
class ServiceLog {
  readonly #logger;
  #hop: Hop | undefined;

  constructor(service: ServiceName) {
    const destination = {
      write: (line: string): void => this.#hop?.emit({ kind: 'log', service, line }),
    };
    this.#logger = pino({ base: { service }, timestamp: false, redact: SECRETS }, destination);
  }

  write(hop: Hop, message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#hop = hop;
    this.#logger.info({ timeUs: hop.nowUs(), ...fields }, message);
    this.#hop = undefined;
  }
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

const remoteParent = (text: string | undefined) => {
  const match = text === undefined ? null : TRACEPARENT.exec(text);
  if (match === null) return undefined;
  return {
    traceId: match[1] as string,
    spanId: match[2] as string,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
};

/** Simulated time as OpenTelemetry takes it; a bare number would be read as a performance stamp. */
const instant = (us: number): [number, number] => [Math.floor(us / 1e6), (us % 1e6) * 1000];
