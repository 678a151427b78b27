// What was received of traces, and what became of them, in numbers?

/** Every trace that was seen is one of `complete`, `contradictory` and the four of `unfinished`. */
export interface TraceCounts {
  /** Spans received, without those that came again. */
  readonly spans: number;
  /** Spans that came again, as retries of an exporter do. */
  readonly repeated: number;
  /** Spans that came after their trace had been let go of: judged alone. */
  readonly late: number;
  /** Traces with one root, every parent there, and no circle. */
  readonly complete: number;
  /** Traces with two roots or a circle, which no span to come can mend: findings. */
  readonly contradictory: number;
  /** Traces let go of before they were complete: judged by what was there. */
  readonly unfinished: {
    /** No span without a parent. */
    readonly beginningMissing: number;
    /** A root, but a span whose parent never came. */
    readonly parentMissing: number;
    /** More spans than are kept of one trace. */
    readonly tooLarge: number;
    /** More spans at a time than are kept: the longest quiet went. */
    readonly crowdedOut: number;
  };
  /** Traces in which no span names a tenant. */
  readonly nameless: number;
  /** Where traces began: `service name` of the root, how often, the most frequent first. */
  readonly beginnings: readonly (readonly [string, number])[];
}
