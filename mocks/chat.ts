// How does the OpenAI-style Chat Completions API spell a turn, an answer, a stream and an error?
// Shapes: Bedrock Mantle's documentation and the openai client 6.49; error bodies are general knowledge.

import { header, isRecord, json, parsed, type Reply } from '../sim/domain/wire.ts';
import type { Message, ToolCall, ToolOffer } from './conversation.ts';
import {
  type Completion,
  malformed,
  pieces,
  type RefusalKind,
  type Refused,
  type WireFormat,
} from './format.ts';

/** `POST …/chat/completions`. */
export const chat: WireFormat = {
  toolCallPrefix: 'call_',
  requestIdHeader: 'x-request-id',
  streamContentType: 'text/event-stream',
  decode: (call) => {
    const body = parsed(call.body);
    if (body === undefined) return malformed('the body is not a JSON object');
    const modelId = body['model'];
    if (typeof modelId !== 'string') return malformed('model is not a string');
    const messages = messagesOf(body['messages']);
    if (typeof messages === 'string') return malformed(messages);
    const tools = toolsOf(body['tools'] ?? []);
    if (typeof tools === 'string') return malformed(tools);
    const maxTokens = body['max_completion_tokens'] ?? body['max_tokens'] ?? undefined;
    if (maxTokens !== undefined && !isCount(maxTokens)) {
      return malformed('max_tokens is not a whole number of at least 1');
    }
    const stream = body['stream'] ?? false;
    if (typeof stream !== 'boolean') return malformed('stream is not a boolean');
    const options = body['stream_options'];
    const includeUsage = isRecord(options) && options['include_usage'] === true;
    const metadata = body['metadata'];
    const tenant = isRecord(metadata) ? metadata['tenant'] : undefined;
    const named = typeof tenant === 'string' ? tenant : undefined;
    const share = header(call.headers, 'openai-project') ?? named;
    return { kind: 'asked', modelId, messages, tools, maxTokens, stream, includeUsage, share };
  },
  reply: (completion, id) => {
    const calls = completion.toolCalls.map(toolCall);
    const message = {
      role: 'assistant',
      content: completion.text === '' && calls.length > 0 ? null : completion.text,
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    };
    const finish_reason = FINISH_REASONS[completion.end];
    const choices = [{ index: 0, message, logprobs: null, finish_reason }];
    const value = {
      ...head(completion, `chatcmpl-${id}`),
      object: 'chat.completion',
      choices,
      usage: usage(completion),
    };
    return json(200, value, [['x-request-id', id]]);
  },
  frames: (completion, chance, includeUsage) => {
    const common = JSON.stringify({
      ...head(completion, `chatcmpl-${chance.hex(24)}`),
      object: 'chat.completion.chunk',
    });
    const deltas: unknown[] = [{ role: 'assistant', content: '' }];
    for (const content of pieces(completion.text, chance)) deltas.push({ content });
    for (const [index, { id, name, input }] of completion.toolCalls.entries()) {
      deltas.push({
        tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
      });
      for (const fragment of pieces(JSON.stringify(input), chance)) {
        deltas.push({ tool_calls: [{ index, function: { arguments: fragment } }] });
      }
    }
    const frames = deltas.map((delta) => frame(common, [{ index: 0, delta, finish_reason: null }]));
    frames.push(
      frame(common, [{ index: 0, delta: {}, finish_reason: FINISH_REASONS[completion.end] }]),
    );
    if (includeUsage) {
      frames.push(withMembers(common, { choices: [], usage: usage(completion) }));
    }
    return frames;
  },
  refuse: ({ by, message }: Refused): Reply => {
    const { status, type, code } = ERRORS[by];
    return json(status, { error: { message, type, param: null, code } });
  },
};

const frame = (common: string, choices: readonly unknown[]): string =>
  withMembers(common, { choices });

/** Adds members to an object's JSON: what all frames have in common is written once. */
const withMembers = (json: string, members: object): string =>
  `${json.slice(0, -1)},${JSON.stringify(members).slice(1)}`;

/** The reply to `GET …/models`; `created` is 0, since no source gives it. */
export const modelList = (ids: readonly string[]): Reply =>
  json(200, { object: 'list', data: ids.map(modelEntry) });

/** The reply to `GET …/models/{id}`. */
export const modelEntryReply = (id: string): Reply => json(200, modelEntry(id));

const modelEntry = (id: string): unknown => ({
  id,
  object: 'model',
  created: 0,
  owned_by: id.split('.')[0],
});

const FINISH_REASONS = { stop: 'stop', tools: 'tool_calls', length: 'length' } as const;

interface ErrorShape {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
}

const ERRORS: Readonly<Record<RefusalKind, ErrorShape>> = {
  malformed: { status: 400, type: 'invalid_request_error', code: null },
  unauthenticated: { status: 401, type: 'authentication_error', code: 'invalid_api_key' },
  forbidden: { status: 403, type: 'permission_error', code: null },
  'unknown model': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  'unknown route': { status: 404, type: 'invalid_request_error', code: 'unknown_url' },
  'timed out': { status: 408, type: 'timeout_error', code: null },
  'model error': { status: 500, type: 'server_error', code: 'model_error' },
  throttled: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  'not ready': { status: 503, type: 'server_error', code: 'model_not_ready' },
  internal: { status: 500, type: 'server_error', code: 'internal_error' },
  unavailable: { status: 503, type: 'server_error', code: 'service_unavailable' },
};

const head = ({ modelId, createdUs }: Completion, id: string): Record<string, unknown> => ({
  id,
  created: Math.floor(createdUs / 1_000_000),
  model: modelId,
});

const toolCall = ({ id, name, input }: ToolCall): unknown => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(input) },
});

const usage = ({ inputTokens, outputTokens, reasoningTokens }: Completion): unknown => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: reasoningTokens },
});

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1;

/** The messages, or what is wrong with them. */
const messagesOf = (messages: unknown): readonly Message[] | string => {
  if (!Array.isArray(messages) || messages.length === 0) return 'messages is not a filled array';
  const read: Message[] = [];
  for (const [index, message] of (messages as readonly unknown[]).entries()) {
    if (!isRecord(message)) return `messages.${index} is not an object`;
    const one = messageOf(message);
    if (typeof one === 'string') return `messages.${index}${one}`;
    read.push(one);
  }
  return read;
};

const messageOf = (message: Readonly<Record<string, unknown>>): Message | string => {
  const text = textOf(message['content'] ?? '');
  if (text === undefined) return '.content is neither text nor an array of text parts';
  const role = message['role'];
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', text };
    case 'user':
      return { role, text };
    case 'assistant': {
      const toolCalls = toolCallsOf(message['tool_calls'] ?? []);
      return toolCalls === undefined
        ? '.tool_calls is not an array of functions with JSON arguments'
        : { role, text, toolCalls };
    }
    case 'tool': {
      const toolCallId = message['tool_call_id'];
      if (typeof toolCallId !== 'string') return '.tool_call_id is not a string';
      // The format has no mark for errors: a text that begins with `Error` is one (assumed).
      return { role, text, toolCallId, isError: /^error\b/i.test(text) };
    }
    default:
      return '.role is none of system, developer, user, assistant and tool';
  }
};

const textOf = (content: unknown): string | undefined => {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const part of content as readonly unknown[]) {
    if (!isRecord(part) || typeof part['text'] !== 'string') return undefined;
    texts.push(part['text']);
  }
  return texts.join('\n');
};

const toolCallsOf = (calls: unknown): readonly ToolCall[] | undefined => {
  if (!Array.isArray(calls)) return undefined;
  const read: ToolCall[] = [];
  for (const call of calls as readonly unknown[]) {
    const named = isRecord(call) ? call['function'] : undefined;
    if (!isRecord(call) || !isRecord(named)) return undefined;
    const { name, arguments: text } = named as Record<string, unknown>;
    const input = typeof text === 'string' ? parsed(text) : undefined;
    const id = call['id'];
    if (typeof id !== 'string' || typeof name !== 'string' || input === undefined) {
      return undefined;
    }
    read.push({ id, name, input });
  }
  return read;
};

/** The offered tools, or what is wrong with them. SIMPLIFICATION: `tool_choice` is not obeyed. */
const toolsOf = (tools: unknown): readonly ToolOffer[] | string => {
  if (!Array.isArray(tools)) return 'tools is not an array';
  const offers: ToolOffer[] = [];
  for (const [index, tool] of (tools as readonly unknown[]).entries()) {
    const named = isRecord(tool) ? tool['function'] : undefined;
    if (!isRecord(named) || typeof named['name'] !== 'string') {
      return `tools.${index}.function is without a name`;
    }
    const { name, description, parameters } = named as Record<string, unknown> & { name: string };
    offers.push({
      name,
      description: typeof description === 'string' ? description : '',
      schema: parameters ?? {},
    });
  }
  return offers;
};
