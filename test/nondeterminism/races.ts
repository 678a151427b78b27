// What depends on a race of the event loop, which was run while the module loaded?

import { answering, type Source } from './plant.ts';

/** How many immediates come before a timer, again and again. */
const immediatesBeforeATimer = async (): Promise<readonly number[]> => {
  const rounds: number[] = [];
  for (let race = 0; race < 8; race += 1) {
    let isOver = false;
    let count = 0;
    setTimeout(() => {
      isOver = true;
    }, 2);
    while (!isOver) {
      await new Promise((done) => setImmediate(done));
      count += 1;
    }
    rounds.push(count);
  }
  return rounds;
};

const rounds = await immediatesBeforeATimer();

/**
 * Run once a process, so that it shows in another process alone. Within a run such a race would be
 * no source: simulated time does not wait for the real world, so a service that awaits a timer of
 * the machine ends at its caller's simulated deadline, in each run at the same. Jobs of a pool of
 * threads are left out, because on a quiet machine they often end in the order of their start.
 */
export const RACES: readonly Source[] = [
  {
    what: 'a race of setImmediate against setTimeout',
    way: answering,
    service: 'runtime',
    value: () => () => rounds.join(' '),
  },
];
