// Which platforms keep the caller of the moment where the next one writes, too?

import type { TelemetryRecord } from '../domain/ports.ts';
import { type Call, type Headers, without } from '../domain/wire.ts';
import {
  breaking,
  claimsIn,
  deceiving,
  hopWith,
  type Make,
  storeWith,
} from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { authorizationOf, bearing } from './making.ts';
import { ask, beside, FOSTER, minutes, NOVAK, readFirst, WILSON, wait } from './scripting.ts';

const CLASS = 'process state and concurrency';
/** How long a careless service does something else between setting a variable and using it. Assumed. */
const A_WHILE_US = 2_000_000;

/** Telemetry of a service that names whoever entered it last. */
const namingLast = (
  service: 'front-door' | 'gateway' | 'runtime',
  change: (record: TelemetryRecord, last: Call) => TelemetryRecord,
): Make =>
  breaking(service, (sound) => {
    let last: Call;
    return (call, hop) => {
      last = call;
      return sound(
        call,
        hopWith(hop, (own) => ({ emit: (record) => own.emit(change(record, last)) })),
      );
    };
  });

/** The headers of a call with the signature of another. */
const signedAs = (other: Call, { headers }: Call): Headers => [
  ...without(headers, ...SIGNATURE),
  ...other.headers.filter(([name]) => SIGNATURE.includes(name)),
];
const SIGNATURE = ['authorization', 'x-amz-security-token'];

/** Two of one tenant and one of another, all at once. */
const AT_ONCE = [readFirst(FOSTER), beside(readFirst(NOVAK)), beside(readFirst(WILSON))] as const;

export const SHARED_STATE: readonly SeededFault[] = [
  {
    id: 'runtime-current-caller',
    class: CLASS,
    does: 'the runtime keeps its caller in a variable of the process across an await',
    source: 'W47, published sample context.py:57',
    promise: 'I4',
    implies: ['I1', 'I3', 'I5', 'I10'],
    boundary: 'runtime',
    mechanism: 'caller in a global across an await',
    traits: ['needs concurrency'],
    make: breaking('runtime', (sound) => {
      let current = '';
      return async (call, hop) => {
        current = authorizationOf(call);
        if (current === '') return sound(call, hop);
        await hop.sleep(A_WHILE_US);
        return sound(current === authorizationOf(call) ? call : bearing(call, current), hop);
      };
    }),
    script: [ask(FOSTER, 'talk'), ask(NOVAK, 'talk'), ...AT_ONCE],
  },
  {
    id: 'runtime-one-prompt',
    class: CLASS,
    does: 'the runtime builds its prompts in one buffer of the process',
    source: 'assumed',
    promise: 'I1',
    implies: ['I3', 'I5', 'I10'],
    boundary: 'runtime',
    mechanism: 'one prompt buffer for all',
    traits: ['needs concurrency'],
    make: deceiving('runtime', () => {
      let current: Call;
      return (hop) => ({
        call: async (to, call) => {
          if (to !== 'model') return hop.call(to, call);
          current = call;
          await hop.sleep(A_WHILE_US);
          return hop.call(to, { ...call, body: current.body });
        },
      });
    }),
    script: [ask(FOSTER, 'talk'), ask(NOVAK, 'talk'), ...AT_ONCE],
  },
  {
    id: 'tools-last-credentials',
    class: CLASS,
    does: 'the tools keep the credentials of the caller at hand in a variable of the process',
    source: 'W51, published sample api_gateway_lambda.py:173: the last registration wins',
    promise: 'I4',
    implies: [],
    boundary: 'tools',
    mechanism: 'credentials in a global across an await',
    traits: ['needs concurrency', 'within one tenant', 'no canary shows it'],
    make: deceiving('tools', () => {
      let current: Call;
      return (hop) => ({
        call: async (to, call) => {
          if (to !== 'table') return hop.call(to, call);
          current = call;
          await hop.sleep(A_WHILE_US);
          return hop.call(to, { ...call, headers: signedAs(current, call) });
        },
      });
    }),
    script: [readFirst(FOSTER), readFirst(WILSON), readFirst(FOSTER), beside(readFirst(WILSON))],
  },
  {
    id: 'table-checks-then-reads',
    class: CLASS,
    does: 'the table asks IAM about one key and reads by the key that was asked for last',
    source: 'assumed: time of check, time of use',
    promise: 'I3',
    implies: ['I1', 'I10'],
    boundary: 'table',
    mechanism: 'key in a global across an await',
    traits: ['needs concurrency'],
    make: breaking('table', (sound) => {
      let current = '';
      return async (call, hop) => {
        current = /"pk":\{"S":"([^"]+)"/.exec(call.body)?.[1] ?? current;
        await hop.sleep(A_WHILE_US);
        return sound(
          call,
          hopWith(hop, (own) => ({
            store: (which) =>
              storeWith(own.store(which), (store) => ({
                get: (_partition, sort) => store.get(current, sort),
              })),
          })),
        );
      };
    }),
    script: [readFirst(FOSTER), readFirst(NOVAK), ...AT_ONCE],
  },
  {
    id: 'memory-extracts-for-last',
    class: CLASS,
    does: 'memory writes what it extracts into the namespace of whoever spoke last',
    source: 'W46, asynchronous extraction',
    promise: 'I3',
    implies: ['I1', 'I10'],
    boundary: 'memory',
    mechanism: 'namespace in a global across the extraction',
    traits: ['needs concurrency'],
    make: deceiving('memory', () => {
      let current = '';
      return (hop) => ({
        authorize: (question) => {
          const { action, context } = question;
          if (action.endsWith(':CreateEvent'))
            current = String(context['bedrock-agentcore:actorId']);
          return hop.authorize(question);
        },
        store: (which) =>
          storeWith(hop.store(which), (store) =>
            which === 'memory-records'
              ? { put: (_space, id, value) => store.put(`/${current}/facts/`, id, value) }
              : {},
          ),
      });
    }),
    script: [
      ask(FOSTER, 'talk'),
      beside(ask(NOVAK, 'talk')),
      wait(minutes(1), ask(NOVAK, 'recall')),
      ask(FOSTER, 'recall'),
    ],
  },
  {
    id: 'gateway-spans-of-last',
    class: CLASS,
    does: "the gateway's spans name whoever entered it last",
    source: 'W68, context carried in a variable of the process',
    promise: 'I5',
    implies: [],
    boundary: 'gateway',
    mechanism: 'span context in a global',
    traits: ['needs concurrency', 'no canary shows it', 'only in telemetry or cost'],
    make: namingLast('gateway', (record, last) => {
      const { tenant, role } = claimsIn(last);
      if (record.kind !== 'span' || tenant === undefined) return record;
      const named = { 'tenant.id': tenant, 'tenant.scope': role };
      return { ...record, attributes: { ...record.attributes, ...named } };
    }),
    script: AT_ONCE,
  },
  {
    id: 'runtime-charges-last',
    class: CLASS,
    does: 'the runtime charges whoever entered it last',
    source: 'W72, cost booked by a variable of the process',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'charged caller in a global',
    traits: ['needs concurrency', 'no canary shows it', 'only in telemetry or cost'],
    make: namingLast('runtime', (record, last) => {
      const { tenant, sub } = claimsIn(last);
      if (record.kind !== 'usage') return record;
      return {
        ...record,
        usage: { ...record.usage, tenant: String(tenant), user: String(sub) },
      };
    }),
    script: AT_ONCE,
  },
  {
    id: 'front-door-logs-last',
    class: CLASS,
    does: "the front door's log lines name whoever entered it last",
    source: 'assumed: a mapped diagnostic context that is no thread’s own',
    promise: 'I5',
    implies: [],
    boundary: 'front-door',
    mechanism: 'log context in a global',
    traits: ['needs concurrency', 'no canary shows it', 'only in telemetry or cost'],
    make: namingLast('front-door', (record, last) => {
      if (record.kind !== 'log') return record;
      const line = JSON.parse(record.line) as Readonly<Record<string, unknown>>;
      const { tenant } = claimsIn(last);
      return { ...record, line: JSON.stringify({ ...line, tenant }) };
    }),
    script: AT_ONCE,
  },
];
