// What does the sample's front door do: API Gateway with a key a tier, and a proxy that believes what it decodes.

import type { Deployment, TierTerms } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import type { Permit } from '../../domain/limit.ts';
import type { Hop } from '../../domain/ports.ts';
import { type Call, type Headers, header, json, parsed, type Reply } from '../../domain/wire.ts';
import { claimsOf } from '../../protocol/bearer.ts';
import { works } from '../../protocol/latency.ts';
import { SESSION_HEADER } from '../../protocol/session.ts';
import type { Trace, TracedService } from '../../protocol/tracing.ts';
import { FRONT_DOOR_LATENCY, INTEGRATION_TIMEOUT_US } from '../../services/front-door.ts';
import {
  callerOf,
  contextOfClaims,
  payloadOf,
  type TenantContext,
  termsOf,
} from './tenant-context.ts';
import type { AsPublishedTerms } from './terms.ts';

export const PROXY_RULES: readonly Rule[] = [
  {
    service: 'front-door',
    rule: 'one API key a usage plan and one plan a tier: all tenants of a tier share rate and quota',
    source: 'sample, api_gateway_template.yaml (W59)',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'the client picks the key; nothing binds it to the tier of the token',
    source: 'sample, api_gateway_template.yaml; app_modules/chat.py (W60)',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'a call without a key is given the one that the sample’s client would have sent: that of the tier in its token, else Basic’s',
    source: 'assumed: the harness’s clients know of no keys',
    standing: 'assumed',
  },
  {
    service: 'front-door',
    rule: 'the proxy decodes the token without verifying it, and names that tenant in payload, logs and response headers',
    source: 'sample, api_gateway_lambda.py:130 and :184 (W04)',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'a missing or garbled token makes a request of basic/demo-clinic/demo-user',
    source: 'sample, api_gateway_lambda.py:111-113 and :150 (W03)',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'the header X-Tier replaces the tier of every Basic caller',
    source: 'sample, api_gateway_lambda.py:153 (W02)',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'tier, clinic_id, user_id and role in the payload are overwritten, the rest of it is passed on',
    source: 'sample, api_gateway_lambda.py',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'what the runtime refuses or fails is answered 200 with a text such as `Service is busy, please try again`',
    source: 'sample, api_gateway_lambda.py (W65)',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'the whole event, bearer token and prompt included, is printed to the log',
    source: 'sample, api_gateway_lambda.py:37 (W70)',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'an answer is 200 text/plain: the data lines of the stream, all quotation marks removed',
    source: 'sample, api_gateway_lambda.py',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'of a repeated header the proxy sees the last value (parameter `repeatedHeader`)',
    source: 'not documented; parameter',
    standing: 'assumed',
  },
];

const PATH = /^\/runtimes\/([^/]+)\/invocations(\?qualifier=DEFAULT)?$/;

export const frontDoor =
  (deployment: Deployment, terms: AsPublishedTerms): TracedService =>
  async (call, hop, trace) => {
    await works(hop, FRONT_DOOR_LATENCY);
    if (call.method !== 'POST' || !PATH.test(call.path))
      return json(403, { message: 'Missing Authentication Token' });
    const headers = terms.repeatedHeader === 'last' ? call.headers.toReversed() : call.headers;
    const authorization = header(headers, 'authorization');
    const claims = contextOfClaims(claimsOf((authorization ?? '').replace(/^Bearer /, '')));
    const key = header(headers, 'x-api-key') ?? keyOf(termsOf(deployment, claims.tier)?.tier ?? '');
    const plan = planOf(deployment, key);
    if (plan === undefined) return json(403, { message: 'Forbidden' });
    const permit = await hop.admit('front-door', key, plan.limits);
    if (permit.kind === 'refused') return refused(permit);

    const claimed = header(headers, 'x-tier');
    const isRaised = claims.tier === 'basic' && claimed !== undefined;
    const context = isRaised ? { ...claims, tier: claimed } : claims;
    trace.attribute(callerOf(context));
    print(trace, call, context);
    return forward({ ...call, headers }, authorization, context, hop, trace);
  };

const keyOf = (tier: string): string => `${tier}-tenant-key`;

const planOf = ({ tiers }: Deployment, key: string): TierTerms | undefined =>
  Object.values(tiers).find(({ tier }) => keyOf(tier) === key);

/** The lines that the proxy prints; operators of the sample count tenants by the second. */
const print = (trace: Trace, call: Call, context: TenantContext): void => {
  trace.log('Received event', { headers: JSON.stringify(call.headers), body: call.body });
  const { tier, clinic, user, role } = context;
  const line = `Tier: ${tier}, Clinic ID: ${clinic}, User ID: ${user}, Role: ${role}`;
  trace.log(line, { tenant: clinic });
};

const forward = async (
  call: Call,
  authorization: string | undefined,
  context: TenantContext,
  hop: Hop,
  trace: Trace,
): Promise<Reply> => {
  const payload = parsed(call.body);
  if (payload === undefined) return json(500, { error: 'Expecting value' });
  const session = header(call.headers, SESSION_HEADER);
  const answer = hop.call('runtime', {
    method: 'POST',
    path: call.path,
    headers: [
      ...(authorization === undefined ? [] : [['authorization', authorization] as const]),
      ...(session === undefined ? [] : [[SESSION_HEADER, session] as const]),
      ...trace.headers(),
    ],
    body: JSON.stringify({ ...payload, ...payloadOf(context) }),
  });
  const late = hop.sleep(INTEGRATION_TIMEOUT_US).then(() => undefined);
  const reply = await Promise.race([answer, late]);
  if (reply === undefined) return json(504, { message: 'Endpoint request timed out' });
  return { status: 200, headers: shownHeaders(context), body: shownText(reply, call.path) };
};

const shownHeaders = ({ tier, clinic, user }: TenantContext): Headers => [
  ['content-type', 'text/plain'],
  ['access-control-allow-origin', '*'],
  ['x-tier', tier],
  ['x-clinic-id', clinic],
  ['x-user-id', user],
];

/** What the caller is shown, whatever became of the request. */
const shownText = ({ status, body }: Reply, path: string): string => {
  const error = String(parsed(body)?.['error'] ?? 'unknown');
  switch (status) {
    case 200:
      return dataLines(body);
    case 429:
      return 'Service is busy, please try again';
    case 404:
      return `Agent not found: ${decodeURIComponent(PATH.exec(path)?.[1] ?? '')}`;
    case 401:
    case 403:
      return 'Access denied to agent runtime';
    case 400:
      return `Validation error: ${error}`;
    default:
      return `Error: ${error}`;
  }
};

const dataLines = (body: string): string =>
  body
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length).replaceAll('"', ''))
    .join('');

const refused = ({ by }: Permit & { kind: 'refused' }): Reply =>
  by === 'THROTTLED'
    ? json(429, { message: 'Too Many Requests' }, [
        ['x-amzn-errortype', 'TooManyRequestsException'],
      ])
    : json(429, { message: 'Limit Exceeded' }, [['x-amzn-errortype', 'LimitExceededException']]);
