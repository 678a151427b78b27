// Does the MCP endpoint keep the rules of its transport, and each session for the user that opened it?

import { expect, test } from 'vitest';
import { type Call, type Headers, header, parsed, type Reply } from '../sim/domain/wire.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { HOUR_US } from '../sim/kernel/clock.ts';
import type { Verified } from '../sim/protocol/bearer.ts';
import { MCP_VERSIONS, McpEndpoint } from '../sim/protocol/mcp-http.ts';

/** A user whose token is their name, in the tier `basic` unless said otherwise. */
const verifiedOf = (user: string, tier = 'basic'): Verified => ({
  text: user,
  authorization: `Bearer ${user}`,
  caller: { tier, tenant: 'clinic-a', user, role: 'nurse', actor: `clinic_2da/${user}/nurse` },
  zone: 'UTC',
  tags: {},
  expiresUs: Number.POSITIVE_INFINITY,
});

const USUAL: Headers = [
  ['authorization', 'Bearer lee'],
  ['content-type', 'application/json'],
  ['accept', 'application/json, text/event-stream'],
];

/** Headers with some of them replaced; `undefined` takes one away. */
const changed = (changes: Readonly<Record<string, string | undefined>>): Headers => [
  ...USUAL.filter(([name]) => !(name in changes)),
  ...Object.entries(changes).flatMap(
    ([name, value]): Headers => (value === undefined ? [] : [[name, value]]),
  ),
];

class Endpoint {
  readonly #endpoint = new McpEndpoint({ name: 'a gateway', version: '7' });
  readonly #chance = new Chance(1);
  #calls = 0;
  nowUs = 0;
  /** What came to the gateway. */
  readonly passedOn: Call[] = [];
  answers: Reply = { status: 200, headers: [], body: '' };

  send(parts: Partial<Call> = {}): Promise<Reply> {
    this.#calls += 1;
    const call = { method: 'POST', path: '/mcp', headers: USUAL, body: '', ...parts };
    return this.#endpoint.handle(call, {
      nowUs: this.nowUs,
      chance: this.#chance.fork('call', this.#calls),
      verify: async ({ headers }) => {
        const user = header(headers, 'authorization')?.replace('Bearer ', '');
        if (user === undefined || user === 'expired') return undefined;
        return verifiedOf(user, user === 'rich' ? 'premium' : 'basic');
      },
      gateway: async (asked) => {
        this.passedOn.push(asked);
        return this.answers;
      },
    });
  }

  /** Opens a session and gives its id. */
  async session(user = 'lee', protocolVersion: unknown = '2025-11-25'): Promise<string> {
    const reply = await this.send({
      headers: changed({ authorization: `Bearer ${user}` }),
      body: message('initialize', { params: { protocolVersion, capabilities: {} } }),
    });
    return header(reply.headers, 'mcp-session-id') ?? '';
  }
}

const message = (method: string, more: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...more });

/** A reply as its status and the code of its error. */
const said = ({ status, body }: Reply): string => {
  const error = parsed(body)?.['error'] as { readonly code?: number } | undefined;
  return error === undefined ? `${status}` : `${status} ${error.code}`;
};

test('a session begins with initialize, and its id is 32 digits that no two sessions share', async () => {
  const endpoint = new Endpoint();
  const reply = await endpoint.send({
    body: message('initialize', { params: { protocolVersion: '2025-06-18' } }),
  });
  expect(parsed(reply.body)).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'a gateway', version: '7' },
    },
  });
  const ids = [header(reply.headers, 'mcp-session-id')];
  for (let opened = 0; opened < 20; opened += 1) ids.push(await endpoint.session());
  expect(new Set(ids).size).toBe(21);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});

test('a version that is not known is answered with the newest, and one that is no text is refused', async () => {
  const endpoint = new Endpoint();
  for (const [asked, answered] of [
    ['2024-11-05', MCP_VERSIONS[0]],
    ['2099-01-01', MCP_VERSIONS[0]],
    ...MCP_VERSIONS.map((version) => [version, version] as const),
  ] as const) {
    const reply = await endpoint.send({
      body: message('initialize', { params: { protocolVersion: asked } }),
    });
    expect(parsed(reply.body)?.['result']).toMatchObject({ protocolVersion: answered });
  }
  const reply = await endpoint.send({ body: message('initialize', { params: {} }) });
  expect(said(reply)).toBe('200 -32602');
  expect(header(reply.headers, 'mcp-session-id')).toBeUndefined();
});

test.each<[string, Partial<Call>, string]>([
  [
    'a page of another site',
    { headers: changed({ origin: 'https://evil.example' }) },
    '403 -32000',
  ],
  [
    'an origin that only begins as this machine',
    { headers: changed({ origin: 'http://localhost.evil.example' }) },
    '403 -32000',
  ],
  ['another path', { path: '/mcp/basic/more' }, '404 -32000'],
  ['no token', { headers: changed({ authorization: undefined }) }, '401 -32000'],
  ['an expired token', { headers: changed({ authorization: 'Bearer expired' }) }, '401 -32000'],
  ['the endpoint of another tier', { path: '/mcp/premium' }, '403 -32000'],
  ['GET', { method: 'GET' }, '405 -32000'],
  ['PUT', { method: 'PUT' }, '405 -32000'],
  ['DELETE without a session', { method: 'DELETE' }, '400 -32000'],
  ['no accept', { headers: changed({ accept: undefined }) }, '406 -32000'],
  ['JSON alone', { headers: changed({ accept: 'application/json' }) }, '406 -32000'],
  ['a stream alone', { headers: changed({ accept: 'text/event-stream' }) }, '406 -32000'],
  [
    'JSON of no weight',
    { headers: changed({ accept: 'text/event-stream, application/json;q=0, */*' }) },
    '406 -32000',
  ],
  ['no content type', { headers: changed({ 'content-type': undefined }) }, '415 -32000'],
  [
    'a type that only begins as JSON',
    { headers: changed({ 'content-type': 'application/json-seq' }) },
    '415 -32000',
  ],
  ['no JSON', { body: '{"jsonrpc":' }, '400 -32700'],
  ['an empty body', { body: '' }, '400 -32700'],
  ['a batch', { body: `[${message('ping')}]` }, '400 -32600'],
  ['a number', { body: '5' }, '400 -32600'],
  [
    'another version of JSON-RPC',
    { body: '{"jsonrpc":"1.0","id":1,"method":"ping"}' },
    '400 -32600',
  ],
  ['a method that is no text', { body: '{"jsonrpc":"2.0","id":1,"method":5}' }, '400 -32600'],
  ['an id that is null', { body: '{"jsonrpc":"2.0","id":null,"method":"ping"}' }, '400 -32600'],
  ['neither a request nor an answer', { body: '{"jsonrpc":"2.0","id":1}' }, '400 -32600'],
  ['a request without a session', { body: message('ping') }, '400 -32000'],
  ['a notification without a session', { body: '{"jsonrpc":"2.0","method":"a"}' }, '400 -32000'],
  [
    'a session that never was',
    { body: message('ping'), headers: changed({ 'mcp-session-id': 'a' }) },
    '404 -32001',
  ],
])('%s is refused', async (_, parts, refusal) => {
  const endpoint = new Endpoint();
  await endpoint.session();
  const reply = await endpoint.send({ body: message('ping'), ...parts });
  expect(said(reply)).toBe(refusal);
  expect(parsed(reply.body)).toMatchObject({ jsonrpc: '2.0', id: null });
  expect(endpoint.passedOn).toEqual([]);
});

test('what a session is sent: ping, notifications, answers, unknown methods, an unknown version', async () => {
  const endpoint = new Endpoint();
  const id = await endpoint.session();
  const send = (body: string, more: Readonly<Record<string, string>> = {}): Promise<Reply> =>
    endpoint.send({ body, headers: changed({ 'mcp-session-id': id, ...more }) });
  expect(parsed((await send(message('ping'))).body)).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  for (const body of [
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}',
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"a"}}',
  ])
    expect(await send(body)).toEqual({ status: 202, headers: [], body: '' });
  expect(said(await send(message('resources/list')))).toBe('200 -32601');
  expect(said(await send(message('ping'), { 'mcp-protocol-version': '2024-11-05' }))).toBe(
    '400 -32000',
  );
  expect(said(await send(message('ping'), { 'mcp-protocol-version': '2025-03-26' }))).toBe('200');
  expect(said(await send(message('initialize')))).toBe('400 -32600');
  expect(
    said(await send(message('ping'), { 'content-type': 'application/json; charset=utf-8' })),
  ).toBe('200');
  expect(endpoint.passedOn).toEqual([]);
});

test('tools/list and tools/call go to the gateway of the tier, with what belongs to the call alone', async () => {
  const endpoint = new Endpoint();
  const id = await endpoint.session('rich');
  const params = { name: 'a___b', arguments: { c: 1 } };
  endpoint.answers = { status: 503, headers: [['x-a', 'b']], body: '{"message":"gone"}' };
  for (const path of ['/mcp', '/mcp/premium']) {
    const reply = await endpoint.send({
      path,
      body: message('tools/call', { params, more: 'left out' }),
      headers: changed({
        authorization: 'Bearer rich',
        'mcp-session-id': id,
        'x-tenant-id': 'clinic-b',
        baggage: 'tenant.id=clinic-a',
      }),
    });
    expect(reply).toEqual(endpoint.answers);
  }
  const passed: Call = {
    method: 'POST',
    path: '/mcp/premium',
    headers: [
      ['authorization', 'Bearer rich'],
      ['mcp-session-id', id],
      ['baggage', 'tenant.id=clinic-a'],
    ],
    body: message('tools/call', { params }),
  };
  expect(endpoint.passedOn).toEqual([passed, passed]);
});

test.each([
  ['application/json, text/event-stream', 'application/json'],
  ['text/event-stream, application/json', 'text/event-stream'],
  ['application/json;q=0.5, text/event-stream', 'text/event-stream'],
  ['text/event-stream;q=0.1, application/json', 'application/json'],
  ['*/*', 'application/json'],
  ['text/*, application/json;q=0.9', 'text/event-stream'],
])('who accepts %s is answered with %s', async (accept, type) => {
  const endpoint = new Endpoint();
  const id = await endpoint.session();
  const reply = await endpoint.send({
    body: message('ping'),
    headers: changed({ accept, 'mcp-session-id': id }),
  });
  expect(header(reply.headers, 'content-type')).toBe(type);
  expect(reply.headers.filter(([name]) => name === 'content-type')).toHaveLength(1);
  const event = 'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n';
  expect(reply.body).toBe(type === 'text/event-stream' ? event : event.slice(21, -2));
});

test("another's session is not found, neither to be used nor to be ended", async () => {
  const endpoint = new Endpoint();
  const id = await endpoint.session('lee');
  const as = (user: string, parts: Partial<Call>): Promise<Reply> =>
    endpoint.send({
      headers: changed({ authorization: `Bearer ${user}`, 'mcp-session-id': id }),
      ...parts,
    });
  for (const user of ['fox', 'rich']) {
    expect(said(await as(user, { body: message('tools/list') }))).toBe('404 -32001');
    expect(said(await as(user, { method: 'DELETE' }))).toBe('404 -32001');
  }
  expect(endpoint.passedOn).toEqual([]);
  expect(said(await as('lee', { body: message('ping') }))).toBe('200');
  expect(await as('lee', { method: 'DELETE' })).toEqual({ status: 204, headers: [], body: '' });
  expect(said(await as('lee', { body: message('ping') }))).toBe('404 -32001');
});

test('a session ends an hour after its last use, and makes room when its user opens too many', async () => {
  const endpoint = new Endpoint();
  const ping = async (id: string): Promise<string> =>
    said(
      await endpoint.send({ body: message('ping'), headers: changed({ 'mcp-session-id': id }) }),
    );
  const [kept, left] = [await endpoint.session(), await endpoint.session()];
  endpoint.nowUs = HOUR_US - 1;
  expect(await ping(kept)).toBe('200');
  endpoint.nowUs = HOUR_US;
  expect(await ping(left)).toBe('404 -32001');
  expect(await ping(kept)).toBe('200');
  const other = await endpoint.session('fox');
  for (let opened = 0; opened < 64; opened += 1) await endpoint.session();
  expect(await ping(kept)).toBe('404 -32001');
  const headers = changed({ authorization: 'Bearer fox', 'mcp-session-id': other });
  expect(said(await endpoint.send({ body: message('ping'), headers }))).toBe('200');
});
