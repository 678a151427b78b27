// Does the mocked model host keep its promises in simulated time, in both wire formats?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  GPT_OSS_120B,
  helpful,
  type MeterReading,
  MINISTRAL_8B,
  type ModelEndpointDeps,
  modelEndpoint,
  type RefusalKind,
  verbose,
} from '../mocks/index.ts';
import { type Call, header, parsed, type Reply } from '../sim/domain/wire.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { VirtualClock } from '../sim/kernel/virtual-clock.ts';

const host = (changes: Partial<ModelEndpointDeps> = {}) => {
  const clock = new VirtualClock(0);
  const readings: MeterReading[] = [];
  const endpoint = modelEndpoint({
    clock,
    profiles: [MINISTRAL_8B, GPT_OSS_120B],
    behaviourOf: () => helpful,
    meter: (reading) => readings.push(reading),
    ...changes,
  });
  const all = async (calls: readonly Call[]): Promise<Reply[]> => {
    const replies = calls.map((call, index) => endpoint.handle(call, new Chance(index)));
    await clock.run({});
    return Promise.all(replies);
  };
  const one = async (call: Call): Promise<Reply> => {
    const [reply] = await all([call]);
    if (reply === undefined) throw new Error('no reply');
    return reply;
  };
  return { clock, endpoint, readings, all, one };
};

const post = (path: string, body: unknown): Call => ({
  method: 'POST',
  path,
  headers: [],
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

interface Ask {
  readonly text?: string;
  readonly stream?: boolean;
  readonly model?: string;
  readonly maxTokens?: number;
  readonly tenant?: string;
}

const viaConverse = ({ text, stream, model, maxTokens, tenant }: Ask = {}): Call =>
  post(
    `/model/${encodeURIComponent(model ?? MINISTRAL_8B.id)}/converse${stream ? '-stream' : ''}`,
    {
      messages: [{ role: 'user', content: [{ text: text ?? 'hello' }] }],
      inferenceConfig: { maxTokens: maxTokens ?? 100 },
      ...(tenant === undefined ? {} : { requestMetadata: { tenant } }),
    },
  );

const viaChat = ({ text, stream, model, maxTokens, tenant }: Ask = {}): Call =>
  post('/v1/chat/completions', {
    model: model ?? MINISTRAL_8B.id,
    messages: [{ role: 'user', content: text ?? 'hello' }],
    max_tokens: maxTokens ?? 100,
    stream: stream ?? false,
    stream_options: { include_usage: true },
    ...(tenant === undefined ? {} : { metadata: { tenant } }),
  });

const formats = [
  ['Converse', viaConverse],
  ['Chat Completions', viaChat],
] as const;

const errorOf = (reply: Reply): string | undefined => {
  const error = parsed(reply.body)?.['error'];
  return header(reply.headers, 'x-amzn-errortype') ?? (error as { type: string } | undefined)?.type;
};

/** The text of a stream of either format. */
const streamed = (reply: Reply): string => {
  const texts = (reply.chunks ?? []).map((chunk) => {
    const frame = parsed(chunk) as {
      contentBlockDelta?: { delta: { text?: string } };
      choices?: { delta?: { content?: string } }[];
    };
    return frame.contentBlockDelta?.delta.text ?? frame.choices?.[0]?.delta?.content ?? '';
  });
  return texts.join('');
};

test.each(formats)('%s answers each model under each of its ids', async (_, call) => {
  for (const model of [MINISTRAL_8B.id, GPT_OSS_120B.id, 'openai.gpt-oss-120b-1:0']) {
    const reply = await host().one(call({ model, text: 'good morning' }));
    expect(reply.status).toBe(200);
    expect(reply.body).toContain('You said: good morning');
  }
});

test('both formats count the same tokens for the same turn', async () => {
  for (const model of [MINISTRAL_8B.id, GPT_OSS_120B.id]) {
    const converse = parsed((await host().one(viaConverse({ model }))).body)?.['usage'];
    const chat = parsed((await host().one(viaChat({ model }))).body)?.['usage'];
    const { inputTokens, outputTokens, totalTokens } = converse as Record<string, number>;
    expect(inputTokens).toBe(2);
    expect(totalTokens).toBe((inputTokens ?? 0) + (outputTokens ?? 0));
    expect(chat).toMatchObject({
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: totalTokens,
    });
  }
});

test('GPT OSS meters reasoning as output tokens, Ministral none', async () => {
  const { readings, all } = host();
  await all([viaChat({ model: GPT_OSS_120B.id, maxTokens: 4000 }), viaChat({ maxTokens: 4000 })]);
  const gpt = readings.find(({ modelId }) => modelId === GPT_OSS_120B.id);
  const ministral = readings.find(({ modelId }) => modelId === MINISTRAL_8B.id);
  expect(gpt?.reasoningTokens).toBeGreaterThanOrEqual(150);
  expect((gpt?.outputTokens ?? 0) - (gpt?.reasoningTokens ?? 0)).toBe(ministral?.outputTokens);
  expect(ministral?.reasoningTokens).toBe(0);
});

test.each(formats)('%s: a stream says the same as the whole answer, in pieces', async (_, call) => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
      const reply = await host().one(call({ text, stream: true }));
      expect(streamed(reply)).toBe(`You said: ${text.trim()}`);
      expect(reply.chunks?.join('')).toBe(reply.body);
    }),
  );
});

test.each(formats)('%s: no piece of a stream ends inside a character', async (_, call) => {
  const reply = await host().one(
    call({ text: '👩🏽‍⚕️'.repeat(200), maxTokens: 1000, stream: true }),
  );
  expect(streamed(reply)).toContain('👩🏽‍⚕️'.repeat(200));
  // A lone surrogate would be written as an escape.
  expect(reply.body).not.toMatch(/\\ud[89a-f]/i);
});

test.each(formats)('%s: what is metered is what the reply says', async (_, call) => {
  const { readings, endpoint, one } = host();
  const reply = await one(call({ stream: true }));
  const [reading] = readings;
  expect(reading).toBeDefined();
  const totals = endpoint.metered.get(MINISTRAL_8B.id);
  expect(totals).toMatchObject({ calls: 1, outputTokens: reading?.outputTokens });
  const total = (reading?.inputTokens ?? 0) + (reading?.outputTokens ?? 0);
  expect(reply.body).toMatch(new RegExp(`"total_?[tT]okens":${total}\\b`));
});

test.each(formats)('%s cuts at max_tokens and says so', async (_, call) => {
  const { readings, one } = host({ behaviourOf: () => verbose });
  const exact = await one(call({ maxTokens: 40 }));
  expect(readings[0]?.outputTokens).toBe(40);
  expect(exact.body).toMatch(/"(end_turn|stop)"/);
  const cut = await host().one(call({ maxTokens: 1 }));
  expect(cut.body).toMatch(/"(max_tokens|length)"/);
  expect(cut.body).not.toContain('hello');
});

test('an answer takes its first-token time plus its tokens at the rate, and longer when slow', async () => {
  const took = async (changes: Partial<ModelEndpointDeps>, maxTokens: number): Promise<number> => {
    const { clock, one } = host({ behaviourOf: () => verbose, ...changes });
    await one(viaConverse({ maxTokens }));
    return clock.nowUs();
  };
  const shortUs = await took({}, 10);
  expect((await took({}, 210)) - shortUs).toBe(1_000_000);
  const slowUs = await took({ fault: () => ({ kind: 'slow', factor: 3 }) }, 10);
  expect(Math.abs(slowUs - 3 * shortUs)).toBeLessThanOrEqual(2);
});

test('first-token times have the median and the 95th percentile of the profile', async () => {
  const profile = { ...MINISTRAL_8B, concurrency: 4000 };
  const { readings, all } = host({ profiles: [profile] });
  await all(Array.from({ length: 4000 }, () => viaConverse()));
  const times = readings.map(({ servedUs, outputTokens }) => servedUs - outputTokens * 5000);
  times.sort((a, b) => a - b);
  expect((times[2000] ?? 0) / 400_000).toBeCloseTo(1, 1);
  expect((times[3800] ?? 0) / 720_000).toBeCloseTo(1, 1);
});

test('a neighbour who floods the queue delays a fair share by one call, and a common line by all', async () => {
  const profiles = [{ ...MINISTRAL_8B, concurrency: 1 }];
  const calls = Array.from({ length: 20 }, () => viaConverse({ tenant: 'loud' }));
  const queuedUs = async (shares: Partial<ModelEndpointDeps>): Promise<number> => {
    const { readings, all } = host({ profiles, ...shares });
    await all([...calls, viaChat({ text: 'I am quiet, and this is long', tenant: 'quiet' })]);
    return readings.find(({ inputTokens }) => inputTokens === 7)?.queuedUs ?? Number.NaN;
  };
  const fairUs = await queuedUs({ shares: {} });
  const commonUs = await queuedUs({});
  expect(fairUs).toBeGreaterThan(0);
  expect(commonUs).toBeGreaterThan(5 * fairUs);
});

test.each(formats)('%s refuses with 503 when the queue is full', async (_, call) => {
  const { endpoint, all } = host({
    profiles: [{ ...MINISTRAL_8B, concurrency: 1, queueDepth: 1 }],
  });
  const replies = await all([call(), call(), call()]);
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 503]);
  expect(endpoint.metered.get(MINISTRAL_8B.id)).toMatchObject({ calls: 2, refusals: 1 });
});

test.each([
  [viaConverse, 'ThrottlingException'],
  [viaChat, 'rate_limit_error'],
] as const)(
  'an input quota refuses with 429: max_tokens counts, unset counts as the most (%#)',
  async (call, error) => {
    const { all } = host({ profiles: [{ ...MINISTRAL_8B, inputTokensPerMinute: 1000 }] });
    const [fits, over] = await all([call({ maxTokens: 600 }), call({ maxTokens: 600 })]);
    expect(fits?.status).toBe(200);
    expect(over?.status).toBe(429);
    expect(over && errorOf(over)).toBe(error);
    const unset = post('/v1/chat/completions', {
      model: MINISTRAL_8B.id,
      messages: [{ role: 'user', content: 'hi' }],
    });
    const { one } = host({ profiles: [{ ...MINISTRAL_8B, inputTokensPerMinute: 4_096 }] });
    expect((await one(unset)).status).toBe(429);
  },
);

test.each<[RefusalKind, number, string, number, string]>([
  ['malformed', 400, 'ValidationException', 400, 'invalid_request_error'],
  ['forbidden', 403, 'AccessDeniedException', 403, 'permission_error'],
  ['timed out', 408, 'ModelTimeoutException', 408, 'timeout_error'],
  ['model error', 424, 'ModelErrorException', 500, 'server_error'],
  ['throttled', 429, 'ThrottlingException', 429, 'rate_limit_error'],
  ['not ready', 429, 'ModelNotReadyException', 503, 'server_error'],
  ['internal', 500, 'InternalServerException', 500, 'server_error'],
  ['unavailable', 503, 'ServiceUnavailableException', 503, 'server_error'],
])(
  'an injected failure `%s` has its documented shape',
  async (as, status, type, chatStatus, chatType) => {
    const { one } = host({ fault: () => ({ kind: 'failing', share: 1, as }) });
    const converse = await one(viaConverse());
    expect([converse.status, errorOf(converse)]).toEqual([status, type]);
    const chat = await one(viaChat());
    expect([chat.status, errorOf(chat)]).toEqual([chatStatus, chatType]);
  },
);

test('a model that is gone answers 503, one that fails by half answers some', async () => {
  const gone = host({ fault: () => ({ kind: 'gone' }) });
  expect((await gone.one(viaConverse())).status).toBe(503);
  const half = host({ fault: () => ({ kind: 'failing', share: 0.5 }) });
  const statuses = (await half.all(Array.from({ length: 100 }, () => viaChat()))).map(
    ({ status }) => status,
  );
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
});

test('an unknown model is 400 in Converse, 404 in Chat Completions; so are unknown routes 404', async () => {
  const { one } = host();
  const converse = await one(viaConverse({ model: 'no.such' }));
  expect([converse.status, errorOf(converse)]).toEqual([400, 'ValidationException']);
  const chat = await one(viaChat({ model: 'no.such' }));
  expect([chat.status, parsed(chat.body)]).toMatchObject([
    404,
    { error: { code: 'model_not_found' } },
  ]);
  for (const path of ['/model/x/invoke', '/v1/embeddings', '/']) {
    expect((await one(post(path, {}))).status).toBe(404);
  }
});

test('models are listed, and an unauthorized caller is told so', async () => {
  const list: Call = { method: 'GET', path: '/v1/models', headers: [], body: '' };
  const { data } = parsed((await host().one(list)).body) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual([MINISTRAL_8B.id, GPT_OSS_120B.id]);
  const { one } = host({ authorize: () => 'unauthenticated' });
  expect((await one(list)).status).toBe(401);
  expect((await one(viaConverse())).status).toBe(403);
});

const withMessages = (messages: unknown): readonly Call[] => [
  post(`/model/${MINISTRAL_8B.id}/converse`, { messages }),
  post('/chat/completions', { model: MINISTRAL_8B.id, messages }),
];

test.each<[string, readonly Call[]]>([
  ['no JSON', [post(`/model/${MINISTRAL_8B.id}/converse`, '{'), post('/chat/completions', '[]')]],
  ['no messages', withMessages([])],
  ['a wrong role', withMessages([{ role: 'owner', content: [] }])],
  ['a wrong content', withMessages([{ role: 'user', content: 7 }])],
  [
    'more output than the model has',
    [viaConverse({ maxTokens: 4097 }), viaChat({ maxTokens: 4097 })],
  ],
  ['no room for output', [viaConverse({ maxTokens: 0 }), viaChat({ maxTokens: 0 })]],
  ['more than the context', [viaConverse({ text: 'x'.repeat(600_000) })]],
  [
    'a result without a call',
    [
      post(`/model/${MINISTRAL_8B.id}/converse`, {
        messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'x', content: [] } }] }],
      }),
      post('/chat/completions', {
        model: MINISTRAL_8B.id,
        messages: [{ role: 'tool', tool_call_id: 'x', content: '' }],
      }),
    ],
  ],
])('%s is a 400 in the shape of its format', async (_, calls) => {
  for (const reply of await host().all(calls)) {
    expect(reply.status).toBe(400);
    expect(errorOf(reply)).toMatch(/^(ValidationException|invalid_request_error)$/);
  }
});

test('no body makes the endpoint throw', async () => {
  const key = fc.constantFrom(
    'messages',
    'role',
    'content',
    'text',
    'toolUse',
    'toolResult',
    'system',
    'toolConfig',
    'tools',
    'toolSpec',
    'function',
    'name',
    'model',
    'inferenceConfig',
    'maxTokens',
    'stream',
    'tool_calls',
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(null, 1, true, 'user', 'assistant', 'tool', MINISTRAL_8B.id),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    ),
  })).any;
  const paths = fc.constantFrom(
    '/model/%ZZ/converse',
    `/model/${MINISTRAL_8B.id}/converse`,
    '/chat/completions',
  );
  await fc.assert(
    fc.asyncProperty(paths, fc.dictionary(key, value), async (path, body) => {
      const { status } = await host().one(post(path, body));
      expect([200, 400, 404]).toContain(status);
    }),
    { numRuns: 500 },
  );
});

test('calls one after another each find the quota that the last gave back', async () => {
  const { endpoint, clock } = host({ profiles: [{ ...MINISTRAL_8B, inputTokensPerMinute: 130 }] });
  for (let turn = 0; turn < 10; turn += 1) {
    const reply = endpoint.handle(viaConverse({ maxTokens: 100 }), new Chance(turn));
    await clock.run({});
    expect((await reply).status).toBe(200);
  }
});

test('the same chance gives the same bytes, another chance other ids', async () => {
  const call = viaChat({ stream: true, text: 'the same again, please' });
  const body = async (seed: number): Promise<string> => {
    const { clock, endpoint } = host();
    const reply = endpoint.handle(call, new Chance(seed));
    await clock.run({});
    return (await reply).body;
  };
  expect(await body(1)).toBe(await body(1));
  expect(await body(1)).not.toBe(await body(2));
});

test('frames are given out between the first token and the last', async () => {
  const { clock, endpoint } = host({ behaviourOf: () => verbose });
  const times: number[] = [];
  const call = viaConverse({ stream: true, maxTokens: 100 });
  const reply = endpoint.handle(call, new Chance(1), () => times.push(clock.nowUs()));
  await clock.run({});
  expect(times).toHaveLength((await reply).chunks?.length ?? 0);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(500_000);
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
});
