// Does the same seed give the same history elsewhere: the run again, in a child with another zone, locale and directory.

import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Retold } from '../engines/twice.ts';

const EXECUTABLE = fileURLToPath(new URL('../poolproof.mjs', import.meta.url));
/** What a child prints at the most: some 65 characters for each 256 events. */
const OUTPUT_MAX = 1 << 30;

export interface ChildRun {
  readonly scenario: string;
  readonly seed: number;
  readonly platform: string;
  readonly policies?: string | undefined;
  readonly trace?: string | undefined;
  readonly lenient?: boolean | undefined;
}

/** The digest and checkpoints of the run in a child process; with `lines`, the events of that range too. */
export const secondRun = (
  run: ChildRun,
  settings: {
    readonly lines?: { readonly from: number; readonly to: number };
    /** Ends the child before its time. */
    readonly signal?: AbortSignal;
  } = {},
): Promise<Retold & { readonly lines: readonly string[] }> =>
  new Promise((done, failed) => {
    const { lines, signal } = settings;
    const options = {
      cwd: tmpdir(),
      env: { ...process.env, TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      maxBuffer: OUTPUT_MAX,
      ...(signal === undefined ? {} : { signal }),
    };
    const asked = [
      'digest',
      resolve(run.scenario),
      '--seed',
      String(run.seed),
      '--platform',
      placed(run.platform),
      ...(run.policies === undefined ? [] : ['--policies', resolve(run.policies)]),
      ...(run.trace === undefined ? [] : ['--trace', resolve(run.trace)]),
      ...(run.lenient === true ? ['--lenient'] : []),
      ...(lines === undefined ? [] : ['--lines', `${lines.from}:${lines.to}`]),
    ];
    execFile(process.execPath, [EXECUTABLE, ...asked], options, (problem, stdout, stderr) => {
      if (problem !== null)
        return failed(new Error(`the second run failed: ${stderr || problem.message}`));
      done(JSON.parse(stdout));
    });
  });

const placed = (platform: string): string =>
  /[./\\]/.test(platform) ? resolve(platform) : platform;
