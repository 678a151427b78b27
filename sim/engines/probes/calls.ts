// What do the calls of probes look like on the wire?

import { KNOWLEDGE_BASE_ID, MEMORY_ID, runtimeArn, TABLE_NAME } from '../../domain/arn.ts';
import type { Call, Headers } from '../../domain/wire.ts';
import { SESSION_HEADER } from '../../protocol/session.ts';
import { type Cast, SESSION } from './cast.ts';

export const invoke = (
  cast: Cast,
  headers: Headers,
  prompt: string,
  extra: Readonly<Record<string, unknown>> = {},
): Call => ({
  method: 'POST',
  path: `/runtimes/${encodeURIComponent(runtimeArn(cast.bearer.tier))}/invocations`,
  headers: [...headers, [SESSION_HEADER, SESSION]],
  body: JSON.stringify({ prompt, max_tokens: 256, ...extra }),
});

export const mcp = (tier: string, headers: Headers, method: string, params: unknown): Call => ({
  method: 'POST',
  path: `/mcp/${tier}`,
  headers,
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
});

export const tableGet = (tenant: string, headers: Headers): Call => ({
  method: 'POST',
  path: '/',
  headers: [['x-amz-target', 'DynamoDB_20120810.GetItem'], ...headers],
  body: JSON.stringify({
    TableName: TABLE_NAME,
    Key: { pk: { S: `T#${tenant}` }, sk: { S: 'CONFIG' } },
  }),
});

export const memoryRetrieve = (actor: string, headers: Headers): Call => ({
  method: 'POST',
  path: `/memories/${MEMORY_ID}/retrieve`,
  headers,
  body: JSON.stringify({
    namespace: `/${actor}/facts/`,
    searchCriteria: { searchQuery: 'morning', topK: 3 },
  }),
});

export const knowledgeRetrieve = (tenant: string, headers: Headers): Call => ({
  method: 'POST',
  path: `/knowledgebases/${KNOWLEDGE_BASE_ID}/${encodeURIComponent(tenant)}/retrieve`,
  headers,
  body: JSON.stringify({ retrievalQuery: { text: 'guideline' } }),
});
