// Whose tags do vended credentials carry: those that the agent names, whoever the token is of.

import { DATA_ROLE_ARN } from '../../domain/arn.ts';
import type { Rule } from '../../domain/fidelity.ts';
import { header, json, parsed } from '../../domain/wire.ts';
import { SECOND_US } from '../../kernel/clock.ts';
import { claimsOf } from '../../protocol/bearer.ts';
import { works } from '../../protocol/latency.ts';
import type { TracedService } from '../../protocol/tracing.ts';
import { VENDING_LATENCY } from '../../services/credentials.ts';
import {
  contextOfClaims,
  contextOfPayload,
  joinedActor,
  type TenantContext,
} from './tenant-context.ts';

/** Source: sample, agent/scoped_credentials.py:38, DurationSeconds. */
const LIFE_SECONDS = 900;

export const PUBLISHED_VENDING_RULES: readonly Rule[] = [
  {
    service: 'credentials',
    rule: 'the session tags are the tier, clinic and user that the runtime names; the token is not looked at',
    source: 'sample, agent/scoped_credentials.py; infrastructure.yaml:228-279 (W39)',
    standing: 'documented',
  },
  {
    service: 'credentials',
    rule: 'the trust policy asks for three tags that are not empty, and for the runtime’s role',
    source: 'sample, infrastructure.yaml:228-279',
    standing: 'documented',
  },
  {
    service: 'credentials',
    rule: 'credentials live 900 s, whenever the token ends',
    source: 'sample, agent/scoped_credentials.py:38 (W37)',
    standing: 'documented',
  },
  {
    service: 'credentials',
    rule: 'who asks without naming a tenant is given that of the token’s claims, unverified',
    source: 'assumed: the sample’s function always names one',
    standing: 'assumed',
  },
];

/** The sample's `get_scoped_credentials`, which runs inside the agent: no other workload reaches it. */
export const vendingLibrary: TracedService = async (call, hop, trace) => {
  await works(hop, VENDING_LATENCY);
  if (hop.peer !== 'runtime') return json(403, { message: 'AccessDenied' });
  const bearer = (header(call.headers, 'authorization') ?? '').replace(/^Bearer /, '');
  const context = contextOfPayload(parsed(call.body) ?? {}, contextOfClaims(claimsOf(bearer)));
  const { tier, clinic, user } = context;
  if (tier === '' || clinic === '' || user === '') return json(403, { message: 'AccessDenied' });
  const reply = await hop.call('sts', {
    method: 'POST',
    path: '/',
    headers: trace.headers(),
    body: JSON.stringify(assumeRole(context)),
  });
  const vended = reply.status === 200 ? parsed(reply.body)?.['Credentials'] : undefined;
  if (vended === undefined) return json(503, { message: 'AssumeRole failed' });
  const ExpirationUs = hop.nowUs() + LIFE_SECONDS * SECOND_US;
  return json(200, { ...(vended as object), ExpirationUs });
};

const assumeRole = (context: TenantContext): unknown => ({
  Action: 'AssumeRole',
  RoleArn: DATA_ROLE_ARN,
  RoleSessionName: `mem-${joinedActor(context)}`.replace(/[^\w+=,.@-]/g, '_').slice(0, 64),
  DurationSeconds: LIFE_SECONDS,
  Tags: [
    { Key: 'Tier', Value: context.tier },
    { Key: 'ClinicId', Value: context.clinic },
    { Key: 'UserId', Value: context.user },
  ],
});
