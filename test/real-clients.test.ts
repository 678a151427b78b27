// Do real clients work against the doors: the MCP, AWS and OpenAI SDKs over HTTP, errors included?

import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import OpenAI from 'openai';
import { afterEach, expect, test } from 'vitest';
import { helpful, MINISTRAL_8B, modelEndpoint } from '../mocks/index.ts';
import type { PlatformKit, Service } from '../sim/domain/ports.ts';
import { MINUTE_US } from '../sim/kernel/clock.ts';
import { reference } from '../sim/platforms/reference.ts';
import { type Served, served } from './doors/served.ts';

const SMALL = 'mistral.ministral-3-8b-instruct';
const LARGE = 'openai.gpt-oss-120b';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** An MCP client of a user, connected. */
const mcpClient = async (
  { bearerOf, url }: Served,
  name: string,
  { path = '/mcp', accept }: { readonly path?: string; readonly accept?: string } = {},
): Promise<{ readonly client: Client; readonly transport: StreamableHTTPClientTransport }> => {
  const transport = new StreamableHTTPClientTransport(new URL(url + path), {
    requestInit: { headers: { authorization: `Bearer ${await bearerOf(name)}` } },
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      if (accept !== undefined && init?.method === 'POST') headers.set('accept', accept);
      return fetch(input, { ...init, headers });
    },
  });
  const client = new Client({ name: 'a test', version: '1' });
  await client.connect(transport);
  opened.push(() => client.close());
  return { client, transport };
};

const namesOf = async (client: Client): Promise<readonly string[]> =>
  (await client.listTools()).tools.map(({ name }) => name.replace('___', ' ')).sort();

test.each([
  ['JSON', 'application/json, text/event-stream'],
  ['a stream', 'text/event-stream, application/json'],
])('the MCP client lists and calls the tools of its tier, answered by %s', async (_, accept) => {
  const server = await served();
  const { client } = await mcpClient(server, 'clinic-a/dr.lee', { accept });
  expect(client.getServerVersion()?.name).toBe('poolproof');
  await client.ping();
  const names = await namesOf(client);
  expect(names).toContain('HealthcareLambda-Basic patient_context');
  expect(names).not.toContain('HealthcareLambda-Basic web_search');
  const answer = await client.callTool({
    name: 'HealthcareLambda-Basic___patient_context',
    arguments: { clinic_id: 'clinic-a', patient_id: 'P1001' },
  });
  expect(answer.isError).toBe(false);
  expect(JSON.stringify(answer.content)).toContain('P1001');
  const premium = await mcpClient(server, 'hospital-a/dr.lee', { accept, path: '/mcp/premium' });
  expect(await namesOf(premium.client)).toContain('HealthcareLambda-Premium web_search');
  expect(await server.findings()).toEqual([]);
});

test('the MCP client is told of denials: a tool of another tier, another clinic, another role', async () => {
  const server = await served();
  const { client } = await mcpClient(server, 'clinic-a/dr.lee');
  const admin = await mcpClient(server, 'clinic-a/admin.park');
  const own = { clinic_id: 'clinic-a', patient_id: 'P1001' };
  for (const [who, tool, input] of [
    [client, 'web_search', { keywords: 'fever' }],
    [client, 'patient_context', { ...own, clinic_id: 'clinic-b' }],
    [admin.client, 'patient_context', own],
  ] as const) {
    const call = who.callTool({ name: `HealthcareLambda-Basic___${tool}`, arguments: input });
    await expect(call).rejects.toMatchObject({
      code: -32002,
      message: expect.stringContaining('Tool Execution Denied'),
    });
  }
  const unknown = client.callTool({ name: 'HealthcareLambda-Premium___web_search' });
  await expect(unknown).rejects.toMatchObject({ code: -32602 });
  expect(await server.findings()).toEqual([]);
});

test('the MCP client gets 401 when its token has expired, and 403 at the endpoint of another tier', async () => {
  const server = await served();
  const { client } = await mcpClient(server, 'clinic-a/dr.lee');
  await expect(
    mcpClient(server, 'clinic-a/dr.lee', { path: '/mcp/premium' }),
  ).rejects.toMatchObject({ code: 403 });
  server.pass(61 * MINUTE_US);
  await expect(client.listTools()).rejects.toMatchObject({ code: 401 });
  expect(await server.findings()).toEqual([]);
});

test('the MCP client ends its session, which is then gone', async () => {
  const server = await served();
  const { client, transport } = await mcpClient(server, 'clinic-a/dr.lee');
  const { sessionId } = transport;
  await transport.terminateSession();
  expect(server.log).toContain('DELETE /mcp 204');
  const again = new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), {
    ...(sessionId === undefined ? {} : { sessionId }),
    requestInit: {
      headers: { authorization: `Bearer ${await server.bearerOf('clinic-a/dr.lee')}` },
    },
  });
  await again.start();
  opened.push(() => again.close());
  await expect(again.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).rejects.toMatchObject({
    code: 404,
  });
  await expect(client.listTools()).rejects.toMatchObject({ code: 400 });
});

/** A Bedrock client whose credentials come from the token vending machine by the user's own token. */
const bedrock = (
  { bearerOf, url }: Served,
  name: string,
  { spoil = (secret: string) => secret } = {},
): BedrockRuntimeClient => {
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: url,
    requestHandler: new NodeHttpHandler(),
    // One to learn the server's time, and one that counts.
    maxAttempts: 2,
    credentials: async () => {
      const answer = await fetch(`${url}/credentials`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await bearerOf(name)}` },
        body: '{}',
      });
      const vended = (await answer.json()) as Readonly<Record<string, string>>;
      return {
        accessKeyId: vended['AccessKeyId'] ?? '',
        secretAccessKey: spoil(vended['SecretAccessKey'] ?? ''),
        sessionToken: vended['SessionToken'] ?? '',
      };
    },
  });
  opened.push(async () => client.destroy());
  return client;
};

const asking = (modelId: string) => ({
  modelId,
  messages: [{ role: 'user' as const, content: [{ text: 'très bien — “so far”' }] }],
  inferenceConfig: { maxTokens: 256 },
});

test.each([
  ['clinic-a/dr.lee', SMALL],
  ['hospital-a/dr.lee', `${LARGE}-1:0`],
  ['hospital-a/dr.lee', `arn:aws:bedrock:us-east-1::foundation-model/${LARGE}-1:0`],
])(
  'the AWS client of %s converses with %s by vended credentials, and sets its clock by the server',
  async (name, modelId) => {
    const server = await served();
    const client = bedrock(server, name);
    const whole = await client.send(new ConverseCommand(asking(modelId)));
    expect(whole.output?.message?.content?.[0]?.text).toContain('très bien — “so far”');
    // The server's time is March's: the first attempt told the client so, and the second was right.
    expect(server.log.filter((line) => line.endsWith('/converse 403'))).toHaveLength(1);
    const streamed = await client.send(new ConverseStreamCommand(asking(modelId)));
    let text = '';
    let outputTokens = 0;
    for await (const event of streamed.stream ?? []) {
      text += event.contentBlockDelta?.delta?.text ?? '';
      outputTokens = event.metadata?.usage?.outputTokens ?? outputTokens;
    }
    expect(text).toContain('très bien — “so far”');
    expect(outputTokens).toBeGreaterThan(0);
    expect(await server.findings()).toEqual([]);
  },
);

test('the AWS client names what it is refused for', async () => {
  const server = await served();
  const refusals = (client: BedrockRuntimeClient, modelId: string): Promise<readonly unknown[]> =>
    Promise.all([
      client.send(new ConverseCommand(asking(modelId))).catch((problem: unknown) => problem),
      client.send(new ConverseStreamCommand(asking(modelId))).catch((problem: unknown) => problem),
    ]);
  const both = (expected: object): readonly unknown[] => [
    expect.objectContaining(expected),
    expect.objectContaining(expected),
  ];
  const wrong = bedrock(server, 'clinic-a/dr.lee', { spoil: (secret) => `${secret.slice(1)}x` });
  expect(await refusals(wrong, SMALL)).toEqual(
    both({
      name: 'InvalidSignatureException',
      message: expect.stringContaining('does not match the signature you provided'),
    }),
  );
  const honest = bedrock(server, 'clinic-a/dr.lee');
  expect(await refusals(honest, LARGE)).toEqual(
    both({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`foundation-model/${LARGE}`),
    }),
  );
  const keeping = bedrock(server, 'clinic-a/dr.lee');
  await keeping.send(new ConverseCommand(asking(SMALL)));
  server.pass(16 * MINUTE_US);
  expect(await refusals(keeping, SMALL)).toEqual(both({ name: 'ExpiredTokenException' }));
  expect(await server.findings()).toEqual([]);
});

const openai = async ({ bearerOf, url }: Served, name: string): Promise<OpenAI> =>
  new OpenAI({ apiKey: await bearerOf(name), baseURL: `${url}/v1`, maxRetries: 0 });

const messages = [{ role: 'user' as const, content: 'très bien — “so far”' }];

test.each([
  ['clinic-a/dr.lee', SMALL],
  ['hospital-a/dr.lee', LARGE],
])('the openai client of %s chats and streams with %s, and lists it alone', async (name, model) => {
  const server = await served();
  const client = await openai(server, name);
  const whole = await client.chat.completions.create({ model, messages });
  expect(whole.choices[0]?.message.content).toContain('très bien — “so far”');
  const stream = client.chat.completions.stream({ model, messages });
  expect(await stream.finalContent()).toContain('très bien — “so far”');
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual([model]);
  expect((await client.models.retrieve(model)).id).toBe(model);
  expect(await server.findings()).toEqual([]);
});

test('the openai client names what it is refused for', async () => {
  const server = await served();
  const client = await openai(server, 'clinic-a/dr.lee');
  const chat = (model: string, max_tokens = 100) =>
    client.chat.completions.create({ model, messages, max_tokens });
  await expect(chat(LARGE)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(client.models.retrieve(LARGE)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(chat(SMALL, 100_000)).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  const stranger = new OpenAI({ apiKey: 'sk-none', baseURL: `${server.url}/v1`, maxRetries: 0 });
  await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  await chat(SMALL);
  server.pass(61 * MINUTE_US);
  await expect(chat(SMALL)).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  expect(await server.findings()).toEqual([]);
});

/** The reference whose model host has a small quota. */
const withQuota = (inputTokensPerMinute: number) => (kit: PlatformKit) => {
  const endpoint = modelEndpoint({
    clock: { nowUs: () => 0, sleep: async () => {}, at: (_atUs, action) => action() },
    profiles: [{ ...MINISTRAL_8B, inputTokensPerMinute }],
    behaviourOf: () => helpful,
    shares: { quotaFraction: 0.5 },
  });
  const model: Service = (call, hop) => endpoint.handle(call, hop.chance('model'), hop.heard);
  return reference({ ...kit, outside: { ...kit.outside, model } });
};

test('a tenant over its half of the quota gets 429 from both clients, another tenant does not', async () => {
  const server = await served({ platform: withQuota(4_000) });
  const [own, other] = [
    await openai(server, 'clinic-a/dr.lee'),
    await openai(server, 'clinic-b/dr.lee'),
  ];
  const chat = (client: OpenAI, max_tokens: number) =>
    client.chat.completions.create({ model: SMALL, messages, max_tokens });
  await expect(chat(own, 2_500)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  const command = new ConverseCommand({
    ...asking(SMALL),
    inferenceConfig: { maxTokens: 2_500 },
    // To be counted as another tenant's helps nobody.
    requestMetadata: { tenant: 'clinic-b' },
  });
  await expect(bedrock(server, 'clinic-a/dr.lee').send(command)).rejects.toMatchObject({
    name: 'ThrottlingException',
  });
  expect((await chat(other, 1_500)).usage?.completion_tokens).toBeGreaterThan(0);
});
