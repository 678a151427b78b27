// Which platforms name the wrong one, or charge what was not used?

import type { Hop, TelemetryRecord, UsageRecord } from '../../sim/domain/ports.ts';
import { type Headers, header } from '../../sim/domain/wire.ts';
import { deceiving } from '../../sim/platforms/overriding.ts';
import type { Broken } from './break.ts';

/** Charges that the agent writes, changed or left out. */
const charging = (change: () => (usage: UsageRecord) => UsageRecord | undefined): Broken['make'] =>
  deceiving('runtime', () => {
    const changed = change();
    return (hop) => ({
      emit: (record) => {
        if (record.kind !== 'usage') return hop.emit(record);
        const usage = changed(record.usage);
        if (usage !== undefined) hop.emit({ kind: 'usage', usage });
      },
    });
  });

/** Spans of the gateway, changed. */
const spans = (change: () => (attributes: Attributes) => Attributes): Broken['make'] =>
  deceiving('gateway', () => {
    const changed = change();
    return (hop) => ({
      emit: (record) => {
        const isSpan = record.kind === 'span';
        hop.emit(isSpan ? { ...record, attributes: changed(record.attributes) } : record);
      },
    });
  });
type Attributes = Extract<TelemetryRecord, { kind: 'span' }>['attributes'];

const NAMES = ['tenant.id', 'tenant.tier', 'tenant.scope'] as const;

const withHeaders =
  (hop: Hop, change: (to: string, headers: Headers) => Headers): Hop['call'] =>
  (to, call) =>
    hop.call(to, { ...call, headers: change(to, call.headers) });

/** The value as it was at the call before. */
const delayed = <T>(): ((now: T) => T) => {
  let before: { readonly value: T } | undefined;
  return (now) => {
    const value = before === undefined ? now : before.value;
    before = { value: now };
    return value;
  };
};

export const ATTRIBUTION: readonly Broken[] = [
  {
    does: 'charges go to whoever was charged before',
    under: 'day',
    make: charging(() => {
      const before = delayed<UsageRecord>();
      return (usage) => {
        const { tier, tenant, user } = before(usage);
        return { ...usage, tier, tenant, user };
      };
    }),
  },
  {
    does: 'every fifth charge is lost',
    under: 'day',
    make: charging(() => {
      let count = 0;
      return (usage) => {
        count += 1;
        return count % 5 === 0 ? undefined : usage;
      };
    }),
  },
  {
    does: 'one output token more is charged than was metered',
    under: 'day',
    make: charging(() => (usage) => ({ ...usage, outputTokens: usage.outputTokens + 1 })),
  },
  {
    does: 'a charge names the tenant right and the tier wrong',
    under: 'day',
    make: charging(() => (usage) => ({
      ...usage,
      tier: usage.tier === 'basic' ? 'premium' : 'basic',
    })),
  },
  {
    does: "the gateway's spans name the caller of the span before",
    under: 'day',
    make: spans(() => {
      const before = delayed<Attributes>();
      return (attributes) => {
        const named = before(attributes);
        return { ...attributes, ...Object.fromEntries(NAMES.map((name) => [name, named[name]])) };
      };
    }),
  },
  {
    does: "the gateway's spans name nobody",
    under: 'day',
    make: spans(
      () => (attributes) =>
        Object.fromEntries(
          Object.entries(attributes).filter(([name]) => !name.startsWith('tenant.')),
        ),
    ),
  },
  {
    does: "the front door's log names the tenant of the line before",
    under: 'day',
    make: deceiving('front-door', () => {
      const before = delayed<unknown>();
      return (hop) => ({
        emit: (record) => {
          if (record.kind !== 'log') return hop.emit(record);
          const line = JSON.parse(record.line) as Readonly<Record<string, unknown>>;
          hop.emit({
            ...record,
            line: JSON.stringify({ ...line, tenant: before(line['tenant']) }),
          });
        },
      });
    }),
  },
  {
    does: 'the tools take their baggage along to the web',
    under: 'day',
    make: deceiving('tools', () => (hop, call) => ({
      call: withHeaders(hop, (to, headers) =>
        to === 'web' ? [...headers, ['baggage', header(call.headers, 'baggage') ?? '']] : headers,
      ),
    })),
  },
  {
    does: 'the trace goes on at the model host',
    under: 'day',
    make: deceiving('runtime', () => (hop, call) => ({
      call: withHeaders(hop, (to, headers) =>
        to === 'model'
          ? [...headers, ['traceparent', header(call.headers, 'traceparent') ?? '']]
          : headers,
      ),
    })),
  },
  {
    does: "the runtime's baggage to memory names the caller before",
    under: 'day',
    make: deceiving('runtime', () => {
      const before = delayed<string>();
      return (hop) => ({
        call: withHeaders(hop, (to, headers) =>
          to !== 'memory'
            ? headers
            : headers.map(
                ([name, value]) => [name, name === 'baggage' ? before(value) : value] as const,
              ),
        ),
      });
    }),
  },
];
