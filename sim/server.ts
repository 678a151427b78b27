// The platform as a server on loopback HTTP: a door to the internet, and one where its agents stand.

import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { Agent } from 'undici';
import type { RequestFacts } from './domain/history.ts';
import type { OnChunk } from './domain/ports.ts';
import { type Call, header, json, type Reply, without } from './domain/wire.ts';
import { Live, type LiveSurroundings, type Told, toldOf } from './engines/live.ts';
import type { Folded, RunInputs } from './engines/run.ts';
import { formatHttpDate } from './kernel/calendar.ts';
import { Answer } from './server/answer.ts';
import { type Bound, behindService, insideDoor, outsideDoor } from './server/doors.ts';
import {
  type Elsewhere,
  hopWire,
  paired,
  TICKET_HEADER,
  Tickets,
  withoutTransport,
} from './server/hop-wire.ts';
import { insideServices } from './server/inside-services.ts';
import { EVENTS, ofEvents, ofHop, ofInside, type Sendable } from './server/pieces.ts';

export { toldOf } from './engines/live.ts';
export { paired, withoutTransport } from './server/hop-wire.ts';
export { EVENTS, piecesIn } from './server/pieces.ts';

/** Carries what a trusted driver says of a call: the secret, a dot, and `Told` as base64url of JSON. */
export const TOLD_HEADER = 'x-poolproof-request';

/** The largest request body that is read, in bytes: 1 MiB, assumed; more is answered with 413. */
export const BODY_BYTES_MAX = 1_048_576;
/** Node's own limit of all header bytes of a request; more is answered with 431. */
export const HEADER_BYTES_MAX = 16_384;
/** How long a request may take to come in whole, in milliseconds, unless said otherwise; then 408. Assumed. */
const PATIENCE_MS = 10_000;
/** An idle connection is kept so long, in milliseconds: longer than any client's own limit here. */
const IDLE_MS = 60_000;

export interface ServerSurroundings extends Omit<LiveSurroundings, 'wire'> {
  readonly host: string;
  /** 0 for any free port. */
  readonly outsidePort: number;
  readonly insidePort: number;
  /** Known to this run alone. */
  readonly secret: string;
  /** The inside door of the server that has the runtime, where this one is a front door only. */
  readonly runtimeAt?: string;
  /** How long a request may take to come in whole, in milliseconds. */
  readonly patienceMs?: number;
  /** Takes exported traces in; left out, there is no such door. */
  readonly traces?: (contentType: string, body: Uint8Array) => Sendable;
}

/** What the server met that is no call of the platform's. */
export interface ServerTally {
  /** Requests of any kind that were answered. */
  answered: number;
  /** Bodies above the limit. */
  tooLarge: number;
  /** Bytes that are no HTTP, headers above the limit, requests that never came in whole. */
  malformed: number;
  /** Readers who left before their answer ended. */
  left: number;
  /** Readers who were left for reading too slowly. */
  slow: number;
}

/** An open platform. */
export class PlatformServer {
  readonly live: Live;
  readonly outsideUrl: string;
  readonly insideUrl: string;
  readonly tally: ServerTally;
  readonly #listeners: readonly FastifyInstance[];
  readonly #agent: Agent;
  readonly #sleep: (us: number) => Promise<void>;

  private constructor(
    parts: Pick<PlatformServer, 'live' | 'outsideUrl' | 'insideUrl' | 'tally'>,
    own: {
      readonly listeners: readonly FastifyInstance[];
      readonly agent: Agent;
      readonly sleep: (us: number) => Promise<void>;
    },
  ) {
    this.live = parts.live;
    this.outsideUrl = parts.outsideUrl;
    this.insideUrl = parts.insideUrl;
    this.tally = parts.tally;
    this.#listeners = own.listeners;
    this.#agent = own.agent;
    this.#sleep = own.sleep;
  }

  /**
   * Opens both doors and everything behind them. Throws an error with a `code` where a port cannot
   * be listened on.
   */
  static async open(inputs: RunInputs, around: ServerSurroundings): Promise<PlatformServer> {
    const tally: ServerTally = { answered: 0, tooLarge: 0, malformed: 0, left: 0, slow: 0 };
    const tickets = new Tickets(around.secret);
    // A hop must not wait for another: as many connections as there are calls at one time.
    const agent = new Agent({ connections: null, pipelining: 1, keepAliveTimeout: IDLE_MS / 2 });
    let insideUrl = '';
    const wire = hopWire(() => insideUrl, tickets, agent, runtimeElsewhere(around));
    const opening: { live?: Live } = {};
    const liveNow = (): Live => {
      if (opening.live === undefined) throw new Error('the platform is not open yet');
      return opening.live;
    };
    const patienceMs = around.patienceMs ?? PATIENCE_MS;
    const inside = listener(tally, patienceMs, (request, reply) => {
      const ticket = String(request.headers[TICKET_HEADER] ?? '');
      return ticket === ''
        ? atInsideDoor(liveNow(), around, tally, request, reply)
        : betweenServices(tickets, ticket, tally, request, reply);
    });
    const outside = listener(tally, patienceMs, (request, reply) =>
      atOutsideDoor(liveNow(), around, tally, request, reply),
    );
    const listeners = [inside, outside];
    try {
      insideUrl = await inside.listen({ host: around.host, port: around.insidePort });
      opening.live = await Live.open(inputs, {
        inside: (standing) => insideServices(standing, around.spanProcessors),
        ...around,
        wire,
      });
      const outsideUrl = await outside.listen({ host: around.host, port: around.outsidePort });
      return new PlatformServer(
        { live: opening.live, outsideUrl, insideUrl, tally },
        { listeners, agent, sleep: (us) => around.clock.sleep(us) },
      );
    } catch (problem) {
      await Promise.all(listeners.map((one) => one.close()));
      throw problem;
    }
  }

  /** Takes no more calls, waits for those under way for `graceUs` at most, and concludes. */
  async close(graceUs: number): Promise<Folded> {
    for (let waitedUs = 0; this.live.open > 0 && waitedUs < graceUs; waitedUs += LOOK_US)
      await this.#sleep(LOOK_US);
    const folded = this.live.conclude();
    await Promise.all(this.#listeners.map((one) => one.close()));
    await this.#agent.destroy();
    return folded;
  }
}

const LOOK_US = 20_000;

type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

const listener = (tally: ServerTally, patienceMs: number, handle: Handle): FastifyInstance => {
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: patienceMs,
    keepAliveTimeout: IDLE_MS,
    forceCloseConnections: true,
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: patienceMs,
      // How often half-open connections are looked for.
      connectionsCheckingInterval: Math.ceil(patienceMs / 10),
    },
    frameworkErrors: (_problem, _request, reply) => {
      tally.malformed += 1;
      refuse(reply as FastifyReply, 400);
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.server.on('clientError', () => {
    tally.malformed += 1;
  });
  app.setErrorHandler((problem: Partial<FastifyError>, _request, reply) => {
    const status = problem.statusCode ?? 500;
    // What breaks off with its connection was counted there.
    const isOwn = problem.code?.startsWith('FST_') === true;
    if (status === 413) tally.tooLarge += 1;
    else if (isOwn && status < 500) tally.malformed += 1;
    return refuse(reply as FastifyReply, status);
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.all('/*', handle);
  return app;
};

const refuse = (reply: FastifyReply, status: number): FastifyReply =>
  reply.code(status).send({ message: MESSAGES[status] ?? 'Internal Server Error' });

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  413: 'Request Too Long',
  415: 'Unsupported Media Type',
  503: 'Service Unavailable',
};

const atOutsideDoor = async (
  live: Live,
  { secret }: ServerSurroundings,
  tally: ServerTally,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> => {
  const received = callOf(request);
  const told = toldIn(received, secret);
  const call = { ...received, headers: without(received.headers, TOLD_HEADER) };
  const bound = outsideDoor(call.method, call.path);
  const wantsEvents = header(call.headers, 'accept')?.includes(EVENTS) === true;
  await respond(reply, tally, async () => {
    const answered = await live.receive(bound.peer, bound.to, bounded(call, bound), { told });
    return wantsEvents ? ofEvents(answered) : answered;
  });
};

const atInsideDoor = async (
  live: Live,
  { traces, secret, clock }: ServerSurroundings,
  tally: ServerTally,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> => {
  const received = callOf(request);
  const told = toldIn(received, secret);
  const call = { ...received, headers: without(received.headers, TOLD_HEADER) };
  // A signer whose clock is not the run's sets it by this.
  reply.raw.setHeader('date', formatHttpDate(clock.nowUs()));
  if (call.path === '/v1/traces' && call.method === 'POST' && traces !== undefined) {
    const type = header(call.headers, 'content-type') ?? '';
    await respond(reply, tally, async () => traces(type, bytesOf(request)));
    return;
  }
  const bound = insideDoor(call.path);
  await respond(reply, tally, async (heard) => {
    if (bound === undefined) return json(404, { message: 'no such door' });
    const { peer, to } = bound;
    if (told?.peer !== undefined)
      return ofHop(await live.receive(told.peer, to, bounded(call, bound), { told }));
    const own = bounded(whole(call, bound, request), bound);
    return ofInside(await live.receive(peer, to, own, { heard }));
  });
};

const betweenServices = async (
  tickets: Tickets,
  ticket: string,
  tally: ServerTally,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> => {
  const arrive = tickets.take(ticket);
  const call = callOf(request);
  await respond(reply, tally, async () =>
    arrive === undefined
      ? json(403, { message: 'Forbidden' })
      : ofHop(
          await arrive({
            ...call,
            path: behindService(call.path),
            headers: without(call.headers, TICKET_HEADER),
          }),
        ),
  );
};

/** A front door of several tells the server behind them whose request it passes on. */
const runtimeElsewhere = ({ runtimeAt, secret }: ServerSurroundings): Elsewhere | undefined =>
  runtimeAt === undefined
    ? undefined
    : {
        to: 'runtime',
        url: runtimeAt,
        headersOf: ({ journey: { request } }) => [
          [
            TOLD_HEADER,
            toldText({ ...toldOf(request), peer: 'front-door', vouched: isOwn(request) }, secret),
          ],
        ],
      };

const isOwn = ({ bearer }: RequestFacts): boolean => bearer?.standing === 'good';

/** Writes what `answer` gives, piece by piece where it streams. */
const respond = async (
  reply: FastifyReply,
  tally: ServerTally,
  answer: (heard: OnChunk) => Promise<Sendable | Reply>,
): Promise<void> => {
  reply.hijack();
  const out = new Answer(reply.raw, (why) => {
    tally[why] += 1;
  });
  const given = await answer((frame, headers) => out.frame(frame, headers)).catch(
    (): Reply => json(500, { message: 'Internal Server Error' }),
  );
  tally.answered += 1;
  out.end(given);
};

const bounded = (call: Call, { path }: Bound): Call => ({ ...call, path });

/** A signature covers headers of the connection, too. */
const whole = (call: Call, { to }: Bound, { raw }: FastifyRequest): Call =>
  to === 'model' ? { ...call, headers: paired(raw.rawHeaders) } : call;

const bytesOf = ({ body }: FastifyRequest): Uint8Array =>
  body instanceof Uint8Array ? body : new Uint8Array();

const callOf = (request: FastifyRequest): Call => ({
  method: request.method,
  path: request.raw.url ?? '/',
  headers: withoutTransport(paired(request.raw.rawHeaders)),
  body: Buffer.from(bytesOf(request)).toString('utf8'),
});

/** What a driver says, where it knows the secret. */
const toldIn = ({ headers }: Call, secret: string): Told | undefined => {
  const text = header(headers, TOLD_HEADER);
  if (text === undefined || !text.startsWith(`${secret}.`)) return undefined;
  const json = Buffer.from(text.slice(secret.length + 1), 'base64url').toString('utf8');
  return JSON.parse(json) as Told;
};

/** The value of `TOLD_HEADER`. */
export const toldText = (told: Told, secret: string): string =>
  `${secret}.${Buffer.from(JSON.stringify(told)).toString('base64url')}`;
