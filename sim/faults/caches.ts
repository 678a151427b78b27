// Which platforms answer from what they answered before, or do again what was done?

import { findCanaries } from '../domain/canary.ts';
import type { Item } from '../domain/ports.ts';
import { parsed, type Reply } from '../domain/wire.ts';
import { breaking, claimsIn, deceiving, promptIn, storeWith } from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { authorizationOf, bearing } from './making.ts';
import {
  ask,
  attempt,
  CHEN,
  crowd,
  FOSTER,
  fail,
  JONES,
  LEE,
  minutes,
  NOVAK,
  order,
  readFirst,
  SMITH,
  searchFirst,
  wait,
} from './scripting.ts';

const CLASS = 'caches and retries';

/** Answers what `keyOf` names with the first record or document that anybody got. */
const cachedFor = (
  keyOf: (text: string) => string | undefined,
): ((text: string, reply: Reply) => Reply) => {
  const known = new Map<string, Reply>();
  return (text, reply) => {
    const key = keyOf(text);
    if (key === undefined || findCanaries(reply.body).length === 0) return reply;
    const cached = known.get(key) ?? reply;
    known.set(key, cached);
    return cached;
  };
};

const patientIn = (text: string): string | undefined =>
  /"patient_id\\*":\\*"(P\d+)/.exec(text)?.[1];
const queryIn = (text: string): string | undefined => /"query":"([^"]+)"/.exec(text)?.[1];

/** How much of a bearer token a careless cache looks at: its head and the first of its claims. */
const PREFIX = 96;

export const CACHES: readonly SeededFault[] = [
  {
    id: 'front-door-answers-by-patient',
    class: CLASS,
    does: 'the front door caches answers by the patient asked for',
    source: 'assumed',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'front-door',
    mechanism: 'answers cached by patient',
    traits: [],
    make: breaking('front-door', (sound) => {
      const cached = cachedFor(patientIn);
      return async (call, hop) => cached(call.body, await sound(call, hop));
    }),
    script: [readFirst(SMITH), readFirst(CHEN)],
  },
  {
    id: 'tools-documents-by-query',
    class: CLASS,
    does: 'the tools cache documents by the query alone',
    source: 'W55, a cache without the filter in its key',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'tools',
    mechanism: 'documents cached by query',
    traits: [],
    make: breaking('tools', (sound) => {
      const cached = cachedFor(queryIn);
      return async (call, hop) => cached(call.body, await sound(call, hop));
    }),
    script: [searchFirst(SMITH), searchFirst(FOSTER)],
  },
  {
    id: 'gateway-configuration-by-tier',
    class: CLASS,
    does: 'the gateway caches the answers of the configuration tool by tier',
    source: 'W53, published sample: values cached for the life of the process',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'gateway',
    mechanism: 'tool answers cached by tier',
    traits: [],
    make: breaking('gateway', (sound) => {
      const known = new Map<string, unknown>();
      return async (call, hop) => {
        const reply = await sound(call, hop);
        const message = parsed(reply.body);
        if (!call.body.includes('___clinic_config') || message?.['result'] === undefined)
          return reply;
        const result = known.get(call.path) ?? message['result'];
        known.set(call.path, result);
        return { ...reply, body: JSON.stringify({ ...message, result }) };
      };
    }),
    script: [ask(FOSTER, 'clinic_config'), ask(NOVAK, 'clinic_config')],
  },
  {
    id: 'runtime-replies-by-last-word',
    class: CLASS,
    does: 'the runtime caches replies of the model by the order in the prompt, without whose it is',
    source: 'assumed: a semantic cache shared by all',
    promise: 'I1',
    implies: ['I5', 'I10'],
    boundary: 'runtime',
    mechanism: 'model replies cached by prompt',
    traits: [],
    make: breaking('runtime', (sound) => {
      const known = new Map<string, Reply>();
      return async (call, hop) => {
        const reply = await sound(call, hop);
        const wanted = /use (\w+) /.exec(promptIn(call))?.[1];
        if (reply.status !== 200 || wanted === undefined) return reply;
        const cached = known.get(wanted) ?? reply;
        known.set(wanted, cached);
        return cached;
      };
    }),
    script: [readFirst(SMITH), readFirst(FOSTER)],
  },
  {
    id: 'front-door-verifies-by-prefix',
    class: CLASS,
    does: 'the front door remembers verified bearer tokens by their first characters',
    source: 'assumed: a cache key that is cut',
    promise: 'I4',
    implies: ['I1', 'I3', 'I5', 'I6', 'I7', 'I10'],
    boundary: 'front-door',
    mechanism: 'verified tokens cached by prefix',
    traits: [],
    make: breaking('front-door', (sound) => {
      const known = new Map<string, string>();
      return (call, hop) => {
        const sent = authorizationOf(call);
        // Of tokens of one tier only: the path names the tier, and would give it away.
        const prefix = `${sent.slice(0, PREFIX)} ${claimsIn(call)['tier']}`;
        const verified = known.get(prefix) ?? sent;
        if (claimsIn(call)['tenant'] !== undefined) known.set(prefix, verified);
        return sound(verified === sent ? call : bearing(call, verified), hop);
      };
    }),
    script: [ask(FOSTER, 'talk'), ask(NOVAK, 'talk')],
  },
  {
    id: 'gateway-claims-by-subject',
    class: CLASS,
    does: 'the gateway remembers the claims of a user by the subject, past the token that had them',
    source: 'W08, published sample main.py:144: the first context is kept',
    promise: 'I3',
    implies: [],
    boundary: 'gateway',
    mechanism: 'claims cached by subject',
    traits: ['no canary shows it', 'needs time or a life-cycle step', 'within one tenant'],
    make: deceiving('gateway', () => {
      const known = new Map<string, Readonly<Record<string, string>>>();
      return (hop) => ({
        decide: (question) => {
          const { id, tags } = question.principal;
          const first = known.get(id) ?? tags;
          known.set(id, first);
          return hop.decide({ ...question, principal: { id, tags: first } });
        },
      });
    }),
    script: [
      attempt(LEE, LEE, 'gateway patient_context'),
      order({ kind: 'change-role', tenant: LEE.tenant, user: LEE.user, role: 'admin' }),
      wait(minutes(61), attempt(LEE, LEE, 'gateway patient_context')),
    ],
  },
  {
    id: 'knowledge-results-kept',
    class: CLASS,
    does: 'the knowledge base goes on with the documents that a partition had at first',
    source: 'W53, published sample: values cached for the life of the process',
    promise: 'I10',
    implies: [],
    boundary: 'knowledge',
    mechanism: 'partition cached for good',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: deceiving('knowledge', () => {
      const known = new Map<string, readonly Item[]>();
      return (hop) => ({
        store: (which) =>
          storeWith(hop.store(which), (store) => ({
            query: (partition, most) => {
              const items = known.get(partition) ?? store.query(partition, most);
              known.set(partition, items);
              return items;
            },
          })),
      });
    }),
    script: [
      ask(SMITH, 'retrieve_clinic_documents'),
      order({ kind: 'plant-document', tenant: SMITH.tenant, text: 'guideline of the day' }),
      ...crowd(3, ask(SMITH, 'retrieve_clinic_documents')),
    ],
  },
  {
    id: 'gateway-runs-tools-twice',
    class: CLASS,
    does: 'the gateway runs each tool twice on one allow',
    source: 'W65, published sample: retries without an idempotency key',
    promise: 'I3',
    implies: [],
    boundary: 'gateway',
    mechanism: 'tool call repeated',
    traits: ['no canary shows it'],
    make: deceiving('gateway', () => (hop) => ({
      call: async (to, call) => {
        if (to === 'tools') await hop.call(to, call);
        return hop.call(to, call);
      },
    })),
    script: [ask(SMITH, 'patient_context')],
  },
  {
    id: 'gateway-repeats-slow-tools',
    class: CLASS,
    does: 'the gateway sends a tool call again when no answer has come for a while',
    source: 'W65, published sample: retries without an idempotency key',
    promise: 'I3',
    implies: [],
    boundary: 'gateway',
    mechanism: 'slow tool call repeated',
    traits: ['no canary shows it', 'only under a service fault'],
    make: deceiving('gateway', () => (hop) => ({
      call: async (to, call) => {
        const answer = hop.call(to, call);
        if (to !== 'tools') return answer;
        const late = hop.sleep(2_000_000).then(() => undefined);
        return (await Promise.race([answer, late])) ?? hop.call(to, call);
      },
    })),
    script: [fail('tools', 'slow'), ask(SMITH, 'patient_context')],
  },
  {
    id: 'runtime-answers-colleagues-alike',
    class: CLASS,
    does: 'the runtime answers what a colleague of the same tenant has asked before',
    source: 'assumed: a cache of answers keyed by tenant',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'runtime',
    mechanism: 'answers cached by tenant',
    traits: ['within one tenant'],
    make: breaking('runtime', (sound) => {
      const known = new Map<string, Reply>();
      return async (call, hop) => {
        const reply = await sound(call, hop);
        const wanted = /use (\w+) /.exec(promptIn(call))?.[1] ?? 'talk';
        if (reply.status !== 200) return reply;
        const key = `${claimsIn(call)['tenant']} ${wanted}`;
        const cached = known.get(key) ?? reply;
        known.set(key, cached);
        return cached;
      };
    }),
    script: [ask(SMITH, 'talk'), ask(JONES, 'talk')],
  },
];
