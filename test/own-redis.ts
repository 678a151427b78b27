// How does a test get a Redis of its own, which it may kill, stop, and start again at the same port?

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Redis } from 'ioredis';
import { expect, type TestContext } from 'vitest';

const hasRedis = (): boolean => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const NEEDED = process.env['POOLPROOF_REDIS'] === 'required';
const HERE = hasRedis();

/** Without a Redis the test is skipped by name, unless it is required. */
export const needsRedis = (context: TestContext): void => {
  if (!HERE && !NEEDED) {
    // A machine without Redis can show nothing of these rows; one with it, as in .ci/run, runs all.
    context.skip('no `redis-server` on the PATH (POOLPROOF_REDIS=required demands one)');
  }
  expect(HERE, 'POOLPROOF_REDIS=required, and there is no `redis-server` on the PATH').toBe(true);
};

export interface OwnRedis {
  readonly url: string;
  /** Resolves when the run has counted its first call. */
  counted(): Promise<void>;
  /** Keys that it holds. */
  keys(): Promise<number>;
  /** True if it was there to get it. */
  signal(name: NodeJS.Signals): boolean;
  /** Ends it at once, and whatever it counted. */
  end(): Promise<void>;
  /** Starts it anew at the same port; resolves once it takes connections. */
  start(): Promise<void>;
}

/** A Redis that takes connections, or the test is skipped. */
export const ownRedis = async (context: TestContext): Promise<OwnRedis> => {
  needsRedis(context);
  const port = await freePort();
  let server = await started(port);
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    counted: async () => {
      const client = watching(url);
      while ((await client.dbsize()) === 0);
      client.disconnect();
    },
    keys: async () => {
      const client = watching(url);
      return client.dbsize().finally(() => client.disconnect());
    },
    signal: (name) => server.kill(name),
    end: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
    start: async () => {
      server = await started(port);
    },
  };
};

const watching = (url: string): Redis => {
  const client = new Redis(url, { retryStrategy: () => null });
  client.on('error', () => {});
  return client;
};

const started = async (port: number): Promise<ChildProcess> => {
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  for await (const said of server.stdout) if (String(said).includes('Ready to accept')) break;
  return server;
};

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
