// What is a trace: requests that somebody really sent, with times, sizes and perhaps a client.

/** One request of a trace. */
export interface TraceRow {
  /** Whole microseconds since the first request of the trace. */
  readonly atUs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Whoever sent it, where the trace says so. */
  readonly client?: string;
  /** Ids of the prompt's blocks; equal leading ids are a shared prefix (Mooncake). */
  readonly hashIds?: readonly number[];
}

/**
 * `azure`: CSV with `TIMESTAMP,ContextTokens,GeneratedTokens` (Azure Public Dataset, 2023 and
 * 2024). `mooncake`: JSON lines (Qin et al., FAST 2025). `servegen`: windows of one client's arrival
 * process, not requests (Xiang et al., arXiv 2505.09999); see `servegen.ts`.
 */
export type TraceFormat = (typeof traceFormats)[number];

export const traceFormats = ['azure', 'mooncake', 'servegen'] as const;
