// Where is a Redis to ask: the one that is named, or one that is started for the run and ended after it?

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** A Redis that answers. */
export interface OpenRedis {
  /** Host and port, without any password. */
  readonly place: string;
  /** With the password, if it has one: for processes of the harness, never to be printed. */
  readonly url: string;
  /** New connections, each of its own. */
  connect(count: number): Promise<readonly Redis[]>;
  /** Ends the server if it was started here; connections must be closed before. */
  close(): Promise<void>;
}

/** What every wait ends with at the latest; assumed to be long enough for a slow machine. */
const TIMEOUT_MS = 2000;

/**
 * The Redis of `url`; without one a `redis-server` on the PATH, started on a free port of the
 * loopback, without a disk. A text says why there is none.
 */
export const openRedis = async (url: string | undefined): Promise<OpenRedis | string> => {
  if (url !== undefined && url !== '') return named(url);
  const folder = mkdtempSync(join(tmpdir(), 'poolproof-redis-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const port = await freePort();
  const server = spawn(
    'redis-server',
    [...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder], ...NO_DISK],
    { stdio: 'ignore' },
  );
  // A second Ctrl-C, or a bug, ends this process without a word to anybody.
  const endNow = (): void => void server.kill('SIGKILL');
  process.once('exit', endNow);
  server.once('exit', () => void process.off('exit', endNow));
  const failed = once(server, 'error').then(() => 'no `redis-server` on the PATH');
  const started = ready(`redis://127.0.0.1:${port}`, server);
  const problem = await Promise.race([failed, started]);
  if (problem === undefined) {
    return {
      place: `127.0.0.1:${port}`,
      url: `redis://127.0.0.1:${port}`,
      connect: (count) => connections(`redis://127.0.0.1:${port}`, count),
      close: () => ended(server).finally(remove),
    };
  }
  await ended(server).finally(remove);
  return `${problem}, and POOLPROOF_REDIS_URL is not set`;
};

const NO_DISK = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];

const named = async (url: string): Promise<OpenRedis | string> => {
  const place = placeOf(url);
  if (place === undefined) return 'POOLPROOF_REDIS_URL is no `redis://` or `rediss://` address';
  try {
    const [one] = await connections(url, 1);
    one?.disconnect();
  } catch (problem) {
    return `no Redis answers at ${place}: ${(problem as Error).message}`;
  }
  return { place, url, connect: (count) => connections(url, count), close: async () => {} };
};

const placeOf = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host } = new URL(url);
  return /^rediss?:$/.test(protocol) ? host : undefined;
};

/** Connections that fail in place of waiting: none is made anew, and no command waits for one. */
const connections = async (url: string, count: number): Promise<readonly Redis[]> => {
  const all = Array.from(
    { length: count },
    () =>
      new Redis(url, {
        lazyConnect: true,
        connectTimeout: TIMEOUT_MS,
        commandTimeout: TIMEOUT_MS,
        maxRetriesPerRequest: 0,
        enableOfflineQueue: false,
        retryStrategy: () => null,
      }),
  );
  let problem: Error | undefined;
  // Without a listener an error of a connection would end the process; calls are told of it too.
  for (const one of all) one.on('error', (error: Error) => (problem = error));
  try {
    for (const one of all) {
      await one.connect();
      await one.ping();
    }
    return all;
  } catch (error) {
    for (const one of all) one.disconnect();
    throw problem ?? error;
  }
};

/** Undefined once it answers, or what is wrong. */
const ready = async (url: string, server: ChildProcess): Promise<string | undefined> => {
  for (let tries = 0; tries < 100 && server.exitCode === null; tries += 1) {
    try {
      const [one] = await connections(url, 1);
      one?.disconnect();
      return undefined;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return 'the `redis-server` that was started does not answer';
};

const ended = async (server: ChildProcess): Promise<void> => {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const closed = once(server, 'exit');
  // It has nothing to save, and even one that hangs ends.
  server.kill('SIGKILL');
  await closed;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
};
