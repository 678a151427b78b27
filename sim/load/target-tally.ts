// What came back from a target, counted: sign-ins, statuses, failures with their reasons, tokens used.

import type { AnswerText } from './answer.ts';

/** Reasons that are kept apart, at most; more are counted as others. */
const REASONS_MAX = 40;

export class TargetTally {
  /** Asks whose answer was whole and held a text. */
  answered = 0;
  /** Asks that were not sent, so that the rate stayed within its cap. */
  heldBack = 0;
  inputTokens = 0;
  outputTokens = 0;
  readonly #statuses = new Map<number, number>();
  readonly #failures = new Map<string, number>();
  readonly #signedIn = new Set<string>();
  readonly #notSignedIn = new Map<string, string>();

  status(status: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }

  failed(why: string): void {
    const key =
      this.#failures.has(why) || this.#failures.size < REASONS_MAX ? why : 'for other reasons';
    this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
  }

  used({ inputTokens, outputTokens }: AnswerText): void {
    this.inputTokens += inputTokens ?? 0;
    this.outputTokens += outputTokens ?? 0;
  }

  signedIn(membership: string): void {
    this.#signedIn.add(membership);
    this.#notSignedIn.delete(membership);
  }

  notSignedIn(membership: string, why: string): void {
    this.#notSignedIn.set(membership, why);
  }

  get statuses(): readonly { readonly status: number; readonly count: number }[] {
    return [...this.#statuses]
      .map(([status, count]) => ({ status, count }))
      .sort((a, b) => a.status - b.status);
  }

  get failures(): readonly { readonly why: string; readonly count: number }[] {
    return [...this.#failures].map(([why, count]) => ({ why, count }));
  }

  get signIns() {
    return {
      signedIn: this.#signedIn.size,
      failed: [...this.#notSignedIn].map(([membership, why]) => ({
        user: membership.replace(':1/', '/'),
        why,
      })),
    };
  }
}
