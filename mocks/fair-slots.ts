// Who is served next when all slots are taken: each share in turn, the oldest of a share first.

/**
 * A number of slots and a bounded queue before them. The queue goes round the shares that wait,
 * so that a share waits for at most one call of each other share. A full queue turns away the
 * newest call of the share that has the most waiting, which may be the newcomer itself.
 */
export class FairSlots {
  readonly #depth: number;
  readonly #waiting = new Map<string, Waiter[]>();
  /** INVARIANT: the keys of `#waiting`, each once, in the order of their turns. */
  readonly #turns: string[] = [];
  #free: number;
  #queued = 0;

  constructor(slots: number, depth: number) {
    this.#free = slots;
    this.#depth = depth;
  }

  /** How many wait. */
  get queued(): number {
    return this.#queued;
  }

  /** Takes a slot now, or gives a promise: true with the slot, false when turned away. */
  take(share: string): true | Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise((resolve) => this.#queue(share, resolve));
  }

  /** Gives a slot back; the next in turn has it at once. */
  giveBack(): void {
    const share = this.#turns.shift();
    const waiters = share === undefined ? undefined : this.#waiting.get(share);
    const next = waiters?.shift();
    if (share === undefined || waiters === undefined || next === undefined) {
      this.#free += 1;
      return;
    }
    this.#queued -= 1;
    if (waiters.length > 0) this.#turns.push(share);
    else this.#waiting.delete(share);
    next(true);
  }

  #queue(share: string, waiter: Waiter): void {
    const waiters = this.#waiting.get(share);
    if (this.#queued >= this.#depth && !this.#turnAwayFor(waiters?.length ?? 0)) {
      waiter(false);
      return;
    }
    this.#queued += 1;
    if (waiters !== undefined) waiters.push(waiter);
    else {
      this.#waiting.set(share, [waiter]);
      this.#turns.push(share);
    }
  }

  /** Makes room for a share with so many waiting; false when no share would still have more. */
  #turnAwayFor(own: number): boolean {
    let longest: readonly [share: string, waiters: Waiter[]] | undefined;
    for (const entry of this.#waiting) {
      if (entry[1].length > (longest?.[1].length ?? own + 1)) longest = entry;
    }
    const newest = longest?.[1].pop();
    if (newest === undefined) return false;
    this.#queued -= 1;
    newest(false);
    return true;
  }
}

type Waiter = (served: boolean) => void;
