// Does one stall of half a second show as what it was: the open loop beside autocannon's own correction.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { WallClock } from '../../sim/kernel/wall-clock.ts';
import { PER_SECOND, type Quantiles, StallingServer, stalledLoad } from '../load/stall.ts';
import { ROOT } from '../tidy/house.ts';
import { type Bench, figure, figures, words } from './show.ts';

const SECONDS = 20;
/** What was promised: p50 within so many milliseconds of the truth, p99 within such a share. */
const P50_WITHIN_MS = 2;
const P99_WITHIN = 0.05;

export const stall: Bench = {
  name: 'stall',
  question: 'whether figures of a load survive one stall of 500 ms',
  run: async ({ seconds = SECONDS }) => {
    const { reported, truth, pace, requests } = await stalledLoad(seconds);
    const corrected = await byAutocannon(seconds, []);
    const uncorrected = await byAutocannon(seconds, ['--ignoreCoordinatedOmission']);
    const row = (name: string, { p50, p99 }: Quantiles): readonly string[] => [
      name,
      figure(p50, 2),
      figure(p99, 1),
      figure(Math.abs(p50 - truth.p50), 2),
      `${figure((100 * Math.abs(p99 - truth.p99)) / truth.p99, 1)} %`,
    ];
    return [
      {
        title: `stall: ${PER_SECOND} requests a second for ${seconds} s, one stall of 500 ms`,
        columns: [words('by'), ...figures('p50 ms', 'p99 ms', 'p50 off by ms', 'p99 off by')],
        rows: [
          row('the server’s own record (truth)', truth),
          row('poolproof, open loop', reported),
          row('autocannon, its correction on (its default)', corrected),
          row('autocannon, its correction off', uncorrected),
        ],
        notes: [
          `${requests} requests; the generator’s own lag was ${figure(pace.lagMs?.p99 ?? 0, 1)} ms at p99.`,
          'autocannon: 100 connections, each second’s share in a burst, whole milliseconds, a stall of its own.',
        ],
        complaints: [
          ...(Math.abs(reported.p50 - truth.p50) <= P50_WITHIN_MS
            ? []
            : [`p50 is off by more than ${P50_WITHIN_MS} ms`]),
          ...(Math.abs(reported.p99 - truth.p99) <= P99_WITHIN * truth.p99
            ? []
            : [`p99 is off by more than ${P99_WITHIN * 100} %`]),
        ],
      },
    ];
  },
};

const byAutocannon = async (seconds: number, more: readonly string[]): Promise<Quantiles> => {
  const clock = new WallClock();
  const server = new StallingServer(clock);
  const url = await server.open();
  try {
    const cannon = createRequire(import.meta.url).resolve('autocannon');
    const given = [
      ...['--connections', '100', '--overallRate', String(PER_SECOND)],
      ...['--duration', String(seconds), '--json', '--no-progress', ...more, url],
    ];
    // Its bursts come with each second: one of them is to meet the stall.
    server.stallAfter((seconds * 1_000_000) / 2 - 100_000);
    const { stdout } = await promisify(execFile)(process.execPath, [cannon, ...given], {
      cwd: ROOT,
    });
    const { latency } = JSON.parse(stdout) as { readonly latency: Quantiles };
    return latency;
  } finally {
    server.close();
    clock.close();
  }
};
