// How does an agent speak to a model: one conversation, in Bedrock Converse or Chat Completions.

import { type Call, isRecord, parsed, type Reply } from '../domain/wire.ts';

export type Said =
  | { readonly role: 'user' | 'assistant'; readonly text: string }
  | { readonly role: 'calls'; readonly calls: readonly ToolCall[] }
  | {
      readonly role: 'result';
      readonly id: string;
      readonly text: string;
      readonly isError: boolean;
    };

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Ask {
  readonly modelId: string;
  readonly system: string;
  readonly said: readonly Said[];
  readonly tools: Tools;
  readonly maxOutputTokens: number;
  /** Whose share of the account's quota the call is, as the tenant's id. */
  readonly share: string;
}

type Tools = readonly {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
}[];

export interface Answered {
  readonly text: string;
  /** The text as it was streamed; one piece when it was not. */
  readonly pieces: readonly string[];
  readonly calls: readonly ToolCall[];
  /** True when the model stopped because its answer reached `max_tokens`. */
  readonly truncated: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const modelCall = (wire: 'converse' | 'chat', ask: Ask): Call =>
  wire === 'converse' ? converseCall(ask) : chatCall(ask);

/** The answer in a reply of status 200, or `undefined` when it is not of the wire format. */
export const modelAnswer = (wire: 'converse' | 'chat', reply: Reply): Answered | undefined =>
  wire === 'converse' ? converseAnswer(reply) : chatAnswer(reply);

const converseCall = (ask: Ask): Call => ({
  method: 'POST',
  path: `/model/${ask.modelId}/converse`,
  headers: [['content-type', 'application/json']],
  body: withTools(
    JSON.stringify({
      system: [{ text: ask.system }],
      messages: ask.said.map(converseMessage),
      inferenceConfig: { maxTokens: ask.maxOutputTokens },
      requestMetadata: { tenant: ask.share },
    }),
    ask.tools,
    converseTools,
  ),
});

/** The body, an object's JSON, with the tools as its last member. */
const withTools = (body: string, tools: Tools, texts: ToolTexts): string =>
  tools.length === 0 ? body : `${body.slice(0, -1)},${texts.of(tools)}}`;

/** The JSON of lists of tools. A session's list is one object, so it is written once and not for every call. */
class ToolTexts {
  readonly #texts = new WeakMap<Tools, string>();
  readonly #member: (tools: Tools) => object;

  /** `member` makes an object of one member. */
  constructor(member: (tools: Tools) => object) {
    this.#member = member;
  }

  of(tools: Tools): string {
    const known = this.#texts.get(tools);
    if (known !== undefined) return known;
    const text = JSON.stringify(this.#member(tools)).slice(1, -1);
    this.#texts.set(tools, text);
    return text;
  }
}

const converseMessage = (said: Said): unknown => {
  switch (said.role) {
    case 'calls':
      return {
        role: 'assistant',
        content: said.calls.map((call) => ({
          toolUse: { toolUseId: call.id, name: call.name, input: call.input },
        })),
      };
    case 'result':
      return {
        role: 'user',
        content: [
          {
            toolResult: {
              toolUseId: said.id,
              content: [{ text: said.text }],
              status: said.isError ? 'error' : 'success',
            },
          },
        ],
      };
    default:
      return { role: said.role, content: [{ text: said.text }] };
  }
};

const toolSpec = (tool: Tools[number]): unknown => ({
  toolSpec: {
    name: tool.name,
    description: tool.description,
    inputSchema: { json: tool.inputSchema },
  },
});

const converseTools = new ToolTexts((tools) => ({ toolConfig: { tools: tools.map(toolSpec) } }));

const converseAnswer = (reply: Reply): Answered | undefined => {
  const body = parsed(reply.body);
  const output = body?.['output'];
  const message = isRecord(output) ? output['message'] : undefined;
  const content = isRecord(message) ? message['content'] : undefined;
  const usage = body?.['usage'];
  if (!Array.isArray(content) || !isRecord(usage)) return undefined;
  let text = '';
  const calls: ToolCall[] = [];
  for (const block of content) {
    if (!isRecord(block)) continue;
    if (typeof block['text'] === 'string') text += block['text'];
    const use = block['toolUse'];
    if (isRecord(use)) calls.push(toolCall(use['toolUseId'], use['name'], use['input']));
  }
  return {
    text,
    pieces: [text],
    calls,
    truncated: body?.['stopReason'] === 'max_tokens',
    inputTokens: Number(usage['inputTokens']),
    outputTokens: Number(usage['outputTokens']),
  };
};

const chatCall = (ask: Ask): Call => ({
  method: 'POST',
  path: '/v1/chat/completions',
  headers: [
    ['content-type', 'application/json'],
    ['authorization', 'Bearer bedrock-api-key'],
    ['openai-project', ask.share],
  ],
  body: withTools(
    JSON.stringify({
      model: ask.modelId,
      messages: [{ role: 'system', content: ask.system }, ...ask.said.map(chatMessage)],
      max_completion_tokens: ask.maxOutputTokens,
      stream: true,
      stream_options: { include_usage: true },
    }),
    ask.tools,
    chatTools,
  ),
});

const chatMessage = (said: Said): unknown => {
  switch (said.role) {
    case 'calls':
      return {
        role: 'assistant',
        content: null,
        tool_calls: said.calls.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: JSON.stringify(call.input) },
        })),
      };
    case 'result':
      return {
        role: 'tool',
        tool_call_id: said.id,
        content: said.isError ? `Error: ${said.text}` : said.text,
      };
    default:
      return { role: said.role, content: said.text };
  }
};

const chatTool = (tool: Tools[number]): unknown => ({
  type: 'function',
  function: { name: tool.name, description: tool.description, parameters: tool.inputSchema },
});

const chatTools = new ToolTexts((tools) => ({ tools: tools.map(chatTool) }));

/** Gathers the frames of a streamed completion. */
const chatAnswer = (reply: Reply): Answered | undefined => {
  const pieces: string[] = [];
  const calls = new Map<number, { id: string; name: string; json: string }>();
  let usage: Readonly<Record<string, unknown>> | undefined;
  let truncated = false;
  for (const frame of reply.chunks ?? []) {
    const chunk = parsed(frame);
    if (chunk === undefined) continue;
    if (isRecord(chunk['usage'])) usage = chunk['usage'];
    const choices = chunk['choices'];
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    const delta = isRecord(choice) ? choice['delta'] : undefined;
    if (isRecord(choice) && choice['finish_reason'] === 'length') truncated = true;
    if (!isRecord(delta)) continue;
    if (typeof delta['content'] === 'string' && delta['content'] !== '')
      pieces.push(delta['content']);
    if (Array.isArray(delta['tool_calls']))
      for (const part of delta['tool_calls']) gather(calls, part);
  }
  if (usage === undefined) return undefined;
  return {
    text: pieces.join(''),
    pieces,
    truncated,
    calls: [...calls.values()].map((call) => toolCall(call.id, call.name, parsed(call.json))),
    inputTokens: Number(usage['prompt_tokens']),
    outputTokens: Number(usage['completion_tokens']),
  };
};

const gather = (
  calls: Map<number, { id: string; name: string; json: string }>,
  part: unknown,
): void => {
  if (!isRecord(part)) return;
  const index = Number(part['index'] ?? 0);
  const call = calls.get(index) ?? { id: '', name: '', json: '' };
  const target = isRecord(part['function']) ? part['function'] : {};
  if (typeof part['id'] === 'string') call.id = part['id'];
  if (typeof target['name'] === 'string') call.name += target['name'];
  if (typeof target['arguments'] === 'string') call.json += target['arguments'];
  calls.set(index, call);
};

const toolCall = (id: unknown, name: unknown, input: unknown): ToolCall => ({
  id: String(id),
  name: String(name),
  input: isRecord(input) ? input : {},
});
