// How does Bedrock's Converse API spell a turn, an answer, a stream and an error?
// Shapes and statuses: botocore 1.43.107 service model of bedrock-runtime.

import { isRecord, json, parsed, type Reply } from '../sim/domain/wire.ts';
import type { Message, ToolCall, ToolOffer } from './conversation.ts';
import {
  type Asked,
  type Completion,
  malformed,
  pieces,
  type RefusalKind,
  type Refused,
  type WireFormat,
} from './format.ts';

/** `POST /model/{id}/converse` and `/converse-stream`. */
export const converse: WireFormat = {
  toolCallPrefix: 'tooluse_',
  requestIdHeader: 'x-amzn-requestid',
  streamContentType: 'application/vnd.amazon.eventstream',
  decode: (call, modelId, stream) => {
    const body = parsed(call.body);
    if (body === undefined) return malformed('the body is not a JSON object');
    const messages = messagesOf(body['system'] ?? [], body['messages']);
    if (typeof messages === 'string') return malformed(messages);
    const tools = toolsOf(body['toolConfig']);
    if (typeof tools === 'string') return malformed(tools);
    const { maxTokens, mistake } = maxTokensOf(body['inferenceConfig']);
    if (mistake !== undefined) return malformed(mistake);
    const metadata = body['requestMetadata'] ?? {};
    if (!isRecord(metadata)) return malformed('requestMetadata is not an object');
    const share = metadata['tenant'];
    if (share !== undefined && typeof share !== 'string') {
      return malformed('requestMetadata.tenant is not a string');
    }
    return asked({ modelId, messages, tools, maxTokens, stream, share });
  },
  reply: (completion, id) => {
    const content: unknown[] = completion.text === '' ? [] : [{ text: completion.text }];
    for (const call of completion.toolCalls) content.push({ toolUse: toolUse(call) });
    const value = {
      metrics: { latencyMs: latencyMs(completion) },
      output: { message: { content, role: 'assistant' } },
      stopReason: STOP_REASONS[completion.end],
      usage: usage(completion),
    };
    return json(200, value, [['x-amzn-requestid', id]]);
  },
  frames: (completion, chance) => {
    const frames: unknown[] = [{ messageStart: { role: 'assistant' } }];
    let contentBlockIndex = 0;
    if (completion.text !== '') {
      for (const text of pieces(completion.text, chance)) {
        frames.push({ contentBlockDelta: { contentBlockIndex, delta: { text } } });
      }
      frames.push({ contentBlockStop: { contentBlockIndex } });
      contentBlockIndex += 1;
    }
    for (const { id, name, input } of completion.toolCalls) {
      const start = { toolUse: { name, toolUseId: id } };
      frames.push({ contentBlockStart: { contentBlockIndex, start } });
      for (const fragment of pieces(JSON.stringify(input), chance)) {
        const delta = { toolUse: { input: fragment } };
        frames.push({ contentBlockDelta: { contentBlockIndex, delta } });
      }
      frames.push({ contentBlockStop: { contentBlockIndex } });
      contentBlockIndex += 1;
    }
    frames.push({ messageStop: { stopReason: STOP_REASONS[completion.end] } });
    const metrics = { latencyMs: latencyMs(completion) };
    frames.push({ metadata: { metrics, usage: usage(completion) } });
    return frames.map((frame) => JSON.stringify(frame));
  },
  refuse: ({ by, message }: Refused): Reply => {
    const [status, type] = ERRORS[by];
    return json(status, { message }, [['x-amzn-errortype', type]]);
  },
};

const STOP_REASONS = { stop: 'end_turn', tools: 'tool_use', length: 'max_tokens' } as const;

// An unknown model id is a ValidationException at the live service; the service model leaves it open.
const ERRORS: Readonly<Record<RefusalKind, readonly [status: number, type: string]>> = {
  malformed: [400, 'ValidationException'],
  unauthenticated: [403, 'AccessDeniedException'],
  forbidden: [403, 'AccessDeniedException'],
  'unknown model': [400, 'ValidationException'],
  'unknown route': [404, 'UnknownOperationException'],
  'timed out': [408, 'ModelTimeoutException'],
  'model error': [424, 'ModelErrorException'],
  throttled: [429, 'ThrottlingException'],
  'not ready': [429, 'ModelNotReadyException'],
  internal: [500, 'InternalServerException'],
  unavailable: [503, 'ServiceUnavailableException'],
};

const asked = (turn: Omit<Asked, 'kind' | 'includeUsage'>): Asked => ({
  kind: 'asked',
  includeUsage: true,
  ...turn,
});

const latencyMs = ({ servedUs }: Completion): number => Math.round(servedUs / 1000);

const toolUse = ({ id, name, input }: ToolCall): unknown => ({ input, name, toolUseId: id });

const usage = ({ inputTokens, outputTokens }: Completion): unknown => ({
  inputTokens,
  outputTokens,
  totalTokens: inputTokens + outputTokens,
});

/** The messages, or what is wrong with them. */
const messagesOf = (system: unknown, messages: unknown): readonly Message[] | string => {
  if (!Array.isArray(system)) return 'system is not an array';
  if (!Array.isArray(messages) || messages.length === 0) return 'messages is not a filled array';
  const read: Message[] = [];
  for (const block of system as readonly unknown[]) {
    if (!isRecord(block)) return 'system holds a block that is not an object';
    const text = block['text'];
    if (typeof text === 'string') read.push({ role: 'system', text });
    else if (block['cachePoint'] === undefined) return 'system holds a block that is not text';
  }
  for (const [index, message] of (messages as readonly unknown[]).entries()) {
    if (!isRecord(message)) return `messages.${index} is not an object`;
    const { role, content } = message as { role?: unknown; content?: unknown };
    if (role !== 'user' && role !== 'assistant') {
      return `messages.${index}.role is neither user nor assistant`;
    }
    if (index === 0 && role !== 'user') return 'a conversation must start with a user message';
    if (!Array.isArray(content)) return `messages.${index}.content is not an array`;
    const mistake = readContent(role, content, read);
    if (mistake !== undefined) return `messages.${index}.content ${mistake}`;
  }
  return read;
};

/**
 * Adds one message's blocks: results as messages of a tool, then text and calls together. Gives
 * back what is wrong with the blocks, if something is.
 */
const readContent = (
  role: 'user' | 'assistant',
  content: readonly unknown[],
  read: Message[],
): string | undefined => {
  const texts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const block of content) {
    if (!isRecord(block)) return 'holds a block that is not an object';
    if (typeof block['text'] === 'string') texts.push(block['text']);
    else if (role === 'assistant' && isRecord(block['toolUse'])) {
      const { toolUseId, name, input } = block['toolUse'] as Record<string, unknown>;
      if (typeof toolUseId !== 'string' || typeof name !== 'string' || !isRecord(input)) {
        return 'holds a toolUse without toolUseId, name and input';
      }
      toolCalls.push({ id: toolUseId, name, input });
    } else if (role === 'user' && isRecord(block['toolResult'])) {
      const result = resultOf(block['toolResult']);
      if (typeof result === 'string') return result;
      read.push(result);
    } else if (block['reasoningContent'] === undefined && block['cachePoint'] === undefined) {
      return 'holds a block of a kind that this model does not take';
    }
  }
  const text = texts.join('\n');
  if (role === 'assistant') read.push({ role, text, toolCalls });
  else if (texts.length > 0) read.push({ role, text });
  return undefined;
};

const resultOf = (result: Readonly<Record<string, unknown>>): Message | string => {
  const toolCallId = result['toolUseId'];
  const content = result['content'];
  if (typeof toolCallId !== 'string' || !Array.isArray(content)) {
    return 'holds a toolResult without toolUseId and content';
  }
  const texts: string[] = [];
  for (const block of content as readonly unknown[]) {
    if (isRecord(block) && typeof block['text'] === 'string') texts.push(block['text']);
    else if (isRecord(block) && block['json'] !== undefined) {
      texts.push(JSON.stringify(block['json']));
    } else return 'holds a toolResult of a kind that this model does not take';
  }
  const isError = result['status'] === 'error';
  return { role: 'tool', text: texts.join('\n'), toolCallId, isError };
};

/** The offered tools, or what is wrong with them. SIMPLIFICATION: `toolChoice` is not obeyed. */
const toolsOf = (toolConfig: unknown): readonly ToolOffer[] | string => {
  if (toolConfig === undefined) return [];
  const tools = isRecord(toolConfig) ? toolConfig['tools'] : undefined;
  if (!Array.isArray(tools)) return 'toolConfig.tools is not an array';
  const offers: ToolOffer[] = [];
  for (const [index, tool] of (tools as readonly unknown[]).entries()) {
    if (isRecord(tool) && tool['cachePoint'] !== undefined) continue;
    const spec = isRecord(tool) ? tool['toolSpec'] : undefined;
    if (!isRecord(spec)) return `toolConfig.tools.${index}.toolSpec is not an object`;
    const { name, description, inputSchema } = spec as Record<string, unknown>;
    const schema = isRecord(inputSchema) ? inputSchema['json'] : undefined;
    if (typeof name !== 'string' || schema === undefined) {
      return `toolConfig.tools.${index}.toolSpec is without name or inputSchema.json`;
    }
    offers.push({ name, description: typeof description === 'string' ? description : '', schema });
  }
  return offers;
};

const maxTokensOf = (
  config: unknown,
): { readonly maxTokens?: number; readonly mistake?: string } => {
  if (config === undefined) return {};
  if (!isRecord(config)) return { mistake: 'inferenceConfig is not an object' };
  const maxTokens = config['maxTokens'];
  if (maxTokens === undefined) return {};
  return typeof maxTokens === 'number' && Number.isInteger(maxTokens) && maxTokens >= 1
    ? { maxTokens }
    : { mistake: 'inferenceConfig.maxTokens is not a whole number of at least 1' };
};
