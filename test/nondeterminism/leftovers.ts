// What of one run is still there in the next: in the memory of the process, or on the disk?

import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { answering, delaying, listing, logging, type Source } from './plant.ts';
import { room } from './room.ts';

let requests = 0;
const SEEN = new Set<string>();
const TURNS: string[] = [];
const LETTER = /a/g;
let first: number | undefined;

/**
 * What only the memory of a process keeps. `--twice` does not find these: each of its runs is the
 * first of its process, and remembers nothing. A second run in the same process shows them.
 */
export const MEMORY: readonly Source[] = [
  {
    what: 'a counter of the module',
    way: answering,
    service: 'front-door',
    value: () => () => {
      requests += 1;
      return `${requests}`;
    },
  },
  {
    what: 'a cache of the module that is warm',
    way: delaying,
    service: 'tools',
    value: () => (hop) => {
      const key = `${hop.nowUs()}`;
      if (SEEN.has(key)) return 'warm';
      SEEN.add(key);
      return 'cold';
    },
  },
  {
    what: 'a list of the module that only grows',
    way: listing,
    service: 'tools',
    value: () => () => {
      TURNS.push('turn');
      return TURNS.join();
    },
  },
  {
    what: 'the place where a global pattern stopped',
    way: logging,
    service: 'gateway',
    value: () => () => {
      LETTER.test('a'.repeat(1000));
      return `${LETTER.lastIndex}`;
    },
  },
  {
    what: 'what the first run of the process was built with',
    way: answering,
    service: 'runtime',
    value: () => {
      first = first === undefined ? 1 : 0;
      const isFirst = first === 1;
      return () => `${isFirst}`;
    },
  },
];

/** What a run leaves on the disk, where every later run finds it. */
export const DISK: readonly Source[] = [
  {
    what: 'a file that the run before has left',
    way: answering,
    service: 'table',
    value: () => {
      const path = join(room(), 'runs');
      appendFileSync(path, '.');
      const { size } = statSync(path);
      return () => `${size}`;
    },
  },
];
