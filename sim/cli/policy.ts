// What can be typed after `poolproof policy`: each command with its options.

import type { Command } from 'commander';
import { type BenchFlags, benchCommand } from './policy/bench.ts';
import { type CheckFlags, checkCommand } from './policy/check.ts';
import type { Way } from './way.ts';

/** One function a command; each adds it to the group `policy`. */
type AddCommand = (group: Command, way: Way) => void;

const addCheck: AddCommand = (group, { voice, end }) => {
  withFolder(group.command('check'))
    .description('Validates policies strictly and says where they are weaker than they look.')
    .action((folder: string | undefined, flags: CheckFlags) => {
      end(checkCommand(folder, flags, voice));
    });
};

const addBench: AddCommand = (group, { voice, end, seeded }) => {
  withFolder(group.command('bench'))
    .description('Times the real decision in every way of asking, and says what to do about it.')
    .option('--seed <seed>', 'of the intervals: a whole number, or `random`')
    .option('--rounds <number>', 'rounds of each row at most (default: 300)')
    .option('--memory <number>', 'decisions to watch the memory over (default: 20000)')
    .option('--quick', 'a few seconds in all: fewer rounds, wider intervals')
    .action((folder: string | undefined, flags: BenchFlags) => {
      end(benchCommand(folder, seeded(flags), voice));
    });
};

/** The folder, and what every command of the bench takes. */
const withFolder = (command: Command): Command =>
  command
    .argument('[folder]', 'a policy folder (default: the policies that ship)')
    .option('--out <dir>', `where the reports go (default: out/policy-${command.name()})`)
    .option('--stdout <format>', 'print `json` in place of the text')
    .option('--quiet', 'print the sentence only');

export const POLICY_COMMANDS: readonly AddCommand[] = [addCheck, addBench];
