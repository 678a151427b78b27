// Which platforms let tenants feel one another, without a word of one reaching the other?

import type { Store } from '../domain/ports.ts';
import { json, parsed, type Reply } from '../domain/wire.ts';
import { breaking, claimsIn, hopWith, storeWith, withBody } from '../platforms/overriding.ts';
import type { Observation } from '../scenario/schema.ts';
import type { SeededFault } from './fault.ts';
import {
  ask,
  attempt,
  beside,
  CHEN,
  FOSTER,
  intrude,
  JONES,
  minutes,
  NOVAK,
  SMITH,
  seconds,
  wait,
} from './scripting.ts';

const CLASS = 'process state and concurrency';

const PAGE_TOKENS = 36;

/** A tenant that must notice nothing of the others, who do nothing in the second run. */
const watching = (tenant: string): Observation => ({
  tenants: [tenant],
  user: undefined,
  others: 'removed',
  resources: 'replicated',
});

export const INTERFERENCE: readonly SeededFault[] = [
  {
    id: 'front-door-numbers-answers',
    class: CLASS,
    does: 'the front door numbers its answers over all tenants',
    source: 'assumed: a sequence in place of a random request id',
    promise: 'I2',
    implies: [],
    boundary: 'front-door',
    mechanism: 'one counter in the answers of all',
    traits: ['no canary shows it'],
    make: breaking('front-door', (sound) => {
      let number = 0;
      return async (call, hop) => {
        const { status, headers, body } = await sound(call, hop);
        const answer = parsed(body);
        if (status !== 200 || answer === undefined) return { status, headers, body };
        number += 1;
        return { status, headers, body: JSON.stringify({ ...answer, number }) };
      };
    }),
    script: [ask(CHEN, 'talk'), ask(SMITH, 'talk')],
    observer: watching('clinic-a'),
  },
  {
    id: 'front-door-closes-after-strangers',
    class: CLASS,
    does: 'the front door refuses everybody for ten minutes after a bad token from anybody',
    source: 'assumed: a lock-out that does not ask whose calls failed',
    promise: 'I2',
    implies: ['I10'],
    boundary: 'front-door',
    mechanism: 'one lock-out for all',
    traits: ['no canary shows it'],
    make: breaking('front-door', (sound) => {
      let closedUntilUs = 0;
      return async (call, hop) => {
        if (hop.nowUs() < closedUntilUs) return json(403, { message: 'Forbidden' });
        const reply = await sound(call, hop);
        if (reply.status === 401) closedUntilUs = hop.nowUs() + minutes(10);
        return reply;
      };
    }),
    script: [intrude(CHEN, 'front-door talk'), ask(SMITH, 'talk')],
    observer: watching('clinic-a'),
  },
  {
    id: 'memory-tells-what-is-there',
    class: CLASS,
    does: 'memory answers that there is no such record before it asks whether the caller may know',
    source: 'assumed: the look-up before the check',
    promise: 'I2',
    implies: [],
    boundary: 'memory',
    mechanism: 'absence told before authorization',
    traits: ['no canary shows it'],
    make: breaking('memory', (sound) => {
      const there = new Set<string>();
      const noting = (store: Store): Partial<Store> => ({
        put: (partition, sort, value) => {
          there.add(sort);
          store.put(partition, sort, value);
        },
      });
      return async (call, hop) => {
        const reply = await sound(
          call,
          hopWith(hop, (own) => ({ store: (name) => storeWith(own.store(name), noting) })),
        );
        const id = /\/memoryRecord\/([^/?]+)/.exec(call.path)?.[1];
        if (id === undefined || reply.status !== 403 || there.has(id)) return reply;
        return json(404, { message: 'ResourceNotFoundException' });
      };
    }),
    script: [ask(CHEN, 'talk'), wait(seconds(30), attempt(SMITH, CHEN, 'memory GetMemoryRecord'))],
    observer: watching('clinic-a'),
  },
  {
    id: 'runtime-two-at-a-time',
    class: CLASS,
    does: 'the runtime turns away whoever comes while two others are served',
    source: 'W37, a pool of workers without shares',
    promise: 'I2',
    implies: ['I10'],
    boundary: 'runtime',
    mechanism: 'two slots for all',
    traits: ['no canary shows it', 'needs concurrency'],
    make: breaking('runtime', (sound) => {
      let running = 0;
      return async (call, hop) => {
        if (running >= 2) return json(503, { error: 'temporarily unavailable' });
        running += 1;
        const reply = await sound(call, hop);
        running -= 1;
        return reply;
      };
    }),
    script: [ask(CHEN, 'talk'), beside(ask(NOVAK, 'talk')), beside(ask(SMITH, 'talk'))],
    observer: watching('clinic-a'),
  },
  {
    id: 'runtime-shortens-when-busy',
    class: CLASS,
    does: 'the runtime has answers cut short while somebody else is served',
    source: 'assumed: degradation under load, without shares',
    promise: 'I2',
    implies: [],
    boundary: 'runtime',
    mechanism: 'length of answers by the load of all',
    traits: ['no canary shows it', 'needs concurrency'],
    make: breaking('runtime', (sound) => {
      let running = 0;
      return async (call, hop) => {
        running += 1;
        const reply = await sound(running > 1 ? withBody(call, { max_tokens: 4 }) : call, hop);
        running -= 1;
        return reply;
      };
    }),
    script: [ask(CHEN, 'talk'), beside(ask(SMITH, 'talk'))],
    observer: watching('clinic-a'),
  },
  {
    id: 'gateway-one-after-another',
    class: CLASS,
    does: 'the gateway serves one call after another, whoever asks',
    source: 'assumed: a lock around a client that is shared',
    promise: 'I2',
    implies: [],
    boundary: 'gateway',
    mechanism: 'one lock for all calls',
    traits: ['no canary shows it', 'needs concurrency'],
    make: breaking('gateway', (sound) => {
      let last: Promise<unknown> = Promise.resolve();
      return (call, hop) => {
        const mine = last.then(() => sound(call, hop));
        last = mine;
        return mine;
      };
    }),
    script: [ask(CHEN, 'clinic_config'), beside(ask(SMITH, 'clinic_config'))],
    observer: watching('clinic-a'),
  },
  {
    id: 'runtime-keeps-tool-lists',
    class: CLASS,
    does: 'the runtime keeps the list of tools of a role, so that a second asker is answered sooner',
    source: 'assumed: a cache of what is right for all, whose hits tell what others did',
    promise: 'I2',
    implies: [],
    boundary: 'runtime',
    mechanism: 'hits of a cache of tool lists',
    traits: ['no canary shows it'],
    make: breaking('runtime', (sound) => {
      const known = new Map<string, Reply>();
      return (asked, hop) =>
        sound(
          asked,
          hopWith(hop, (own) => ({
            call: async (to, call) => {
              if (to !== 'gateway' || !call.body.includes('"tools/list"'))
                return own.call(to, call);
              const whose = `${call.path} ${claimsIn(asked)['role']}`;
              const reply = known.get(whose) ?? (await own.call(to, call));
              if (reply.status === 200) known.set(whose, reply);
              return reply;
            },
          })),
        );
    }),
    script: [ask(CHEN, 'talk'), ask(SMITH, 'talk')],
    observer: watching('clinic-a'),
  },
  {
    id: 'memory-slows-down-for-all',
    class: CLASS,
    does: 'memory makes everybody wait after three events in ten seconds from anybody',
    source: 'assumed: throttling of the account and not of its tenants',
    promise: 'I2',
    implies: [],
    boundary: 'memory',
    mechanism: 'one throttle for all writers',
    traits: ['no canary shows it'],
    make: breaking('memory', (sound) => {
      let writtenUs: number[] = [];
      return async (call, hop) => {
        writtenUs = writtenUs.filter((atUs) => hop.nowUs() - atUs < seconds(10));
        if (writtenUs.length >= 3) await hop.sleep(seconds(2));
        if (call.path.endsWith('/events')) writtenUs.push(hop.nowUs());
        return sound(call, hop);
      };
    }),
    script: [
      ask(CHEN, 'talk'),
      beside(ask(FOSTER, 'talk')),
      beside(ask(NOVAK, 'talk')),
      ask(SMITH, 'talk'),
    ],
    observer: watching('clinic-a'),
  },
  {
    id: 'runtime-budget-of-colleagues',
    class: CLASS,
    does: 'the runtime gives an answer the room that the last prompt of a colleague left of a page',
    source: 'assumed: a budget of tokens that a tenant shares',
    promise: 'I2',
    implies: [],
    boundary: 'runtime',
    mechanism: 'room for an answer by the words of colleagues',
    traits: ['no canary shows it', 'within one tenant'],
    make: breaking('runtime', (sound) => {
      const last = new Map<string, number>();
      return (call, hop) => {
        const tenant = String(claimsIn(call)['tenant']);
        const room = PAGE_TOKENS - ((last.get(tenant) ?? 0) % (PAGE_TOKENS - 4));
        last.set(tenant, call.body.length);
        return sound(withBody(call, { max_tokens: room }), hop);
      };
    }),
    script: [ask(JONES, 'talk'), ask(SMITH, 'talk')],
    observer: {
      tenants: ['clinic-a'],
      user: 'dr.smith',
      others: 'reworded',
      resources: 'replicated',
    },
  },
];
