// Which platforms keep from an owner what is its own, and say nothing?

import { findCanaries } from '../../sim/domain/canary.ts';
import { json, parsed } from '../../sim/domain/wire.ts';
import { breaking, storing } from '../../sim/platforms/overriding.ts';
import { reference } from '../../sim/platforms/reference.ts';
import type { Broken } from './break.ts';

export const SERVICE: readonly Broken[] = [
  {
    does: 'the front door answers nothing, politely',
    under: 'day',
    make: breaking('front-door', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      return reply.status === 200 ? json(200, { answer: '' }) : reply;
    }),
  },
  {
    does: 'the tools take a failure of the knowledge base for no documents',
    under: 'faults',
    make: breaking('tools', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      return reply.status === 503 ? json(200, { documents: [] }) : reply;
    }),
  },
  {
    does: 'memory says that it remembers and forgets',
    under: 'talk',
    make: storing('memory', 'memory-records', () => ({ put: () => {} })),
  },
  {
    does: 'answers are cut without a word',
    under: 'day',
    make: breaking('front-door', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      const answer = String(parsed(reply.body)?.['answer']);
      return reply.status === 200 ? json(200, { answer: answer.slice(0, 24) }) : reply;
    }),
  },
  {
    does: "whatever looks like a secret is taken out of the tools' answers",
    under: 'day',
    make: breaking('tools', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      return findCanaries(reply.body).length === 0 ? reply : { ...reply, body: '{"record":"***"}' };
    }),
  },
  {
    does: 'the knowledge base finds one document at the most',
    under: 'day',
    make: storing('knowledge', 'knowledge', (store) => ({
      query: (partition) => store.query(partition).slice(0, 1),
    })),
  },
  {
    does: 'IAM lets nobody read the table',
    under: 'day',
    make: (kit) => {
      const documents = Object.entries(kit.iamDocuments).filter(
        ([file]) => !file.includes('table'),
      );
      return reference({ ...kit, iamDocuments: Object.fromEntries(documents) });
    },
  },
];
