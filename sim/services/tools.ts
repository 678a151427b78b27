// What do the tools do: the tool Lambda, each tool on the caller's own credentials.

import { KNOWLEDGE_BASE_ID, TABLE_NAME } from '../domain/arn.ts';
import type { Deployment } from '../domain/directory.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { Hop } from '../domain/ports.ts';
import { isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { formatInstant } from '../kernel/calendar.ts';
import { BearerVerifier, type Verified } from '../protocol/bearer.ts';
import { works } from '../protocol/latency.ts';
import { signed } from '../protocol/memory-client.ts';
import { foreignBaggage, type Trace, type TracedService } from '../protocol/tracing.ts';
import { type Credentials, CredentialsCache } from '../protocol/vending.ts';

export const TOOLS_LATENCY: Latency = { medianUs: 20_000, ratioP95: 1.7, perItemUs: 0 };

export const TOOLS_RULES: readonly Rule[] = [
  {
    service: 'tools',
    rule: 'a tool reads only by the tenant of the verified token; clinic_id is for Cedar and is not used here',
    source: 'reference decision 15',
    standing: 'documented',
  },
  {
    service: 'tools',
    rule: 'foreign and missing records give the same 404 for the same work',
    source: 'reference decision 18',
    standing: 'documented',
  },
];

interface Use {
  readonly input: Readonly<Record<string, unknown>>;
  readonly verified: Verified;
  readonly credentials: Credentials;
  readonly hop: Hop;
  readonly trace: Trace;
}

type Tool = (use: Use) => Promise<Reply>;

/** The tool Lambda: callable by the gateway alone. */
export const tools = (deployment: Deployment): TracedService => {
  const bearers = new BearerVerifier(deployment);
  const cache = new CredentialsCache();
  return async (call, hop, trace) => {
    await works(hop, TOOLS_LATENCY);
    if (hop.peer !== 'gateway') return json(403, { error: 'forbidden' });
    const verified = await bearers.verify(call, hop);
    if (verified === undefined) return json(401, { error: 'unauthorized' });
    trace.attribute(verified.caller);
    if (foreignBaggage(trace, verified.caller)) return json(400, { error: 'bad request' });
    const name = call.path.replace('/tools/', '');
    const input = parsed(call.body) ?? {};
    if (name === 'current_time') return json(200, { now: timeOf(hop) });
    if (name === 'web_search') return webSearch(input, hop);
    const tool = DATA_TOOLS[name];
    if (tool === undefined) return json(404, { error: 'no such tool' });
    const credentials = await cache.get(verified, hop, trace);
    if (credentials === undefined) return json(503, { error: 'temporarily unavailable' });
    return tool({ input, verified, credentials, hop, trace });
  };
};

const patientContext: Tool = async (use) => {
  const { patient_id: patient, limit } = use.input;
  // Patients stand in a partition of their own: IAM can tell partitions apart, but no sort keys,
  // and an administrator may read the configuration without reading patients.
  const pk = `P#${use.verified.caller.tenant}`;
  if (typeof patient !== 'string') {
    const rows = await query(use, pk, 'PATIENT#');
    if (rows === undefined) return UNAVAILABLE;
    const most = typeof limit === 'number' ? Math.min(100, Math.max(1, limit)) : 20;
    return json(200, { patients: rows.slice(0, most) });
  }
  return item(use, pk, `PATIENT#${patient}`, 'no such patient');
};

const clinicConfig: Tool = (use) =>
  item(use, `T#${use.verified.caller.tenant}`, 'CONFIG', 'no configuration');

const retrieveDocuments: Tool = async (use) => {
  const { tenant } = use.verified.caller;
  const reply = await use.hop.call('knowledge', {
    method: 'POST',
    path: `/knowledgebases/${KNOWLEDGE_BASE_ID}/${encodeURIComponent(tenant)}/retrieve`,
    headers: [...signed(use.credentials), ...use.trace.headers()],
    body: JSON.stringify({
      retrievalQuery: { text: String(use.input['query']) },
      retrievalConfiguration: {
        vectorSearchConfiguration: { numberOfResults: use.input['max_results'] ?? 3 },
      },
    }),
  });
  const results = reply.status === 200 ? parsed(reply.body)?.['retrievalResults'] : undefined;
  if (!Array.isArray(results)) return UNAVAILABLE;
  // Each chunk's owner is checked again before a model may see it.
  const own = results.filter((result: unknown) => {
    const metadata = isRecord(result) ? result['metadata'] : undefined;
    return isRecord(metadata) && metadata['tenant'] === tenant;
  });
  return json(200, { documents: own.map(documentText) });
};

const DATA_TOOLS: Readonly<Record<string, Tool>> = {
  patient_context: patientContext,
  clinic_config: clinicConfig,
  retrieve_clinic_documents: retrieveDocuments,
};

/** To the millisecond: what says the time is always as long, and cuts no answer elsewhere. */
const timeOf = (hop: Hop): string => {
  const nowUs = hop.nowUs();
  return formatInstant(nowUs - (nowUs % 1000));
};

/** A search leaves the trust boundary: no baggage, no trace, no token goes with it. */
const webSearch = async (input: Readonly<Record<string, unknown>>, hop: Hop): Promise<Reply> => {
  const reply = await hop.call('web', {
    method: 'GET',
    path: `/search?q=${encodeURIComponent(String(input['keywords']))}`,
    headers: [],
    body: '',
  });
  const results = reply.status === 200 ? parsed(reply.body)?.['results'] : undefined;
  return results === undefined ? UNAVAILABLE : json(200, { results });
};

const item = async (use: Use, pk: string, sk: string, missing: string): Promise<Reply> => {
  const reply = await tableCall(use, 'GetItem', { Key: { pk: { S: pk }, sk: { S: sk } } });
  const body = reply.status === 200 ? parsed(reply.body) : undefined;
  if (body === undefined) return UNAVAILABLE;
  const found = body['Item'];
  return found === undefined ? json(404, { error: missing }) : json(200, { record: data(found) });
};

const query = async (use: Use, pk: string, sk: string): Promise<readonly unknown[] | undefined> => {
  const reply = await tableCall(use, 'Query', {
    KeyConditionExpression: 'pk = :pk and begins_with(sk, :sk)',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
  });
  const items = reply.status === 200 ? parsed(reply.body)?.['Items'] : undefined;
  return Array.isArray(items) ? items.map(data) : undefined;
};

const tableCall = (
  use: Use,
  action: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Reply> =>
  use.hop.call('table', {
    method: 'POST',
    path: '/',
    headers: [
      ['x-amz-target', `DynamoDB_20120810.${action}`],
      ...signed(use.credentials),
      ...use.trace.headers(),
    ],
    body: JSON.stringify({ TableName: TABLE_NAME, ...body }),
  });

const data = (row: unknown): unknown => {
  const cell = isRecord(row) ? row['data'] : undefined;
  return isRecord(cell) ? cell['S'] : undefined;
};

const documentText = (result: unknown): unknown => {
  const content = isRecord(result) ? result['content'] : undefined;
  return isRecord(content) ? content['text'] : undefined;
};

const UNAVAILABLE: Reply = json(503, { error: 'temporarily unavailable' });
