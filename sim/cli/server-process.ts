// How does a command run a platform's server beside itself: in a child process, told to stop over a channel.

import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../domain/usage-error.ts';
import { WallClock } from '../kernel/wall-clock.ts';
import type { RunOptions } from './inputs.ts';
import { type FromServer, SECRET_VARIABLE, SHIFT_VARIABLE } from './serve.ts';

const EXECUTABLE = fileURLToPath(new URL('../poolproof.mjs', import.meta.url));

/** Somebody ended the server's process before it was open. */
export class ServerKilled extends Error {}

/** A server that runs. */
export interface ServerProcess {
  readonly pid: number;
  readonly outsideUrl: string;
  readonly insideUrl: string;
  /** Makes what a driver tells of its calls believed. */
  readonly secret: string;
  /** True once the process has ended, whoever ended it. */
  readonly gone: () => boolean;
  /** When it ended, by the run's clock. */
  readonly endedUs: () => number | undefined;
  /** Ends it in order; `undefined` when it has died and can say nothing. */
  stop(): Promise<(FromServer & { readonly kind: 'report' }) | undefined>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

/** What else a server is started with. */
export interface ServerGiven {
  /** True where its traces begin or go on in another process: none is whole in one of them. */
  readonly sharesTraces?: boolean;
  /** Gives it up while it opens. */
  readonly signal?: AbortSignal;
  /** Its front door's decisions are wanted, request by request. */
  readonly decisions?: boolean;
  /** It is one of several front doors of that server, and counts in that Redis, or for itself. */
  readonly door?: { readonly of: ServerProcess; readonly redisUrl: string | undefined };
}

type ServerOptions = RunOptions & { readonly platform: string; readonly out: string };

/**
 * Starts the server of a scenario whose clock is `shiftUs` ahead of the machine's. Throws
 * `UsageError` where its input is wrong, `ServerKilled` where it was killed before it was
 * open, or given up by `signal`, and an error where it died of itself.
 */
export const startServer = async (
  scenario: string,
  options: ServerOptions,
  shiftUs: number,
  given: ServerGiven = {},
): Promise<ServerProcess> => {
  const { signal } = given;
  const secret = given.door?.of.secret ?? randomBytes(16).toString('hex');
  const child = forked(scenario, options, given, {
    [SECRET_VARIABLE]: secret,
    [SHIFT_VARIABLE]: String(shiftUs),
    POOLPROOF_REDIS_URL: given.door?.redisUrl ?? '',
  });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => {
    said = (said + text.toString('utf8')).slice(-SAID_MAX);
  });
  const clock = new WallClock(shiftUs);
  let endedUs: number | undefined;
  child.once('exit', () => {
    endedUs = clock.nowUs();
  });
  const giveUp = (): void => void end(child);
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted === true) giveUp();
  const open = await firstOf(child, 'open');
  signal?.removeEventListener('abort', giveUp);
  if (open?.kind !== 'open') {
    const isKilled = child.signalCode !== null;
    await end(child);
    if (isKilled) throw new ServerKilled('the server was killed before it was open');
    if (child.exitCode === 2) throw new UsageError([{ file: 'serve', message: said.trim() }]);
    throw new Error(`the server did not open: ${said.trim()}`);
  }
  return {
    pid: child.pid ?? 0,
    ...{ outsideUrl: open.outsideUrl, insideUrl: open.insideUrl, secret },
    gone: () => child.exitCode !== null || child.signalCode !== null,
    endedUs: () => endedUs,
    stop: async () => {
      const told = firstOf(child, 'report');
      if (child.connected) child.send({ kind: 'stop' });
      // One that hangs has nothing to say, either.
      const late = setTimeout(() => void end(child), STOP_MS);
      const report = await told;
      clearTimeout(late);
      await end(child);
      return report?.kind === 'report' ? report : undefined;
    },
    kill: () => end(child),
  };
};

const forked = (
  scenario: string,
  { seed, platform, policies, out }: ServerOptions,
  { sharesTraces, decisions, door }: ServerGiven,
  environment: Readonly<Record<string, string>>,
): ChildProcess =>
  fork(
    EXECUTABLE,
    [
      ...['serve', scenario, '--child', '--port', '0', '--inside-port', '0'],
      ...['--platform', platform, '--out', out],
      ...(sharesTraces === true ? [] : ['--check-traces']),
      ...(seed === undefined ? [] : ['--seed', seed]),
      ...(policies === undefined ? [] : ['--policies', resolve(policies)]),
      ...(decisions === true ? ['--decisions'] : []),
      ...(door === undefined ? [] : ['--front-door-of', door.of.insideUrl]),
    ],
    {
      // In a group of its own: Ctrl-C is for the command, which then ends it in order.
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...environment },
    },
  );

/** Above the time that a server gives to what is under way, with time to conclude in. Assumed. */
const STOP_MS = 90_000;

/** Characters of the child's complaints that are kept, the last ones. */
const SAID_MAX = 4096;

/** The first message of a kind; `undefined` when the process ends without it. */
const firstOf = (child: ChildProcess, kind: FromServer['kind']): Promise<FromServer | undefined> =>
  new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      done(undefined);
      return;
    }
    const hear = (message: unknown): void => {
      const from = message as FromServer;
      if (from.kind !== kind) return;
      child.off('message', hear);
      done(from);
    };
    child.on('message', hear);
    child.once('exit', () => done(undefined));
  });

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // It has told all that it had to tell.
  child.kill('SIGKILL');
  await ended;
};
