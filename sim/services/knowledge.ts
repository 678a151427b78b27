// Which documents answer a question: a Bedrock Knowledge Base with one partition and an exact search a tenant.

import { KNOWLEDGE_BASE_ID, knowledgeArn } from '../domain/arn.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { Item } from '../domain/ports.ts';
import { header, isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { works } from '../protocol/latency.ts';
import type { TracedService } from '../protocol/tracing.ts';

export const KNOWLEDGE_LATENCY: Latency = { medianUs: 120_000, ratioP95: 1.8, perItemUs: 500 };
/** Source: reference decision 22, at most 5 results. */
export const RESULTS_MAX = 5;

export const KNOWLEDGE_RULES: readonly Rule[] = [
  {
    service: 'knowledge',
    rule: "one partition a tenant, authorized by IAM on the partition's ARN",
    source: 'reference decision 22',
    standing: 'assumed',
  },
  {
    service: 'knowledge',
    rule: 'relevance is the number of shared words',
    source: 'assumed',
    standing: 'assumed',
  },
];

const PATH = new RegExp(`^/knowledgebases/${KNOWLEDGE_BASE_ID}/([^/]+)/retrieve$`);

export const knowledge: TracedService = async (call, hop) => {
  const partition = decodeURIComponent(PATH.exec(call.path)?.[1] ?? '');
  const body = parsed(call.body);
  const query = isRecord(body?.['retrievalQuery']) ? body['retrievalQuery']['text'] : undefined;
  if (call.method !== 'POST' || partition === '' || typeof query !== 'string')
    return failure(400, 'ValidationException');
  const decision = hop.authorize({
    sessionToken: header(call.headers, 'x-amz-security-token') ?? '',
    action: 'bedrock:Retrieve',
    resource: knowledgeArn(partition),
    context: {},
    nowUs: hop.nowUs(),
  });
  if (decision.kind !== 'allowed') {
    await works(hop, KNOWLEDGE_LATENCY);
    return failure(
      403,
      decision.kind === 'expired' ? 'ExpiredTokenException' : 'AccessDeniedException',
    );
  }
  const items = hop.store('knowledge').query(partition);
  await works(hop, KNOWLEDGE_LATENCY, items.length);
  const results = ranked(items, query).slice(0, wanted(body));
  return json(200, { retrievalResults: results.map(result) });
};

const ranked = (items: readonly Item[], query: string): readonly Item[] => {
  const words = new Set(query.toLowerCase().split(/\W+/));
  const score = (item: Item): number =>
    item.value
      .toLowerCase()
      .split(/\W+/)
      .filter((word) => words.has(word)).length;
  return items
    .map((item) => ({ item, score: score(item) }))
    .sort((one, other) => other.score - one.score)
    .map(({ item }) => item);
};

const wanted = (body: Readonly<Record<string, unknown>> | undefined): number => {
  const configuration = body?.['retrievalConfiguration'];
  const search = isRecord(configuration) ? configuration['vectorSearchConfiguration'] : undefined;
  const count = isRecord(search) ? search['numberOfResults'] : undefined;
  return typeof count === 'number'
    ? Math.min(RESULTS_MAX, Math.max(1, Math.floor(count)))
    : RESULTS_MAX;
};

const result = (item: Item): unknown => ({
  content: { text: item.value },
  metadata: { document: item.sort, tenant: item.partition },
});

const failure = (status: number, type: string): Reply =>
  json(status, { message: type }, [['x-amzn-errortype', type]]);
