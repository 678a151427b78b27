// What can be typed: poolproof's commands, wired to the process, the files, the real clock and stdout.

import { randomInt } from 'node:crypto';
import { Command, CommanderError, Option } from 'commander';
import { type FaultsFlags, faultsCommand } from './cli/faults.ts';
import { fidelityRules, fidelityText } from './cli/fidelity.ts';
import { VERSION } from './cli/files.ts';
import { digestCommand, type RunFlags, runCommand } from './cli/run.ts';
import { type VerifyFlags, verifyCommand } from './cli/verify.ts';
import type { Voice } from './cli/voice.ts';
import { EXIT_CODES, type ExitCode } from './domain/exit-code.ts';
import { UsageError } from './domain/usage-error.ts';
import { FINDINGS_MAX } from './engines/verify.ts';

let stopping = false;
const voice: Voice = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  columns: process.stdout.columns ?? 100,
  colour: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
  lively: process.stderr.isTTY === true,
  stopped: () => stopping,
  version: VERSION,
};

const program = new Command('poolproof')
  .description('Proves that a pool-model multi-tenant AI agent platform keeps its tenants apart.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(run with --help for the options)')
  .addHelpText(
    'after',
    `\nExit codes:\n${Object.entries(EXIT_CODES)
      .map(([code, text]) => `  ${code.padStart(2)}  ${text}`)
      .join('\n')}`,
  );

let code: ExitCode = 0;

const withRunOptions = (command: Command): Command =>
  command
    .argument('<scenario>', 'a scenario file (YAML)')
    .option(
      '--platform <name>',
      'a shipped platform, or a module that exports `platform`',
      'reference',
    )
    .option('--policies <dir>', 'a folder of Cedar policies (and IAM documents)')
    .option('--seed <seed>', 'a whole number, or `random`')
    .option('--trace <file>', 'replay this trace in place of the one that the scenario names')
    .option('--lenient', 'leave broken rows of a trace out, and say which');

withRunOptions(program.command('run'))
  .description('Replays a scenario in simulated time, checks every promise, and writes the report.')
  .option('--twice', 'run again in a child process and compare event by event')
  .option('--history', 'write the whole history as NDJSON')
  .option('--out <dir>', 'where the reports go (default: out/<scenario>)')
  .option('--format <list>', 'reports to write: json, markdown, text', 'json,markdown')
  .option('--stdout <format>', 'print one report in this format instead of the tables')
  .option('--waivers <file>', 'findings that are accepted, with reason, owner and expiry')
  .option('--export-traces <target>', 'send every span to jaeger=URL or otlp=URL')
  .option('--no-cache', 'ask Cedar anew for every decision')
  .option('--quiet', 'print the sentence only')
  .action(async (scenario: string, flags: RunFlags) => {
    code = await runCommand(scenario, seeded(flags), voice);
  });

withRunOptions(program.command('digest', { hidden: true }))
  .option('--lines <range>', 'also print the events of this range, FROM:TO')
  .action(async (scenario: string, flags: RunFlags & { readonly lines?: string }) => {
    code = await digestCommand(scenario, seeded(flags), voice);
  });

program
  .command('verify')
  .description('Property-tests isolation: plays generated programs, and makes small what fails.')
  .option(
    '--platform <name>',
    'a shipped platform, or a module that exports `platform`',
    'reference',
  )
  .option('--policies <dir>', 'a folder of Cedar policies (and IAM documents)')
  .option('--seed <seed>', 'a whole number, or `random`')
  .option('--runs <number>', 'programs to play', '400')
  .option('--time <seconds>', 'stop after so much real time, e.g. `60s`')
  .option('--only <promises>', 'count findings of these promises, e.g. `I1,I3`')
  .option('--hosting <kind>', '`microvm` or `pooled` (default: both)')
  .option('--stop-on-first', 'stop at the first program that fails')
  .option('--max-findings <number>', 'stop when so many findings are known', `${FINDINGS_MAX}`)
  .option('--strict', 'a cell that was not visited makes it inconclusive')
  .option('--out <dir>', 'where the reports go (default: out/verify)')
  .option('--stdout <format>', 'print `json` in place of the text')
  .option('--quiet', 'print the sentence only')
  .action(async (flags: VerifyFlags) => {
    code = await verifyCommand(seeded(flags), voice);
  });

program
  .command('faults')
  .description('Breaks the reference in every known way, and shows which check notices.')
  .option('--seed <seed>', 'a whole number, or `random`')
  .option('--searches <number>', 'searches for each fault, each with a seed of its own', '3')
  .option('--budget <number>', 'programs of one search at most', '250')
  .option('--only <faults>', 'only faults of these ids or classes, with commas between')
  .option('--jobs <number>', 'processes that share the work', '2')
  .option('--out <dir>', 'where the reports go (default: out/faults)')
  .option('--stdout <format>', 'print `json` in place of the text')
  .option('--quiet', 'print the sentence only')
  .addOption(new Option('--part <share>').hideHelp())
  .action(async (flags: FaultsFlags) => {
    code = await faultsCommand(seeded(flags), voice);
  });

program
  .command('fidelity')
  .description('Prints every simulated rule with its source and its standing.')
  .option('--platform <name>', 'a shipped platform', 'reference')
  .option('--json', 'as JSON')
  .action((flags: { readonly platform: string; readonly json?: boolean }) => {
    const rules = fidelityRules(flags.platform);
    voice.out(
      flags.json === true
        ? `${JSON.stringify(rules, null, 2)}\n`
        : fidelityText(rules, voice.columns),
    );
  });

/** A random seed is drawn here, once, so that everything after is a function of it. */
const seeded = <F extends { readonly seed?: string }>(flags: F): F =>
  flags.seed === 'random' ? { ...flags, seed: String(randomInt(0x80000000)) } : flags;

// A reader that has seen enough closes the pipe; that is no error of the run.
process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
  if (problem.code !== 'EPIPE') throw problem;
  process.exit(code);
});

process.on('SIGINT', () => {
  // A second Ctrl-C ends at once.
  if (stopping) process.exit(130);
  stopping = true;
});

try {
  await program.parseAsync();
} catch (problem) {
  code = told(problem);
}
process.exitCode = code;

function told(problem: unknown): ExitCode {
  if (problem instanceof CommanderError) return problem.exitCode === 0 ? 0 : 2;
  if (problem instanceof UsageError) {
    voice.err(`${problem.message}\n`);
    return 2;
  }
  const { message, stack } = problem as Error;
  voice.err(`this is a bug in poolproof: ${message}\n${stack ?? ''}\n`);
  return 70;
}
