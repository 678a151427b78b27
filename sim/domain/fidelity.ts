// How true is the simulation: each simulated rule with its source and its standing.

export interface Rule {
  readonly service: string;
  readonly rule: string;
  readonly source: string;
  readonly standing: 'documented' | 'observed' | 'assumed';
}

/** How long a service takes: a log-normal draw, in microseconds. `perItemUs` charges the work done. */
export interface Latency {
  readonly medianUs: number;
  /** The ratio of the 95th percentile to the median, at least 1. */
  readonly ratioP95: number;
  readonly perItemUs: number;
}
