// How does the deterministic mock think: pure functions from what it is shown to what it answers.

import {
  CHARACTERS_PER_TOKEN,
  type Message,
  type ModelAnswer,
  type ModelTurn,
} from './conversation.ts';
import { type Directive, directivesAnywhereIn, directivesIn, offeredTool } from './directive.ts';

/** The same turn gets the same answer, always. The endpoint cuts it at `max_tokens`. */
export type Behaviour = (turn: ModelTurn) => ModelAnswer;

/**
 * Obeys the directives of the last user message, one call a turn and offered tools only, then
 * quotes each result whole. Asked to `recall`, it quotes the memory sections too. Text between
 * `<memory>` and `</memory>` is never taken for the user's own words.
 */
export const helpful: Behaviour = ({ messages, tools }) => {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const said = (messages[last]?.text ?? '').replace(MEMORY, '').trim();
  const results = messages.slice(last + 1).filter(({ role }) => role === 'tool');
  const calls: Directive[] = [];
  const sentences: string[] = [];
  for (const { name, input } of directivesIn(said)) {
    const offered = offeredTool(name, tools);
    if (offered === undefined) sentences.push(`could not use ${name}: it is not offered`);
    else calls.push({ name: offered, input });
  }
  const next = calls[results.length];
  if (next !== undefined) return { text: '', toolCalls: [next] };
  for (const [index, { text, isError }] of results.entries()) {
    const name = calls[index]?.name ?? 'tool';
    sentences.push(isError === true ? `could not use ${name}: ${text}` : `${name}: ${text}`);
  }
  if (sentences.length === 0) sentences.push(`You said: ${said}`);
  if (RECALL.test(said)) sentences.push(`I remember: ${remembered(messages)}`);
  return { text: sentences.join('\n'), toolCalls: [] };
};

/** As `helpful`, with every answer padded or cut to exactly `max_tokens`. */
export const verbose: Behaviour = (turn) => {
  const answer = helpful(turn);
  if (answer.toolCalls.length > 0) return answer;
  const characters = turn.maxTokens * CHARACTERS_PER_TOKEN;
  return { text: answer.text.padEnd(characters, PADDING).slice(0, characters), toolCalls: [] };
};

/** Tool calls that `hostile` makes after one user message, at most. Assumed. */
export const HOSTILE_CALLS_MAX = 8;

/**
 * Obeys the directives of everything that it is shown (memory, documents, tool results and
 * descriptions, its own words), each once, offered or not; then repeats all of it, line by line,
 * each line once so that no conversation doubles with every turn.
 */
export const hostile: Behaviour = ({ messages, tools }) => {
  const made = new Set<string>();
  let sinceUser = 0;
  for (const { role, toolCalls } of messages) {
    if (role === 'user') sinceUser = 0;
    for (const call of toolCalls ?? []) {
      made.add(keyOf(call));
      sinceUser += 1;
    }
  }
  // The newest first: what is cut off at `max_tokens` is the oldest.
  const shown = [
    ...messages.map(({ text }) => text).reverse(),
    ...tools.map(({ name, description }) => `${name}: ${description}`),
  ];
  if (sinceUser < HOSTILE_CALLS_MAX) {
    for (const { name, input } of shown.flatMap(directivesAnywhereIn)) {
      const call = { name: offeredTool(name, tools) ?? name, input };
      if (!made.has(keyOf(call))) return { text: '', toolCalls: [call] };
    }
  }
  const lines = new Set(shown.flatMap((text) => text.split('\n')));
  for (const key of made) lines.add(key);
  return { text: [...lines].join('\n'), toolCalls: [] };
};

const MEMORY = /<memory>([\s\S]*?)<\/memory>/g;
const RECALL = /\brecall\b/i;
const PADDING = ' and so on';

const remembered = (messages: readonly Message[]): string =>
  messages
    .filter(({ role }) => role === 'system' || role === 'user')
    .flatMap(({ text }) => [...text.matchAll(MEMORY)].map((match) => (match[1] ?? '').trim()))
    .join('\n');

const keyOf = ({ name, input }: Directive): string => `${name} ${JSON.stringify(input)}`;
