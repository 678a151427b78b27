// How fast, how large and how busy is each mocked model: figures with their sources.

/** One model behind the endpoint. Limits are of the account, shared by all who call. */
export interface ModelProfile {
  readonly id: string;
  /** Other ids under which it answers. */
  readonly aliases: readonly string[];
  /** From a free slot to the first output token. Log-normal; the ratio is p95 to median. */
  readonly timeToFirstTokenUs: { readonly median: number; readonly ratioP95: number };
  /** Reasoning tokens included. */
  readonly outputTokensPerSecond: number;
  /** Calls that are served at the same time, at least 1. */
  readonly concurrency: number;
  /** Calls that may wait for a slot; one more is refused with 503. */
  readonly queueDepth: number;
  /** Input tokens plus `max_tokens` of calls under way, a fixed minute. `Infinity` for no quota. */
  readonly inputTokensPerMinute: number;
  readonly outputTokensPerMinute: number;
  /** Input and output together. */
  readonly contextTokens: number;
  /** `max_tokens` when a call sets none, and the most that it may set. */
  readonly maxOutputTokens: number;
  /** Drawn evenly for each call, both ends included; never over half of `max_tokens`. */
  readonly reasoningTokens?: { readonly low: number; readonly high: number };
  /** Where the figures come from, or the word `assumed`. */
  readonly source: string;
}

export const MINISTRAL_8B: ModelProfile = {
  id: 'mistral.ministral-3-8b-instruct',
  aliases: [],
  timeToFirstTokenUs: { median: 400_000, ratioP95: 1.8 },
  outputTokensPerSecond: 200,
  concurrency: 64,
  queueDepth: 256,
  inputTokensPerMinute: 20_000_000,
  outputTokensPerMinute: 2_000_000,
  contextTokens: 131_072,
  maxOutputTokens: 4_096,
  source:
    'context and output: public catalogues; first token: estimate from Ministral 3 14B, p50 486 ms ' +
    '(12 calls, 2026-07-31); 200 a second: low end of 190 to 575 in a public Bedrock benchmark; ' +
    'p95 ratio, concurrency, queue and quotas: assumed',
};

export const GPT_OSS_120B: ModelProfile = {
  id: 'openai.gpt-oss-120b',
  aliases: ['openai.gpt-oss-120b-1:0'],
  timeToFirstTokenUs: { median: 700_000, ratioP95: 1.8 },
  outputTokensPerSecond: 150,
  concurrency: 64,
  queueDepth: 256,
  inputTokensPerMinute: 20_000_000,
  outputTokensPerMinute: 2_000_000,
  contextTokens: 131_072,
  maxOutputTokens: 16_384,
  reasoningTokens: { low: 150, high: 600 },
  source:
    'first token 0.5 to 0.9 s, 100 to 250 tokens a second, 150 to 600 reasoning tokens: estimates, ' +
    'no Bedrock figure is public; context, output, p95 ratio, concurrency, queue and quotas: assumed',
};
