// The process: what was typed, stdout and stderr, the exit code, and a seed drawn by chance.

import { randomInt } from 'node:crypto';
import './cli/v8-flags.ts';
import { VERSION } from './cli/files.ts';
import { typed } from './cli/program.ts';
import type { ExitCode } from './domain/exit-code.ts';

/** Does what was typed, and leaves the exit code. `stopped` is true once the user asked to stop. */
export const main = async (stopped: () => boolean): Promise<void> => {
  let code: ExitCode = 0;
  // A reader that has seen enough closes the pipe; that is no error of the run.
  process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
    if (problem.code !== 'EPIPE') throw problem;
    process.exit(code);
  });
  code = await typed(
    process.argv.slice(2),
    {
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
      columns: process.stdout.columns ?? 100,
      colour: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
      lively: process.stderr.isTTY === true,
      stopped,
      version: VERSION,
    },
    () => randomInt(0x80000000),
  );
  process.exitCode = code;
};
