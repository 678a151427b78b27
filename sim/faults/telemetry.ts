// Which platforms name the wrong one to the operator, or send names where they do not belong?

import type { Hop, ServiceName, TelemetryRecord } from '../domain/ports.ts';
import { type Headers, header } from '../domain/wire.ts';
import { deceiving, type Make } from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { delayed } from './making.ts';
import { ask, FOSTER, LEE, SMITH } from './scripting.ts';

const CLASS = 'telemetry and attribution';
const UNSEEN = ['no canary shows it', 'only in telemetry or cost'] as const;

type Span = Extract<TelemetryRecord, { kind: 'span' }>;

/** A runtime whose baggage to one service names the caller before. */
const baggageOneLate = (service: ServiceName): Make =>
  deceiving('runtime', () => {
    const before = delayed<string>();
    return (hop) => ({
      call: withHeaders(hop, (to, headers) =>
        to !== service
          ? headers
          : headers.map(
              ([name, value]) => [name, name === 'baggage' ? before(value) : value] as const,
            ),
      ),
    });
  });

/** Spans of the gateway, changed. */
const gatewaySpans = (change: () => (span: Span) => Span): Make =>
  deceiving('gateway', () => {
    const changed = change();
    return (hop) => ({
      emit: (record) => hop.emit(record.kind === 'span' ? changed(record) : record),
    });
  });

const withHeaders =
  (hop: Hop, change: (to: string, headers: Headers) => Headers): Hop['call'] =>
  (to, call) =>
    hop.call(to, { ...call, headers: change(to, call.headers) });

const NAMES = ['tenant.id', 'tenant.tier', 'tenant.scope'] as const;

const IN_TURN = [ask(SMITH, 'patient_context'), ask(FOSTER, 'patient_context')] as const;
const SEARCH = [ask(FOSTER, 'web_search')] as const;

export const TELEMETRY: readonly SeededFault[] = [
  {
    id: 'gateway-spans-of-previous',
    class: CLASS,
    does: "the gateway's spans name the caller of the span before",
    source: 'assumed',
    promise: 'I5',
    implies: [],
    boundary: 'gateway',
    mechanism: 'span named one late',
    traits: UNSEEN,
    make: gatewaySpans(() => {
      const before = delayed<Span['attributes']>();
      return (span) => {
        const named = before(span.attributes);
        const names = Object.fromEntries(NAMES.map((name) => [name, named[name]]));
        return { ...span, attributes: { ...span.attributes, ...names } };
      };
    }),
    script: IN_TURN,
  },
  {
    id: 'gateway-spans-of-nobody',
    class: CLASS,
    does: "the gateway's spans name nobody",
    source: 'assumed',
    promise: 'I5',
    implies: [],
    boundary: 'gateway',
    mechanism: 'span without a tenant',
    traits: UNSEEN,
    make: gatewaySpans(() => (span) => {
      const attributes = Object.entries(span.attributes);
      const rest = attributes.filter(([name]) => !name.startsWith('tenant.'));
      return { ...span, attributes: Object.fromEntries(rest) };
    }),
    script: IN_TURN,
  },
  {
    id: 'tools-baggage-to-web',
    class: CLASS,
    does: 'the tools take their baggage along to the web',
    source: 'W68, published sample: every outgoing call is instrumented',
    promise: 'I5',
    implies: [],
    boundary: 'tools',
    mechanism: 'baggage sent to a third party',
    traits: UNSEEN,
    make: deceiving('tools', () => (hop, call) => ({
      call: withHeaders(hop, (to, headers) =>
        to === 'web' ? [...headers, ['baggage', header(call.headers, 'baggage') ?? '']] : headers,
      ),
    })),
    script: SEARCH,
  },
  {
    id: 'runtime-trace-to-model',
    class: CLASS,
    does: 'the trace goes on at the model host',
    source: 'W68, published sample: every outgoing call is instrumented',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'trace sent to the model host',
    traits: UNSEEN,
    make: deceiving('runtime', () => (hop, call) => ({
      call: withHeaders(hop, (to, headers) =>
        to === 'model'
          ? [...headers, ['traceparent', header(call.headers, 'traceparent') ?? '']]
          : headers,
      ),
    })),
    script: IN_TURN,
  },
  {
    id: 'runtime-baggage-of-previous',
    class: CLASS,
    does: "the runtime's baggage to memory names the caller before",
    source: 'assumed',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'baggage named one late',
    traits: UNSEEN,
    make: baggageOneLate('memory'),
    script: IN_TURN,
  },
  {
    id: 'runtime-vends-under-previous',
    class: CLASS,
    does: "the runtime's baggage to the token vending machine names the caller before",
    source: 'assumed',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'baggage to the token vending machine named one late',
    traits: UNSEEN,
    make: baggageOneLate('credentials'),
    script: IN_TURN,
  },
  {
    id: 'front-door-logs-previous',
    class: CLASS,
    does: "the front door's log names the tenant of the line before",
    source: 'assumed',
    promise: 'I5',
    implies: [],
    boundary: 'front-door',
    mechanism: 'log line named one late',
    traits: UNSEEN,
    make: deceiving('front-door', () => {
      const before = delayed<unknown>();
      return (hop) => ({
        emit: (record) => {
          if (record.kind !== 'log') return hop.emit(record);
          const line = JSON.parse(record.line) as Readonly<Record<string, unknown>>;
          const named = JSON.stringify({ ...line, tenant: before(line['tenant']) });
          hop.emit({ ...record, line: named });
        },
      });
    }),
    script: IN_TURN,
  },
  {
    id: 'gateway-spans-of-first-role',
    class: CLASS,
    does: "the gateway's spans name the tenant right, and the role of its first caller",
    source: 'assumed: attributes kept for each tenant',
    promise: 'I5',
    implies: [],
    boundary: 'gateway',
    mechanism: 'role kept for each tenant',
    traits: [...UNSEEN, 'within one tenant'],
    make: gatewaySpans(() => {
      const first = new Map<unknown, Span['attributes'][string]>();
      return (span) => {
        const tenant = span.attributes['tenant.id'];
        const scope = first.get(tenant) ?? span.attributes['tenant.scope'];
        if (tenant === undefined || scope === undefined) return span;
        first.set(tenant, scope);
        return { ...span, attributes: { ...span.attributes, 'tenant.scope': scope } };
      };
    }),
    script: [ask(SMITH, 'patient_context'), ask(LEE, 'patient_context')],
  },
];
