// Does a call still fit into this minute's token quotas of the account, and of its own share?

import { MINUTE_US } from '../sim/kernel/clock.ts';

export interface QuotaLimits {
  readonly inputTokensPerMinute: number;
  readonly outputTokensPerMinute: number;
  /** The part in (0, 1] of both quotas that one share may use; `undefined` for all of it. */
  readonly shareFraction?: number | undefined;
}

/** What an admitted call holds until it is settled. */
export interface Reservation {
  readonly share: string;
  readonly minute: number;
  readonly inputTokens: number;
  readonly maxTokens: number;
}

interface Used {
  input: number;
  output: number;
}

/**
 * Input and output tokens a minute. A call reserves its input plus `max_tokens` of the input
 * quota while it runs and gives back what it did not use; output counts as generated. Windows
 * are fixed, whole minutes since the epoch, and a reservation does not follow into the next one
 * (assumed: Bedrock documents the admission rule, not the window).
 */
export class TokenQuota {
  readonly #limits: QuotaLimits;
  #minute = Number.NaN;
  #account: Used = { input: 0, output: 0 };
  #shares = new Map<string, Used>();

  constructor(limits: QuotaLimits) {
    this.#limits = limits;
  }

  /** Reserves, or says which quota has no room. A refused call consumes nothing. */
  reserve(ask: Omit<Reservation, 'minute'>, nowUs: number): Reservation | 'input' | 'output' {
    this.#turn(nowUs);
    const wanted = ask.inputTokens + ask.maxTokens;
    const fraction = this.#limits.shareFraction ?? 1;
    const own = this.#usedBy(ask.share);
    const full = this.#full(this.#account, wanted, 1) ?? this.#full(own, wanted, fraction);
    if (full !== undefined) return full;
    this.#account.input += wanted;
    own.input += wanted;
    const { share, inputTokens, maxTokens } = ask;
    return { share, minute: this.#minute, inputTokens, maxTokens };
  }

  /** Ends a reservation: `max_tokens` back, the output that was generated on. */
  settle(reservation: Reservation, outputTokens: number, nowUs: number): void {
    this.#turn(nowUs);
    for (const used of [this.#account, this.#usedBy(reservation.share)]) {
      if (reservation.minute === this.#minute) used.input -= reservation.maxTokens;
      used.output += outputTokens;
    }
  }

  #turn(nowUs: number): void {
    const minute = Math.floor(nowUs / MINUTE_US);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#account = { input: 0, output: 0 };
    this.#shares = new Map();
  }

  #usedBy(share: string): Used {
    let used = this.#shares.get(share);
    if (used === undefined) {
      used = { input: 0, output: 0 };
      this.#shares.set(share, used);
    }
    return used;
  }

  #full(used: Used, wanted: number, fraction: number): 'input' | 'output' | undefined {
    if (used.input + wanted > this.#limits.inputTokensPerMinute * fraction) return 'input';
    if (used.output >= this.#limits.outputTokensPerMinute * fraction) return 'output';
    return undefined;
  }
}
