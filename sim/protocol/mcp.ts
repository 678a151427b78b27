// What does MCP look like on the wire: JSON-RPC requests and results, and AgentCore's denial shape.

import { isRecord, json, parsed, type Reply } from '../domain/wire.ts';

export interface McpRequest {
  readonly id: string | number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The JSON-RPC request in a body, or `undefined` when it is none. */
export const mcpRequest = (body: string): McpRequest | undefined => {
  const message = parsed(body);
  if (message === undefined || message['jsonrpc'] !== '2.0') return undefined;
  const { id, method, params } = message;
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  if (typeof method !== 'string') return undefined;
  return { id, method, params: isRecord(params) ? params : {} };
};

export const mcpResult = (id: string | number, result: unknown): Reply =>
  json(200, { jsonrpc: '2.0', id, result });

export const mcpError = (id: string | number | null, code: number, message: string): Reply =>
  json(200, { jsonrpc: '2.0', id, error: { code, message } });

/** A tool's answer as AgentCore Gateway wraps it. */
export const toolResult = (id: string | number, text: string, isError: boolean): Reply =>
  mcpResult(id, { isError, content: [{ type: 'text', text }] });

/** The denial of AgentCore Policy as seen in 2026. -32002 alone is no proof of a policy denial. */
export const policyDenial = (id: string | number, determining: readonly string[]): Reply => {
  const why =
    determining.length === 0
      ? 'No policy applies to the request (denied by default).'
      : `Policy evaluation denied due to ${determining.join(', ')}`;
  const text = `Tool Execution Denied: Tool call not allowed due to policy enforcement [${why}]`;
  return mcpError(id, -32002, text);
};
