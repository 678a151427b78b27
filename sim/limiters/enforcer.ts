// How are limits kept in order, one behind the other, so that a refused call takes nothing?

import { ADMITTED, type Answer, type Limit, type LimitedCall } from '../domain/contract.ts';
import { type Cell, cellOf } from './cell.ts';
import type { SimulatedLimiter } from './limiter.ts';

/**
 * Asks every limit of a contract, and takes of all only when all have room. A clock that goes back
 * counts as standing still.
 */
export class Enforcer implements SimulatedLimiter {
  readonly #limits: readonly Limit[];
  readonly #makeCell: (limit: Limit) => Cell;
  readonly #shared: readonly (Cell | undefined)[];
  readonly #byKey = new Map<string, readonly Cell[]>();
  #nowUs = Number.NEGATIVE_INFINITY;

  constructor(limits: readonly Limit[], makeCell: (limit: Limit) => Cell = cellOf) {
    this.#limits = limits;
    this.#makeCell = makeCell;
    this.#shared = limits.map((limit) => (limit.scope === 'all' ? makeCell(limit) : undefined));
  }

  admit({ key, clockUs }: Pick<LimitedCall, 'key' | 'clockUs'>): Answer {
    const answer = this.ask(key, clockUs);
    if (answer.kind === 'admitted') this.take(key, clockUs);
    return answer;
  }

  /** What would be answered; takes nothing. */
  ask(key: string, clockUs: number): Answer {
    const nowUs = this.#advance(clockUs);
    const cells = this.#cellsOf(key);
    let by = -1;
    let waitUs = 0;
    for (let index = 0; index < cells.length; index += 1) {
      const wait = cells[index]?.waitUs(nowUs) ?? 0;
      if (wait > 0 && by === -1) by = index;
      if (wait > waitUs) waitUs = wait;
    }
    const refusing = this.#limits[by];
    if (refusing === undefined) return ADMITTED;
    return { kind: 'refused', by: refusing.name, retryAfterUs: waitUs + (nowUs - clockUs) };
  }

  /** Takes of every limit, whether or not there is room. */
  take(key: string, clockUs: number): void {
    const nowUs = this.#advance(clockUs);
    for (const cell of this.#cellsOf(key)) cell.take(nowUs);
  }

  #advance(clockUs: number): number {
    if (clockUs > this.#nowUs) this.#nowUs = clockUs;
    return this.#nowUs;
  }

  #cellsOf(key: string): readonly Cell[] {
    let cells = this.#byKey.get(key);
    if (cells === undefined) {
      cells = this.#limits.map((limit, index) => this.#shared[index] ?? this.#makeCell(limit));
      this.#byKey.set(key, cells);
    }
    return cells;
  }
}
