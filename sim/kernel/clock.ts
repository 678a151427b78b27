// What is time to a run: whole microseconds since the epoch, passed in, never taken.

/** Time as every service sees it. Simulated and wall clocks keep the same promises. */
export interface Clock {
  /** Microseconds since 1970-01-01T00:00:00Z, a safe integer. */
  nowUs(): number;
  /** Resolves `durationUs` microseconds later (whole, at least 0); sleeps that end together end in the order in which they began. */
  sleep(durationUs: number): Promise<void>;
  /** Runs `action` at `atUs`, or at once in order when that is past. Order among equals is the order of the calls. */
  at(atUs: number, action: () => void): void;
}

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;
