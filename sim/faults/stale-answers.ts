// Which platforms answer with what is another's, or with nothing, when a service fails or is slow?

import { type Call, json, parsed, type Reply } from '../domain/wire.ts';
import { breaking, deceiving } from '../platforms/overriding.ts';
import { falling, fallingBack } from './falling-back.ts';
import type { SeededFault } from './fault.ts';
import {
  ask,
  CHEN,
  FOSTER,
  fail,
  minutes,
  NOVAK,
  readFirst,
  SMITH,
  searchFirst,
  wait,
} from './scripting.ts';

const CLASS = 'failing open';
const HIDDEN = ['no canary shows it', 'only under a service fault'] as const;
const SHOWN = ['only under a service fault'] as const;

const samePath = ({ path }: Call): string => path.replace(/\/actor\/.*/, '/sessions');
const sameSort = ({ body }: Call): string => /"sk":\{"S":"([^"]+)"/.exec(body)?.[1] ?? body;

export const STALE_ANSWERS: readonly SeededFault[] = [
  {
    id: 'runtime-memory-of-others',
    class: CLASS,
    does: 'the agent goes on with whatever memory last said to anybody when memory is gone',
    source: 'W44, published sample memory_hook.py:79: failures swallowed',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'runtime',
    mechanism: 'cache of others when memory is gone',
    traits: SHOWN,
    make: fallingBack('runtime', 'memory', samePath),
    script: [
      ask(FOSTER, 'talk'),
      wait(minutes(1), ask(FOSTER, 'talk')),
      fail('memory', 'gone'),
      ask(NOVAK, 'recall'),
    ],
  },
  {
    id: 'tools-documents-of-others',
    class: CLASS,
    does: 'the tools show what the same question last found for anybody when the knowledge base is gone',
    source: 'assumed: stale while in error',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'tools',
    mechanism: 'documents of others when the knowledge base is gone',
    traits: SHOWN,
    make: breaking('tools', (sound) => {
      const back = falling(({ path, body }) => `${path} ${String(parsed(body)?.['query'])}`);
      return async (call, hop) => back(call, await sound(call, hop));
    }),
    script: [searchFirst(SMITH), fail('knowledge', 'gone'), searchFirst(CHEN)],
  },
  {
    id: 'tools-no-documents-on-failure',
    class: CLASS,
    does: 'the tools take a failure of the knowledge base for no documents',
    source: 'W58, published sample: errors as text',
    promise: 'I10',
    implies: [],
    boundary: 'tools',
    mechanism: 'failure taken for emptiness',
    traits: HIDDEN,
    make: breaking('tools', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      return reply.status === 503 ? json(200, { documents: [] }) : reply;
    }),
    script: [
      ask(SMITH, 'talk'),
      fail('knowledge', 'gone'),
      ask(SMITH, 'retrieve_clinic_documents'),
    ],
  },
  {
    id: 'tools-stale-record-when-slow',
    class: CLASS,
    does: 'the tools show the last record of that number when the table is slow',
    source: 'assumed: stale while revalidating',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'tools',
    mechanism: 'record of others when the table is slow',
    traits: SHOWN,
    make: deceiving('tools', () => {
      const known = new Map<string, Reply>();
      return (hop) => ({
        call: async (to, call) => {
          const answer = hop.call(to, call).then((reply) => {
            if (to === 'table' && reply.status === 200) known.set(sameSort(call), reply);
            return reply;
          });
          const stale = known.get(sameSort(call));
          if (to !== 'table' || stale === undefined) return answer;
          return Promise.race([answer, hop.sleep(200_000).then(() => stale)]);
        },
      });
    }),
    script: [readFirst(SMITH), fail('table', 'slow'), readFirst(CHEN)],
  },
  {
    id: 'runtime-last-reply-without-model',
    class: CLASS,
    does: 'the runtime answers with its last answer when the model is gone',
    source: 'assumed: graceful degradation',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'runtime',
    mechanism: 'answer of others when the model is gone',
    traits: SHOWN,
    make: breaking('runtime', (sound) => {
      const back = falling(() => 'any');
      return async (call, hop) => back(call, await sound(call, hop));
    }),
    script: [ask(FOSTER, 'talk'), fail('model', 'gone'), ask(NOVAK, 'talk')],
  },
  {
    id: 'runtime-charges-retries',
    class: CLASS,
    does: 'a model call that was tried twice is charged twice',
    source: 'W65, published sample: retries amplify',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'retries charged',
    traits: ['no canary shows it', 'only under a service fault', 'only in telemetry or cost'],
    make: deceiving('runtime', () => (hop) => {
      let tries = 0;
      return {
        call: async (to, call) => {
          if (to === 'model') tries += 1;
          return hop.call(to, call);
        },
        emit: (record) => {
          const times = record.kind === 'usage' ? tries : 1;
          if (record.kind === 'usage') tries = 0;
          for (let time = 0; time < times; time += 1) hop.emit(record);
        },
      };
    }),
    script: [ask(SMITH, 'talk'), fail('model', 'gone', 800_000), ask(SMITH, 'talk')],
  },
];
