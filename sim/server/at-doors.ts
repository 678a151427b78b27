// What becomes of a request at each door: whose it is, which service it is for, and the answer written.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OnChunk } from '../domain/ports.ts';
import { type Call, header, json, type Reply, without } from '../domain/wire.ts';
import type { Live } from '../engines/live.ts';
import { formatHttpDate } from '../kernel/calendar.ts';
import { Answer } from './answer.ts';
import { type Bound, behindService, insideDoor, outsideDoor, TRACES_PATH } from './doors.ts';
import { paired, TICKET_HEADER, type Tickets, withoutTransport } from './hop-wire.ts';
import { EVENTS, ofEvents, ofHop, ofInside, type Sendable } from './pieces.ts';
import type { ServerSurroundings, ServerTally } from './surroundings.ts';
import { TOLD_HEADER, toldIn } from './told.ts';

/** A request at a door, and where its answer goes. */
export interface Visit {
  readonly tally: ServerTally;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The door to the internet. */
export const atOutsideDoor = async (
  live: Live,
  { secret }: ServerSurroundings,
  visit: Visit,
): Promise<void> => {
  const received = callOf(visit.request);
  const told = toldIn(received, secret);
  const call = { ...received, headers: without(received.headers, TOLD_HEADER) };
  const bound = outsideDoor(call.method, call.path);
  const wantsEvents = header(call.headers, 'accept')?.includes(EVENTS) === true;
  await respond(visit, async () => {
    const answered = await live.receive(bound.peer, bound.to, bounded(call, bound), { told });
    return wantsEvents ? ofEvents(answered) : answered;
  });
};

/** The door where agents stand. */
export const atInsideDoor = async (
  live: Live,
  { traces, secret, clock }: ServerSurroundings,
  visit: Visit,
): Promise<void> => {
  const received = callOf(visit.request);
  const told = toldIn(received, secret);
  const call = { ...received, headers: without(received.headers, TOLD_HEADER) };
  // A signer whose clock is not the run's sets it by this.
  visit.reply.raw.setHeader('date', formatHttpDate(clock.nowUs()));
  if (call.path === TRACES_PATH && call.method === 'POST' && traces !== undefined) {
    await respond(visit, async () => {
      const answer = traces(call.headers, bytesOf(visit.request));
      if (answer.status === 413) visit.tally.tooLarge += 1;
      return answer;
    });
    return;
  }
  const bound = insideDoor(call.path);
  await respond(visit, async (heard) => {
    if (bound === undefined) return json(404, { message: 'no such door' });
    const { peer, to } = bound;
    if (told?.peer !== undefined)
      return ofHop(await live.receive(told.peer, to, bounded(call, bound), { told }));
    const own = bounded(whole(call, bound, visit.request), bound);
    return ofInside(await live.receive(peer, to, own, { heard }));
  });
};

/** A call between services, let in by its ticket. */
export const betweenServices = async (
  tickets: Tickets,
  ticket: string,
  visit: Visit,
): Promise<void> => {
  const arrive = tickets.take(ticket);
  const call = callOf(visit.request);
  await respond(visit, async () =>
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

/** Who comes while the server ends is no part of the run. */
export const turnedAway = (visit: Visit): Promise<void> =>
  respond(visit, async () =>
    json(503, { message: 'Service Unavailable' }, [['connection', 'close']]),
  );

/** Writes what `answer` gives, piece by piece where it streams. */
const respond = async (
  { tally, reply }: Visit,
  answer: (heard: OnChunk) => Promise<Sendable | Reply>,
): Promise<void> => {
  reply.hijack();
  const out = new Answer(reply.raw, (why) => {
    tally[why] += 1;
  });
  const given = await answer((frame, headers) => out.frame(frame, headers)).catch(() => BROKEN);
  tally.answered += 1;
  try {
    out.end(given);
  } catch {
    // Node refuses some statuses and headers; whoever waits must hear something all the same.
    out.end(BROKEN);
  }
};

const BROKEN: Reply = json(500, { message: 'Internal Server Error' });

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
