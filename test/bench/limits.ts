// Do two hundred tenants get what they may have and no more, over HTTP and for a minute, and what does the server bear?

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadReport } from '../../sim/domain/load-report.ts';
import { ROOT } from '../tidy/house.ts';
import { type Bench, figure, figures, type Shown, words } from './show.ts';

const SECONDS = 60;
const SATURATE_SECONDS = 8;
const SCENARIO = 'scenarios/at-the-limits.yaml';
/** What was promised of the open loop, with all checks, beside the bare rate of the closed one. */
const RATIO_LEAST = 0.5;
/** Of a load that ended as it should: a threshold that it was too short for, or a slow machine. */
const SOUND: ReadonlySet<number> = new Set([0, 3, 5]);

export const limits: Bench = {
  name: 'limits',
  question:
    'whether 200 tenants at their limits get just that over HTTP, and what the server bears',
  run: async ({ seconds = SECONDS }) => [shown(await loaded(seconds), seconds)],
};

const shown = (report: LoadReport, seconds: number): Shown => {
  const { load, server, saturation, findings, agreement, scanned, exitCode } = report;
  const rows = server?.limiter ?? [];
  const sum = (count: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  const wrong = sum((row) => row.wrongAdmissions + row.wrongRefusals);
  const unlike = agreement.filter(({ isEqual }) => !isEqual);
  const own = server?.traces.find(({ source }) => source === 'own');
  const row = (what: string, value: number, digits = 0): readonly string[] => [
    what,
    figure(value, digits),
  ];
  return {
    title: `limits: ${SCENARIO}, ${seconds} s over HTTP`,
    columns: [words('what'), ...figures('measured')],
    rows: [
      row('tenants that asked', rows.length),
      row('requests sent', load.requests.sent),
      row('requests a second', load.sentPerSecond, 1),
      row('completed', load.requests.completed),
      row('refused', load.requests.refused),
      row('failed', load.requests.failed),
      ...load.failures.map(({ reason, count }) => row(`failed: ${reason}`, count)),
      row(
        'limiter decisions',
        sum(({ admitted, refused }) => admitted + refused),
      ),
      row('wrong limiter decisions', wrong),
      row('answers scanned by the generator', scanned.answers),
      row('findings', findings.length),
      row('counts that differ between the sides', unlike.length),
      row('whole traces', own?.counts.complete ?? 0),
      row('latency p50 ms, from the planned start', load.latencyMs?.p50 ?? Number.NaN, 1),
      row('latency p99 ms', load.latencyMs?.p99 ?? Number.NaN, 1),
      row('lag p99 ms', load.lagMs?.p99 ?? Number.NaN, 1),
      row('ceiling, autocannon, requests/s', saturation?.closed.requestsPerSecond ?? 0, 1),
      row('ceiling, open loop with all checks', saturation?.open.requestsPerSecond ?? 0, 1),
      row('open loop ÷ autocannon', saturation?.ratio ?? 0, 2),
    ],
    notes: [report.sentence, `exit code ${exitCode}`, report.replay],
    complaints: [
      ...(SOUND.has(exitCode) ? [] : [`exit code ${exitCode}`]),
      ...(rows.length > 0 ? [] : ['no limiter decided anything']),
      ...(wrong === 0 ? [] : [`${wrong} wrong limiter decisions`]),
      ...(findings.length === 0 ? [] : [`${findings.length} findings`]),
      ...unlike.map(({ what }) => `the sides differ in ${what}`),
      ...(agreement.length > 0 ? [] : ['the sides were not compared']),
      ...((saturation?.ratio ?? 0) >= RATIO_LEAST
        ? []
        : [`the open loop reached less than ${RATIO_LEAST} of the bare rate`]),
    ],
  };
};

const loaded = async (seconds: number): Promise<LoadReport> => {
  const out = mkdtempSync(join(tmpdir(), 'poolproof-limits-'));
  try {
    const given = [
      ...['load', SCENARIO, '--duration', `${seconds}s`, '--saturate', `${SATURATE_SECONDS}s`],
      ...['--quiet', '--out', out],
    ];
    const said = await new Promise<string>((resolve) =>
      execFile(
        process.execPath,
        ['sim/poolproof.mjs', ...given],
        { cwd: ROOT },
        (_problem, _stdout, stderr) => resolve(stderr),
      ),
    );
    try {
      return JSON.parse(readFileSync(join(out, 'load.json'), 'utf8')) as LoadReport;
    } catch {
      throw new Error(`the load left no report: ${said}`);
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};
