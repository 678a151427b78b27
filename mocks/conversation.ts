// What does a model see and say, whatever wire format carries it: the neutral turn and answer.

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ToolOffer {
  readonly name: string;
  readonly description: string;
  /** A JSON schema, as it came. */
  readonly schema: unknown;
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
  /** Only of an assistant. */
  readonly toolCalls?: readonly ToolCall[];
  /** Only of a tool: the call that it answers. */
  readonly toolCallId?: string;
  readonly isError?: boolean;
}

/** Everything that a model is shown in one call. */
export interface ModelTurn {
  /** The profile's id, whichever alias was called. */
  readonly modelId: string;
  /** Never empty; a result's `toolCallId` always names a call of an earlier message. */
  readonly messages: readonly Message[];
  readonly tools: readonly ToolOffer[];
  /** Output tokens left for text and tool calls, at least 1; reasoning is already taken off. */
  readonly maxTokens: number;
  readonly stream: boolean;
}

/** What a behaviour wants to say. Ids are given by the endpoint. */
export interface ModelAnswer {
  readonly text: string;
  readonly toolCalls: readonly Omit<ToolCall, 'id'>[];
}

/** Characters (UTF-16 units) to an output or input token. Assumed; real tokenizers differ. */
export const CHARACTERS_PER_TOKEN = 4;

/** The tokens of so many characters, rounded up. */
export const modelTokensOf = (characters: number): number =>
  Math.ceil(characters / CHARACTERS_PER_TOKEN);

/**
 * Input tokens of a turn: message texts, earlier tool calls (name and arguments as JSON) and the
 * offered tools (name, description, the schema's keys and values), all characters together rounded up once.
 */
export const inputTokensOf = (turn: Pick<ModelTurn, 'messages' | 'tools'>): number => {
  let characters = 0;
  for (const message of turn.messages) {
    characters += message.text.length;
    if (message.toolCalls !== undefined) characters += toolCallCharacters(message.toolCalls);
  }
  for (const { name, description, schema } of turn.tools) {
    characters += name.length + description.length + schemaCharacters(schema);
  }
  return modelTokensOf(characters);
};

/** Characters that tool calls count for: names and arguments as JSON. */
export const toolCallCharacters = (calls: readonly Omit<ToolCall, 'id'>[]): number =>
  calls.reduce((sum, { name, input }) => sum + name.length + JSON.stringify(input).length, 0);

/** The id of the first tool result that answers no earlier call, which both formats refuse. */
export const orphanResult = (messages: readonly Message[]): string | undefined => {
  let called: Set<string> | undefined;
  for (const { toolCalls, toolCallId } of messages) {
    if (toolCalls !== undefined && toolCalls.length > 0) {
      called ??= new Set();
      for (const { id } of toolCalls) called.add(id);
    }
    if (toolCallId !== undefined && called?.has(toolCallId) !== true) return toolCallId;
  }
  return undefined;
};

// Counted by hand: `JSON.stringify` of every schema in every call costs four times as much.
const schemaCharacters = (schema: unknown): number => {
  if (typeof schema === 'string') return schema.length;
  if (typeof schema !== 'object' || schema === null) return String(schema).length;
  let characters = 0;
  if (Array.isArray(schema)) {
    for (const item of schema as readonly unknown[]) characters += schemaCharacters(item);
    return characters;
  }
  for (const key of Object.keys(schema)) {
    characters += key.length + schemaCharacters((schema as Record<string, unknown>)[key]);
  }
  return characters;
};
