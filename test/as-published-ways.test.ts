// Is whoever takes another way into the platform as published than honest users do found out?

import { expect, test } from 'vitest';
import type { Hop, Platform, PlatformKit, Service } from '../sim/domain/ports.ts';
import { type Call, parsed, type Reply } from '../sim/domain/wire.ts';
import { asPublished } from '../sim/platforms/as-published.ts';
import { HONEST, type Parts, played, SMALL } from './as-published/playing.ts';

const RUNTIME = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/healthcare_';

type Way = (call: Call, hop: Hop, frontDoor: Service) => Promise<Reply>;

/** The platform as one sees it who takes another way into it than honest users do. */
const taking =
  (way: Way) =>
  (kit: PlatformKit): Platform => {
    const platform = asPublished()(kit);
    const { 'front-door': frontDoor } = platform.services;
    const services = {
      ...platform.services,
      'front-door': ((call, hop) => way(call, hop, frontDoor)) as Service,
    };
    return { ...platform, services };
  };

const withBody = (call: Call, body: unknown, ...headers: Call['headers']): Call => ({
  ...call,
  headers: [...call.headers, ...headers],
  body: JSON.stringify(body),
});

const VICTIM = { tier: 'basic', clinic_id: 'clinic-a', user_id: 'anybody' };
const PATIENT = 'use patient_context {"patient_id":"P1001"}';

const toolCall = (call: Call, arguments_: unknown, ...headers: Call['headers']): Call => ({
  ...withBody(
    call,
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'HealthcareLambda-Basic___patient_context', arguments: arguments_ },
    },
    ...headers,
  ),
  path: '/mcp/basic',
});

const signedUp = async (hop: Hop): Promise<string> => {
  const ask = (action: string, body: unknown): Promise<Reply> =>
    hop.call('identity', {
      method: 'POST',
      path: '/',
      headers: [['x-amz-target', `AWSCognitoIdentityProviderService.${action}`]],
      body: JSON.stringify(body),
    });
  const [Username, Password] = ['stranger@example.com', 'Stranger-1'];
  const UserAttributes = [{ Name: 'custom:clinic_id', Value: 'clinic-a' }];
  await ask('SignUp', { Username, Password, UserAttributes });
  const reply = await ask('InitiateAuth', {
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: Username, PASSWORD: Password },
    ClientId: 'webclient0000000000000001',
  });
  const result = parsed(reply.body)?.['AuthenticationResult'] as { readonly IdToken: string };
  return result.IdToken;
};

const RECORD = 'I1 front-door: a record reached a answer of one who is other tenant';

/** The way in, and what the checks say of it. */
const WAYS: readonly (readonly [named: string, said: string, way: Way, parts?: Partial<Parts>])[] =
  [
    [
      'the runtime with a payload that names a victim',
      RECORD,
      (call, hop) => hop.call('runtime', withBody(call, { prompt: PATIENT, ...VICTIM })),
    ],
    [
      'the runtime with a payload that names no clinic',
      'I1 front-door: a document reached a answer of one who is other tenant',
      (call, hop) => {
        const prompt = 'use retrieve_clinic_documents {"query":"guideline"}';
        return hop.call('runtime', withBody(call, { ...VICTIM, prompt, clinic_id: '' }));
      },
    ],
    [
      'the other tier’s runtime with one’s own token',
      'I5 runtime: a charge names another caller',
      (call, hop) => {
        const path = `/runtimes/${encodeURIComponent(`${RUNTIME}premium`)}/invocations`;
        const body = { prompt: 'hello', tier: 'premium', clinic_id: 'clinic-b', user_id: 'me' };
        return hop.call('runtime', { ...withBody(call, body), path });
      },
    ],
    [
      'the gateway with a header that names a victim',
      RECORD,
      (call, hop) => {
        const input = { patient_id: 'P1001', request_hour: 10 };
        return hop.call('gateway', toolCall(call, input, ['x-clinic-id', 'clinic-a']));
      },
    ],
    [
      'the gateway with an argument that names a victim',
      RECORD,
      (call, hop) => {
        const input = { clinic_id: 'clinic-a', patient_id: 'P1001', request_hour: 10 };
        return hop.call('gateway', toolCall(call, input));
      },
    ],
    [
      'the gateway with an argument that no policy sees',
      'I3 tools: a tool ran without an allow',
      (call, hop) =>
        hop.call('gateway', toolCall(call, { patient_id: 'P1001', request_hour: 10, headers: {} })),
    ],
    [
      'the gateway by night with an hour of the day',
      'I3 gateway: a policy allows what nobody is entitled to',
      (call, hop) =>
        hop.call('gateway', toolCall(call, { clinic_id: 'clinic-b', request_hour: 10 })),
      { start: '2026-03-03T03:00:00Z' },
    ],
    [
      'the front door with the header X-Tier',
      'I5 runtime: a charge names another caller',
      (call, hop, frontDoor) =>
        frontDoor({ ...call, headers: [...call.headers, ['x-tier', 'premium']] }, hop),
    ],
    [
      'the front door with the key of Premium',
      'I6 front-door: more was admitted than the contract allows',
      (call, hop, frontDoor) =>
        frontDoor(
          { ...call, headers: [...call.headers, ['x-api-key', 'premium-tenant-key']] },
          hop,
        ),
      { basic: SMALL, perHour: 60 },
    ],
    [
      'sign-up, and then the front door',
      RECORD,
      async (call, hop, frontDoor) => {
        const authorization = `Bearer ${await signedUp(hop)}`;
        const headers = call.headers.filter(([name]) => name !== 'authorization');
        const body = { prompt: PATIENT };
        return frontDoor(
          withBody({ ...call, headers }, body, ['authorization', authorization]),
          hop,
        );
      },
    ],
  ];

for (const [named, said, way, parts = {}] of WAYS) {
  test(`whoever takes ${named} is found out`, async () => {
    const { found } = await played({ ...HONEST, duration: '20m', ...parts }, taking(way));
    expect(found).toContain(said);
  });
}

test('the gateway denies by night what tells no hour', async () => {
  const by = taking((call, hop) => hop.call('gateway', toolCall(call, { patient_id: 'P1001' })));
  const { asks } = await played({ ...HONEST, start: '2026-03-03T03:00:00Z' }, by);
  const told = asks.filter(({ reply }) => reply.status === 200);
  expect(told.every(({ reply }) => reply.body.includes('denied by default'))).toBe(true);
});
