// Who may ask a model without the agent, and what does the host learn of it?

import { expect, test } from 'vitest';
import type { Exchange } from '../sim/domain/history.ts';
import type { UsageRecord } from '../sim/domain/ports.ts';
import { type Call, header, parsed, type Reply } from '../sim/domain/wire.ts';
import { MINUTE_US } from '../sim/kernel/clock.ts';
import type { House, Vended } from './doors/house.ts';
import { type SimulatedHouse, simulatedHouse } from './doors/simulated.ts';
import { signed } from './sigv4/signer.ts';

const SMALL = 'mistral.ministral-3-8b-instruct';
const LARGE = 'openai.gpt-oss-120b';
const BODY = {
  messages: [{ role: 'user', content: [{ text: 'how are you?' }] }],
  inferenceConfig: { maxTokens: 64 },
};

const converse = async (
  house: House,
  keys: Vended,
  model: string,
  { operation = 'converse', body = BODY as unknown, headers = {}, atUs = house.clock.nowUs() } = {},
): Promise<Call> => {
  const request = await signed(
    {
      method: 'POST',
      path: `/model/${encodeURIComponent(model)}/${operation}`,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    },
    keys,
    { atUs },
  );
  return { ...request, body: String(request.body) };
};

const chat = async (house: House, name: string, body: object): Promise<Call> => ({
  method: 'POST',
  path: '/v1/chat/completions',
  headers: [['authorization', `Bearer ${await house.bearerOf(name)}`]],
  body: JSON.stringify({ messages: [{ role: 'user', content: 'how are you?' }], ...body }),
});

const get = async (house: House, name: string, path: string): Promise<Call> => ({
  method: 'GET',
  path,
  headers: [['authorization', `Bearer ${await house.bearerOf(name)}`]],
  body: '',
});

const errorOf = (reply: Reply): string =>
  `${reply.status} ${header(reply.headers, 'x-amzn-errortype') ?? JSON.stringify((parsed(reply.body)?.['error'] as { code: unknown } | undefined)?.code)}`;

const atHost = ({ house }: SimulatedHouse): readonly Exchange[] =>
  house.events.filter(
    (event): event is Exchange =>
      event.kind === 'exchange' && event.to === 'model' && event.from === 'model',
  );

const charged = ({ house }: SimulatedHouse): readonly UsageRecord[] =>
  house.events.flatMap((event) =>
    event.kind === 'emitted' && event.record.kind === 'usage' ? [event.record.usage] : [],
  );

test.each([
  ['clinic-a/dr.lee', SMALL, SMALL],
  ['hospital-a/admin.park', LARGE, LARGE],
  ['hospital-a/dr.lee', `${LARGE}-1:0`, LARGE],
  ['hospital-a/dr.lee', `arn:aws:bedrock:us-east-1::foundation-model/${LARGE}-1:0`, LARGE],
])(
  '%s asks %s by signature, streamed and whole, and is charged for what was metered',
  async (name, model, billed) => {
    const all = await simulatedHouse();
    const { house, done } = all;
    const keys = await done(house.credentialsOf(name));
    for (const operation of ['converse', 'converse-stream']) {
      const call = await converse(house, keys, model, { operation });
      const reply = await done(house.send(name, 'model', call));
      expect(reply.status).toBe(200);
      expect(reply.chunks === undefined).toBe(operation === 'converse');
      expect(reply.body).toContain(operation === 'converse' ? 'how are you?' : 'messageStop');
    }
    const metered = house.events.flatMap((event) =>
      event.kind === 'metered' ? [[event.modelId, event.inputTokens, event.outputTokens]] : [],
    );
    expect(metered).toHaveLength(2);
    const usage = charged(all);
    expect(usage.map((use) => [use.modelId, use.inputTokens, use.outputTokens])).toEqual(metered);
    for (const { tenant, modelId } of usage)
      expect([tenant, modelId]).toEqual([name.split('/')[0], billed]);
    expect(house.findings()).toEqual([]);
  },
);

test('IAM gives credentials the model of their own tier and no other', async () => {
  const { house, done } = await simulatedHouse();
  for (const [name, model] of [
    ['clinic-a/dr.lee', LARGE],
    ['clinic-a/dr.lee', `${LARGE}-1:0`],
    ['hospital-a/dr.lee', SMALL],
    ['hospital-a/dr.lee', 'no.such'],
  ] as const) {
    const keys = await done(house.credentialsOf(name));
    for (const operation of ['converse', 'converse-stream']) {
      const call = await converse(house, keys, model, { operation });
      const reply = await done(house.send(name, 'model', call));
      expect(errorOf(reply)).toBe('403 AccessDeniedException');
      expect(reply.body).toContain(model);
    }
  }
  expect(house.findings()).toEqual([]);
});

test('who signs with a wrong secret, with a session that has ended, or not at all is refused', async () => {
  const all = await simulatedHouse();
  const { house, done, pass } = all;
  const name = 'clinic-a/dr.lee';
  const keys = await done(house.credentialsOf(name));
  const other = await done(house.credentialsOf('clinic-b/dr.lee'));
  const refusal = async (changes: Partial<Vended>): Promise<string> =>
    errorOf(
      await done(house.send(name, 'model', await converse(house, { ...keys, ...changes }, SMALL))),
    );
  expect(await refusal({ secretAccessKey: other.secretAccessKey })).toBe(
    '403 InvalidSignatureException',
  );
  expect(await refusal({ sessionToken: other.sessionToken })).toBe(
    '403 UnrecognizedClientException',
  );
  expect(await refusal({ accessKeyId: other.accessKeyId })).toBe('403 UnrecognizedClientException');
  const late = await converse(house, keys, SMALL, { atUs: house.clock.nowUs() - 6 * MINUTE_US });
  expect(errorOf(await done(house.send(name, 'model', late)))).toBe(
    '403 InvalidSignatureException',
  );
  const bare: Call = { ...late, headers: [] };
  expect(errorOf(await done(house.send(name, 'model', bare)))).toBe(
    '403 MissingAuthenticationTokenException',
  );
  await pass(16 * MINUTE_US);
  expect(await refusal({})).toBe('403 ExpiredTokenException');
  expect(atHost(all)).toEqual([]);
  expect(house.findings()).toEqual([]);
});

test('an ID token opens the model of its tier in Chat Completions, and the list holds that model alone', async () => {
  const all = await simulatedHouse();
  const { house, done } = all;
  for (const [name, own, foreign] of [
    ['clinic-a/dr.lee', SMALL, LARGE],
    ['hospital-a/dr.lee', LARGE, SMALL],
  ] as const) {
    await done(house.bearerOf(name));
    const ask = async (body: object): Promise<Reply> =>
      done(house.send(name, 'model', await chat(house, name, body)));
    expect((await ask({ model: own })).status).toBe(200);
    expect(errorOf(await ask({ model: foreign }))).toBe('404 "model_not_found"');
    expect(errorOf(await ask({ model: 'no.such' }))).toBe('404 "model_not_found"');
    const listed = await done(house.send(name, 'model', await get(house, name, '/v1/models')));
    expect(parsed(listed.body)?.['data']).toMatchObject([{ id: own }]);
    const one = async (id: string): Promise<number> =>
      (await done(house.send(name, 'model', await get(house, name, `/v1/models/${id}`)))).status;
    expect(await one(own)).toBe(200);
    expect(await one(foreign)).toBe(404);
  }
  expect(charged(all)).toHaveLength(2);
  expect(house.findings()).toEqual([]);
});

test('a stream is charged whether or not its reader asked to see the usage', async () => {
  const all = await simulatedHouse();
  const { house, done } = all;
  const name = 'clinic-a/dr.lee';
  await done(house.bearerOf(name));
  for (const include_usage of [false, true]) {
    const body = { model: SMALL, stream: true, stream_options: { include_usage } };
    const reply = await done(house.send(name, 'model', await chat(house, name, body)));
    expect(reply.chunks?.some((chunk) => chunk.includes('"usage"'))).toBe(include_usage);
    expect(reply.body).toBe(reply.chunks?.join(''));
  }
  expect(charged(all)).toHaveLength(2);
  expect(house.findings()).toEqual([]);
});

test("the host sees the caller's own tenant, whatever the caller says, and no credentials of anybody", async () => {
  const all = await simulatedHouse();
  const { house, done } = all;
  const name = 'clinic-a/dr.lee';
  const keys = await done(house.credentialsOf(name));
  const bearer = await house.bearerOf(name);
  const lying = { ...BODY, requestMetadata: { tenant: 'clinic-b', note: 'kept' } };
  await done(house.send(name, 'model', await converse(house, keys, SMALL, { body: lying })));
  const call = await chat(house, name, { model: SMALL, metadata: { tenant: 'clinic-b' } });
  const headers = [...call.headers, ['openai-project', 'clinic-b'] as const];
  await done(house.send(name, 'model', { ...call, headers }));
  const [first, second] = atHost(all).map((exchange) => exchange.call);
  expect(parsed(first?.body ?? '')?.['requestMetadata']).toEqual({
    tenant: 'clinic-a',
    note: 'kept',
  });
  expect(header(second?.headers ?? [], 'openai-project')).toBe('clinic-a');
  const seen = JSON.stringify([first, second]);
  for (const secret of [
    keys.sessionToken,
    keys.secretAccessKey,
    keys.accessKeyId,
    bearer,
    'baggage',
  ])
    expect(seen).not.toContain(secret);
  expect(house.findings()).toEqual([]);
});

test('only who stands where the agent stands comes to the doors', async () => {
  const all = await simulatedHouse();
  const { house, done } = all;
  const name = 'clinic-a/dr.lee';
  const keys = await done(house.credentialsOf(name));
  for (const peer of ['internet', 'tools', 'web'] as const) {
    const signedCall = await converse(house, keys, SMALL);
    expect(errorOf(await done(house.send(name, 'model', signedCall, peer)))).toBe(
      '403 AccessDeniedException',
    );
    const asked = await chat(house, name, { model: SMALL });
    expect(errorOf(await done(house.send(name, 'model', asked, peer)))).toBe(
      '401 "invalid_api_key"',
    );
  }
  expect(atHost(all)).toEqual([]);
});

test('an ID token that has expired, is forged or is missing opens nothing', async () => {
  const all = await simulatedHouse();
  const { house, done, pass } = all;
  const name = 'clinic-a/dr.lee';
  await done(house.bearerOf(name));
  const call = await chat(house, name, { model: SMALL });
  const forged = call.headers.map(([key, value]) => [key, `${value.slice(0, -4)}AAAA`] as const);
  expect((await done(house.send(name, 'model', { ...call, headers: forged }))).status).toBe(401);
  expect((await done(house.send(name, 'model', { ...call, headers: [] }))).status).toBe(401);
  await pass(60 * MINUTE_US);
  expect(errorOf(await done(house.send(name, 'model', call)))).toBe('401 "invalid_api_key"');
  expect(atHost(all)).toEqual([]);
});

test('baggage that names another caller is refused at both doors, and that of the caller goes no further', async () => {
  const all = await simulatedHouse();
  const { house, done } = all;
  const name = 'clinic-a/dr.lee';
  const keys = await done(house.credentialsOf(name));
  const asked = await chat(house, name, { model: SMALL });
  for (const [tenant, status] of [
    ['clinic-a', 200],
    ['clinic-b', 400],
  ] as const) {
    const baggage = `tenant.id=${tenant}`;
    const call = await converse(house, keys, SMALL, { headers: { baggage } });
    expect((await done(house.send(name, 'model', call))).status).toBe(status);
    const headers = [...asked.headers, ['baggage', baggage] as const];
    expect((await done(house.send(name, 'model', { ...asked, headers }))).status).toBe(status);
  }
  expect(JSON.stringify(atHost(all).map(({ call }) => call.headers))).not.toContain('baggage');
  expect(house.findings()).toEqual([]);
});

test('other operations, and bodies that are none, are refused in the format of their API', async () => {
  const { house, done } = await simulatedHouse();
  const name = 'clinic-a/dr.lee';
  const keys = await done(house.credentialsOf(name));
  const sent = async (call: Call): Promise<string> =>
    errorOf(await done(house.send(name, 'model', call)));
  const good = await converse(house, keys, SMALL);
  expect(await sent({ ...good, path: `/model/${SMALL}/invoke` })).toBe(
    '404 UnknownOperationException',
  );
  expect(await sent({ ...good, method: 'GET' })).toBe('404 UnknownOperationException');
  expect(await sent(await converse(house, keys, SMALL, { body: [1] }))).toBe(
    '400 ValidationException',
  );
  const metadata = await converse(house, keys, SMALL, { body: { ...BODY, requestMetadata: 'a' } });
  expect(await sent(metadata)).toBe('400 ValidationException');
  const asked = await chat(house, name, { model: SMALL });
  expect(await sent({ ...asked, path: '/v1/responses' })).toBe('404 "unknown_url"');
  expect(await sent({ ...asked, body: '{"model":' })).toBe('400 null');
});

test("the agent's own calls go to the host as they did", async () => {
  const all = await simulatedHouse();
  const { house, done } = all;
  for (const name of ['clinic-a/dr.lee', 'hospital-a/dr.lee'])
    expect((await done(house.ask(name, 'how are you?'))).status).toBe(200);
  expect(atHost(all)).toEqual([]);
  expect(house.findings()).toEqual([]);
});
