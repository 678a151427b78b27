// What does the clinics' table hold: Amazon DynamoDB, keyed so that the leading key is the tenant.

import { TABLE_ARN, TABLE_NAME } from '../domain/arn.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { AccessDecision, Hop, Item } from '../domain/ports.ts';
import { header, isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { works } from '../protocol/latency.ts';
import type { TracedService } from '../protocol/tracing.ts';

export const TABLE_LATENCY: Latency = { medianUs: 4_000, ratioP95: 1.8, perItemUs: 120 };

export const TABLE_RULES: readonly Rule[] = [
  {
    service: 'table',
    rule: 'the leading key is the partition key of each item asked for',
    source: 'DynamoDB fine-grained access control',
    standing: 'documented',
  },
  {
    service: 'table',
    rule: 'an item read takes 120 us beside 4 ms',
    source: 'assumed',
    standing: 'assumed',
  },
  {
    service: 'table',
    rule: 'GetItem, Query and Scan; no index, no PartiQL, no paging',
    source: 'what the reference uses',
    standing: 'assumed',
  },
];

/** The table: every access is decided by IAM on the credentials and the leading keys. */
export const table: TracedService = async (call, hop) => {
  const action = header(call.headers, 'x-amz-target')?.replace('DynamoDB_20120810.', '') ?? '';
  const body = parsed(call.body);
  if (body === undefined || body['TableName'] !== TABLE_NAME) return failure('ValidationException');
  const asked = question(action, body);
  if (asked === undefined) return failure('ValidationException');
  const decision = hop.authorize({
    sessionToken: header(call.headers, 'x-amz-security-token') ?? '',
    action: `dynamodb:${action}`,
    resource: TABLE_ARN,
    context: asked.partition === undefined ? {} : { 'dynamodb:LeadingKeys': [asked.partition] },
    nowUs: hop.nowUs(),
  });
  if (decision.kind !== 'allowed') {
    await works(hop, TABLE_LATENCY);
    return refusal(decision);
  }
  const items = read(hop, asked);
  await works(hop, TABLE_LATENCY, items.length);
  if (action === 'GetItem')
    return json(200, items[0] === undefined ? {} : { Item: attributes(items[0]) });
  return json(200, { Items: items.map(attributes), Count: items.length });
};

interface TableQuestion {
  /** `undefined` for a scan of everything. */
  readonly partition: string | undefined;
  readonly sort: string | undefined;
  readonly sortPrefix: string | undefined;
}

const question = (
  action: string,
  body: Readonly<Record<string, unknown>>,
): TableQuestion | undefined => {
  if (action === 'Scan') return { partition: undefined, sort: undefined, sortPrefix: undefined };
  if (action === 'GetItem') {
    const [partition, sort] = [attribute(body['Key'], 'pk'), attribute(body['Key'], 'sk')];
    return partition === undefined || sort === undefined
      ? undefined
      : { partition, sort, sortPrefix: undefined };
  }
  if (action !== 'Query') return undefined;
  const values = body['ExpressionAttributeValues'];
  const partition = attribute(values, ':pk');
  if (partition === undefined) return undefined;
  return { partition, sort: undefined, sortPrefix: attribute(values, ':sk') };
};

const read = (hop: Hop, asked: TableQuestion): readonly Item[] => {
  const store = hop.store('table');
  if (asked.partition === undefined) return store.scan('');
  if (asked.sort !== undefined) {
    const item = store.get(asked.partition, asked.sort);
    return item === undefined ? [] : [item];
  }
  const prefix = asked.sortPrefix ?? '';
  return store.query(asked.partition).filter((item) => item.sort.startsWith(prefix));
};

const attribute = (holder: unknown, name: string): string | undefined => {
  const value = isRecord(holder) ? holder[name] : undefined;
  const text = isRecord(value) ? value['S'] : undefined;
  return typeof text === 'string' ? text : undefined;
};

const attributes = (item: Item): unknown => ({
  pk: { S: item.partition },
  sk: { S: item.sort },
  data: { S: item.value },
});

const refusal = (decision: AccessDecision): Reply => {
  if (decision.kind === 'expired') return failure('ExpiredTokenException');
  if (decision.kind === 'unknown') return failure('UnrecognizedClientException');
  return failure('AccessDeniedException');
};

const failure = (type: string): Reply => json(400, { __type: type, message: type });
