// Was every option understood: what an option gives, and every complaint of all of them at once.

import { type Complaint, UsageError } from '../domain/usage-error.ts';

/** Gathers complaints, so that all are told together. */
export class Complaints {
  readonly #all: Complaint[] = [];

  /** The work's result; undefined beside its complaints. Any other error is thrown on. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (problem) {
      if (!(problem instanceof UsageError)) throw problem;
      this.#all.push(...problem.complaints);
      return undefined;
    }
  }

  add(...complaints: readonly Complaint[]): void {
    this.#all.push(...complaints);
  }

  /** Complains of an option that was given something else than expected. */
  wrong(option: string, given: string, expected: string): void {
    this.add({
      file: option,
      message: `not understood: \`${given}\``,
      hint: `expected ${expected}`,
    });
  }

  /** A whole number from 1. */
  count(option: string, given: string): number {
    const value = Number(given);
    if (!Number.isSafeInteger(value) || value < 1)
      this.wrong(option, given, 'a whole number from 1');
    return value;
  }

  get all(): readonly Complaint[] {
    return this.#all;
  }

  /** Throws a `UsageError` with all of them, if there are any. */
  tell(): void {
    if (this.#all.length > 0) throw new UsageError(this.#all);
  }
}
