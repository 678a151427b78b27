// What does an attacker try with their own token, or with none at all?

import { runtimeArn } from '../../domain/arn.ts';
import type { Call, Headers } from '../../domain/wire.ts';
import { SESSION_HEADER } from '../../protocol/session.ts';
import type { ProbeKind } from '../../scenario/schema.ts';
import { invoke, knowledgeRetrieve, mcp, memoryRetrieve, tableGet } from './calls.ts';
import { type Attempt, asked, type Cast, direct, own, victimActor, victimTenant } from './cast.ts';

/** Probes with the attacker's own token, or none at all. */
export const DIRECT: Partial<Readonly<Record<ProbeKind, (cast: Cast) => readonly Attempt[]>>> = {
  'stranger-session': (cast) => {
    const session = `shared-session-${cast.chance.fork('session').hex(32)}`;
    const call = (headers: Headers, tier: string, prompt: string): Call => ({
      method: 'POST',
      path: `/runtimes/${encodeURIComponent(runtimeArn(tier))}/invocations`,
      headers: [...headers, [SESSION_HEADER, session]],
      body: JSON.stringify({ prompt, max_tokens: 512 }),
    });
    const theirs: Headers = [['authorization', `Bearer ${cast.victimBearer.text}`]];
    return [
      {
        as: 'victim',
        peer: 'internet',
        to: 'front-door',
        operation: 'invoke',
        session,
        expects: 'own answer',
        call: call(theirs, cast.victimBearer.tier, `${cast.victimSecret} remember what I said`),
      },
      {
        ...asked(cast, 'invoke', call(own(cast), cast.bearer.tier, 'recall what I said')),
        session,
      },
    ];
  },
  'stranger-argument': (cast) => {
    const input = { clinic_id: victimTenant(cast), patient_id: 'P1001' };
    return [
      asked(
        cast,
        'patient_context',
        invoke(cast, own(cast), `use patient_context ${JSON.stringify(input)}`),
      ),
      asked(
        cast,
        'clinic_config',
        invoke(cast, own(cast), `use clinic_config {"clinic_id":"${victimTenant(cast)}"}`),
      ),
    ];
  },
  'stranger-header': (cast) => {
    const headers: Headers = [
      ...own(cast),
      ['x-tenant-id', victimTenant(cast)],
      ['x-clinic-id', victimTenant(cast)],
      ['x-tenant-tier', 'premium'],
      ['x-tier', 'premium'],
      ['x-amzn-bedrock-agentcore-runtime-user-id', victimActor(cast)],
    ];
    const input = { clinic_id: cast.bearer.clinic, patient_id: 'P1001' };
    return [
      asked(
        cast,
        'patient_context',
        invoke(cast, headers, `use patient_context ${JSON.stringify(input)}`),
      ),
    ];
  },
  'payload-fields': (cast) => {
    const fields = { tier: 'premium', clinic_id: victimTenant(cast), user_id: victimActor(cast) };
    return [asked(cast, 'invoke', invoke(cast, own(cast), 'hello', fields), 'refusal')];
  },
  'own-baggage': (cast) => {
    const headers: Headers = [
      ...own(cast),
      ['baggage', `tenant.id=${encodeURIComponent(victimTenant(cast))},tenant.tier=premium`],
    ];
    return [asked(cast, 'invoke', invoke(cast, headers, 'hello'))];
  },
  'repeated-header': (cast) => {
    const headers: Headers = [...own(cast), ['authorization', `Bearer ${cast.victimBearer.text}`]];
    return [asked(cast, 'invoke', invoke(cast, headers, 'hello'), 'refusal')];
  },
  'premium-tool': (cast) => [
    asked(cast, 'web_search', invoke(cast, own(cast), 'use web_search {"keywords":"beds"}')),
  ],
  'out-of-hours': (cast) => {
    const input = { clinic_id: cast.bearer.clinic, patient_id: 'P1001' };
    return [
      asked(
        cast,
        'patient_context',
        invoke(cast, own(cast), `use patient_context ${JSON.stringify(input)}`),
      ),
    ];
  },
  'stranger-key': (cast) => {
    const headers: Headers = [['x-api-key', 'premium-tenant-key']];
    return [
      { ...direct(cast, 'front-door', 'invoke', invoke(cast, headers, 'hello')), as: 'stranger' },
    ];
  },
  'sign-up': (cast) => [
    {
      as: 'stranger',
      peer: 'internet',
      to: 'identity',
      operation: 'SignUp',
      expects: 'refusal',
      call: {
        method: 'POST',
        path: '/',
        headers: [['x-amz-target', 'AWSCognitoIdentityProviderService.SignUp']],
        body: JSON.stringify({
          Username: 'stranger@example.com',
          Password: 'Stranger-1',
          UserAttributes: [{ Name: 'custom:clinic_id', Value: victimTenant(cast) }],
        }),
      },
    },
  ],
  'direct-runtime': (cast) => [direct(cast, 'runtime', 'invoke', invoke(cast, own(cast), 'hello'))],
  'direct-gateway': (cast) => [
    direct(
      cast,
      'gateway',
      'tools/call',
      mcp(cast.bearer.tier, own(cast), 'tools/call', {
        name: 'HealthcareLambda-Basic___patient_context',
        arguments: { clinic_id: victimTenant(cast), patient_id: 'P1001' },
      }),
    ),
  ],
  'direct-tools': (cast) => [
    direct(cast, 'tools', 'patient_context', {
      method: 'POST',
      path: '/tools/patient_context',
      headers: [...own(cast), ['x-tenant-id', victimTenant(cast)]],
      body: '{"patient_id":"P1001"}',
    }),
  ],
  'direct-credentials': (cast) => [
    direct(cast, 'credentials', 'vend', {
      method: 'POST',
      path: '/credentials',
      headers: own(cast),
      body: '{}',
    }),
  ],
  'direct-table': (cast) => [direct(cast, 'table', 'GetItem', tableGet(victimTenant(cast), []))],
  'direct-memory': (cast) => [
    direct(cast, 'memory', 'RetrieveMemoryRecords', memoryRetrieve(victimActor(cast), [])),
  ],
  'direct-knowledge': (cast) => [
    direct(cast, 'knowledge', 'Retrieve', knowledgeRetrieve(victimTenant(cast), [])),
  ],
};
