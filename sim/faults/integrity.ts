// Which platforms alter what somebody wrote, or let another destroy it?

import { findCanaries } from '../domain/canary.ts';
import type { Item } from '../domain/ports.ts';
import { json, parsed } from '../domain/wire.ts';
import { breaking, storing } from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import {
  ask,
  attempt,
  CHEN,
  crowd,
  JONES,
  minutes,
  readFirst,
  SMITH,
  searchFirst,
  wait,
} from './scripting.ts';

const CLASS = 'integrity';
const UNSEEN = ['no canary shows it'] as const;

const altered = (value: string): string => value.replace('120/80', '210/80').replace('wash', 'wet');
const alteredItem = (item: Item): Item => ({ ...item, value: altered(item.value) });

export const INTEGRITY: readonly SeededFault[] = [
  {
    id: 'table-alters-records',
    class: CLASS,
    does: 'the table gives patients another blood pressure',
    source: 'assumed',
    promise: 'I9',
    implies: [],
    boundary: 'table',
    mechanism: 'values altered',
    traits: UNSEEN,
    make: storing('table', 'table', (store) => ({
      get: (partition, sort) => {
        const item = store.get(partition, sort);
        return item === undefined ? undefined : alteredItem(item);
      },
    })),
    script: [readFirst(SMITH)],
  },
  {
    id: 'table-reads-neighbour',
    class: CLASS,
    does: 'the table reads the last row of a partition, whichever was asked for',
    source: 'assumed',
    promise: 'I10',
    implies: [],
    boundary: 'table',
    mechanism: 'wrong row of the right partition',
    traits: UNSEEN,
    make: storing('table', 'table', (store) => ({
      get: (partition) => store.query(partition).at(-1),
    })),
    script: crowd(5, ask(SMITH, 'patient_context')),
  },
  {
    id: 'knowledge-alters-words',
    class: CLASS,
    does: 'the knowledge base gives documents other words',
    source: 'assumed',
    promise: 'I9',
    implies: [],
    boundary: 'knowledge',
    mechanism: 'values altered',
    traits: UNSEEN,
    make: storing('knowledge', 'knowledge', (store) => ({
      query: (partition, most) => store.query(partition, most).map(alteredItem),
    })),
    script: [searchFirst(SMITH)],
  },
  {
    id: 'knowledge-search-writes',
    class: CLASS,
    does: 'a search of documents writes into them when they were last read',
    source: 'assumed',
    promise: 'I9',
    // What it writes is the searcher's own, and others then read it.
    implies: ['I3', 'I10'],
    boundary: 'knowledge',
    mechanism: 'reads write',
    traits: UNSEEN,
    make: breaking('knowledge', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      const partition = decodeURIComponent(call.path.split('/')[3] ?? '');
      if (reply.status !== 200) return reply;
      const store = hop.store('knowledge');
      const [first] = store.query(partition);
      if (first !== undefined) store.put(partition, first.sort, `${first.value} read`);
      return reply;
    }),
    script: [searchFirst(SMITH), searchFirst(JONES)],
  },
  {
    id: 'memory-cuts-records',
    class: CLASS,
    does: 'memory cuts what it remembers',
    source: 'assumed: a column that is too narrow',
    promise: 'I9',
    implies: ['I10'],
    boundary: 'memory',
    mechanism: 'values cut',
    traits: UNSEEN,
    make: storing('memory', 'memory-records', (store) => ({
      query: (partition, most) =>
        store.query(partition, most).map((item) => ({ ...item, value: item.value.slice(0, -4) })),
    })),
    script: [ask(SMITH, 'talk'), wait(minutes(1), ask(SMITH, 'recall'))],
  },
  {
    id: 'memory-one-record',
    class: CLASS,
    does: 'memory keeps one record for everybody',
    source: 'assumed: last writer wins',
    promise: 'I9',
    implies: ['I10'],
    boundary: 'memory',
    mechanism: 'one record for all',
    traits: UNSEEN,
    make: storing('memory', 'memory-records', (store) => ({
      put: (_partition, _sort, value) => store.put('/facts/', 'last', value),
    })),
    script: [
      ask(SMITH, 'talk'),
      wait(minutes(1), ask(CHEN, 'talk')),
      wait(minutes(1), ask(SMITH, 'recall')),
    ],
  },
  {
    id: 'memory-one-event',
    class: CLASS,
    does: 'memory keeps the events of all users under one number',
    source: 'assumed',
    promise: 'I9',
    implies: [],
    boundary: 'memory',
    mechanism: 'one event for all',
    traits: UNSEEN,
    make: storing('memory', 'memory-events', (store) => ({
      put: (_partition, _sort, value) => store.put('events', 'last', value),
    })),
    script: [ask(SMITH, 'talk'), ask(CHEN, 'talk')],
  },
  {
    id: 'memory-evicts-oldest',
    class: CLASS,
    does: 'memory makes room by deleting whatever is oldest',
    source: 'assumed: a bound that is shared by all',
    promise: 'I9',
    implies: ['I3'],
    boundary: 'memory',
    mechanism: 'eviction across owners',
    traits: UNSEEN,
    make: storing('memory', 'memory-events', (store) => ({
      put: (partition, sort, value) => {
        const [oldest] = store.scan('');
        if (oldest !== undefined) store.delete(oldest.partition, oldest.sort);
        store.put(partition, sort, value);
      },
    })),
    script: [ask(SMITH, 'talk'), ask(CHEN, 'talk')],
  },
  {
    id: 'table-cuts-lists',
    class: CLASS,
    does: 'the table leaves the last row out of a list',
    source: 'assumed: a page that is one short',
    promise: 'I9',
    implies: ['I10'],
    boundary: 'table',
    mechanism: 'lists cut',
    traits: UNSEEN,
    make: storing('table', 'table', (store) => ({
      query: (partition) =>
        store.query(partition, store.query(partition).length - 1).map(alteredItem),
    })),
    script: [attempt(SMITH, SMITH, 'table Query')],
  },
  {
    id: 'front-door-answers-nothing',
    class: CLASS,
    does: 'the front door answers nothing, politely',
    source: 'W65, published sample: failures as HTTP 200',
    promise: 'I10',
    implies: [],
    boundary: 'front-door',
    mechanism: 'empty answers',
    traits: UNSEEN,
    make: breaking('front-door', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      return reply.status === 200 ? json(200, { answer: '' }) : reply;
    }),
    script: [ask(SMITH, 'patient_context')],
  },
  {
    id: 'front-door-cuts-answers',
    class: CLASS,
    does: 'answers are cut without a word',
    source: 'assumed',
    promise: 'I10',
    implies: [],
    boundary: 'front-door',
    mechanism: 'answers cut',
    traits: UNSEEN,
    make: breaking('front-door', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      const answer = String(parsed(reply.body)?.['answer']);
      return reply.status === 200 ? json(200, { answer: answer.slice(0, 24) }) : reply;
    }),
    script: [ask(SMITH, 'patient_context')],
  },
  {
    id: 'tools-mask-secrets',
    class: CLASS,
    does: "whatever looks like a secret is taken out of the tools' answers",
    source: 'assumed: a guardrail that is too eager',
    promise: 'I10',
    implies: [],
    boundary: 'tools',
    mechanism: 'answers masked',
    traits: UNSEEN,
    make: breaking('tools', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      return findCanaries(reply.body).length === 0 ? reply : { ...reply, body: '{"record":"***"}' };
    }),
    script: [ask(SMITH, 'patient_context')],
  },
];
