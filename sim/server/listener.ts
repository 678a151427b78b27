// What does a door let in: limits of size and time, and what is not HTTP refused and counted.

import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { ServerTally } from './surroundings.ts';

/** The largest request body that is read, in bytes: 1 MiB, assumed; more is answered with 413. */
export const BODY_BYTES_MAX = 1_048_576;
/**
 * The largest body of exported traces, before and after its compression is undone, in bytes: 8 MiB,
 * the 512 spans of a full batch of OpenTelemetry's at 16 KiB each. Assumed.
 */
export const TRACES_BYTES_MAX = 8_388_608;
/** Node's own limit of all header bytes of a request; more is answered with 431. */
export const HEADER_BYTES_MAX = 16_384;
/** How long a request may take to come in whole, in milliseconds, unless said otherwise; then 408. Assumed. */
export const PATIENCE_MS = 10_000;
/** An idle connection is kept so long, in milliseconds: longer than any client's own limit here. */
export const IDLE_MS = 60_000;

/**
 * Methods besides fastify's own, which go to the doors like any other. Source: `http.METHODS` of Node
 * 20.19, without CONNECT, which Node hands out by itself.
 */
const FURTHER_METHODS = [
  ...['ACL', 'BIND', 'CHECKOUT', 'COPY', 'LINK', 'LOCK', 'M-SEARCH', 'MERGE', 'MKACTIVITY'],
  ...['MKCALENDAR', 'MKCOL', 'MOVE', 'NOTIFY', 'PROPFIND', 'PROPPATCH', 'PURGE', 'REBIND'],
  ...['REPORT', 'SEARCH', 'SOURCE', 'SUBSCRIBE', 'UNBIND', 'UNLINK', 'UNLOCK', 'UNSUBSCRIBE'],
];

/** Answers what was let in. */
export type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** A door that is not open yet. `larger` gives the limits of paths whose bodies may be larger. */
export const listener = (
  tally: ServerTally,
  patienceMs: number,
  handle: Handle,
  larger: Readonly<Record<string, number>> = {},
): FastifyInstance => {
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
  for (const method of FURTHER_METHODS) app.addHttpMethod(method, { hasBody: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.server.on('clientError', () => {
    tally.malformed += 1;
  });
  app.server.on('connect', (_request, socket) => {
    tally.malformed += 1;
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 501 Not Implemented\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  // Every path is somebody's: only a method that a later Node reads comes here, its body unread.
  app.setNotFoundHandler((_request, reply) => {
    tally.malformed += 1;
    return refuse(reply as FastifyReply, 501);
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
  for (const [path, bodyLimit] of Object.entries(larger)) app.post(path, { bodyLimit }, handle);
  app.all('/*', handle);
  return app;
};

const refuse = (reply: FastifyReply, status: number): FastifyReply =>
  reply.code(status).send({ message: MESSAGES[status] ?? 'Internal Server Error' });

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  413: 'Request Too Long',
  415: 'Unsupported Media Type',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};
