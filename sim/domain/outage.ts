// When did nobody answer, and what did it cost?

/** A stretch in which nobody answered, in µs since the epoch by the run's clock. */
export interface Outage {
  readonly fromUs: number;
  readonly toUs: number;
  /** Requests that failed. */
  readonly failed: number;
  /** Whether an answer came after it. */
  readonly isOver: boolean;
}
