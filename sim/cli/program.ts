// What can be typed: every command with its options, and what it ends with.
// A command's own code is loaded when it is asked for: all of it would take twice as long.

import { Command, CommanderError, Option } from 'commander';
import { EXIT_CODES, type ExitCode } from '../domain/exit-code.ts';
import { UsageError } from '../domain/usage-error.ts';
import { FINDINGS_MAX } from '../domain/verify-report.ts';
import type { FaultsFlags } from './faults.ts';
import { SERVED } from './files.ts';
import type { LimiterFlags } from './limiter.ts';
import type { LoadFlags } from './load/loaded.ts';
import { POLICY_COMMANDS } from './policy.ts';
import type { RunFlags } from './run.ts';
import type { ServeFlags } from './serve.ts';
import type { VerifyFlags } from './verify.ts';
import type { Voice } from './voice.ts';
import type { Way } from './way.ts';

/**
 * Does what the arguments ask, and gives the exit code; never throws. `drawSeed` is asked for
 * `--seed random`, once, so that everything after is a function of what it gave.
 */
export const typed = async (
  args: readonly string[],
  voice: Voice,
  drawSeed: () => number,
): Promise<ExitCode> => {
  let code: ExitCode = 0;
  const way: Way = {
    voice,
    end: (ended) => {
      code = ended;
    },
    seeded: (flags) => (flags.seed === 'random' ? { ...flags, seed: String(drawSeed()) } : flags),
  };
  const program = new Command('poolproof')
    .description('Proves that a pool-model multi-tenant AI agent platform keeps its tenants apart.')
    .version(voice.version)
    .exitOverride()
    .configureOutput({ writeOut: voice.out, writeErr: voice.err })
    .showHelpAfterError('(run with --help for the options)')
    .addHelpText(
      'after',
      `\nExit codes:\n${Object.entries(EXIT_CODES)
        .map(([code, text]) => `  ${code.padStart(2)}  ${text}`)
        .join('\n')}`,
    );
  for (const add of COMMANDS) add(program, way);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (problem) {
    return told(problem, voice);
  }
  return code;
};

const addRun = (program: Command, { voice, end, seeded }: Way): void => {
  withRunOptions(program.command('run'))
    .description(
      'Replays a scenario in simulated time, checks every promise, and writes the report.',
    )
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
      const { runCommand } = await import('./run.ts');
      end(await runCommand(scenario, seeded(flags), voice));
    });
};

const addDigest = (program: Command, { voice, end, seeded }: Way): void => {
  withRunOptions(program.command('digest', { hidden: true }))
    .option('--lines <range>', 'also print the events of this range, FROM:TO')
    .action(async (scenario: string, flags: RunFlags & { readonly lines?: string }) => {
      const { digestCommand } = await import('./run.ts');
      end(await digestCommand(scenario, seeded(flags), voice));
    });
};

const addVerify = (program: Command, { voice, end, seeded }: Way): void => {
  withPlatform(program.command('verify'))
    .description('Property-tests isolation: plays generated programs, and makes small what fails.')
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
      const { verifyCommand } = await import('./verify.ts');
      end(await verifyCommand(seeded(flags), voice));
    });
};

const addFaults = (program: Command, { voice, end, seeded }: Way): void => {
  program
    .command('faults')
    .description('Breaks the reference in every known way, and shows which check notices.')
    .option('--seed <seed>', 'a whole number, or `random`')
    .option('--searches <number>', 'searches for each fault, each with a seed of its own', '3')
    .option('--budget <number>', 'programs of one search at most', '250')
    .option('--only <faults>', 'only faults of these ids or classes, with commas between')
    .option(
      '--jobs <number>',
      'processes that share the work (default: 2, or 1 where it is little)',
    )
    .option('--out <dir>', 'where the reports go (default: out/faults)')
    .option('--stdout <format>', 'print `json` in place of the text')
    .option('--quiet', 'print the sentence only')
    .addOption(new Option('--part <share>').hideHelp())
    .action(async (flags: FaultsFlags) => {
      const { faultsCommand } = await import('./faults.ts');
      end(await faultsCommand(seeded(flags), voice));
    });
};

const addLimiter = (program: Command, { voice, end, seeded }: Way): void => {
  program
    .command('limiter')
    .description('Holds limiters to a contract: wrong admissions, wrong refusals, worst window.')
    .argument('[contract]', 'a contract file (YAML; default: the Basic tier of the reference)')
    .option('--limiter <list>', 'only these, with commas between; they are held to the contract')
    .option('--pattern <list>', 'only these patterns of calls, with commas between')
    .option('--seed <seed>', 'a whole number, or `random`')
    .option(
      '--decisions <number>',
      'calls of each limiter under each pattern (default: 10000, or what reaches every limit)',
    )
    .option('--adversary', 'also seek the calls that do most harm to each limiter')
    .option('--faults', 'also plant faults in a sound limiter, and show which are caught')
    .option('--judge-decisions <number>', 'in place of all that, hold the judge to its definitions')
    .option('--out <dir>', 'where the reports go (default: out/limiter)')
    .option('--stdout <format>', 'print `json` in place of the text')
    .option('--quiet', 'print the sentence only')
    .action(async (contract: string | undefined, flags: LimiterFlags) => {
      const { limiterCommand } = await import('./limiter.ts');
      end(await limiterCommand(contract, seeded(flags), voice));
    });
};

const addServe = (program: Command, { voice, end, seeded }: Way): void => {
  withPlatform(program.command('serve').argument('[scenario]', 'a scenario file (YAML)', SERVED))
    .description('Opens the platform of a scenario on loopback HTTP, for real clients.')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'the door to the internet; 0 takes any free one', '8080')
    .option('--inside-port <number>', 'the door where agents stand', '8081')
    .option('--from-start', 'begin at the scenario’s start, with its changes and faults')
    .option(
      '--export-traces <target>',
      'send every span to jaeger=URL or otlp=URL, as time goes on',
    )
    .option('--check-traces', 'also judge the platform’s own spans, as whole traces')
    .option('--print-env', 'print the variables that point clients here, and nothing else')
    .option('--out <dir>', 'where the report goes (default: out/serve)')
    .option('--quiet', 'print the sentence only')
    .addOption(new Option('--child').hideHelp())
    .addOption(new Option('--decisions').hideHelp())
    .addOption(new Option('--front-door-of <url>').hideHelp())
    .action(async (scenario: string, flags: ServeFlags) => {
      const { serveCommand } = await import('./serve.ts');
      end(await serveCommand(scenario, seeded(flags), voice));
    });
};

const listed = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const addLoad = (program: Command, { voice, end, seeded }: Way): void => {
  withRunOptions(program.command('load'))
    .description('Loads the platform of a scenario over HTTP, in real time and in an open loop.')
    .option('--duration <time>', 'how long, e.g. `2s` (default: the scenario, at most 60s)')
    .option('--replicas <number>', 'front doors as processes of their own, over one runtime', '1')
    .option('--limiter <where>', 'several front doors count for themselves, `local`, or in `redis`')
    .option('--calibrate', 'play the same in simulated time, and say how far the two are apart')
    .option('--in-flight <number>', 'requests under way at most; more are dropped', '5000')
    .option('--target <file>', 'load a gateway of your own, as this target file (YAML) says')
    .option('--target-url <url>', 'where it is, in place of the `url` in the target file')
    .option('--allow-host <host>', 'it may be on this host, beyond this machine', listed, [])
    .option('--max-rate <number>', 'requests a second that it gets at most')
    .option('--dry-run', 'sign in and ask it once for each tenant, and show what is sent')
    .option('--saturate <time>', 'then find what the server bears, in so long, e.g. `5s`')
    .option('--connections <number>', 'of the closed loop that saturates', '100')
    .option('--waivers <file>', 'findings that are accepted, with reason, owner and expiry')
    .option('--out <dir>', 'where the reports go (default: out/load)')
    .option('--stdout <format>', 'print `json` in place of the text')
    .option('--quiet', 'print the sentence only')
    .action(async (scenario: string, flags: LoadFlags) => {
      const { loadCommand } = await import('./load.ts');
      end(await loadCommand(scenario, seeded(flags), voice));
    });
};

const addPolicy = (program: Command, way: Way): void => {
  const group = program
    .command('policy')
    .description('The Cedar bench: what a folder of policies says, and what its tests are worth.');
  for (const add of POLICY_COMMANDS) add(group, way);
};

const addFidelity = (program: Command, { voice }: Way): void => {
  program
    .command('fidelity')
    .description('Prints every simulated rule with its source and its standing.')
    .option('--platform <name>', 'a shipped platform', 'reference')
    .option('--json', 'as JSON')
    .action(async (flags: { readonly platform: string; readonly json?: boolean }) => {
      const { fidelityRules, fidelityText } = await import('./fidelity.ts');
      const { FIDELITY_FORM, json } = await import('../report.ts');
      const rules = fidelityRules(flags.platform);
      voice.out(
        flags.json === true ? json(FIDELITY_FORM, rules) : fidelityText(rules, voice.columns),
      );
    });
};

/** In the order of the help. */
const COMMANDS = [
  addRun,
  addDigest,
  addVerify,
  addFaults,
  addLimiter,
  addPolicy,
  addServe,
  addLoad,
  addFidelity,
];

/** What is tried, and where chance comes from. */
const withPlatform = (command: Command): Command =>
  command
    .option(
      '--platform <name>',
      'a shipped platform, or a module that exports `platform`',
      'reference',
    )
    .option('--policies <dir>', 'a folder of Cedar policies (and IAM documents)')
    .option('--seed <seed>', 'a whole number, or `random`');

const withRunOptions = (command: Command): Command =>
  withPlatform(command.argument('<scenario>', 'a scenario file (YAML)'))
    .option('--trace <file>', 'replay this trace in place of the one that the scenario names')
    .option('--lenient', 'leave broken rows of a trace out, and say which');

const told = (problem: unknown, voice: Voice): ExitCode => {
  if (problem instanceof CommanderError) return problem.exitCode === 0 ? 0 : 2;
  if (problem instanceof UsageError) {
    voice.err(`${problem.message}\n`);
    return 2;
  }
  const { message, stack } = problem as Error;
  voice.err(`this is a bug in poolproof: ${message}\n${stack ?? ''}\n`);
  return 70;
};
