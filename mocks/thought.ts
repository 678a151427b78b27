// What does a model make of a turn within its `max_tokens`, and what does that count for?

import type { Chance } from '../sim/kernel/chance.ts';
import type { Behaviour } from './behaviour.ts';
import {
  CHARACTERS_PER_TOKEN,
  type ModelAnswer,
  modelTokensOf,
  toolCallCharacters,
} from './conversation.ts';
import type { Asked, Completion, WireFormat } from './format.ts';
import type { ModelProfile } from './profiles.ts';

export type Thought = Pick<
  Completion,
  'text' | 'toolCalls' | 'end' | 'outputTokens' | 'reasoningTokens'
>;

/** One call to think about. */
export interface Question {
  readonly asked: Asked;
  readonly format: WireFormat;
  readonly chance: Chance;
  readonly maxTokens: number;
}

/**
 * Asks the behaviour and holds it to `max_tokens`: a text is cut there, and a tool call that does
 * not fit is not made. SIMPLIFICATION: reasoning never takes more than half of `max_tokens`, where
 * a real model may spend all of it and answer nothing.
 */
export const think = (
  { id: modelId, reasoningTokens: span }: ModelProfile,
  behaviour: Behaviour,
  { asked, format, chance, maxTokens }: Question,
): Thought => {
  const drawn = span === undefined ? 0 : chance.fork('reasoning').integer(span.low, span.high);
  const reasoningTokens = Math.min(drawn, Math.floor(maxTokens / 2));
  const left = maxTokens - reasoningTokens;
  const { messages, tools, stream } = asked;
  const answer = behaviour({ modelId, messages, tools, stream, maxTokens: left });
  const { text, toolCalls, end } = fitted(answer, left);
  const ids = chance.fork('tool-calls');
  return {
    text,
    toolCalls: toolCalls.map(({ name, input }) => ({
      id: `${format.toolCallPrefix}${ids.hex(22)}`,
      name,
      input,
    })),
    end,
    outputTokens: reasoningTokens + modelTokensOf(text.length + toolCallCharacters(toolCalls)),
    reasoningTokens,
  };
};

const fitted = (
  { text, toolCalls }: ModelAnswer,
  maxTokens: number,
): ModelAnswer & Pick<Completion, 'end'> => {
  const characters = maxTokens * CHARACTERS_PER_TOKEN;
  if (text.length + toolCallCharacters(toolCalls) > characters) {
    return { text: text.slice(0, characters), toolCalls: [], end: 'length' };
  }
  return { text, toolCalls, end: toolCalls.length > 0 ? 'tools' : 'stop' };
};
