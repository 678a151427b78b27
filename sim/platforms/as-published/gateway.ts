// Which tool call goes through: the sample's gateways, open to every user, with headers of the caller's choice.

import type { Deployment, TierTerms } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import { type Hop, type PolicyDecision, ServiceFault } from '../../domain/ports.ts';
import { type Call, header, isRecord, json, type Reply } from '../../domain/wire.ts';
import { works } from '../../protocol/latency.ts';
import {
  type McpRequest,
  mcpError,
  mcpRequest,
  mcpResult,
  policyDenial,
  toolResult,
} from '../../protocol/mcp.ts';
import type { Trace, TracedService } from '../../protocol/tracing.ts';
import { GATEWAY_LATENCY } from '../../services/gateway.ts';
import { type Authorized, JwtAuthorizer } from './authorizer.ts';
import { declaredOf, GATEWAY_TOOLS } from './policies.ts';
import type { AsPublishedTerms } from './terms.ts';

export const PUBLISHED_GATEWAY_RULES: readonly Rule[] = [
  {
    service: 'gateway',
    rule: 'X-Tier, X-Clinic-ID and X-S3-Prefix go on to the tool as the caller sent them; nothing compares them with the token',
    source: 'sample, scripts/agentcore_gateway.py, metadataConfiguration; no interceptor (W10)',
    standing: 'documented',
  },
  {
    service: 'gateway',
    rule: 'a gateway is called directly by whoever has a token, and has no limits of its own',
    source: 'sample, scripts/agentcore_gateway.py (W61)',
    standing: 'documented',
  },
  {
    service: 'gateway',
    rule: 'the policy engine is attached in mode ENFORCE (parameter `policyMode`)',
    source: 'sample, scripts/agentcore_policy.py',
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
    rule: 'arguments that a tool does not declare go on to it, unseen by Cedar (parameter `undeclaredArguments`)',
    source:
      'sample, prerequisite/lambda/api_spec.json, no additionalProperties; patient_context.py:47 reads one (W12)',
    standing: 'assumed',
  },
  {
    service: 'gateway',
    rule: 'Cedar denies a declared argument of another type',
    source: 'assumed',
    standing: 'assumed',
  },
];

/** Source: sample, scripts/agentcore_gateway.py, allowedRequestHeaders. */
const ALLOWED_HEADERS = ['x-tier', 'x-clinic-id', 'x-s3-prefix'];

export const publishedGateway = (
  deployment: Deployment,
  terms: AsPublishedTerms,
): TracedService => {
  const authorizer = new JwtAuthorizer(deployment);
  return async (call, hop, trace) => {
    await works(hop, GATEWAY_LATENCY);
    const authorized = await authorizer.verify(call, hop);
    if (authorized === undefined)
      return json(401, { message: 'Unauthorized' }, [['www-authenticate', 'Bearer']]);
    const behind = Object.values(deployment.tiers).find(({ tier }) => call.path === `/mcp/${tier}`);
    if (behind === undefined) return json(404, { message: 'ResourceNotFoundException' });
    const request = mcpRequest(call.body);
    if (request === undefined) return mcpError(null, -32600, 'Invalid Request');
    try {
      if (request.method === 'tools/list') return list(request, authorized, behind, hop);
      if (request.method !== 'tools/call') return mcpError(request.id, -32601, 'Method not found');
      return await callTool(request, { call, authorized, behind, terms, hop, trace });
    } catch (problem) {
      if (!(problem instanceof ServiceFault)) throw problem;
      return mcpError(request.id, -32603, 'InternalServerException - Policy evaluation failed');
    }
  };
};

interface Asked {
  readonly call: Call;
  readonly authorized: Authorized;
  /** The tier whose gateway was called, which need not be the caller's. */
  readonly behind: TierTerms;
  readonly terms: AsPublishedTerms;
  readonly hop: Hop;
  readonly trace: Trace;
}

const list = (
  request: McpRequest,
  { subject, tags }: Authorized,
  { target, gatewayArn }: TierTerms,
  hop: Hop,
): Reply => {
  const listed = GATEWAY_TOOLS.filter(({ name }) =>
    hop.mayList({
      principal: { id: subject, tags },
      action: `${target}___${name}`,
      gateway: gatewayArn,
      nowUs: hop.nowUs(),
    }),
  );
  const tools = listed.map(({ name, description, inputSchema }) => ({
    name: `${target}___${name}`,
    description,
    inputSchema,
  }));
  return mcpResult(request.id, { tools });
};

const callTool = async (request: McpRequest, asked: Asked): Promise<Reply> => {
  const { call, behind, hop, trace, terms } = asked;
  const { name: action, arguments: given } = request.params;
  const input = isRecord(given) ? given : {};
  const tool = GATEWAY_TOOLS.find(({ name }) => action === `${behind.target}___${name}`);
  if (tool === undefined) return mcpError(request.id, -32602, 'Unknown tool');
  const declared = declaredOf(tool, input);
  if (terms.undeclaredArguments === 'refused' && sizeOf(declared) < sizeOf(input))
    return mcpError(request.id, -32602, 'Invalid params');
  const decision = decide(String(action), declared, asked);
  const isDenied = decision.decision !== 'allow' || decision.errors.length > 0;
  if (isDenied && terms.policyMode === 'ENFORCE')
    return policyDenial(request.id, decision.determining);
  const propagated = ALLOWED_HEADERS.flatMap((name) => {
    const value = header(call.headers, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const reply = await hop.call('tools', {
    method: 'POST',
    path: `/tools/${tool.name}`,
    headers: [...propagated, ...trace.headers()],
    body: JSON.stringify(input),
  });
  // The Lambda's own status is a part of the text: to MCP every answer is a good one.
  const text = JSON.stringify({ statusCode: reply.status, body: reply.body });
  return toolResult(request.id, text, false);
};

const sizeOf = (input: Readonly<Record<string, unknown>>): number => Object.keys(input).length;

const decide = (
  action: string,
  input: Readonly<Record<string, unknown>>,
  { authorized, behind, hop }: Asked,
): PolicyDecision =>
  hop.decide({
    principal: { id: authorized.subject, tags: authorized.tags },
    action,
    gateway: behind.gatewayArn,
    input,
    nowUs: hop.nowUs(),
  });
