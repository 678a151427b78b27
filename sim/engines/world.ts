// What does every hop of a run share, and what belongs to one request on its way?

import type { RequestFacts } from '../domain/history.ts';
import type { Peer, Platform, ServiceName } from '../domain/ports.ts';
import type { Shelves } from '../domain/shelf.ts';
import type { Call, Reply } from '../domain/wire.ts';
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
  readonly wire: Wire;
}

/** How a call comes to the service that it is for, and how the reply comes back. */
export type Wire = (sent: Sent) => Promise<Reply>;

/** A call on its way. `arrive` hands it, as it was received, to the service. */
export interface Sent {
  readonly journey: Journey;
  /** The hop that sends it; 0 when it comes from no service. */
  readonly parent: number;
  readonly from: Peer;
  readonly to: ServiceName;
  readonly call: Call;
  readonly arrive: (received: Call) => Promise<Reply>;
}

/** In simulated time a call arrives as it was sent. */
export const straight: Wire = ({ call, arrive }) => arrive(call);

/** Numbers things from 1, or from the number after `last`. */
export class Counter {
  #last: number;

  constructor(last = 0) {
    this.#last = last;
  }

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
