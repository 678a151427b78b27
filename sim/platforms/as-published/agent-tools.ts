// How does the sample's agent use tools: two by the gateway, the others itself and under no policy.

import type { TierTerms } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import { type Headers, isRecord, parsed } from '../../domain/wire.ts';
import { formatInstant, localTime } from '../../kernel/calendar.ts';
import { signed } from '../../protocol/memory-client.ts';
import type { ToolCall } from '../../protocol/model-client.ts';
import { clinicFilter, retrievePath } from './knowledge.ts';
import type { Way } from './memory-hook.ts';
import { declaredOf, PUBLISHED_TOOLS } from './policies.ts';
import { RUNTIME_CREDENTIALS } from './roles.ts';
import { s3Prefix, type TenantContext } from './tenant-context.ts';
import { DEFAULT_ZONE } from './terms.ts';

export const AGENT_TOOL_RULES: readonly Rule[] = [
  {
    service: 'runtime',
    rule: 'retrieve_clinic_documents, web_search and current_time run inside the agent, where no policy decides',
    source: 'sample, agent.py (W26)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'documents are filtered by the context’s clinic; no filter is sent when that is empty, and no chunk is checked again',
    source: 'sample, agent/tools/retrieve_clinic_documents.py (W55); the empty case: assumed',
    standing: 'assumed',
  },
  {
    service: 'runtime',
    rule: 'Basic documents are open from 8 to before 18 in America/New_York, wherever the clinic is',
    source: 'sample, agent/tools/retrieve_clinic_documents.py (W31)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'errors of the knowledge base are shown to the model as they came',
    source: 'sample, agent/tools/retrieve_clinic_documents.py (W58)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'request_hour goes to the Basic gateway as the model gave it, else as the present hour in America/New_York, which real models are told to give',
    source: 'sample, agent.py; the hour that the mock models lack: assumed',
    standing: 'assumed',
  },
  {
    service: 'runtime',
    rule: 'the status of a tool’s answer is dropped; an error that says `denied` or `policy` is told as business hours',
    source: 'sample, agent.py:440-452 (W18)',
    standing: 'documented',
  },
  {
    service: 'runtime',
    rule: 'baggage and trace go along on every outgoing call, web search and model host included',
    source: 'sample, container start under opentelemetry-instrument; default propagators (W68)',
    standing: 'assumed',
  },
];

/** For whom an agent uses tools. */
export interface ToolUser {
  readonly context: TenantContext;
  readonly authorization: string;
  /** The configuration of the context's tier. */
  readonly terms: TierTerms;
}

/** One use of a tool: what the model is told of it. */
export const useTool = async (tool: ToolCall, user: ToolUser, way: Way): Promise<string> => {
  switch (tool.name) {
    case 'current_time':
      return formatInstant(way.hop.nowUs());
    case 'web_search':
      return webSearch(tool, way);
    case 'retrieve_clinic_documents':
      return retrieveDocuments(tool, user, way);
    case 'patient_context':
    case 'clinic_config':
      return callGateway(tool, user, way);
    default:
      return `Unknown tool: ${tool.name}`;
  }
};

const OUT_OF_HOURS = 'Patient data is available during business hours only (8 AM to 6 PM).';

const hourNow = ({ hop }: Way): number =>
  Math.floor(localTime(hop.nowUs(), DEFAULT_ZONE).minutesOfDay / 60);

const webSearch = async (tool: ToolCall, { hop, trace }: Way): Promise<string> => {
  const reply = await hop.call('web', {
    method: 'GET',
    path: `/search?q=${encodeURIComponent(String(tool.input['keywords']))}`,
    headers: trace.headers(),
    body: '',
  });
  return reply.status === 200 ? reply.body : 'Error in web search';
};

const retrieveDocuments = async (tool: ToolCall, user: ToolUser, way: Way): Promise<string> => {
  const { context, terms } = user;
  const hour = hourNow(way);
  if (terms.tier === 'basic' && (hour < 8 || hour >= 18)) return OUT_OF_HOURS;
  const filter = context.clinic === '' ? {} : { filter: clinicFilter(context.clinic) };
  const reply = await way.hop.call('knowledge', {
    method: 'POST',
    path: retrievePath(terms.tier),
    headers: [...signed(RUNTIME_CREDENTIALS), ...way.trace.headers()],
    body: JSON.stringify({
      retrievalQuery: { text: String(tool.input['query']) },
      retrievalConfiguration: {
        vectorSearchConfiguration: {
          numberOfResults: tool.input['max_results'] ?? 5,
          ...filter,
        },
      },
    }),
  });
  const results = reply.status === 200 ? parsed(reply.body)?.['retrievalResults'] : undefined;
  if (!Array.isArray(results)) return `Error in clinical document retrieval: ${reply.body}`;
  return JSON.stringify({ documents: results.map(documentText) });
};

const documentText = (result: unknown): unknown => {
  const content = isRecord(result) ? result['content'] : undefined;
  return isRecord(content) ? content['text'] : undefined;
};

const callGateway = async (tool: ToolCall, user: ToolUser, way: Way): Promise<string> => {
  const { terms, authorization, context } = user;
  const reply = await way.hop.call('gateway', {
    method: 'POST',
    path: `/mcp/${terms.tier}`,
    headers: [['authorization', authorization], ...tenantHeaders(context), ...way.trace.headers()],
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: tool.id,
      method: 'tools/call',
      params: { name: `${terms.target}___${tool.name}`, arguments: argumentsOf(tool, user, way) },
    }),
  });
  const message = parsed(reply.body);
  const error = message?.['error'];
  if (isRecord(error)) return told(String(error['message']));
  return lambdaBody(message?.['result']) ?? told(`gateway answered ${reply.status}`);
};

const tenantHeaders = (context: TenantContext): Headers => [
  ['x-tier', context.tier],
  ['x-clinic-id', context.clinic],
  ['x-s3-prefix', s3Prefix(context)],
];

const argumentsOf = (tool: ToolCall, { terms }: ToolUser, way: Way): ToolCall['input'] => {
  const definition = PUBLISHED_TOOLS.find(({ name }) => name === tool.name);
  // The sample's tools are functions with a signature: what it does not hold is not passed on.
  const given = definition === undefined ? {} : declaredOf(definition, tool.input);
  if (tool.name !== 'patient_context') return given;
  const { request_hour = hourNow(way), ...input } = given;
  return terms.tier === 'basic' ? { ...input, request_hour } : input;
};

const told = (error: string): string =>
  /denied|policy/i.test(error) ? OUT_OF_HOURS : `Error: ${error}`;

const lambdaBody = (result: unknown): string | undefined => {
  const content = isRecord(result) ? result['content'] : undefined;
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  const answer = isRecord(first) ? parsed(String(first['text'])) : undefined;
  return typeof answer?.['body'] === 'string' ? answer['body'] : undefined;
};
