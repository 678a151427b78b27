// What can be typed after `poolproof policy`: each command with its options.

import type { Command } from 'commander';
import type { BenchFlags } from './policy/bench.ts';
import type { CheckFlags } from './policy/check.ts';
import type { CoverageFlags } from './policy/coverage.ts';
import type { DiffFlags } from './policy/diff.ts';
import type { MatrixFlags } from './policy/matrix.ts';
import type { MutantsFlags } from './policy/mutants.ts';
import type { TestFlags } from './policy/test.ts';
import type { Way } from './way.ts';

/** One function a command; each adds it to the group `policy`. */
type AddCommand = (group: Command, way: Way) => void;

const addCheck: AddCommand = (group, { voice, end }) => {
  withFolder(group.command('check'))
    .description('Validates policies strictly and says where they are weaker than they look.')
    .option('--identity <tags>', 'tags that tell tenant or tier, with commas between')
    .option('--waivers <file>', 'findings that are accepted, with reason, owner and expiry')
    .option('--format <list>', 'reports to write: json, text', 'json,text')
    .action(async (folder: string | undefined, flags: CheckFlags) => {
      const { checkCommand } = await import('./policy/check.ts');
      end(checkCommand(folder, flags, voice));
    });
};

const addTest: AddCommand = (group, { voice, end }) => {
  withFolder(group.command('test'))
    .description('Asks the policies what suites and examples ask; what they do not list is denied.')
    .option('--tests <paths...>', 'suites to run (default: `tests` and `examples` in the folder)')
    .option('--filter <text>', 'only cells whose title holds this')
    .option('--format <list>', 'reports to write: json, text, junit', 'json,text')
    .action(async (folder: string | undefined, flags: TestFlags) => {
      const { testCommand } = await import('./policy/test.ts');
      end(testCommand(folder, flags, voice));
    });
};

const addCoverage: AddCommand = (group, { voice, end, seeded }) => {
  withFolder(group.command('coverage'))
    .description('Says which policies and conditions decided in the tests, in a run, or in both.')
    .option('--tests <paths...>', 'suites to ask (default: `tests` and `examples` in the folder)')
    .option('--scenario <file>', 'also play this scenario, and take what it asks')
    .option('--no-suite', 'take what the scenario asks alone')
    .option('--seed <seed>', 'of the scenario: a whole number, or `random`')
    .option('--min <percent>', 'the share of policies that must decide', '0')
    .option('--format <list>', 'reports to write: json, text', 'json,text')
    .action(async (folder: string | undefined, flags: CoverageFlags) => {
      const { coverageCommand } = await import('./policy/coverage.ts');
      end(await coverageCommand(folder, seeded(flags), voice));
    });
};

const addMutants: AddCommand = (group, { voice, end }) => {
  withFolder(group.command('mutants'))
    .description('Changes policies in every small way, and counts what the tests notice.')
    .option('--tests <paths...>', 'suites to run (default: `tests` and `examples` in the folder)')
    .option('--only <text>', 'change only policies whose id holds this')
    .option('--min <percent>', 'the share of mutants that must be killed', '100')
    .option('--format <list>', 'reports to write: json, text', 'json,text')
    .action(async (folder: string | undefined, flags: MutantsFlags) => {
      const { mutantsCommand } = await import('./policy/mutants.ts');
      end(mutantsCommand(folder, flags, voice));
    });
};

const addBench: AddCommand = (group, { voice, end, seeded }) => {
  withFolder(group.command('bench'))
    .description('Times the real decision in every way of asking, and says what to do about it.')
    .option('--seed <seed>', 'of the intervals: a whole number, or `random`')
    .option('--rounds <number>', 'rounds of each row at most (default: 300)')
    .option('--memory <number>', 'decisions to watch the memory over (default: 20000)')
    .option('--quick', 'a few seconds in all: fewer rounds, wider intervals')
    .action(async (folder: string | undefined, flags: BenchFlags) => {
      const { benchCommand } = await import('./policy/bench.ts');
      end(benchCommand(folder, seeded(flags), voice));
    });
};

const addMatrix: AddCommand = (group, { voice, end }) => {
  withSpace(withFolder(group.command('matrix')))
    .description('Shows who may call what, and proves or refutes that tenants are kept apart.')
    .option('--scenario <file>', 'hold it against the entitlements of this scenario')
    .action(async (folder: string | undefined, flags: MatrixFlags) => {
      const { matrixCommand } = await import('./policy/matrix.ts');
      end(matrixCommand(folder, flags, voice));
    });
};

const addDiff: AddCommand = (group, { voice, end }) => {
  withSpace(withReport(group.command('diff')))
    .description('Says whose answers change from one policy folder to another.')
    .argument('<old>', 'the policy folder as it was')
    .argument('<new>', 'the policy folder as it is now')
    .option('--fail-on-change', 'exit code 3 for any change, not only across tenants')
    .action(async (before: string, after: string, flags: DiffFlags) => {
      const { diffCommand } = await import('./policy/diff.ts');
      end(diffCommand(before, after, flags, voice));
    });
};

/** What says over which questions a command goes. */
const withSpace = (command: Command): Command =>
  command
    .option('--tool <names>', 'only these tools, with commas between')
    .option('--tenant-tag <names>', 'tags that name the caller’s tenant (default: by their names)')
    .option('--tenant-input <names>', 'inputs that name the object’s tenant (default: likewise)')
    .option('--most <number>', 'questions to Cedar about one tool at most (default: 200000)');

/** The folder, and what every command of the bench takes. */
const withFolder = (command: Command): Command =>
  withReport(command).argument('[folder]', 'a policy folder (default: the policies that ship)');

const withReport = (command: Command): Command =>
  command
    .option('--out <dir>', `where the reports go (default: out/policy-${command.name()})`)
    .option('--stdout <format>', 'print one format, such as `json`, in place of the text')
    .option('--quiet', 'print the sentence only');

export const POLICY_COMMANDS: readonly AddCommand[] = [
  addCheck,
  addTest,
  addMatrix,
  addCoverage,
  addDiff,
  addMutants,
  addBench,
];
