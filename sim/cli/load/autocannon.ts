// How is autocannon run: in a process of its own, which ends with the command.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const EXECUTABLE = fileURLToPath(new URL('closed-loop.mjs', import.meta.url));

export interface ClosedLoop {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  /** Seconds, at least 1. */
  readonly duration: number;
}

/** As autocannon counts; latencies in whole milliseconds. */
export interface ClosedLoopFigures {
  readonly requests: { readonly total: number; readonly average: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
  readonly errors: number;
  readonly timeouts: number;
}

/** Undefined when it was given up, or died. */
export const closedLoop = (
  job: ClosedLoop,
  signal: AbortSignal,
): Promise<ClosedLoopFigures | undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    const child = fork(EXECUTABLE, [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const giveUp = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', giveUp);
    child.once('message', (figures) => resolve(figures as ClosedLoopFigures));
    child.once('exit', () => {
      signal.removeEventListener('abort', giveUp);
      resolve(undefined);
    });
    child.send(job);
  });
