// Which platforms show one user's memory to another, or lose what they were told?

import type { Service } from '../domain/ports.ts';
import type { Reply } from '../domain/wire.ts';
import {
  claimsIn,
  deceiving,
  hopWith,
  type Make,
  storeWith,
  storing,
} from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { ALLOWED, underIam } from './making.ts';
import { ask, attempt, CHEN, FOSTER, JONES, minutes, SMITH, seconds, wait } from './scripting.ts';

const CLASS = 'memory';

/** IAM that grants an action without a condition, because there is no condition key for it. */
const granting =
  (action: string, change: (memory: Service) => Service = (memory) => memory): Make =>
  (kit) => {
    const platform = underIam((text) => {
      const granted = { Sid: 'Unscoped', Effect: 'Allow', Action: `bedrock-agentcore:${action}` };
      const statement = JSON.stringify({ ...granted, Resource: '*' });
      return text.replace('{"Sid":"OwnEvents"', `${statement},{"Sid":"OwnEvents"`);
    })(kit);
    const { services } = platform;
    return { ...platform, services: { ...services, memory: change(services.memory) } };
  };

const ALONE = ['no canary shows it', 'within one tenant'] as const;

const TOLD = [ask(CHEN, 'talk')] as const;

export const MEMORY: readonly SeededFault[] = [
  {
    id: 'memory-one-namespace',
    class: CLASS,
    does: "memory keeps everybody's records in one namespace",
    source: 'assumed: a namespace template without its variables',
    promise: 'I1',
    implies: ['I3', 'I10'],
    boundary: 'memory',
    mechanism: 'one namespace for all',
    traits: [],
    make: storing('memory', 'memory-records', (store) => ({
      query: (_namespace, most) => store.query('/facts/', most),
      put: (_namespace, id, value) => store.put('/facts/', id, value),
    })),
    script: [ask(SMITH, 'talk'), wait(minutes(1), ask(FOSTER, 'recall'))],
  },
  {
    id: 'memory-ignores-iam-for-events',
    class: CLASS,
    does: 'memory does not ask IAM who may read events',
    source: 'W38, published sample main.py:210: the default client',
    promise: 'I3',
    implies: ['I1', 'I7'],
    boundary: 'memory',
    mechanism: 'IAM not asked for events',
    traits: [],
    make: deceiving('memory', () => (hop) => ({
      authorize: (question) =>
        question.action.endsWith(':ListEvents') ? ALLOWED : hop.authorize(question),
    })),
    script: [...TOLD, attempt(SMITH, CHEN, 'memory ListEvents')],
  },
  {
    id: 'memory-deletes-for-anybody',
    class: CLASS,
    does: 'memory asks IAM before it reads, and not before it deletes',
    source: 'assumed',
    promise: 'I9',
    implies: ['I3', 'I7'],
    boundary: 'memory',
    mechanism: 'IAM not asked for deletions',
    traits: ['no canary shows it'],
    make: deceiving('memory', () => (hop) => ({
      authorize: (question) =>
        question.action.endsWith(':DeleteEvent') ? ALLOWED : hop.authorize(question),
    })),
    script: [...TOLD, attempt(SMITH, CHEN, 'memory DeleteEvent')],
  },
  {
    id: 'memory-lists-sessions-of-all',
    class: CLASS,
    does: 'memory lists the sessions of everybody to each',
    source: 'assumed',
    promise: 'I3',
    implies: [],
    boundary: 'memory',
    mechanism: 'sessions scanned without the actor',
    traits: ['no canary shows it'],
    make: storing('memory', 'memory-events', (store) => ({ scan: () => store.scan('') })),
    script: [...TOLD, ask(SMITH, 'talk'), attempt(SMITH, SMITH, 'memory ListSessions')],
  },
  {
    id: 'iam-lists-actors',
    class: CLASS,
    does: 'IAM grants ListActors, which no condition key can scope',
    source: 'W38, published sample infrastructure.yaml:37, BedrockAgentCoreFullAccess',
    promise: 'I3',
    implies: [],
    boundary: 'iam',
    mechanism: 'ListActors granted',
    traits: ['no canary shows it'],
    make: granting('ListActors'),
    script: [...TOLD, attempt(SMITH, CHEN, 'memory ListActors')],
  },
  {
    id: 'iam-reads-any-record',
    class: CLASS,
    does: 'IAM grants GetMemoryRecord, which no condition key can scope',
    source: 'W38, published sample infrastructure.yaml:37, BedrockAgentCoreFullAccess',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'iam',
    mechanism: 'GetMemoryRecord granted',
    traits: [],
    make: granting('GetMemoryRecord'),
    script: [...TOLD, wait(minutes(1), attempt(SMITH, CHEN, 'memory GetMemoryRecord'))],
  },
  {
    id: 'iam-deletes-any-record',
    class: CLASS,
    does: 'IAM grants DeleteMemoryRecord, which no condition key can scope',
    source: 'W38, published sample infrastructure.yaml:37, BedrockAgentCoreFullAccess',
    promise: 'I9',
    implies: ['I1', 'I3'],
    boundary: 'iam',
    mechanism: 'DeleteMemoryRecord granted',
    traits: [],
    make: granting('DeleteMemoryRecord'),
    script: [...TOLD, wait(minutes(1), attempt(SMITH, CHEN, 'memory DeleteMemoryRecord'))],
  },
  {
    id: 'memory-forgets-silently',
    class: CLASS,
    does: 'memory says that it remembers and forgets',
    source: 'W44, published sample memory_hook.py:79: failures swallowed',
    promise: 'I10',
    implies: [],
    boundary: 'memory',
    mechanism: 'records not written',
    traits: ['no canary shows it'],
    make: storing('memory', 'memory-records', () => ({ put: () => {} })),
    script: [ask(SMITH, 'talk'), wait(minutes(1), ask(SMITH, 'recall', 'another'))],
  },
  {
    id: 'memory-only-says-deleted',
    class: CLASS,
    does: 'memory says that it deleted an event and keeps it',
    source: 'assumed: a deletion that is queued, and a queue that nobody reads',
    promise: 'I9',
    implies: [],
    boundary: 'memory',
    mechanism: 'events not deleted',
    traits: ALONE,
    make: storing('memory', 'memory-events', () => ({ delete: () => {} })),
    script: [
      ask(SMITH, 'talk'),
      attempt(SMITH, SMITH, 'memory DeleteEvent'),
      attempt(SMITH, SMITH, 'memory GetEvent'),
    ],
  },
  {
    id: 'memory-recalls-deleted-records',
    class: CLASS,
    does: 'memory deletes a record from its table and not from the index that it searches',
    source: 'assumed: a vector index beside the records',
    promise: 'I9',
    implies: ['I1', 'I3'],
    boundary: 'memory',
    mechanism: 'records not deleted',
    traits: ALONE,
    // The reference lets nobody delete records, for want of a condition key: that would mask it.
    make: granting('DeleteMemoryRecord', (memory) => (call, hop) => {
      const keeps = hopWith(hop, (own) => ({
        store: (which) => storeWith(own.store(which), () => ({ delete: () => {} })),
      }));
      return memory(call, call.path.includes('/memoryRecords/') ? keeps : hop);
    }),
    script: [
      ask(SMITH, 'talk'),
      wait(minutes(1), attempt(SMITH, SMITH, 'memory DeleteMemoryRecord')),
      attempt(SMITH, SMITH, 'memory ListMemoryRecords'),
    ],
  },
  {
    id: 'memory-restores-events',
    class: CLASS,
    does: 'deleted events come back after half a minute',
    source: 'assumed: a replica that missed the deletion and repairs it',
    promise: 'I9',
    implies: [],
    boundary: 'memory',
    mechanism: 'deleted events written again',
    traits: [...ALONE, 'needs time or a life-cycle step'],
    make: deceiving('memory', () => (hop) => ({
      store: (which) => {
        const store = hop.store(which);
        if (which !== 'memory-events') return store;
        return storeWith(store, () => ({
          delete: (partition, sort) => {
            const value = store.get(partition, sort)?.value;
            store.delete(partition, sort);
            if (value === undefined) return;
            hop.later(seconds(30), async (job) => job.store(which).put(partition, sort, value));
          },
        }));
      },
    })),
    script: [
      ask(SMITH, 'talk'),
      attempt(SMITH, SMITH, 'memory DeleteEvent'),
      wait(minutes(1), ask(SMITH, 'talk')),
    ],
  },
  {
    id: 'runtime-recalls-for-colleague',
    class: CLASS,
    does: 'the agent shows the model the facts that were last recalled for the tenant',
    source: 'W43, published sample: facts are appended to the turn',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'runtime',
    mechanism: 'facts cached by tenant',
    traits: ['within one tenant'],
    make: deceiving('runtime', () => {
      const known = new Map<unknown, Reply>();
      return (hop, asked) => ({
        call: async (to, call) => {
          const reply = await hop.call(to, call);
          if (to !== 'memory' || !call.path.endsWith('/retrieve')) return reply;
          const { tenant } = claimsIn(asked);
          const cached = known.get(tenant) ?? reply;
          if (cached.body.includes('"mem-')) known.set(tenant, cached);
          return cached;
        },
      });
    }),
    script: [ask(SMITH, 'talk'), wait(minutes(1), ask(SMITH, 'talk')), ask(JONES, 'recall')],
  },
];
