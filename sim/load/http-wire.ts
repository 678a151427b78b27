// How does a request of the generator travel: over HTTP to a base URL, its answer heard piece by piece.

import { Agent, type Dispatcher } from 'undici';
import { type Call, type Headers, header, type Reply } from '../domain/wire.ts';
import type { Sent, Wire } from '../engines/world.ts';
import type { Clock } from '../kernel/clock.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { EVENTS, piecesIn } from '../server.ts';

/** Above the front door's own 29 s: what is not answered by then is not waited for. Assumed. */
export const ANSWER_US_MAX = 35 * SECOND_US;
/** An answer that is longer, in bytes, is cut: 16 MiB, assumed. */
const ANSWER_BYTES_MAX = 16 * 1_048_576;
/** How often requests that wait too long are looked for. */
const LOOK_US = SECOND_US / 4;

/** Not a status of any server: the request had no whole answer. */
const CUT_STATUS = 599;
const CUT_HEADER = 'x-poolproof-cut';

/** Why a request got no whole answer; undefined when it got one. */
export const cutOf = ({ status, headers }: Reply): string | undefined =>
  status === CUT_STATUS ? header(headers, CUT_HEADER) : undefined;

/** The reply of a request that got no answer, with the reason that `cutOf` gives. */
export const cutReply = (reason: string): Reply => ({
  ...{ status: CUT_STATUS, headers: [[CUT_HEADER, reason]], body: '' },
});

export interface HttpWireSettings {
  readonly clock: Clock;
  /** Without a slash at its end; by the call where not all go to one place. */
  readonly baseUrl: string | ((sent: Sent) => string);
  /** Headers that go along besides the call's own. */
  readonly headers?: (sent: Sent) => Headers;
  /** As the call leaves. */
  readonly leaves?: (sent: Sent) => void;
  /** As the first piece of an answer comes. */
  readonly hears?: (sent: Sent) => void;
}

/** Connections are not limited: a request never waits for another's. */
export class HttpWire {
  readonly #settings: HttpWireSettings;
  readonly #agent = new Agent({
    connections: null,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  /** In the order in which they left. */
  readonly #flights = new Set<Flight>();
  #looking = false;

  constructor(settings: HttpWireSettings) {
    this.#settings = settings;
  }

  /** Carries a call of the generator's world. */
  readonly wire: Wire = (sent) => {
    const { baseUrl, headers, leaves, hears } = this.#settings;
    leaves?.(sent);
    const origin = typeof baseUrl === 'string' ? baseUrl : baseUrl(sent);
    return this.send(origin, sent.call, headers?.(sent) ?? [], () => hears?.(sent));
  };

  /** Resolves with the answer, or with what `cutOf` reads. `hears` is called as its first piece comes. */
  send(
    origin: string,
    call: Call,
    more: Headers = [],
    hears: () => void = () => {},
  ): Promise<Reply> {
    return new Promise((resolve) => {
      const { clock } = this.#settings;
      const flight = new Flight(clock.nowUs() + ANSWER_US_MAX, hears, (reply) => {
        this.#flights.delete(flight);
        resolve(reply);
      });
      this.#flights.add(flight);
      this.#look();
      try {
        this.#agent.dispatch(requestOf(origin, call, more), flight);
      } catch (problem) {
        flight.cut(reasonOf(problem));
      }
    });
  }

  /** Ends what is under way, for that reason. */
  cutAll(reason: string): void {
    for (const flight of [...this.#flights]) flight.cut(reason);
  }

  async close(): Promise<void> {
    this.cutAll('stopped');
    await this.#agent.destroy();
  }

  /** Looks now and then whether the oldest waits too long, as long as anything is under way. */
  #look(): void {
    if (this.#looking) return;
    this.#looking = true;
    const { clock } = this.#settings;
    clock.at(clock.nowUs() + LOOK_US, () => {
      this.#looking = false;
      const nowUs = clock.nowUs();
      for (const flight of this.#flights) {
        if (flight.dueUs > nowUs) break;
        flight.cut(TIMED_OUT);
      }
      if (this.#flights.size > 0) this.#look();
    });
  }
}

const TIMED_OUT = `no answer within ${ANSWER_US_MAX / SECOND_US} s`;

const requestOf = (baseUrl: string, call: Call, more: Headers): Dispatcher.DispatchOptions => ({
  origin: baseUrl,
  path: call.path,
  method: call.method as Dispatcher.HttpMethod,
  headers: [...call.headers.flat(), ...more.flat()],
  ...(call.body === '' ? {} : { body: call.body }),
});

/** One request under way; ends once, with an answer or with why there is none. */
class Flight implements Dispatcher.DispatchHandler {
  readonly dueUs: number;
  readonly #hears: () => void;
  readonly #ends: (reply: Reply) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #status = CUT_STATUS;
  #headers: Headers = [];
  #bytes = 0;
  #over = false;

  constructor(dueUs: number, hears: () => void, ends: (reply: Reply) => void) {
    this.dueUs = dueUs;
    this.#hears = hears;
    this.#ends = ends;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was cut while it still waited for its connection.
    if (this.#over) controller.abort(new Error('cut'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#headers = Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string'
        ? [[name, value] as const]
        : (value ?? []).map((each) => [name, each] as const),
    );
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#chunks.length === 0) this.#hears();
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > ANSWER_BYTES_MAX) this.cut('an answer without end');
  }

  onResponseEnd(): void {
    this.#end(replyOf(this.#status, this.#headers, this.#text()));
  }

  onResponseError(_controller: Dispatcher.DispatchController, problem: Error): void {
    this.cut(reasonOf(problem));
  }

  /** What came so far is part of the reply, so that it is judged as all others are. */
  cut(reason: string): void {
    const came = replyOf(this.#status, this.#headers, this.#text());
    this.#end({ ...came, status: CUT_STATUS, headers: [...came.headers, [CUT_HEADER, reason]] });
    this.#controller?.abort(new Error(reason));
  }

  #text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  #end(reply: Reply): void {
    if (this.#over) return;
    this.#over = true;
    this.#ends(reply);
  }
}

/** Events as the bundled server writes them: one line of data each, and whole but for the last. */
const isOurs = (text: string): boolean => {
  const events = text.split('\n\n');
  const last = events.pop() ?? '';
  const isData = (event: string): boolean => /^data: [^\n]*$/.test(event);
  return events.every(isData) && ('data: '.startsWith(last) || isData(last));
};

/**
 * A stream of events gives its pieces; what is none, or was cut within one, stays as it came, and so
 * do events of another make: nothing of an answer may stay unread.
 */
const replyOf = (status: number, headers: Headers, text: string): Reply => {
  if (header(headers, 'content-type')?.startsWith(EVENTS) !== true || !isOurs(text))
    return { status, headers, body: text };
  try {
    const whole = text.endsWith('\n\n') || text === '';
    const pieces = [
      ...piecesIn(text),
      ...(whole ? [] : [text.slice(text.lastIndexOf('\n\n') + 1)]),
    ];
    return { status, headers, body: pieces.join(''), chunks: pieces };
  } catch {
    return { status, headers, body: text };
  }
};

/** In words, the same for the same cause. */
const reasonOf = (problem: unknown): string => {
  const { code, message } = problem as { readonly code?: string; readonly message?: string };
  return REASONS[code ?? ''] ?? code ?? message ?? 'unknown';
};

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  UND_ERR_SOCKET: 'connection closed before the answer',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10 s',
  UND_ERR_INFO: 'connection reset',
  EMFILE: 'no file descriptor left for a connection',
  EADDRNOTAVAIL: 'no port left for a connection',
};
