// What do tests deploy: a small gateway with tenants, tokens, limits and documents, whole or broken in one way.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Defect =
  | 'crosses streams'
  | 'leaks documents'
  | 'admits too much'
  | 'answers 500'
  | 'hangs'
  | 'hangs in the middle'
  | 'redirects'
  | 'sends malformed JSON'
  | 'echoes tokens'
  | 'keeps documents'
  | 'closes connections'
  | 'never quotes'
  | 'sends no traces'
  | 'loses spans'
  | 'names another in spans'
  | 'writes prompts into spans';

export interface Gateway {
  readonly url: string;
  /** Of documents that are there now. */
  readonly documents: Map<string, { tenant: string; text: string }>;
  /** Requests by path, without ids. */
  readonly requests: Map<string, number>;
  /** Requests that came with `traceparent`. */
  readonly traceparents: string[];
  close(): Promise<void>;
  /** Listens again where it did, as restarted: what it stored is there, but nobody is signed in. */
  open(): Promise<void>;
}

export interface GatewaySettings {
  readonly defect?: Defect;
  readonly streams?: boolean;
  readonly ratePerSecond?: number;
  readonly burst?: number;
  readonly elsewhere?: string;
  /** Where its traces are sent. */
  readonly collector?: string;
}

/** Users by name: `who@tenant`, whose password is `password of who@tenant`. */
export const passwordOf = (login: string): string => `password of ${login}`;

export const openGateway = async (settings: GatewaySettings = {}): Promise<Gateway> => {
  const documents = new Map<string, { tenant: string; text: string }>();
  const requests = new Map<string, number>();
  const traceparents: string[] = [];
  const state: State = {
    settings,
    documents,
    bearers: new Map(),
    buckets: new Map(),
    said: new Map(),
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('/')[1] ?? '';
    requests.set(path, (requests.get(path) ?? 0) + 1);
    const { traceparent } = request.headers;
    if (typeof traceparent === 'string') traceparents.push(traceparent);
    void bodyOf(request).then((body) => {
      if (request.url === '/ask' && typeof traceparent === 'string')
        response.on('finish', () => void exportSpans(state, request, body, traceparent));
      answer(state, request, body, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    ...{ documents, requests, traceparents },
    close: () => closed(server),
    open: () => {
      state.bearers.clear();
      return new Promise((done) => server.listen(port, '127.0.0.1', done));
    },
  };
};

const closed = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.closeAllConnections();
    server.close(() => done());
  });

interface State {
  readonly settings: GatewaySettings;
  readonly documents: Map<string, { tenant: string; text: string }>;
  /** Who a token is of. */
  readonly bearers: Map<string, string>;
  readonly buckets: Map<string, { permits: number; atMs: number }>;
  /** What each tenant said last. */
  readonly said: Map<string, string>;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
};

const answer = (
  state: State,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): void => {
  const { method = '', url = '' } = request;
  if (url === '/login') return login(state, body, response);
  const bearer = (request.headers.authorization ?? '').replace('Bearer ', '');
  const user = state.bearers.get(bearer);
  if (user === undefined) return send(response, 401, { message: 'Unauthorized' });
  const tenant = user.split('@')[1] ?? '';
  const id = /^\/documents\/(.+)$/.exec(url)?.[1];
  if (id !== undefined) return store(state, { method, id, tenant, body }, response);
  if (url === '/ask') return ask(state, { tenant, bearer, body }, response);
  return send(response, 404, { message: 'Not Found' });
};

const login = (state: State, body: string, response: ServerResponse): void => {
  const fields = body.startsWith('{')
    ? (JSON.parse(body) as Record<string, string>)
    : Object.fromEntries(new URLSearchParams(body));
  const { username = '', password } = fields;
  if (password !== passwordOf(username)) return send(response, 403, { message: 'wrong password' });
  const bearer = `bearer-${Buffer.from(username).toString('hex')}-${state.bearers.size}`;
  state.bearers.set(bearer, username);
  return send(response, 200, { session: { bearer } });
};

const store = (
  { documents, settings }: State,
  asked: { method: string; id: string; tenant: string; body: string },
  response: ServerResponse,
): void => {
  const { method, id, tenant, body } = asked;
  if (method === 'PUT') {
    documents.set(id, { tenant, text: (JSON.parse(body) as { text: string }).text });
    return send(response, 201, { id });
  }
  if (settings.defect === 'keeps documents') return send(response, 500, { message: 'not now' });
  const there = documents.get(id)?.tenant === tenant && documents.delete(id);
  return send(response, there ? 204 : 404, {});
};

const ask = (
  state: State,
  { tenant, bearer, body }: { tenant: string; bearer: string; body: string },
  response: ServerResponse,
): void => {
  const { defect, elsewhere } = state.settings;
  if (defect === 'hangs') return;
  if (defect === 'closes connections') return void response.destroy();
  if (defect === 'answers 500') return send(response, 500, { message: 'Internal Server Error' });
  if (defect === 'redirects') {
    response.writeHead(307, { location: `${elsewhere}/ask` }).end();
    return;
  }
  if (!admits(state, tenant)) {
    response.setHeader('retry-after', '1');
    return send(response, 429, { message: 'Too Many Requests' });
  }
  const { prompt } = JSON.parse(body) as { prompt: string };
  const answered = `you said: ${prompt}; ${known(state, tenant)}${
    defect === 'echoes tokens' ? `; you are ${bearer}` : ''
  }`;
  const other = [...state.said].find(([name]) => name !== tenant)?.[1] ?? '';
  state.said.set(tenant, answered);
  if (defect === 'never quotes') return whole(state, 'all is well', response);
  const text = defect === 'crosses streams' ? answered + other.slice(0, 200) : answered;
  return state.settings.streams === true
    ? stream(state, text, response)
    : whole(state, text, response);
};

const admits = ({ settings, buckets }: State, tenant: string): boolean => {
  const { ratePerSecond = 5, burst = 5, defect } = settings;
  if (defect === 'admits too much') return true;
  const now = performance.now();
  const bucket = buckets.get(tenant) ?? { permits: burst, atMs: now };
  buckets.set(tenant, bucket);
  const grown = ((now - bucket.atMs) / 1000) * ratePerSecond;
  bucket.permits = Math.min(burst, bucket.permits + grown);
  bucket.atMs = now;
  if (bucket.permits < 1) return false;
  bucket.permits -= 1;
  return true;
};

const known = ({ documents, settings }: State, tenant: string): string =>
  [...documents.values()]
    .filter((one) => settings.defect === 'leaks documents' || one.tenant === tenant)
    .map(({ text }) => text)
    .join('; ');

const whole = ({ settings }: State, text: string, response: ServerResponse): void => {
  const value = { output: [{ text }], usage: { in: 7, out: 11 } };
  if (settings.defect !== 'sends malformed JSON') return send(response, 200, value);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value).slice(0, -3));
};

const stream = ({ settings }: State, text: string, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let at = 0; at < text.length; at += 10) {
    if (at > 20 && settings.defect === 'hangs in the middle') return;
    response.write(`data: ${JSON.stringify({ delta: text.slice(at, at + 10) })}\n\n`);
  }
  response.write(`data: ${JSON.stringify({ usage: { in: 7, out: 11 } })}\n\n`);
  response.end('data: [DONE]\n\n');
};

const send = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(status === 204 ? undefined : JSON.stringify(value));
};

/** Two spans of a request, as OTLP has them in JSON. */
const exportSpans = async (
  { settings, bearers }: State,
  request: IncomingMessage,
  body: string,
  traceparent: string,
): Promise<void> => {
  const { collector, defect } = settings;
  if (collector === undefined || defect === 'sends no traces') return;
  const own = bearers.get((request.headers.authorization ?? '').replace('Bearer ', '')) ?? '';
  const tenant = own.split('@')[1] ?? '';
  const named = defect === 'names another in spans' ? 'clinic-z' : tenant;
  const [, traceId = '', parentSpanId = ''] = traceparent.split('-');
  const rootId = parentSpanId.split('').reverse().join('');
  const span = (spanId: string, parent: string, name: string) => ({
    ...{ traceId, spanId, parentSpanId: parent, name, kind: 1 },
    ...{ startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000001000000' },
    attributes: [
      { key: 'tenant.id', value: { stringValue: named } },
      ...(defect === 'writes prompts into spans'
        ? [{ key: 'prompt', value: { stringValue: body } }]
        : []),
    ],
  });
  const root = span(rootId, parentSpanId, 'ask');
  const inner = span(`${rootId.slice(1)}0`, rootId, 'model');
  const spans = defect === 'loses spans' ? [inner] : [root, inner];
  const service = { key: 'service.name', value: { stringValue: 'gateway' } };
  await fetch(`${collector}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: [{ resource: { attributes: [service] }, scopeSpans: [{ spans }] }],
    }),
  }).catch(() => {});
};
