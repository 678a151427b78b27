// Whose data may this token touch: the token vending machine, outside the agent and its only source of data rights.

import { DATA_ROLE_ARN } from '../domain/arn.ts';
import type { Deployment } from '../domain/directory.ts';
import type { Latency, Rule } from '../domain/fidelity.ts';
import type { Hop } from '../domain/ports.ts';
import { json, parsed, type Reply } from '../domain/wire.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { BearerVerifier, type Verified } from '../protocol/bearer.ts';
import { works } from '../protocol/latency.ts';
import type { TracedService } from '../protocol/tracing.ts';

export const VENDING_LATENCY: Latency = { medianUs: 5_000, ratioP95: 1.5, perItemUs: 0 };
/** Source: the published sample's DurationSeconds, and STS's minimum. */
const LIFE_SECONDS = 900;

export const VENDING_RULES: readonly Rule[] = [
  {
    service: 'credentials',
    rule: 'credentials carry the session tags Tier, ClinicId, UserId, Actor and Role, set from the verified token',
    source: 'reference decision 12',
    standing: 'documented',
  },
  {
    service: 'credentials',
    rule: "credentials end at the earlier of 900 s and the token's exp, by a session policy on aws:EpochTime",
    source: 'STS AssumeRole; IAM global condition keys',
    standing: 'documented',
  },
];

/** Turns a bearer token into credentials tagged for its caller. Workloads hold no right to data of their own. */
export const tokenVendingMachine = (deployment: Deployment): TracedService => {
  const bearers = new BearerVerifier(deployment);
  return async (call, hop, trace) => {
    await works(hop, VENDING_LATENCY);
    if (hop.peer !== 'runtime' && hop.peer !== 'tools') return json(403, { message: 'Forbidden' });
    const verified = await bearers.verify(call, hop);
    if (verified === undefined) return json(401, { message: 'Unauthorized' });
    trace.attribute(verified.caller);
    const reply = await hop.call('sts', {
      method: 'POST',
      path: '/',
      headers: trace.headers(),
      body: JSON.stringify(assumeRole(verified)),
    });
    return reply.status === 200
      ? vended(reply, verified, hop)
      : json(503, { message: 'temporarily unavailable' });
  };
};

const assumeRole = (verified: Verified): unknown => {
  const { tier, tenant, user, actor, role } = verified.caller;
  return {
    Action: 'AssumeRole',
    RoleArn: DATA_ROLE_ARN,
    RoleSessionName: `data-${user}`.replace(/[^\w+=,.@-]/g, '_').slice(0, 64),
    DurationSeconds: LIFE_SECONDS,
    Tags: [
      { Key: 'Tier', Value: tier },
      { Key: 'ClinicId', Value: tenant },
      { Key: 'UserId', Value: user },
      { Key: 'Actor', Value: actor },
      { Key: 'Role', Value: role },
    ],
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'UntilTheTokenExpires',
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: {
            NumericLessThan: { 'aws:EpochTime': String(verified.expiresUs / SECOND_US) },
          },
        },
      ],
    }),
  };
};

const vended = (reply: Reply, verified: Verified, hop: Hop): Reply => {
  const credentials = parsed(reply.body)?.['Credentials'];
  const ExpirationUs = Math.min(hop.nowUs() + LIFE_SECONDS * SECOND_US, verified.expiresUs);
  return json(200, { ...(credentials as object), ExpirationUs }, [['cache-control', 'no-store']]);
};
