// Who writes the history: one place through which every event goes to the digest and to every fold.

import type { HistoryEvent, Observer } from '../domain/history.ts';

type Unplaced<E> = E extends HistoryEvent ? Omit<E, 'index' | 'atUs'> : never;
/** An event before it has its place in the history. */
export type Happening = Unplaced<HistoryEvent>;

interface Place {
  index: number;
  atUs: number;
}

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

  /** Gives the happening its place, in the very object: whoever records one makes it anew and keeps none. */
  record(happening: Happening): void {
    const event = happening as HistoryEvent;
    const place: Place = event;
    place.index = this.#next;
    place.atUs = this.#nowUs();
    this.#next += 1;
    for (const observer of this.#observers) observer.see(event);
  }
}
