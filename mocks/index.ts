// What do the mocked model endpoints offer? This is the public door; all else is theirs alone.

export { type Behaviour, HOSTILE_CALLS_MAX, helpful, hostile, verbose } from './behaviour.ts';
export {
  CHARACTERS_PER_TOKEN,
  inputTokensOf,
  type Message,
  type ModelAnswer,
  type ModelTurn,
  modelTokensOf,
  type ToolCall,
  type ToolOffer,
} from './conversation.ts';
export type { RefusalKind } from './format.ts';
export { closingBytes, frameBytes } from './frames.ts';
export { type HandlerOptions, modelHandlers } from './handlers.ts';
export { modelEndpoint } from './model-endpoint.ts';
export type {
  MeterReading,
  MeterTotals,
  ModelEndpoint,
  ModelEndpointDeps,
  ModelFault,
  OnFrame,
} from './ports.ts';
export { GPT_OSS_120B, MINISTRAL_8B, type ModelProfile } from './profiles.ts';
