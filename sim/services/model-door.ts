// Who may ask a model without the agent: the doors in front of the model host, for SDKs that run inside.

import { DATA_ROLE_ARN, modelArn, REGION } from '../domain/arn.ts';
import type { Caller } from '../domain/caller.ts';
import type { Deployment, TierTerms } from '../domain/directory.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { AccessDecision, AccessPort, Hop, IssuedSession, OnChunk } from '../domain/ports.ts';
import { costMicroUsd } from '../domain/price.ts';
import { type Call, isRecord, json, parsed, type Reply } from '../domain/wire.ts';
import { BearerVerifier } from '../protocol/bearer.ts';
import { works } from '../protocol/latency.ts';
import { isUsageFrame, usageOf } from '../protocol/model-usage.ts';
import { verifySignature } from '../protocol/sigv4.ts';
import { foreignBaggage, type Trace, type TracedService } from '../protocol/tracing.ts';

export const MODEL_DOOR_LATENCY: Latency = { medianUs: 3_000, ratioP95: 1.5, perItemUs: 0 };

export const MODEL_DOOR_RULES: readonly Rule[] = [
  {
    service: 'model',
    rule: 'Converse and ConverseStream need a signature by vended credentials and IAM’s bedrock:InvokeModel or bedrock:InvokeModelWithResponseStream on the model',
    source: 'Amazon Bedrock user guide, prerequisites for running model inference',
    standing: 'documented',
  },
  {
    service: 'model',
    rule: 'Chat Completions take the user’s ID token for an API key, and know the model of its tier alone',
    source: 'assumed: a Bedrock API key stands for an account, not for a user',
    standing: 'assumed',
  },
  {
    service: 'model',
    rule: 'the doors take 3 ms at the median',
    source: 'assumed',
    standing: 'assumed',
  },
];

/** Name of the service in the scope of a signature. Source: the AWS client for bedrock-runtime. */
const SIGNING_NAME = 'bedrock';
const CONVERSE = /^\/model\/([^/]+)\/(converse|converse-stream)$/;
const MODELS = /^\/v1\/models(?:\/([^/]+))?$/;

/**
 * Verifies who calls and whether they may, then passes the call on to the model host: in the name
 * of the caller's tenant, without the caller's credentials, and charged to the caller. The agent's
 * own calls go to the host itself. Callers stand where the agent stands; others are refused.
 */
export const modelDoor = (deployment: Deployment, access: AccessPort): TracedService => {
  const bearers = new BearerVerifier(deployment);
  return async (call, hop, trace) => {
    await works(hop, MODEL_DOOR_LATENCY);
    const visit: Visit = { call, hop, trace };
    const [place = ''] = call.path.split('?');
    if (place.startsWith('/model/')) {
      const match = call.method === 'POST' ? CONVERSE.exec(place) : null;
      if (match === null) return aws(404, 'UnknownOperationException', 'no such operation');
      return converse(visit, access, idOf(match[1] ?? ''), match[2] === 'converse-stream');
    }
    const verified = hop.peer === 'runtime' ? await bearers.verify(call, hop) : undefined;
    const terms = deployment.tiers[verified?.caller.tier ?? ''];
    if (verified === undefined || terms === undefined) return NO_KEY;
    trace.attribute(verified.caller);
    if (foreignBaggage(trace, verified.caller))
      return chat(400, 'invalid_request_error', null, 'the baggage names another caller');
    const models = call.method === 'GET' ? MODELS.exec(place) : null;
    if (models !== null) return listed(visit, terms, models[1]);
    if (call.method !== 'POST' || place !== '/v1/chat/completions')
      return chat(404, 'invalid_request_error', 'unknown_url', 'no such operation');
    return completions(visit, verified.caller, terms);
  };
};

interface Visit {
  readonly call: Call;
  readonly hop: Hop;
  readonly trace: Trace;
}

/** A model's id as a path names it, which may be by its ARN. */
const idOf = (segment: string): string => {
  try {
    const id = decodeURIComponent(segment);
    return id.startsWith(modelArn('')) ? id.slice(modelArn('').length) : id;
  } catch {
    return segment;
  }
};

const converse = async (
  { call, hop, trace }: Visit,
  access: AccessPort,
  modelId: string,
  stream: boolean,
): Promise<Reply> => {
  if (hop.peer !== 'runtime')
    return aws(403, 'AccessDeniedException', 'the model host is called from the runtime alone');
  const signature = verifySignature(call, {
    service: SIGNING_NAME,
    region: REGION,
    nowUs: hop.nowUs(),
    secretOf: (key, text) => access.sessionOf?.(key, text)?.secretAccessKey,
  });
  if (signature.kind === 'refused') {
    const { status, code, message } = signature;
    return aws(status, code, message);
  }
  const { accessKeyId, sessionToken } = signature;
  const caller = callerOf(access.sessionOf?.(accessKeyId, sessionToken));
  if (caller === undefined)
    return aws(403, 'AccessDeniedException', 'the credentials carry no tags of a tenant');
  trace.attribute(caller);
  if (foreignBaggage(trace, caller))
    return aws(400, 'ValidationException', 'the baggage names another caller');
  const action = stream ? 'bedrock:InvokeModelWithResponseStream' : 'bedrock:InvokeModel';
  const resource = modelArn(modelId);
  const nowUs = hop.nowUs();
  const decision = hop.authorize({ sessionToken, action, resource, context: {}, nowUs });
  if (decision.kind !== 'allowed') return denied(decision, action, resource);
  const body = parsed(call.body);
  const metadata = body?.['requestMetadata'] ?? {};
  if (body === undefined || !isRecord(metadata))
    return aws(400, 'ValidationException', 'the body or its requestMetadata is not a JSON object');
  const onward: Call = {
    method: 'POST',
    path: `/model/${encodeURIComponent(modelId)}/${stream ? 'converse-stream' : 'converse'}`,
    headers: [['content-type', 'application/json']],
    body: JSON.stringify({ ...body, requestMetadata: { ...metadata, tenant: caller.tenant } }),
  };
  const reply = await hop.call('model', onward, hop.heard);
  charge(hop, caller, modelId, reply);
  return reply;
};

/** Whom credentials stand for, by the tags that the token vending machine set. */
const callerOf = (session: IssuedSession | undefined): Caller | undefined => {
  const [tier, tenant, user, role = '', actor = ''] = TAGS.map(
    (name) => session?.tags[`aws:PrincipalTag/${name}`],
  );
  if (tier === undefined || tenant === undefined || user === undefined) return undefined;
  return { tier, tenant, user, role, actor };
};

const TAGS = ['Tier', 'ClinicId', 'UserId', 'Role', 'Actor'] as const;

const denied = (decision: AccessDecision, action: string, resource: string): Reply => {
  if (decision.kind === 'expired')
    return aws(
      403,
      'ExpiredTokenException',
      'The security token included in the request is expired',
    );
  const why =
    decision.kind === 'denied' && decision.by === 'explicit'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const role = DATA_ROLE_ARN.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
  return aws(
    403,
    'AccessDeniedException',
    `User: ${role} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  );
};

const completions = async (
  { call, hop }: Visit,
  caller: Caller,
  terms: TierTerms,
): Promise<Reply> => {
  const body = parsed(call.body);
  const model = body?.['model'];
  if (body === undefined || typeof model !== 'string')
    return chat(400, 'invalid_request_error', null, 'the body names no model');
  if (billedAs(model) !== terms.modelId) return unknownModel(model);
  const options = isRecord(body['stream_options']) ? body['stream_options'] : {};
  const streams = body['stream'] === true;
  const hides = streams && options['include_usage'] !== true;
  const onward: Call = {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: [
      ['content-type', 'application/json'],
      ['authorization', 'Bearer bedrock-api-key'],
      ['openai-project', caller.tenant],
    ],
    // What was used must be known to be charged, whether or not the caller wants to know it.
    body: streams
      ? JSON.stringify({ ...body, stream_options: { ...options, include_usage: true } })
      : call.body,
  };
  const reply = await hop.call('model', onward, hides ? hidingUsage(hop.heard) : hop.heard);
  charge(hop, caller, model, reply);
  return hides ? withoutUsage(reply) : reply;
};

const hidingUsage = (heard: OnChunk | undefined): OnChunk | undefined =>
  heard &&
  ((chunk, headers) => {
    if (!isUsageFrame(chunk)) heard(chunk, headers);
  });

const withoutUsage = (reply: Reply): Reply => {
  if (reply.chunks === undefined) return reply;
  const chunks = reply.chunks.filter((chunk) => !isUsageFrame(chunk));
  return { ...reply, chunks, body: chunks.join('') };
};

/** The models that the host lists, but for those of other tiers. */
const listed = async ({ hop }: Visit, terms: TierTerms, id: string | undefined): Promise<Reply> => {
  const asked = id === undefined ? undefined : idOf(id);
  if (asked !== undefined && billedAs(asked) !== terms.modelId) return unknownModel(asked);
  const reply = await hop.call('model', {
    method: 'GET',
    path: asked === undefined ? '/v1/models' : `/v1/models/${encodeURIComponent(asked)}`,
    headers: [['authorization', 'Bearer bedrock-api-key']],
    body: '',
  });
  const list = parsed(reply.body);
  if (asked !== undefined || list === undefined || !Array.isArray(list['data'])) return reply;
  const own = list['data'].filter((entry) => isRecord(entry) && entry['id'] === terms.modelId);
  return json(reply.status, { ...list, data: own });
};

const charge = (hop: Hop, caller: Caller, named: string, reply: Reply): void => {
  const usage = reply.status === 200 ? usageOf(reply) : undefined;
  if (usage === undefined) return;
  const { tier, tenant, user } = caller;
  const modelId = billedAs(named);
  const costed = costMicroUsd(modelId, usage.inputTokens, usage.outputTokens);
  hop.emit({
    kind: 'usage',
    usage: { tier, tenant, user, modelId, ...usage, costMicroUsd: costed },
  });
};

/** One model has an id with its version at Bedrock, and one without at Mantle: one price. */
const billedAs = (modelId: string): string => modelId.replace(/-\d+:\d+$/, '');

const unknownModel = (id: string): Reply =>
  chat(
    404,
    'invalid_request_error',
    'model_not_found',
    `The model \`${id}\` does not exist or you do not have access to it.`,
  );

/** An error as Bedrock writes it. */
const aws = (status: number, type: string, message: string): Reply =>
  json(status, { message }, [['x-amzn-errortype', type]]);

/** An error as OpenAI's API writes it. */
const chat = (status: number, type: string, code: string | null, message: string): Reply =>
  json(status, { error: { message, type, param: null, code } });

const NO_KEY = chat(
  401,
  'authentication_error',
  'invalid_api_key',
  'the API key must be an ID token of the user pool that has not expired',
);
