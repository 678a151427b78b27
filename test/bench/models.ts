// What does the mocked model endpoint serve over HTTP, beside what it serves in simulated time?

import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { helpful, MINISTRAL_8B, type ModelEndpoint, modelEndpoint } from '../../mocks/index.ts';
import type { Call } from '../../sim/domain/wire.ts';
import { Chance } from '../../sim/kernel/chance.ts';
import type { Clock } from '../../sim/kernel/clock.ts';
import { VirtualClock } from '../../sim/kernel/virtual-clock.ts';
import { WallClock } from '../../sim/kernel/wall-clock.ts';
import { ROOT } from '../tidy/house.ts';
import { type Bench, figure, figures, ratioText, type Shown, words } from './show.ts';

const SECONDS = 5;
const CONNECTIONS = 10;
const DIRECT_CALLS = 20_000;
const HOST = '127.0.0.1';

/** Answers at once, and never throttles: what is left is the endpoint's own work. */
const AT_ONCE = {
  ...MINISTRAL_8B,
  timeToFirstTokenUs: { median: 0, ratioP95: 1 },
  outputTokensPerSecond: Number.POSITIVE_INFINITY,
  inputTokensPerMinute: Number.POSITIVE_INFINITY,
  outputTokensPerMinute: Number.POSITIVE_INFINITY,
};

const QUESTION = 'How do I prepare a patient for a blood pressure measurement? '.repeat(3);

const post = (path: string, body: unknown): Call => ({
  method: 'POST',
  path,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify(body),
});

const CALLS: Readonly<Record<string, Call>> = {
  'Bedrock Converse': post(`/model/${encodeURIComponent(AT_ONCE.id)}/converse`, {
    messages: [{ role: 'user', content: [{ text: QUESTION }] }],
    inferenceConfig: { maxTokens: 64 },
  }),
  'Chat Completions': post('/v1/chat/completions', {
    model: AT_ONCE.id,
    messages: [{ role: 'user', content: QUESTION }],
    max_tokens: 64,
  }),
};

export const models: Bench = {
  name: 'models',
  question: 'the mocked model endpoint over loopback HTTP and in simulated time',
  run: async ({ seconds = SECONDS }) => {
    const measured: Measured[] = [];
    for (const [name, call] of Object.entries(CALLS)) {
      await direct(call);
      const before = await direct(call);
      const http = await overHttp(call, seconds);
      const after = await direct(call);
      measured.push({ name, http, directPerSecond: (before + after) / 2 });
    }
    return [shown(measured, seconds)];
  },
};

interface Measured {
  readonly name: string;
  readonly http: Loaded;
  readonly directPerSecond: number;
}

/** Of what autocannon prints as JSON; latencies in whole milliseconds. */
interface Loaded {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
}

const endpointOn = (clock: Clock): ModelEndpoint =>
  modelEndpoint({ clock, profiles: [AT_ONCE], behaviourOf: () => helpful });

/** Calls a second of wall time, as many at a time as there are connections over HTTP. */
const direct = async (call: Call): Promise<number> => {
  const clock = new VirtualClock(0);
  const endpoint = endpointOn(clock);
  const chance = new Chance(1);
  let asked = 0;
  const client = async (): Promise<void> => {
    while (asked < DIRECT_CALLS) {
      asked += 1;
      const { status } = await endpoint.handle(call, chance.fork(asked));
      if (status !== 200) throw new Error(`the endpoint answered ${status}`);
    }
  };
  const beganMs = performance.now();
  const clients = Array.from({ length: CONNECTIONS }, client);
  await clock.run({});
  await Promise.all(clients);
  return (asked * 1000) / (performance.now() - beganMs);
};

/** Saturates a server in this process by autocannon in another: a closed loop without a rate. */
const overHttp = async (call: Call, seconds: number): Promise<Loaded> => {
  const server = await serving(endpointOn(new ClockWithoutShortestWait()));
  try {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    const cannon = createRequire(import.meta.url).resolve('autocannon');
    const given = [
      ...['--connections', String(CONNECTIONS), '--duration', String(seconds)],
      ...['--method', call.method, '--headers', 'content-type=application/json'],
      ...['--body', call.body, '--json', '--no-progress'],
      `http://${HOST}:${address.port}${call.path}`,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [cannon, ...given], {
      cwd: ROOT,
      timeout: (seconds + 60) * 1000,
    });
    return JSON.parse(stdout) as Loaded;
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

/** The machine's time, in which no time at all needs no timer: the shortest takes 1 ms. */
class ClockWithoutShortestWait extends WallClock {
  override sleep(durationUs: number): Promise<void> {
    return durationUs === 0 ? Promise.resolve() : super.sleep(durationUs);
  }
}

/** Mounts the endpoint on a free port of the loopback. */
const serving = (endpoint: ModelEndpoint): Promise<Server> => {
  const chance = new Chance(1);
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    answer(endpoint, chance.fork(calls), request, response).catch((problem: Error) => {
      response.destroy(problem);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, () => resolve(server));
  });
};

const answer = async (
  endpoint: ModelEndpoint,
  chance: Chance,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { method = '', url = '' } = request;
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, String(value)] as const,
  );
  const body = Buffer.concat(parts).toString('utf8');
  const reply = await endpoint.handle({ method, path: url, headers, body }, chance);
  response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(reply.body);
};

const shown = (measured: readonly Measured[], seconds: number): Shown => ({
  title: `models: answers without latency, ${CONNECTIONS} at a time`,
  columns: [
    words('format'),
    ...figures('HTTP, a second', 'p50 ms', 'p99 ms', 'direct, a second', 'direct to HTTP'),
  ],
  rows: measured.map(({ name, http, directPerSecond }) => [
    name,
    figure(http.requests.average),
    figure(http.latency.p50),
    figure(http.latency.p99),
    figure(directPerSecond),
    ratioText(directPerSecond / http.requests.average),
  ]),
  notes: [
    `HTTP: loopback, saturated by autocannon 9 in another process, a closed loop of ${seconds} s;`,
    'its latencies are its own, in whole ms. Direct: calls in simulated time, before that and',
    'after. Both by wall time, since two processes share the work over HTTP.',
  ],
  complaints: measured.flatMap(({ name, http }) =>
    http['2xx'] > 0 && http.non2xx + http.errors + http.timeouts === 0
      ? []
      : [`${name}: ${http['2xx']} answers, ${http.non2xx} refused, ${http.errors} errors`],
  ),
});
