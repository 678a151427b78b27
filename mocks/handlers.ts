// How do real SDK clients reach the mocked models: msw handlers, on the wall clock.

import { HttpResponse, http, type RequestHandler } from 'msw';
import { type Call, type Headers, header, type Reply } from '../sim/domain/wire.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { WallClock } from '../sim/kernel/wall-clock.ts';
import { helpful } from './behaviour.ts';
import { closingBytes, frameBytes } from './frames.ts';
import { modelEndpoint } from './model-endpoint.ts';
import type { ModelEndpoint } from './ports.ts';
import { GPT_OSS_120B, MINISTRAL_8B } from './profiles.ts';

export interface HandlerOptions {
  /** The n-th call draws from its fork `call`, n; left out, from a seed of its own, always the same. */
  readonly chance?: Chance;
  /** Answer only at these origins, e.g. `https://bedrock-mantle.us-east-1.api.aws`; else at all. */
  readonly origins?: readonly string[];
}

/**
 * Handlers for msw's `setupServer` that answer both wire formats at any host; without an endpoint,
 * both models that ship, helpful, at the pace of their profiles. The AWS client needs
 * `requestHandler: new NodeHttpHandler()`: it speaks HTTP/2 by default, which msw does not see. An
 * openai client must be made after `server.listen()`: it takes hold of the global `fetch` then.
 * Under msw 2.15 the `cancel` of a streamed body never resolves: `break` out of a stream hangs.
 */
export const modelHandlers = (
  endpoint: ModelEndpoint = usualModels(),
  { chance = new Chance('models'), origins }: HandlerOptions = {},
): RequestHandler[] => {
  let calls = 0;
  const answer = async ({ request }: { readonly request: Request }) => {
    if (origins !== undefined && !origins.includes(new URL(request.url).origin)) return undefined;
    calls += 1;
    return respond(endpoint, await callOf(request), chance.fork('call', calls));
  };
  return [
    http.post(/\/model\/[^/]+\/converse(-stream)?$/, answer),
    http.post(/\/chat\/completions$/, answer),
    http.get(/\/models(\/[^/]+)?$/, answer),
  ];
};

/** The models that ship, in real time. */
const usualModels = (): ModelEndpoint =>
  modelEndpoint({
    clock: new WallClock(),
    profiles: [MINISTRAL_8B, GPT_OSS_120B],
    behaviourOf: () => helpful,
  });

const callOf = async (request: Request): Promise<Call> => {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    path: `${pathname}${search}`,
    headers: [...request.headers],
    body: await request.text(),
  };
};

/** Resolves with the whole reply, or with the head of a stream as soon as its first frame is due. */
const respond = (endpoint: ModelEndpoint, call: Call, chance: Chance): Promise<Response> =>
  new Promise((resolve, reject) => {
    let stream: OpenStream | undefined;
    const onFrame = (frame: string, headers: Headers): void => {
      if (stream === undefined) {
        stream = openStream(header(headers, 'content-type') ?? '');
        resolve(new HttpResponse(stream.body, { status: 200, headers: pairs(headers) }));
      }
      stream.frame(frame);
    };
    endpoint.handle(call, chance, onFrame).then((reply) => {
      if (stream === undefined) resolve(responseOf(reply));
      else stream.close();
    }, reject);
  });

const responseOf = ({ status, headers, body }: Reply): Response =>
  new HttpResponse(body, { status, headers: pairs(headers) });

const pairs = (headers: Headers): [string, string][] =>
  headers.map(([name, value]) => [name, value]);

interface OpenStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly frame: (frame: string) => void;
  readonly close: () => void;
}

/** A body that is written as frames come. A reader who leaves is no error: the model goes on. */
const openStream = (contentType: string): OpenStream => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (opened) => {
      controller = opened;
    },
    cancel: () => {
      controller = undefined;
    },
  });
  return {
    body,
    frame: (frame) => controller?.enqueue(frameBytes(contentType, frame)),
    close: () => {
      controller?.enqueue(closingBytes(contentType));
      controller?.close();
    },
  };
};
