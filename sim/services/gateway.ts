// Which tool call goes through: AgentCore Gateway (MCP) with AgentCore Policy in Cedar.

import type { Deployment, TierTerms } from '../domain/directory.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import { type Hop, type PolicyDecision, ServiceFault } from '../domain/ports.ts';
import type { ToolDefinition } from '../domain/tool.ts';
import { type Call, header, isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { HOUR_US } from '../kernel/clock.ts';
import { BearerVerifier, type Verified } from '../protocol/bearer.ts';
import { works } from '../protocol/latency.ts';
import {
  type McpRequest,
  mcpError,
  mcpRequest,
  mcpResult,
  policyDenial,
  toolResult,
} from '../protocol/mcp.ts';
import { schemaComplaint } from '../protocol/tool-schema.ts';
import { foreignBaggage, type Trace, type TracedService } from '../protocol/tracing.ts';

export const GATEWAY_LATENCY: Latency = { medianUs: 15_000, ratioP95: 1.6, perItemUs: 0 };
/** A tenant's own share of tool calls, whatever its users do. Assumed. */
export const TOOL_LIMIT = { rate: { requestsPerSecond: 20, burst: 40 } } as const;

export const GATEWAY_RULES: readonly Rule[] = [
  {
    service: 'gateway',
    rule: 'tool names are `Target___tool`; JSON-RPC 2.0 tools/list and tools/call',
    source: 'AgentCore Gateway developer guide',
    standing: 'documented',
  },
  {
    service: 'gateway',
    rule: 'a denial is JSON-RPC error -32002 over HTTP 200',
    source: 'seen live, 2026-09 and -10',
    standing: 'observed',
  },
  {
    service: 'gateway',
    rule: 'the interceptor overwrites tenant headers before and after the policy alike',
    source: 'order contradicted between public sources',
    standing: 'assumed',
  },
  {
    service: 'gateway',
    rule: 'no web_search in a session that has read tenant data',
    source: 'reference decision 17',
    standing: 'assumed',
  },
];

/** Tools whose results are a tenant's data: after one of them a session may not search the web. */
const DATA_TOOLS = new Set(['patient_context', 'clinic_config', 'retrieve_clinic_documents']);
const SESSION_MEMORY_US = 8 * HOUR_US;
const SWEEP_EVERY = 4096;

export class Gateway {
  readonly #deployment: Deployment;
  readonly #tools: readonly ToolDefinition[];
  readonly #bearers: BearerVerifier;
  /** When each session last read tenant data, by (caller, session). */
  readonly #readers = new Map<string, number>();
  #reads = 0;

  constructor(deployment: Deployment, tools: readonly ToolDefinition[]) {
    this.#deployment = deployment;
    this.#tools = tools;
    this.#bearers = new BearerVerifier(deployment);
  }

  readonly handle: TracedService = async (call, hop, trace) => {
    await works(hop, GATEWAY_LATENCY);
    if (hop.peer !== 'runtime') return json(403, { message: 'Forbidden' });
    const verified = await this.#bearers.verify(call, hop);
    if (verified === undefined)
      return json(401, { message: 'Unauthorized' }, [['www-authenticate', 'Bearer']]);
    trace.attribute(verified.caller);
    const terms = this.#deployment.tiers[verified.caller.tier];
    if (terms === undefined || call.path !== `/mcp/${verified.caller.tier}`)
      return json(403, { message: 'Forbidden' });
    if (foreignBaggage(trace, verified.caller)) return json(400, { message: 'Bad Request' });

    const request = mcpRequest(call.body);
    if (request === undefined) return mcpError(null, -32600, 'Invalid Request');
    try {
      if (request.method === 'tools/list') return this.#list(request, verified, terms, hop);
      if (request.method !== 'tools/call') return mcpError(request.id, -32601, 'Method not found');
      return await this.#call(request, { call, verified, terms, hop, trace });
    } catch (problem) {
      if (problem instanceof ServiceFault) return json(503, { message: 'temporarily unavailable' });
      throw problem;
    }
  };

  #list(request: McpRequest, verified: Verified, terms: TierTerms, hop: Hop): Reply {
    const tools = this.#tools.filter((tool) =>
      hop.mayList({
        principal: { id: verified.caller.user, tags: verified.tags },
        action: `${terms.target}___${tool.name}`,
        gateway: terms.gatewayArn,
        nowUs: hop.nowUs(),
      }),
    );
    return mcpResult(request.id, {
      tools: tools.map(({ name, description, inputSchema }) => ({
        name: `${terms.target}___${name}`,
        description,
        inputSchema,
      })),
    });
  }

  async #call(request: McpRequest, from: ToolCallFrom): Promise<Reply> {
    const { verified, terms, hop } = from;
    const { name: action, arguments: given } = request.params;
    const input = isRecord(given) ? given : {};
    const tool = this.#tools.find(({ name }) => action === `${terms.target}___${name}`);
    if (tool === undefined) return mcpError(request.id, -32602, 'Unknown tool');
    const permit = await hop.admit('gateway', verified.caller.tenant, TOOL_LIMIT);
    if (permit.kind === 'refused') return mcpError(request.id, -32029, 'Too many tool calls');

    const complaint = schemaComplaint(tool.inputSchema, input);
    if (complaint !== undefined) return mcpError(request.id, -32602, complaint);
    const decision = this.#decide(String(action), input, from);
    // A policy that could not be evaluated may have been a forbid: errors deny.
    if (decision.decision !== 'allow' || decision.errors.length > 0) {
      return policyDenial(request.id, decision.determining);
    }
    const session = JSON.stringify([
      verified.caller.actor,
      header(from.call.headers, 'mcp-session-id'),
    ]);
    if (tool.name === 'web_search' && this.#readers.has(session)) {
      return toolResult(
        request.id,
        'web search is closed once tenant data was read in a session',
        true,
      );
    }
    if (DATA_TOOLS.has(tool.name)) this.#noteRead(session, hop.nowUs());
    return this.#invoke(request, tool.name, input, from);
  }

  #decide(
    action: string,
    input: Readonly<Record<string, unknown>>,
    from: ToolCallFrom,
  ): PolicyDecision {
    return from.hop.decide({
      principal: { id: from.verified.caller.user, tags: from.verified.tags },
      action,
      gateway: from.terms.gatewayArn,
      input,
      nowUs: from.hop.nowUs(),
    });
  }

  /** Calls the tool with tenant headers that the interceptor set from verified claims, and no others. */
  async #invoke(
    request: McpRequest,
    tool: string,
    input: Readonly<Record<string, unknown>>,
    from: ToolCallFrom,
  ): Promise<Reply> {
    const { caller, authorization } = from.verified;
    const reply = await from.hop.call('tools', {
      method: 'POST',
      path: `/tools/${tool}`,
      headers: [
        ['authorization', authorization],
        ['x-tenant-id', caller.tenant],
        ['x-tenant-tier', caller.tier],
        ...from.trace.headers(),
      ],
      body: JSON.stringify(input),
    });
    from.trace.log('tool called', { tenant: caller.tenant, tool, status: reply.status });
    if (reply.status === 200) return toolResult(request.id, reply.body, false);
    const error = parsed(reply.body)?.['error'];
    return toolResult(request.id, typeof error === 'string' ? error : 'the tool failed', true);
  }

  /** Notes that a session read tenant data, and lets go of those that no longer live. */
  #noteRead(session: string, nowUs: number): void {
    this.#readers.set(session, nowUs);
    this.#reads += 1;
    if (this.#reads % SWEEP_EVERY !== 0) return;
    for (const [key, atUs] of this.#readers)
      if (nowUs - atUs > SESSION_MEMORY_US) this.#readers.delete(key);
  }
}

interface ToolCallFrom {
  readonly call: Call;
  readonly verified: Verified;
  readonly terms: TierTerms;
  readonly hop: Hop;
  readonly trace: Trace;
}
