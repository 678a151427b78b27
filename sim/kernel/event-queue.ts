// In which order do things happen: by time, then by the order in which they were asked for.

/** A binary heap of actions ordered by (time, sequence). Times are whole microseconds. */
export class EventQueue {
  readonly #times: number[] = [];
  readonly #sequences: number[] = [];
  readonly #actions: (() => void)[] = [];
  #nextSequence = 0;

  get size(): number {
    return this.#times.length;
  }

  /** The time of the next action, or `undefined` when nothing is left. */
  peekUs(): number | undefined {
    return this.#times[0];
  }

  push(atUs: number, action: () => void): void {
    const sequence = this.#nextSequence++;
    let index = this.#times.length;
    this.#times.push(atUs);
    this.#sequences.push(sequence);
    this.#actions.push(action);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(atUs, sequence, parent)) break;
      this.#copy(parent, index);
      index = parent;
    }
    this.#place(index, atUs, sequence, action);
  }

  /** Takes the next action out, or `undefined` when nothing is left. */
  pop(): (() => void) | undefined {
    const first = this.#actions[0];
    const atUs = this.#times.pop();
    const sequence = this.#sequences.pop();
    const action = this.#actions.pop();
    if (atUs === undefined || sequence === undefined || action === undefined) return undefined;
    if (this.#times.length > 0) this.#sink(atUs, sequence, action);
    return first;
  }

  #sink(atUs: number, sequence: number, action: () => void): void {
    const length = this.#times.length;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#childBefore(child + 1, child)) child += 1;
      if (this.#before(atUs, sequence, child)) break;
      this.#copy(child, index);
      index = child;
    }
    this.#place(index, atUs, sequence, action);
  }

  #before(atUs: number, sequence: number, other: number): boolean {
    const otherUs = this.#times[other] as number;
    return atUs < otherUs || (atUs === otherUs && sequence < (this.#sequences[other] as number));
  }

  #childBefore(one: number, other: number): boolean {
    return this.#before(this.#times[one] as number, this.#sequences[one] as number, other);
  }

  #copy(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number;
    this.#sequences[to] = this.#sequences[from] as number;
    this.#actions[to] = this.#actions[from] as () => void;
  }

  #place(index: number, atUs: number, sequence: number, action: () => void): void {
    this.#times[index] = atUs;
    this.#sequences[index] = sequence;
    this.#actions[index] = action;
  }
}
