// Which faults were thought up after the checks, as a review of incidents would find them, by who had not read the checks?

import type { PolicyQuestion } from '../domain/ports.ts';
import { json, parsed, type Reply } from '../domain/wire.ts';
import { breaking, claimsIn, deceiving, hopWith, withBody } from '../platforms/overriding.ts';
import { INTEGRATION_TIMEOUT_US } from '../services/front-door.ts';
import type { SeededFault } from './fault.ts';
import {
  ask,
  attempt,
  beside,
  CHEN,
  FOSTER,
  fail,
  JONES,
  LEE,
  minutes,
  NOVAK,
  name,
  PARK,
  readFirst,
  SMITH,
  seconds,
  wait,
} from './scripting.ts';
import { UNFORESEEN_IN_RECORDS } from './unforeseen/in-records.ts';

const BELL = { tenant: FOSTER.tenant, user: 'admin.bell' };

/** A refusal or failure of a tool, as MCP words it. */
const toolFailed = ({ status, body }: Reply): boolean =>
  status !== 200 || body.includes('"isError":true') || parsed(body)?.['error'] !== undefined;

const asRole = (question: PolicyQuestion, role: string): PolicyQuestion => ({
  ...question,
  principal: { ...question.principal, tags: { ...question.principal.tags, role } },
});

/** Twelve, none of which any check was written for. */
export const UNFORESEEN: readonly SeededFault[] = [
  {
    id: 'runtime-breaker-for-all',
    class: 'process state and concurrency',
    does: 'the runtime keeps everybody from the tools for a while when three calls in a row have failed',
    source: 'assumed: one circuit breaker for a dependency, which counts refusals as failures',
    promise: 'I2',
    implies: ['I10'],
    boundary: 'runtime',
    mechanism: 'one circuit breaker for all',
    traits: ['no canary shows it'],
    make: deceiving('runtime', () => {
      let failures = 0;
      let openUntilUs = 0;
      return (hop) => ({
        call: async (to, call) => {
          if (to !== 'gateway' || !call.body.includes('"tools/call"')) return hop.call(to, call);
          if (hop.nowUs() < openUntilUs) return json(503, { message: 'temporarily unavailable' });
          const reply = await hop.call(to, call);
          failures = toolFailed(reply) ? failures + 1 : 0;
          if (failures >= 3) openUntilUs = hop.nowUs() + minutes(1);
          return reply;
        },
      });
    }),
    script: [readFirst(PARK), readFirst(PARK), readFirst(PARK), readFirst(FOSTER)],
  },
  {
    id: 'runtime-experiment-on-models',
    class: 'model and stream',
    does: 'the runtime tries the premium model on half of the basic users and charges for the basic one',
    source: 'assumed: an A/B experiment that forgot the bill',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'model of another tier for half of the users',
    traits: ['no canary shows it', 'only in telemetry or cost'],
    make: breaking('runtime', (sound, { deployment }) => {
      const [basic = '', premium = ''] = ['basic', 'premium'].map(
        (tier) => deployment.tiers[tier]?.modelId,
      );
      return (asked, hop) =>
        sound(
          asked,
          hopWith(hop, (own) => ({
            call: (to, call) => {
              const isIn = /[0-7]$/.test(String(claimsIn(asked)['sub']));
              const path = isIn && to === 'model' ? call.path.replace(basic, premium) : call.path;
              return own.call(to, { ...call, path });
            },
          })),
        );
    }),
    script: [SMITH, JONES, LEE, PARK, CHEN].map((user) => ask(user, 'talk')),
  },
  {
    id: 'runtime-queue-of-events',
    class: 'memory',
    does: 'the runtime keeps what memory would not take and sends it along with the next call of anybody',
    source: 'assumed: a retry queue that takes the context of the moment',
    promise: 'I1',
    implies: [],
    boundary: 'runtime',
    mechanism: 'retries in the name of the next caller',
    traits: ['only under a service fault'],
    make: deceiving('runtime', () => {
      const queue: unknown[] = [];
      return (hop) => ({
        call: async (to, call) => {
          if (to !== 'memory' || !call.path.endsWith('/events')) return hop.call(to, call);
          const reply = await hop.call(to, call);
          if (reply.status !== 201) {
            queue.push(parsed(call.body)?.['payload']);
            return json(201, {});
          }
          for (const payload of queue.splice(0)) await hop.call(to, withBody(call, { payload }));
          return reply;
        },
      });
    }),
    script: [
      ask(FOSTER, 'talk'),
      beside(wait(seconds(3), fail('memory', 'gone', seconds(20)))),
      wait(minutes(1), ask(NOVAK, 'talk')),
      ask(NOVAK, 'recall'),
    ],
  },
  {
    id: 'tools-one-default',
    class: 'process state and concurrency',
    does: 'the tools write the limit that a caller asks for into the default of all who ask for none',
    source: 'assumed: an object of defaults that is shared and mutated',
    promise: 'I10',
    implies: ['I2'],
    boundary: 'tools',
    mechanism: 'default argument mutated',
    traits: ['no canary shows it'],
    make: breaking('tools', (sound) => {
      const defaults = { limit: 20 };
      return (call, hop) => {
        if (call.path !== '/tools/patient_context') return sound(call, hop);
        const { limit } = parsed(call.body) ?? {};
        if (typeof limit === 'number') Object.assign(defaults, { limit });
        return sound(withBody(call, defaults), hop);
      };
    }),
    script: [
      name(NOVAK, 'patient_context', { list_patients: true, limit: 1 }),
      name(FOSTER, 'patient_context', { list_patients: true }),
    ],
  },
  {
    id: 'front-door-answers-one-late',
    class: 'failing open',
    does: 'the front door gives up on an answer and leaves it on the connection, where the next caller finds it',
    source: 'seen elsewhere: a cancelled request of a connection pool, March 2023',
    promise: 'I1',
    implies: [],
    boundary: 'front-door',
    mechanism: 'abandoned answer left on the connection',
    traits: ['only under a service fault'],
    make: deceiving('front-door', () => {
      const left: Promise<Reply>[] = [];
      return (hop) => ({
        call: async (to, call) => {
          const own = hop.call(to, call);
          if (to !== 'runtime') return own;
          const first = left.shift();
          if (first !== undefined) {
            left.push(own);
            return first;
          }
          let isRead = false;
          const late = hop.sleep(INTEGRATION_TIMEOUT_US).then(() => {
            if (!isRead) left.push(own);
            return own;
          });
          const reply = await Promise.race([own, late]);
          isRead = true;
          return reply;
        },
      });
    }),
    script: [
      fail('runtime', 'slow', seconds(20)),
      ask(FOSTER, 'talk'),
      wait(minutes(10), ask(NOVAK, 'talk')),
    ],
  },
  {
    id: 'gateway-lends-rights',
    class: 'policy',
    does: 'the gateway decides a refused call again in the role of the colleague who used the tool last',
    source: 'assumed: a confirmed sign-in that is remembered for the clinic and not for the user',
    promise: 'I3',
    implies: [],
    boundary: 'gateway',
    mechanism: 'rights of a colleague for a quarter of an hour',
    traits: ['no canary shows it', 'within one tenant'],
    make: deceiving('gateway', () => {
      const lent = new Map<string, { readonly role: string; readonly untilUs: number }>();
      return (hop) => ({
        decide: (question) => {
          const { tenant, role = '' } = question.principal.tags;
          const decision = hop.decide(question);
          const key = `${tenant} ${question.action}`;
          const last = lent.get(key);
          if (decision.decision === 'allow')
            lent.set(key, { role, untilUs: hop.nowUs() + minutes(15) });
          else if (last !== undefined && hop.nowUs() < last.untilUs)
            return hop.decide(asRole(question, last.role));
          return decision;
        },
      });
    }),
    script: [ask(FOSTER, 'web_search'), attempt(BELL, BELL, 'gateway web_search')],
  },
  ...UNFORESEEN_IN_RECORDS,
];
