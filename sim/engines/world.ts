// What does every hop of a run share, and what belongs to one request on its way?

import type { RequestFacts } from '../domain/history.ts';
import type { Platform } from '../domain/ports.ts';
import type { Shelves } from '../domain/shelf.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ServiceFaults } from './faults.ts';
import type { History } from './history.ts';
import type { Outside } from './outside.ts';

/** What every hop of a run shares. */
export interface World {
  readonly clock: Clock;
  readonly history: History;
  readonly platform: Platform;
  readonly shelves: Shelves;
  readonly faults: ServiceFaults;
  readonly hops: Counter;
  readonly outside: Outside;
}

/** Numbers things from 1. */
export class Counter {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** One request on its way: its facts, its own chance, and how often each service was called in it. */
export interface Journey {
  readonly request: RequestFacts;
  readonly chance: Chance;
  readonly calls: Map<string, number>;
}
