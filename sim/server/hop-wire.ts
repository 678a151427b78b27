// How does a call from one service reach another: over HTTP, with a ticket that lets it in once.

import { type Dispatcher, request } from 'undici';
import type { ServiceName } from '../domain/ports.ts';
import { type Call, type Headers, json, type Reply } from '../domain/wire.ts';
import { type Sent, straight, type Wire } from '../engines/world.ts';
import { fromHop } from './pieces.ts';

/** Lets one call in at the inside door. It holds a secret of the run: nobody else can make one. */
export const TICKET_HEADER = 'x-poolproof-ticket';

type Arrive = (received: Call) => Promise<Reply>;

/** The calls that are on their way between services. */
export class Tickets {
  readonly #secret: string;
  readonly #waiting = new Map<string, Arrive>();
  #issued = 0;

  constructor(secret: string) {
    this.#secret = secret;
  }

  issue(arrive: Arrive): string {
    this.#issued += 1;
    const ticket = `${this.#secret}.${this.#issued}`;
    this.#waiting.set(ticket, arrive);
    return ticket;
  }

  /** Whoever comes first with a ticket uses it up. */
  take(ticket: string): Arrive | undefined {
    const arrive = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    return arrive;
  }
}

/** Another server that has a service which this one has not. */
export interface Elsewhere {
  readonly to: ServiceName;
  /** Its inside door. */
  readonly url: string;
  /** The headers by which that server believes whose call it is. */
  readonly headersOf: (sent: Sent) => Headers;
}

/**
 * Calls from outside have come over a wire already; all others go by the inside door at `base()`,
 * those to a service that is elsewhere by the inside door there.
 */
export const hopWire =
  (base: () => string, tickets: Tickets, dispatcher: Dispatcher, elsewhere?: Elsewhere): Wire =>
  async (sent) => {
    if (sent.parent === 0) return straight(sent);
    const { call, to } = sent;
    if (to === elsewhere?.to) {
      const headers = [...call.headers, ...elsewhere.headersOf(sent)];
      return (await posted(`${elsewhere.url}/${to}`, { ...call, headers }, dispatcher)) ?? GONE;
    }
    const ticket = tickets.issue(sent.arrive);
    const headers = [...call.headers, [TICKET_HEADER, ticket] as const];
    const reply = await posted(`${base()}/${to}`, { ...call, headers }, dispatcher);
    // What has not arrived by now never will: its connection broke, or it was refused for its size.
    tickets.take(ticket);
    return reply ?? GONE;
  };

/** A connection that broke reads as a service that is gone. */
const GONE: Reply = json(503, { message: 'Service Unavailable' });

const posted = async (
  place: string,
  call: Call,
  dispatcher: Dispatcher,
): Promise<Reply | undefined> => {
  try {
    const { statusCode, headers, body } = await request(`${place}${call.path}`, {
      dispatcher,
      method: call.method as Dispatcher.HttpMethod,
      headers: call.headers.flat(),
      ...(call.body === '' ? {} : { body: call.body }),
      responseHeaders: 'raw',
    });
    const bytes = new Uint8Array(await body.arrayBuffer());
    return fromHop(statusCode, withoutTransport(paired(headers)), bytes);
  } catch {
    return undefined;
  }
};

/** Names and values in turns, as raw headers come, in pairs with the names in lower case. */
export const paired = (raw: unknown): Headers => {
  const list = raw as readonly (string | Uint8Array)[];
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < list.length; at += 2)
    pairs.push([latin(list[at]).toLowerCase(), latin(list[at + 1])]);
  return pairs;
};

const latin = (value: string | Uint8Array | undefined): string =>
  typeof value === 'string' ? value : Buffer.from(value ?? []).toString('latin1');

const TRANSPORT = new Set([
  ...['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date', 'host'],
  ...['proxy-connection', 'upgrade', 'te', 'trailer', 'expect'],
]);

/** The headers that a connection adds of its own are none of the call's. */
export const withoutTransport = (headers: Headers): Headers =>
  headers.filter(([name]) => !TRANSPORT.has(name));
