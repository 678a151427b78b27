// How do real clients reach the house: over loopback HTTP, in a time that runs as the machine's and never waits.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closingBytes, frameBytes, type ModelProfile } from '../../mocks/index.ts';
import type { ServiceName } from '../../sim/domain/ports.ts';
import { type Call, type Headers, header, type Reply } from '../../sim/domain/wire.ts';
import type { Clock } from '../../sim/kernel/clock.ts';
import { House, START_US } from './house.ts';

/** Begins at the house's ten o'clock and runs on with the machine; whatever sleeps wakes at once. */
class HurriedClock implements Clock {
  #shiftUs = START_US - Date.now() * 1000;

  nowUs(): number {
    return Date.now() * 1000 + this.#shiftUs;
  }

  sleep(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  at(_atUs: number, action: () => void): void {
    setImmediate(action);
  }

  pass(durationUs: number): void {
    this.#shiftUs += durationUs;
  }
}

export interface Served {
  readonly house: House;
  /** Without a slash at its end. */
  readonly url: string;
  /** Lets so much time pass at once. */
  readonly pass: (durationUs: number) => void;
  /** Method, path and status of every request so far. */
  readonly log: readonly string[];
  readonly close: () => Promise<void>;
}

export const served = async (host?: Partial<ModelProfile>): Promise<Served> => {
  const clock = new HurriedClock();
  const house = await House.open(clock, host);
  const log: string[] = [];
  const server = createServer((request, response) => {
    answer(house, request, response).then(
      (status) => log.push(`${request.method} ${request.url} ${status}`),
      (problem: unknown) => response.destroy(problem instanceof Error ? problem : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    house,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pass: (durationUs) => clock.pass(durationUs),
    log,
    close: () => closed(server),
  };
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const answer = async (
  house: House,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> => {
  const call = await callOf(request);
  const to = serviceOf(call.path);
  const reply = await house.send(house.callerOf(call), to, call);
  response.sendDate = false;
  response.setHeader('date', new Date(house.clock.nowUs() / 1000).toUTCString());
  response.writeHead(reply.status, Object.fromEntries(reply.headers));
  for (const bytes of bytesOf(to, reply)) response.write(bytes);
  response.end();
  return reply.status;
};

const callOf = async (request: IncomingMessage): Promise<Call> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { rawHeaders } = request;
  const headers: Headers = rawHeaders.flatMap(
    (name, index): Headers =>
      index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? '']] : [],
  );
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    body: Buffer.concat(parts).toString('utf8'),
  };
};

const serviceOf = (path: string): ServiceName => {
  if (path.startsWith('/mcp')) return 'gateway';
  return path.startsWith('/credentials') ? 'credentials' : 'model';
};

/** A model's frames as they travel; everything else is already as it travels. */
const bytesOf = (to: ServiceName, reply: Reply): readonly (string | Uint8Array)[] => {
  if (to !== 'model' || reply.chunks === undefined) return [reply.body];
  const type = header(reply.headers, 'content-type') ?? '';
  return [...reply.chunks.map((chunk) => frameBytes(type, chunk)), closingBytes(type)];
};
