// What does a model's answer say that it used: in either wire format, streamed or whole.

import { isRecord, parsed, type Reply } from '../domain/wire.ts';

export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The usage in a reply, or `undefined` when it says none: a refusal, or a stream not asked for it. */
export const usageOf = (reply: Reply): ModelUsage | undefined => {
  if (reply.chunks === undefined) return usageIn(parsed(reply.body));
  // It stands in one of the last frames.
  for (const chunk of reply.chunks.toReversed()) {
    const usage = usageIn(parsed(chunk));
    if (usage !== undefined) return usage;
  }
  return undefined;
};

/** Chat Completions' last frame, which is there for the usage alone. */
export const isUsageFrame = (chunk: string): boolean => {
  const frame = parsed(chunk);
  return (
    isRecord(frame?.['usage']) && Array.isArray(frame['choices']) && frame['choices'].length === 0
  );
};

const usageIn = (body: Readonly<Record<string, unknown>> | undefined): ModelUsage | undefined => {
  const metadata = body?.['metadata'];
  const usage = isRecord(metadata) ? metadata['usage'] : body?.['usage'];
  if (!isRecord(usage)) return undefined;
  const inputTokens = usage['inputTokens'] ?? usage['prompt_tokens'];
  const outputTokens = usage['outputTokens'] ?? usage['completion_tokens'];
  if (typeof inputTokens !== 'number' || typeof outputTokens !== 'number') return undefined;
  return { inputTokens, outputTokens };
};
