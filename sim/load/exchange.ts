// How is one call sent to a target: to allowed hosts only, bounded in time and size, never redirected away.

import { type Dispatcher, request } from 'undici';
import type { Call, Headers } from '../domain/wire.ts';
import type { Clock } from '../kernel/clock.ts';
import { paired, withoutTransport } from '../server.ts';
import { isLoopback } from './safety.ts';

/** An answer is read so far, in characters; assumed. */
export const ANSWER_CHARACTERS_MAX = 4_194_304;
/** Redirects within a host that keep the method are followed so often; assumed. */
const REDIRECTS_MAX = 3;

export interface ExchangeTerms {
  readonly clock: Clock;
  /** Asked for at each call. */
  readonly dispatcher: () => Dispatcher;
  /** Hosts beyond loopback that may be called. */
  readonly allowed: ReadonlySet<string>;
}

interface Timed {
  readonly sentUs: number;
  readonly endedUs: number;
}

export type Exchanged =
  | (Timed & {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Headers;
      readonly body: string;
      /** When the status had come. */
      readonly firstUs: number;
      /** Why the body is not whole. */
      readonly cut: string | undefined;
    })
  | (Timed & { readonly kind: 'failed'; readonly why: string });

/** Sends a call to a path below `base`. Never throws but for a host that is not allowed: a bug. */
export const exchange = async (
  terms: ExchangeTerms,
  base: string,
  call: Call,
  timeoutUs: number,
  hears: () => void = () => {},
): Promise<Exchanged> => {
  const sentUs = terms.clock.nowUs();
  let url = new URL(base + call.path);
  for (let redirects = 0; ; redirects += 1) {
    const answer = await sendOnce(terms, url, call, { sentUs, timeoutUs, hears });
    if (answer.kind === 'failed' || answer.status < 300 || answer.status > 399) return answer;
    const next = redirectOf(answer.headers, url);
    const refused = (why: string): Exchanged => ({
      ...{ kind: 'failed', why, sentUs, endedUs: terms.clock.nowUs() },
    });
    if (next === undefined) return refused(`status ${answer.status} without a place to go`);
    if (next.host !== url.host || next.protocol !== url.protocol)
      return refused(`redirected to another host, \`${next.host}\`, and not followed`);
    if (answer.status !== 307 && answer.status !== 308)
      return refused(`redirected with status ${answer.status}, which changes the method`);
    if (redirects === REDIRECTS_MAX) return refused(`redirected more than ${REDIRECTS_MAX} times`);
    url = next;
  }
};

const redirectOf = (headers: Headers, from: URL): URL | undefined => {
  const place = headers.find(([name]) => name === 'location')?.[1];
  return place !== undefined && URL.canParse(place, from.href)
    ? new URL(place, from.href)
    : undefined;
};

interface Sending {
  readonly sentUs: number;
  readonly timeoutUs: number;
  /** Is called as the first of the body comes. */
  readonly hears: () => void;
}

const sendOnce = async (
  { clock, dispatcher, allowed }: ExchangeTerms,
  url: URL,
  { method, headers, body }: Call,
  { sentUs, timeoutUs, hears }: Sending,
): Promise<Exchanged> => {
  if (!isLoopback(url.hostname) && !allowed.has(url.hostname))
    throw new Error(`${url.hostname} is no host that may be called`);
  const timeoutMs = Math.ceil(timeoutUs / 1000);
  const failed = (problem: unknown): Exchanged => ({
    ...{ kind: 'failed', why: reasonOf(problem), sentUs, endedUs: clock.nowUs() },
  });
  try {
    const reply = await request(url.href, {
      ...{ dispatcher: dispatcher(), method: method as Dispatcher.HttpMethod },
      headers: [...headers.flat(), 'user-agent', 'poolproof'],
      ...(body === '' ? {} : { body }),
      ...{ responseHeaders: 'raw', headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
    });
    const firstUs = clock.nowUs();
    const read = await readBody(reply.body, clock, sentUs + timeoutUs, hears);
    return {
      ...{ kind: 'answered', status: reply.statusCode, sentUs, firstUs, endedUs: clock.nowUs() },
      headers: withoutTransport(paired(reply.headers)),
      ...read,
    };
  } catch (problem) {
    return failed(problem);
  }
};

type Body = Dispatcher.ResponseData['body'];

/** What came before the body was cut is kept: a leak in it is one all the same. */
const readBody = async (from: Body, clock: Clock, dueUs: number, hears: () => void) => {
  const decoder = new TextDecoder();
  let body = '';
  let cut: string | undefined;
  try {
    for await (const piece of from) {
      if (body === '') hears();
      body += decoder.decode(piece as Uint8Array, { stream: true });
      if (body.length > ANSWER_CHARACTERS_MAX) cut = 'longer than 4 MiB';
      else if (clock.nowUs() > dueUs) cut = 'no end within the time limit';
      if (cut !== undefined) break;
    }
  } catch (problem) {
    cut = reasonOf(problem);
  }
  return { body: body + decoder.decode(), cut };
};

const reasonOf = (problem: unknown): string => {
  const { code = '', message = '' } = problem as {
    readonly code?: string;
    readonly message?: string;
  };
  return REASONS[code] ?? (code === '' ? message : code);
};

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within the time limit',
  UND_ERR_HEADERS_TIMEOUT: 'no answer within the time limit',
  UND_ERR_BODY_TIMEOUT: 'silent for longer than the time limit',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'another length than announced',
};
