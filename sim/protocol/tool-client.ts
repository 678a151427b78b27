// How does an agent use tools: MCP over the gateway, with the caller's own bearer token.

import type { Hop } from '../domain/ports.ts';
import { isRecord, parsed } from '../domain/wire.ts';
import type { Verified } from './bearer.ts';
import type { ToolCall } from './model-client.ts';
import type { Trace } from './tracing.ts';

export interface Listed {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
}

/** The tools that the gateway lists for the caller by bare name, or `undefined` when it does not answer. */
export const listTools = async (
  verified: Verified,
  hop: Hop,
  trace: Trace,
): Promise<readonly Listed[] | undefined> => {
  const reply = await hop.call('gateway', {
    method: 'POST',
    path: `/mcp/${verified.caller.tier}`,
    headers: [['authorization', verified.authorization], ...trace.headers()],
    body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'tools/list', params: {} }),
  });
  const result = parsed(reply.body)?.['result'];
  const tools = isRecord(result) ? result['tools'] : undefined;
  return Array.isArray(tools) ? tools.map(listed) : undefined;
};

/** One tool call. A refusal or failure is an error result, in words that the model may show. */
export const callTool = async (
  tool: ToolCall,
  verified: Verified,
  session: string,
  hop: Hop,
  trace: Trace,
): Promise<{ readonly text: string; readonly isError: boolean }> => {
  const reply = await hop.call('gateway', {
    method: 'POST',
    path: `/mcp/${verified.caller.tier}`,
    headers: [
      ['authorization', verified.authorization],
      ['mcp-session-id', session],
      ...trace.headers(),
    ],
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: tool.id,
      method: 'tools/call',
      params: { name: tool.name, arguments: tool.input },
    }),
  });
  const message = parsed(reply.body);
  const result = message?.['result'];
  if (reply.status === 200 && isRecord(result)) {
    const content: unknown = Array.isArray(result['content']) ? result['content'][0] : undefined;
    return {
      text: isRecord(content) ? String(content['text']) : '',
      isError: result['isError'] === true,
    };
  }
  const error = message?.['error'];
  return {
    text: isRecord(error) ? String(error['message']) : 'the tool is not available',
    isError: true,
  };
};

const listed = (tool: unknown): Listed => {
  const { name, description, inputSchema } = isRecord(tool) ? tool : {};
  return {
    name: String(name).replace(/^.*___/, ''),
    description: String(description),
    inputSchema,
  };
};
