// What is each operation of each boundary on the wire, when an actor makes the call itself?

import { DATA_ROLE_ARN, MEMORY_ID, runtimeArn, TABLE_NAME } from '../../domain/arn.ts';
import type { Peer, ServiceName } from '../../domain/ports.ts';
import type { Call, Headers } from '../../domain/wire.ts';
import { SESSION_HEADER } from '../../protocol/session.ts';
import type { MoveOperation } from '../../scenario/move.ts';
import { knowledgeRetrieve, mcp, victimActor, victimTenant } from '../probes.ts';
import { targetOf } from '../target-tools.ts';
import type { Scene } from './scene.ts';
import { argumentsOf, headersOf, shadowFields } from './shadows.ts';

/** `inside` is where a compromised agent stands: its calls come from the runtime. */
export const peerOf = (scene: Scene): Peer =>
  scene.move.from === 'internet' ? 'internet' : 'runtime';

/** Boundary and operation of `boundary operation`. */
export const partsOf = (
  operation: MoveOperation,
): { readonly boundary: ServiceName; readonly operation: string } => {
  const at = operation.indexOf(' ');
  return {
    boundary: operation.slice(0, at) as ServiceName,
    operation: operation.slice(at + 1),
  };
};

/** Boundaries that take credentials, and no bearer token. */
export const TAKES_CREDENTIALS: ReadonlySet<ServiceName> = new Set([
  'table',
  'memory',
  'knowledge',
]);

export const callOf = (scene: Scene): Call => {
  const { boundary, operation } = partsOf(scene.move.operation);
  switch (boundary) {
    case 'identity':
      return identity(scene, operation);
    case 'front-door':
    case 'runtime':
      return invocation(scene, operation);
    case 'gateway':
      return gateway(scene, operation);
    case 'tools':
      return post(`/tools/${operation}`, toolHeaders(scene), argumentsOf(scene, operation));
    case 'credentials':
      return post('/credentials', headersOf(scene), shadowFields(scene));
    case 'sts':
      return post('/', headersOf(scene), assumeRole(scene));
    case 'table':
      return tableCall(scene, operation);
    case 'knowledge':
      return knowledgeRetrieve(victimTenant(scene), withCredentials(scene));
    default:
      return memoryCall(scene, operation);
  }
};

const post = (path: string, headers: Headers, body: unknown): Call => ({
  method: 'POST',
  path,
  headers,
  body: JSON.stringify(body),
});

const withCredentials = (scene: Scene): Headers => [...scene.credentials, ...headersOf(scene)];

const identity = (scene: Scene, operation: string): Call => {
  const body =
    operation === 'SignUp'
      ? {
          Username: 'stranger@example.com',
          Password: 'Stranger-1',
          UserAttributes: [{ Name: 'custom:clinic_id', Value: victimTenant(scene) }],
        }
      : {
          AuthFlow: 'USER_PASSWORD_AUTH',
          ClientId: 'webclient0000000000000001',
          AuthParameters: { USERNAME: scene.victim.principal.username, PASSWORD: 'guess' },
        };
  const target = `AWSCognitoIdentityProviderService.${operation}`;
  return post('/', [['x-amz-target', target], ...headersOf(scene)], body);
};

const invocation = (scene: Scene, operation: string): Call => {
  const task = operation === 'talk' || operation === 'invoke' ? undefined : operation;
  const order =
    task === undefined
      ? 'recall what I said'
      : `use ${task} ${JSON.stringify(argumentsOf(scene, task))}`;
  return post(
    `/runtimes/${encodeURIComponent(runtimeArn(scene.bearer.tier))}/invocations`,
    [...headersOf(scene), [SESSION_HEADER, sessionId(scene.move.session)]],
    { prompt: `${scene.secret} ${order}`, max_tokens: 256, ...shadowFields(scene) },
  );
};

/** Equal names are equal ids, whoever uses them: long enough for AgentCore's rule of 33 characters. */
export const sessionId = (name: string): string => `${name}-0123456789abcdef0123456789abcdef`;

const gateway = (scene: Scene, operation: string): Call => {
  const headers = [...headersOf(scene), ['mcp-session-id', scene.move.session] as const];
  const tier = scene.bearer.tier;
  if (operation === 'tools/list') return mcp(tier, headers, operation, shadowFields(scene));
  return mcp(tier, headers, 'tools/call', {
    name: `${targetOf(tier)}___${operation}`,
    arguments: { ...argumentsOf(scene, operation), ...shadowFields(scene) },
  });
};

/** A gateway names the tenant in headers, so whoever calls in its place may name any. */
const toolHeaders = (scene: Scene): Headers => [
  ...headersOf(scene),
  ['x-tenant-id', scene.bearer.clinic],
  ['x-tenant-tier', scene.bearer.tier],
];

const assumeRole = (scene: Scene): unknown => ({
  Action: 'AssumeRole',
  RoleArn: DATA_ROLE_ARN,
  RoleSessionName: 'stranger',
  DurationSeconds: 900,
  Tags: [
    { Key: 'Tier', Value: scene.victimBearer.tier },
    { Key: 'ClinicId', Value: victimTenant(scene) },
    { Key: 'UserId', Value: scene.victimBearer.sub },
    { Key: 'Actor', Value: victimActor(scene) },
    { Key: 'Role', Value: 'physician' },
  ],
});

const tableCall = (scene: Scene, operation: string): Call => {
  const tenant = victimTenant(scene);
  const body =
    operation === 'GetItem'
      ? { Key: { pk: { S: `T#${tenant}` }, sk: { S: 'CONFIG' } } }
      : {
          KeyConditionExpression: 'pk = :pk and begins_with(sk, :sk)',
          ExpressionAttributeValues: { ':pk': { S: `P#${tenant}` }, ':sk': { S: 'PATIENT#' } },
        };
  const target = ['x-amz-target', `DynamoDB_20120810.${operation}`] as const;
  return post('/', [target, ...withCredentials(scene)], { TableName: TABLE_NAME, ...body });
};

const memoryCall = (scene: Scene, operation: string): Call => {
  const actor = victimActor(scene);
  const { session, event, record } = scene.ids;
  const root = `/memories/${MEMORY_ID}`;
  const own = `${root}/actor/${encodeURIComponent(actor)}/sessions`;
  const namespace = `/${actor}/facts/`;
  const headers = withCredentials(scene);
  const criteria = { searchCriteria: { searchQuery: 'morning', topK: 3 } };
  const at = (method: string, path: string): Call => ({ method, path, headers, body: '' });
  switch (operation) {
    case 'CreateEvent':
      return post(`${root}/events`, headers, {
        actorId: actor,
        sessionId: session,
        payload: [{ conversational: { role: 'USER', content: { text: scene.secret } } }],
      });
    case 'ListEvents':
      return post(`${own}/${session}`, headers, { maxResults: 5 });
    case 'GetEvent':
      return at('GET', `${own}/${session}/events/${encodeURIComponent(event)}`);
    case 'DeleteEvent':
      return at('DELETE', `${own}/${session}/events/${encodeURIComponent(event)}`);
    case 'ListSessions':
      return post(own, headers, {});
    case 'ListActors':
      return post(`${root}/actors`, headers, {});
    case 'RetrieveMemoryRecords':
      return post(`${root}/retrieve`, headers, { namespace, ...criteria });
    case 'ListMemoryRecords':
      return post(`${root}/memoryRecords`, headers, { namespacePath: `/${actor}/` });
    case 'GetMemoryRecord':
      return at('GET', recordPath(root, 'memoryRecord', record, namespace));
    default:
      return at('DELETE', recordPath(root, 'memoryRecords', record, namespace));
  }
};

const recordPath = (root: string, kind: string, record: string, namespace: string): string =>
  `${root}/${kind}/${record}?namespace=${encodeURIComponent(namespace)}`;
