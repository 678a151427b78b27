// What does a day of a thousand tenants take, in a process of its own?

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from '../tidy/house.ts';
import { DAY_FILE } from './play.ts';
import { type Bench, figure, figures, percent, type Shown } from './show.ts';

/** What the child process tells, as JSON. */
export interface DayFigures {
  readonly requests: number;
  readonly events: number;
  readonly wallMs: number;
  readonly processorMs: number;
  readonly peakKiB: number;
  readonly modelCalls: number;
  /** Asked of the gateway and judged by policy. */
  readonly toolCalls: number;
  /** Of those, let through to the tool. */
  readonly toolRuns: number;
  /** Decisions of policy that Cedar did not have to make again; probes' included. */
  readonly rememberedShare: number;
  /** What all checks and the limiter's judge had to judge. */
  readonly evidence: number;
  readonly findings: number;
  readonly complaints: readonly string[];
}

const LONGEST_MS = 30 * 60_000;

export const day: Bench = {
  name: 'day',
  question: 'a day of 1,000 tenants with every check on: time, memory, findings',
  run: async ({ requests }) => {
    const child = 'test/bench/day-alone.ts';
    const given = requests === undefined ? [] : [String(requests)];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', child, ...given],
      { cwd: ROOT, timeout: LONGEST_MS },
    );
    return [shown(JSON.parse(stdout) as DayFigures)];
  },
};

const shown = (told: DayFigures): Shown => {
  const each = (count: number, digits: number): string => figure(count / told.requests, digits);
  return {
    title: `day: ${DAY_FILE}, every check, measure and the digest, in a process of its own`,
    columns: [{ title: 'figure' }, ...figures('measured')],
    rows: [
      ['requests of users', figure(told.requests)],
      ['wall time, s', figure(told.wallMs / 1000, 1)],
      ['processor time, s', figure(told.processorMs / 1000, 1)],
      ['requests a second', figure((told.requests * 1000) / told.wallMs)],
      ['events a second', figure((told.events * 1000) / told.wallMs)],
      ['wall µs a request', each(told.wallMs * 1000, 0)],
      ['processor µs a request', each(told.processorMs * 1000, 0)],
      ['events a request', each(told.events, 1)],
      ['model calls a request', each(told.modelCalls, 2)],
      ['tool calls a request', each(told.toolCalls, 2)],
      ['of them let through to a tool', each(told.toolRuns, 2)],
      ['decisions of policy that were remembered', percent(told.rememberedShare)],
      ['peak resident memory, MiB', figure(told.peakKiB / 1024)],
      ['judged', figure(told.evidence)],
      ['findings', figure(told.findings)],
    ],
    notes: [
      'Sign-ins and probes are in the time, and not among the requests.',
      'Processor time is that of all threads: the collector and the compiler work beside the run.',
    ],
    complaints: told.complaints,
  };
};
