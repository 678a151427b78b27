// How does an MCP client reach the gateway: the streamable HTTP transport, its sessions and its refusals.
// Source of every rule: the MCP specification, revision 2025-11-25, transports and lifecycle.

import {
  type Call,
  type Headers,
  header,
  isRecord,
  json,
  parsed,
  type Reply,
} from '../domain/wire.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Verified } from './bearer.ts';
import { mcpError, mcpRequest, mcpResult } from './mcp.ts';
import { type AnswerForm, acceptedForm, eventStream } from './mcp-http/answer-form.ts';
import { McpSessions } from './mcp-http/sessions.ts';

/** What the endpoint needs of whoever mounts it, for one call. */
export interface McpSurroundings {
  readonly nowUs: number;
  readonly verify: (call: Call) => Promise<Verified | undefined>;
  /** Carries `tools/list` and `tools/call` to the gateway of the platform. */
  readonly gateway: (call: Call) => Promise<Reply>;
  /** The call's own chance: a session's id is drawn from it. */
  readonly chance: Chance;
}

/** Newest first. A client that asks for another one is offered the newest. */
export const MCP_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;
const SESSION = 'mcp-session-id';
const VERSION = 'mcp-protocol-version';
/** What goes on to the gateway of what the client sent, and nothing else. */
const PASSED_ON = new Set(['authorization', SESSION, 'traceparent', 'baggage']);
/** Who is on this machine may call from a browser; no other page may (DNS rebinding). */
const LOOPBACK_ORIGIN = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;
const PATH = /^\/mcp(?:\/([^/?]+))?$/;

/**
 * One MCP endpoint at `/mcp` and `/mcp/{tier}` for the callers of all tiers. Every request needs a
 * bearer token; a session belongs to the token's user, and nobody else finds it.
 * SIMPLIFICATION: no stream from the server on GET, no resuming, and no batches in any revision.
 */
export class McpEndpoint {
  readonly #sessions = new McpSessions();
  readonly #server: { readonly name: string; readonly version: string };

  /** `server` is how the endpoint names itself to clients. */
  constructor(server: { readonly name: string; readonly version: string }) {
    this.#server = server;
  }

  async handle(call: Call, around: McpSurroundings): Promise<Reply> {
    const origin = header(call.headers, 'origin');
    if (origin !== undefined && !LOOPBACK_ORIGIN.test(origin))
      return refused(403, -32000, 'Forbidden: this origin may not call');
    const place = PATH.exec(call.path.split('?')[0] ?? '');
    if (place === null) return refused(404, -32000, 'Not Found');
    const verified = await around.verify(call);
    if (verified === undefined)
      return refused(401, -32000, 'Unauthorized', [['www-authenticate', 'Bearer']]);
    if ((place[1] ?? verified.caller.tier) !== verified.caller.tier)
      return refused(403, -32000, 'Forbidden: the endpoint of another tier');
    switch (call.method) {
      case 'POST':
        return this.#post({ call, around, verified });
      case 'DELETE':
        return this.#session({ call, around, verified }, (id) => {
          this.#sessions.end(id);
          return { status: 204, headers: [], body: '' };
        });
      default:
        return refused(405, -32000, 'Method Not Allowed', [['allow', 'POST, DELETE']]);
    }
  }

  async #post(visit: Visit): Promise<Reply> {
    const { headers } = visit.call;
    const form = acceptedForm(header(headers, 'accept'));
    if (form === undefined)
      return refused(
        406,
        -32000,
        'Not Acceptable: Client must accept both application/json and text/event-stream',
      );
    if (!/^application\/json\s*(?:;|$)/i.test(header(headers, 'content-type') ?? ''))
      return refused(415, -32000, 'Unsupported Media Type: Content-Type must be application/json');
    const message = messageOf(visit.call.body);
    if (message.kind === 'malformed') return refused(400, message.code, message.why);
    if (message.kind === 'request' && message.method === 'initialize')
      return inForm(form, this.#initialize(visit));
    return this.#session(visit, async () =>
      message.kind === 'request'
        ? inForm(form, await this.#request(visit))
        : { status: 202, headers: [], body: '' },
    );
  }

  /** Opens a session for the caller, and tells its id in a header. */
  #initialize({ call, around, verified }: Visit): Reply {
    if (header(call.headers, SESSION) !== undefined)
      return refused(400, -32600, 'Invalid Request: a session is not initialized twice');
    const request = mcpRequest(call.body);
    if (request === undefined) return mcpError(null, -32600, 'Invalid Request');
    const asked = request.params['protocolVersion'];
    if (typeof asked !== 'string')
      return mcpError(request.id, -32602, 'Invalid params: protocolVersion is not a string');
    const protocolVersion = MCP_VERSIONS.find((version) => version === asked) ?? MCP_VERSIONS[0];
    const id = this.#sessions.open(ownerOf(verified), around.chance, around.nowUs);
    const result = mcpResult(request.id, {
      protocolVersion,
      capabilities: { tools: {} },
      serverInfo: this.#server,
    });
    return { ...result, headers: [...result.headers, [SESSION, id]] };
  }

  /** Goes on with the caller's own session, or says what is wrong with the one that is named. */
  async #session(
    { call, around, verified }: Visit,
    on: (id: string) => Promise<Reply> | Reply,
  ): Promise<Reply> {
    const named = call.headers.filter(([name]) => name === SESSION).map(([, id]) => id);
    const [id] = named;
    if (id === undefined || named.length > 1)
      return refused(400, -32000, 'Bad Request: one Mcp-Session-Id header is required');
    if (!this.#sessions.use(id, ownerOf(verified), around.nowUs))
      return refused(404, -32001, 'Session not found');
    const version = header(call.headers, VERSION);
    if (version !== undefined && !MCP_VERSIONS.some((known) => known === version))
      return refused(
        400,
        -32000,
        `Bad Request: Unsupported protocol version (supported versions: ${MCP_VERSIONS.join(', ')})`,
      );
    return on(id);
  }

  async #request({ call, around, verified }: Visit): Promise<Reply> {
    const request = mcpRequest(call.body);
    if (request === undefined) return refused(400, -32600, 'Invalid Request');
    const { id, method, params } = request;
    if (method === 'ping') return mcpResult(id, {});
    if (method !== 'tools/list' && method !== 'tools/call')
      return mcpError(id, -32601, 'Method not found');
    return around.gateway({
      method: 'POST',
      path: `/mcp/${verified.caller.tier}`,
      headers: call.headers.filter(([name]) => PASSED_ON.has(name)),
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
    });
  }
}

interface Visit {
  readonly call: Call;
  readonly around: McpSurroundings;
  readonly verified: Verified;
}

/** A session is a user's in one tenant and role: the key of all that belongs to them. */
const ownerOf = ({ caller }: Verified): string => JSON.stringify([caller.tier, caller.actor]);

type Message =
  | { readonly kind: 'request'; readonly method: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed'; readonly code: number; readonly why: string };

/** What a body is: one request, one notification or response, or none of them. */
const messageOf = (body: string): Message => {
  const message = parsed(body);
  if (message === undefined)
    return isJson(body)
      ? malformed(-32600, 'Invalid Request: one JSON-RPC message is expected, and no batch')
      : malformed(-32700, 'Parse error: Invalid JSON');
  const { jsonrpc, id, method } = message;
  if (jsonrpc !== '2.0') return malformed(-32600, 'Invalid Request: jsonrpc is not "2.0"');
  if (method === undefined) {
    const answers = isRecord(message['result']) || isRecord(message['error']);
    return answers ? { kind: 'other' } : malformed(-32600, 'Invalid Request: no method');
  }
  if (typeof method !== 'string') return malformed(-32600, 'Invalid Request: no method');
  if (id === undefined) return { kind: 'other' };
  return mcpRequest(body) === undefined
    ? malformed(-32600, 'Invalid Request: id is neither a string nor a number')
    : { kind: 'request', method };
};

const malformed = (code: number, why: string): Message => ({ kind: 'malformed', code, why });

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** An answer of JSON-RPC in the form that the client prefers; refusals of HTTP stay JSON. */
const inForm = (form: AnswerForm, reply: Reply): Reply =>
  form === 'event-stream' && reply.status === 200 ? eventStream(reply) : reply;

/** A refusal of the transport: an error without an id. */
const refused = (status: number, code: number, message: string, headers: Headers = []): Reply =>
  json(status, { jsonrpc: '2.0', error: { code, message }, id: null }, headers);
