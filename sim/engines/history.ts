// Who writes the history: one place through which every event goes to the digest and to every fold.

import type { HistoryEvent, Observer } from '../domain/history.ts';

type Unplaced<E> = E extends HistoryEvent ? Omit<E, 'index' | 'atUs'> : never;
/** An event before it has its place in the history. */
export type Happening = Unplaced<HistoryEvent>;

/** Numbers events in order and shows each to every observer. Keeps none. */
export class History {
  readonly #observers: readonly Observer[];
  readonly #nowUs: () => number;
  #next = 0;

  constructor(nowUs: () => number, observers: readonly Observer[]) {
    this.#nowUs = nowUs;
    this.#observers = observers;
  }

  get length(): number {
    return this.#next;
  }

  record(happening: Happening): void {
    const event = { index: this.#next, atUs: this.#nowUs(), ...happening } as HistoryEvent;
    this.#next += 1;
    for (const observer of this.#observers) observer.see(event);
  }
}
