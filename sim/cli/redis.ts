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
  /** New connections, each of its own; those that are lasting are made anew whenever they are lost. */
  connect(count: number, life?: Life): Promise<readonly Redis[]>;
  /** Ends the server if it was started here; connections must be closed before. */
  close(): Promise<void>;
}

type Life = 'lasting' | 'once';

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
    // In a group of its own: Ctrl-C is for the command, which still needs it while it ends.
    { stdio: 'ignore', detached: true },
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
      connect: (count, life) => connections(`redis://127.0.0.1:${port}`, count, life),
      close: () => ended(server).finally(remove),
    };
  }
  await ended(server).finally(remove);
  return `${problem}, and POOLPROOF_REDIS_URL is not set`;
};

/** Deletes all keys that begin so; what a Redis that is gone still has goes by itself in time. */
export const forget = async (redis: OpenRedis, prefix: string): Promise<void> => {
  const [client] = await redis.connect(1).catch(() => []);
  if (client === undefined) return;
  try {
    for await (const keys of client.scanStream({ match: `${prefix}:*`, count: 1000 }))
      if (keys.length > 0) await client.unlink(keys);
  } catch {
    // It was asked last of all: nothing else depends on it.
  } finally {
    client.disconnect();
  }
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
  return {
    place,
    url,
    connect: (count, life) => connections(url, count, life),
    close: async () => {},
  };
};

const placeOf = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host } = new URL(url);
  return /^rediss?:$/.test(protocol) ? host : undefined;
};

/** Lost connections are sought again so often at least, in milliseconds; assumed. */
const AGAIN_MS_MAX = 500;

/**
 * Connections that fail in place of waiting: no command waits for one, and commands that no answer
 * comes to are forgotten with the connection, so that they do not heap up.
 */
const connections = async (
  url: string,
  count: number,
  life: Life = 'once',
): Promise<readonly Redis[]> => {
  const all = Array.from(
    { length: count },
    () =>
      new Redis(url, {
        lazyConnect: true,
        connectTimeout: TIMEOUT_MS,
        commandTimeout: TIMEOUT_MS,
        socketTimeout: TIMEOUT_MS,
        maxRetriesPerRequest: 0,
        enableOfflineQueue: false,
        retryStrategy: (tries) => (life === 'once' ? null : Math.min(50 * tries, AGAIN_MS_MAX)),
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
