// What must a wire format be able to do: read a call, and write an answer, a stream or an error.

import type { Call, Reply } from '../sim/domain/wire.ts';
import type { Chance } from '../sim/kernel/chance.ts';
import type { ModelTurn, ToolCall } from './conversation.ts';

/** What a call asks for, before the model is looked up. */
export interface Asked extends Omit<ModelTurn, 'maxTokens'> {
  readonly kind: 'asked';
  /** `undefined` when the call leaves it to the model. */
  readonly maxTokens: number | undefined;
  /** Chat Completions' `stream_options.include_usage`; Converse always says it. */
  readonly includeUsage: boolean;
  /** Whose share of the endpoint the call says that it is. Attribution only. */
  readonly share: string | undefined;
}

/** A refusal, named once for both formats. `message` is for the caller to read. */
export interface Refused {
  readonly kind: 'refused';
  readonly by: RefusalKind;
  readonly message: string;
}

export type RefusalKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'unknown model'
  | 'unknown route'
  | 'timed out'
  | 'model error'
  | 'throttled'
  | 'not ready'
  | 'internal'
  | 'unavailable';

/** A finished answer, ready to be written. */
export interface Completion {
  /** As the caller spelled it. */
  readonly modelId: string;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** Why it ended; `length` is `max_tokens`. */
  readonly end: 'stop' | 'tools' | 'length';
  readonly inputTokens: number;
  /** Reasoning tokens included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly createdUs: number;
  /** From the start of service to the last token, without the wait for a slot. */
  readonly servedUs: number;
}

export interface WireFormat {
  /** Prefix of the ids of tool calls. */
  readonly toolCallPrefix: string;
  /** Reads a call that was routed here. Never throws. */
  readonly decode: (call: Call, modelOfPath: string, stream: boolean) => Asked | Refused;
  readonly reply: (completion: Completion, id: string) => Reply;
  /** A JSON text for each frame of a stream; pieces end where chance says, mostly inside words. */
  readonly frames: (completion: Completion, chance: Chance, includeUsage: boolean) => string[];
  readonly streamContentType: string;
  readonly refuse: (refused: Refused) => Reply;
  /** Headers that carry a request's id. */
  readonly requestIdHeader: string;
}

export const refusal = (by: RefusalKind, message: string): Refused => ({
  kind: 'refused',
  by,
  message,
});

export const malformed = (message: string): Refused => refusal('malformed', message);

/**
 * Cuts a text into pieces of 12 to 36 characters (24 in the mean, assumed), never inside a
 * surrogate pair. An empty text has no pieces.
 */
export const pieces = (text: string, chance: Chance): readonly string[] => {
  const cut: string[] = [];
  let from = 0;
  while (from < text.length) {
    let to = from + chance.integer(12, 36);
    if (isLowSurrogate(text.charCodeAt(to))) to += 1;
    cut.push(text.slice(from, to));
    from = to;
  }
  return cut;
};

// NaN, past the end of the text, is none.
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
