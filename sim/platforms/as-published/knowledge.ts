// Which documents answer a question: a knowledge base a tier, and a filter that the asker may leave out.

import { KNOWLEDGE_BASE_ID, knowledgeArn } from '../../domain/arn.ts';
import type { Directory } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import type { Hop, Item } from '../../domain/ports.ts';
import { type Call, header, isRecord, json, parsed, type Reply } from '../../domain/wire.ts';
import { works } from '../../protocol/latency.ts';
import type { TracedService } from '../../protocol/tracing.ts';
import { KNOWLEDGE_LATENCY, knowledge, RESULTS_MAX } from '../../services/knowledge.ts';

export const TIER_KNOWLEDGE_RULES: readonly Rule[] = [
  {
    service: 'knowledge',
    rule: 'one knowledge base a tier, and a metadata filter on clinic_id at query time; without it every clinic of the tier answers',
    source: 'sample, agent/tools/retrieve_clinic_documents.py (W55)',
    standing: 'documented',
  },
  {
    service: 'knowledge',
    rule: 'a document moves to the other knowledge base with its clinic’s tier; at most 5 results',
    source: 'assumed',
    standing: 'assumed',
  },
];

const PATH = /^\/knowledgebases\/healthcare-([^/]+)-kb\/retrieve$/;

/** Where the knowledge base of a tier is asked. */
export const retrievePath = (tier: string): string =>
  `/knowledgebases/healthcare-${encodeURIComponent(tier)}-kb/retrieve`;

/** A clause of the retrieve API's filter: what must be equal. */
export const clinicFilter = (clinic: string): unknown => ({
  equals: { key: 'clinic_id', value: clinic },
});

export const tierKnowledge =
  (directory: Directory): TracedService =>
  async (call, hop, trace) => {
    const tier = decodeURIComponent(PATH.exec(call.path)?.[1] ?? '');
    // Other paths name one clinic's part, as the reference's knowledge base has them.
    if (tier === '') return knowledge(call, hop, trace);
    const inTier = (clinic: string): boolean => directory.tenants.get(clinic)?.tier === tier;
    const clinic = filtered(call);
    if (clinic === undefined) return unfiltered(call, tier, inTier, hop);
    if (!inTier(clinic)) return json(200, { retrievalResults: [] });
    const part = `/knowledgebases/${KNOWLEDGE_BASE_ID}/${encodeURIComponent(clinic)}/retrieve`;
    return knowledge({ ...call, path: part }, hop, trace);
  };

const filtered = (call: Call): string | undefined => {
  const clause = within(
    parsed(call.body),
    'retrievalConfiguration',
    'vectorSearchConfiguration',
    'filter',
    'equals',
  );
  return typeof clause?.['value'] === 'string' ? clause['value'] : undefined;
};

const unfiltered = async (
  call: Call,
  tier: string,
  inTier: (clinic: string) => boolean,
  hop: Hop,
): Promise<Reply> => {
  const decision = hop.authorize({
    sessionToken: header(call.headers, 'x-amz-security-token') ?? '',
    action: 'bedrock:Retrieve',
    resource: knowledgeArn(tier),
    context: {},
    nowUs: hop.nowUs(),
  });
  if (decision.kind !== 'allowed') return json(403, { message: 'AccessDeniedException' });
  const items = hop
    .store('knowledge')
    .scan('')
    .filter(({ partition }) => inTier(partition));
  await works(hop, KNOWLEDGE_LATENCY, items.length);
  return json(200, { retrievalResults: items.slice(0, RESULTS_MAX).map(result) });
};

const result = (item: Item): unknown => ({
  content: { text: item.value },
  metadata: { document: item.sort, tenant: item.partition },
});

const within = (
  value: unknown,
  ...names: readonly string[]
): Readonly<Record<string, unknown>> | undefined => {
  const inner = names.reduce<unknown>(
    (outer, name) => (isRecord(outer) ? outer[name] : undefined),
    value,
  );
  return isRecord(inner) ? inner : undefined;
};
