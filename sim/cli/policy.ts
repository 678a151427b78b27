// What can be typed after `poolproof policy`: each command with its options.

import type { Command } from 'commander';
import { type CheckFlags, checkCommand } from './policy/check.ts';
import { type CoverageFlags, coverageCommand } from './policy/coverage.ts';
import { type MutantsFlags, mutantsCommand } from './policy/mutants.ts';
import { type TestFlags, testCommand } from './policy/test.ts';
import type { Way } from './way.ts';

/** One function a command; each adds it to the group `policy`. */
type AddCommand = (group: Command, way: Way) => void;

const addCheck: AddCommand = (group, { voice, end }) => {
  withFolder(group.command('check'))
    .description('Validates policies strictly and says where they are weaker than they look.')
    .option('--identity <tags>', 'tags that tell tenant or tier, with commas between')
    .option('--waivers <file>', 'findings that are accepted, with reason, owner and expiry')
    .option('--format <list>', 'reports to write: json, text', 'json,text')
    .action((folder: string | undefined, flags: CheckFlags) => {
      end(checkCommand(folder, flags, voice));
    });
};

const addTest: AddCommand = (group, { voice, end }) => {
  withFolder(group.command('test'))
    .description('Asks the policies what suites and examples ask; what they do not list is denied.')
    .option('--tests <paths...>', 'suites to run (default: `tests` and `examples` in the folder)')
    .option('--filter <text>', 'only cells whose title holds this')
    .option('--format <list>', 'reports to write: json, text, junit', 'json,text')
    .action((folder: string | undefined, flags: TestFlags) => {
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
    .action((folder: string | undefined, flags: MutantsFlags) => {
      end(mutantsCommand(folder, flags, voice));
    });
};

/** The folder, and what every command of the bench takes. */
const withFolder = (command: Command): Command =>
  command
    .argument('[folder]', 'a policy folder (default: the policies that ship)')
    .option('--out <dir>', `where the reports go (default: out/policy-${command.name()})`)
    .option('--stdout <format>', 'print one format, such as `json`, in place of the text')
    .option('--quiet', 'print the sentence only');

export const POLICY_COMMANDS: readonly AddCommand[] = [addCheck, addTest, addCoverage, addMutants];
