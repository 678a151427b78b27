// Which cells were visited: every operation of every boundary, by how the caller stands to the owner.

import type { HistoryEvent, Observer, ProbeFacts } from '../../domain/history.ts';
import { MOVE_OPERATIONS } from '../../scenario.ts';

export const RELATIONS = [
  'same user',
  'other user',
  'other tenant',
  'other tier',
  'outsider',
] as const satisfies readonly ProbeFacts['relation'][];

/** `boundary operation`, and a relation. */
export interface Cell {
  readonly operation: string;
  readonly relation: ProbeFacts['relation'];
  readonly visits: number;
}

/** Counts visits over many runs. */
export class Coverage implements Observer {
  readonly #visits = new Map<string, number>();
  /** Independent tries: each is one request with its own outcome. */
  tries = 0;

  see(event: HistoryEvent): void {
    if (event.kind !== 'ended' || event.request === undefined) return;
    const { probe, asks, kind } = event.request;
    if (probe !== undefined) this.#visit(`${probe.boundary} ${probe.operation}`, probe.relation);
    else if (kind === 'ask') this.#visit(`front-door ${asks?.tool ?? 'talk'}`, 'same user');
    else if (kind === 'sign-in') this.#visit('identity InitiateAuth', 'same user');
  }

  cells(): readonly Cell[] {
    return MOVE_OPERATIONS.flatMap((operation) =>
      RELATIONS.map((relation) => ({
        operation,
        relation,
        visits: this.#visits.get(keyOf(operation, relation)) ?? 0,
      })),
    );
  }

  #visit(operation: string, relation: string): void {
    this.tries += 1;
    const key = keyOf(operation, relation);
    this.#visits.set(key, (this.#visits.get(key) ?? 0) + 1);
  }
}

const keyOf = (operation: string, relation: string): string => `${operation}|${relation}`;
