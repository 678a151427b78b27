// May this request enter: Amazon API Gateway with an authorizer and one usage plan a tenant.

import type { Deployment, Directory } from '../domain/directory.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { Permit } from '../domain/limit.ts';
import type { Hop } from '../domain/ports.ts';
import { type Call, type Headers, header, json, type Reply } from '../domain/wire.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { BearerVerifier, type Verified } from '../protocol/bearer.ts';
import { works } from '../protocol/latency.ts';
import { SESSION_HEADER } from '../protocol/session.ts';
import type { Trace, TracedService } from '../protocol/tracing.ts';

export const FRONT_DOOR_LATENCY: Latency = { medianUs: 8_000, ratioP95: 1.6, perItemUs: 0 };
/** How long the front door waits for the runtime. Source: API Gateway's default integration timeout, 29 s. */
export const INTEGRATION_TIMEOUT_US = 29 * SECOND_US;

export const FRONT_DOOR_RULES: readonly Rule[] = [
  {
    service: 'front-door',
    rule: 'throttle first, then quota; 429 `Too Many Requests` and `Limit Exceeded`',
    source: 'API Gateway developer guide, usage plans',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'a refused call consumes neither a rate permit nor quota',
    source: 'not documented; parameter',
    standing: 'assumed',
  },
  {
    service: 'front-door',
    rule: 'a DAY quota resets at 00:00 UTC plus the offset',
    source: 'not documented; parameter',
    standing: 'assumed',
  },
  {
    service: 'front-door',
    rule: 'after 29 s the caller gets 504 while the agent goes on and bills',
    source: 'API Gateway quotas, integration timeout',
    standing: 'documented',
  },
  {
    service: 'front-door',
    rule: 'limits are exact here; usage plans are best effort in the field',
    source: 'API Gateway developer guide, request throttling',
    standing: 'assumed',
  },
];

const SECURITY_HEADERS = ['authorization', SESSION_HEADER, 'x-api-key'];
const PATH = /^\/runtimes\/([^/]+)\/invocations(\?qualifier=DEFAULT)?$/;

/** The outer door: verify, status, rate, quota, then on to the runtime of the caller's own tier. */
export class FrontDoor {
  readonly #deployment: Deployment;
  readonly #directory: Directory;
  readonly #bearers: BearerVerifier;

  constructor(deployment: Deployment, directory: Directory) {
    this.#deployment = deployment;
    this.#directory = directory;
    this.#bearers = new BearerVerifier(deployment);
  }

  readonly handle: TracedService = async (call, hop, trace) => {
    await works(hop, FRONT_DOOR_LATENCY);
    if (repeatsSecurityHeader(call.headers)) return message(400, 'Bad Request');
    const path = PATH.exec(call.path);
    if (call.method !== 'POST' || path === null)
      return message(403, 'Missing Authentication Token');

    const verified = await this.#bearers.verify(call, hop);
    if (verified === undefined) return message(401, 'Unauthorized');
    const { caller } = verified;
    trace.attribute(caller);
    const terms = this.#deployment.tiers[caller.tier];
    const runtime = decodeURIComponent(path[1] ?? '');
    if (terms === undefined || runtime !== terms.runtimeArn) return message(403, 'Forbidden');
    // Authority is the claims of the token, but status is asked of the control plane at the door.
    if (this.#directory.tenants.get(caller.tenant)?.status !== 'active')
      return message(403, 'Forbidden');

    const permit = await hop.admit('front-door', caller.tenant, terms.limits);
    if (permit.kind === 'refused') return refused(permit);
    trace.log('admitted', { tenant: caller.tenant, tier: caller.tier });
    return this.#forward(call, verified, hop, trace);
  };

  /** Passes on what the runtime needs and nothing else that the caller sent. */
  async #forward(call: Call, verified: Verified, hop: Hop, trace: Trace): Promise<Reply> {
    const session = header(call.headers, SESSION_HEADER);
    const answer = hop.call('runtime', {
      method: 'POST',
      path: call.path,
      headers: [
        ['authorization', verified.authorization],
        ...(session === undefined ? [] : [[SESSION_HEADER, session] as const]),
        ...trace.headers(),
      ],
      body: call.body,
    });
    const late = hop.sleep(INTEGRATION_TIMEOUT_US).then(() => undefined);
    const reply = await Promise.race([answer, late]);
    if (reply === undefined) return message(504, 'Endpoint request timed out');
    const { status, body, chunks } = reply;
    const headers: Headers = [
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
    ];
    return chunks === undefined ? { status, headers, body } : { status, headers, body, chunks };
  }
}

const repeatsSecurityHeader = (headers: Headers): boolean =>
  SECURITY_HEADERS.some((name) => repeats(headers, name));

const repeats = (headers: Headers, name: string): boolean => {
  let seen = false;
  for (const [key, value] of headers) {
    if (key !== name) continue;
    if (seen || value.includes(',')) return true;
    seen = true;
  }
  return false;
};

const refused = (permit: Permit & { kind: 'refused' }): Reply =>
  permit.by === 'THROTTLED'
    ? json(429, { message: 'Too Many Requests' }, [
        ['x-amzn-errortype', 'TooManyRequestsException'],
      ])
    : json(429, { message: 'Limit Exceeded' }, [['x-amzn-errortype', 'LimitExceededException']]);

const message = (status: number, text: string): Reply => json(status, { message: text });
