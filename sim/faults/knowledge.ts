// Which platforms find documents that are another's, or do not find one's own?

import { header } from '../domain/wire.ts';
import { breaking, deceiving, storing } from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { ALLOWED } from './making.ts';
import { ask, attempt, CHEN, CRUZ, FOSTER, NOVAK, PARK, SMITH, searchFirst } from './scripting.ts';

const CLASS = 'knowledge';
/** How many passages a search over all tenants considers before it filters. */
const CONSIDERED = 3;

export const KNOWLEDGE: readonly SeededFault[] = [
  {
    id: 'knowledge-searches-all',
    class: CLASS,
    does: 'the knowledge base searches all partitions',
    source: 'W55, published sample: a filter that may be left out',
    promise: 'I1',
    implies: ['I3', 'I10'],
    boundary: 'knowledge',
    mechanism: 'no partition',
    traits: [],
    make: storing('knowledge', 'knowledge', (store) => ({ query: () => store.scan('') })),
    script: [searchFirst(SMITH), searchFirst(NOVAK)],
  },
  {
    id: 'knowledge-ignores-iam',
    class: CLASS,
    does: 'the knowledge base answers whoever knows the name of a partition',
    source: 'W55, published sample: one role reads the whole knowledge base',
    promise: 'I1',
    implies: ['I3', 'I7'],
    boundary: 'knowledge',
    mechanism: 'IAM not asked',
    traits: [],
    make: deceiving('knowledge', () => () => ({ authorize: () => ALLOWED })),
    script: [attempt(SMITH, CHEN, 'knowledge Retrieve')],
  },
  {
    id: 'knowledge-searches-as-colleague',
    class: CLASS,
    does: 'the knowledge base runs a refused search on the credentials of who last searched there',
    source: 'W38, published sample: a client that is not scoped',
    promise: 'I3',
    implies: ['I1', 'I4', 'I7'],
    boundary: 'knowledge',
    mechanism: 'refused search run on other credentials',
    traits: ['within one tenant'],
    make: breaking('knowledge', (sound) => {
      const clinical = new Map<string, string>();
      return async (call, hop) => {
        const credentials = header(call.headers, 'x-amz-security-token') ?? '';
        const reply = await sound(call, hop);
        if (reply.status === 200) clinical.set(call.path, credentials);
        const known = clinical.get(call.path);
        if (reply.status !== 403 || known === undefined) return reply;
        const headers = [['x-amz-security-token', known] as const];
        return sound({ ...call, headers }, hop);
      };
    }),
    script: [searchFirst(SMITH), attempt(PARK, SMITH, 'knowledge Retrieve')],
  },
  {
    id: 'knowledge-filters-last',
    class: CLASS,
    does: 'the knowledge base takes the best passages of all tenants and filters them then',
    source: 'W55, post-filtering after top-k',
    promise: 'I3',
    implies: ['I10'],
    boundary: 'knowledge',
    mechanism: 'filter behind top-k',
    traits: ['no canary shows it'],
    make: storing('knowledge', 'knowledge', (store) => ({
      query: (partition) =>
        store
          .scan('')
          .slice(0, CONSIDERED)
          .filter((item) => item.partition === partition),
    })),
    script: [ask(SMITH, 'retrieve_clinic_documents'), ask(CRUZ, 'retrieve_clinic_documents')],
  },
  {
    id: 'knowledge-finds-one',
    class: CLASS,
    does: 'the knowledge base finds one document at the most',
    source: 'assumed',
    promise: 'I10',
    implies: [],
    boundary: 'knowledge',
    mechanism: 'results cut',
    traits: ['no canary shows it'],
    make: storing('knowledge', 'knowledge', (store) => ({
      query: (partition) => store.query(partition).slice(0, 1),
    })),
    script: [
      ask(SMITH, 'retrieve_clinic_documents'),
      ask(CHEN, 'retrieve_clinic_documents'),
      ask(FOSTER, 'retrieve_clinic_documents'),
      ask(NOVAK, 'retrieve_clinic_documents'),
    ],
  },
  {
    id: 'tools-lose-documents',
    class: CLASS,
    does: 'the tools filter documents by a name of the tenant that no document has',
    source: 'W55, mis-tagged metadata',
    promise: 'I10',
    implies: [],
    boundary: 'tools',
    mechanism: 'owner compared in another spelling',
    traits: ['no canary shows it'],
    make: deceiving('tools', () => (hop) => ({
      call: async (to, call) => {
        const reply = await hop.call(to, call);
        return to === 'knowledge'
          ? { ...reply, body: reply.body.replace(/"tenant":"([^"]+)"/g, '"tenant":"clinics/$1"') }
          : reply;
      },
    })),
    script: [ask(SMITH, 'retrieve_clinic_documents')],
  },
];
