// Which platforms alter what somebody wrote, or let another destroy it?

import type { Item } from '../../sim/domain/ports.ts';
import { breaking, storing } from '../../sim/platforms/overriding.ts';
import type { Broken } from './break.ts';

const altered = (value: string): string => value.replace('120/80', '210/80').replace('wash', 'wet');
const alteredItem = (item: Item): Item => ({ ...item, value: altered(item.value) });

export const INTEGRITY: readonly Broken[] = [
  {
    does: 'the table gives patients another blood pressure',
    under: 'day',
    make: storing('table', 'table', (store) => ({
      get: (partition, sort) => {
        const item = store.get(partition, sort);
        return item === undefined ? undefined : alteredItem(item);
      },
    })),
  },
  {
    does: 'the knowledge base gives documents other words',
    under: 'day',
    make: storing('knowledge', 'knowledge', (store) => ({
      query: (partition, most) => store.query(partition, most).map(alteredItem),
    })),
  },
  {
    does: 'memory cuts what it remembers',
    under: 'talk',
    make: storing('memory', 'memory-records', (store) => ({
      query: (partition, most) =>
        store.query(partition, most).map((item) => ({ ...item, value: item.value.slice(0, -4) })),
    })),
    implies: ['I10'],
  },
  {
    does: 'memory keeps one record for everybody',
    under: 'talk',
    make: storing('memory', 'memory-records', (store) => ({
      put: (_partition, _sort, value) => store.put('/facts/', 'last', value),
    })),
    implies: ['I10'],
  },
  {
    does: 'memory keeps the events of all users under one number',
    under: 'talk',
    make: storing('memory', 'memory-events', (store) => ({
      put: (_partition, _sort, value) => store.put('events', 'last', value),
    })),
  },
  {
    does: 'memory makes room by deleting whatever is oldest',
    under: 'day',
    make: storing('memory', 'memory-events', (store) => ({
      put: (partition, sort, value) => {
        const [oldest] = store.scan('');
        if (oldest !== undefined) store.delete(oldest.partition, oldest.sort);
        store.put(partition, sort, value);
      },
    })),
    implies: ['I3'],
  },
  {
    does: 'a search of documents writes into them when they were last read',
    under: 'day',
    make: breaking('knowledge', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      const partition = decodeURIComponent(call.path.split('/')[3] ?? '');
      if (reply.status !== 200) return reply;
      const store = hop.store('knowledge');
      const [first] = store.query(partition);
      if (first !== undefined) store.put(partition, first.sort, `${first.value} read`);
      return reply;
    }),
    // What it writes is the searcher's own, and others then read it.
    implies: ['I3'],
  },
];
