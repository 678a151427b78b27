// What can be typed after `poolproof policy`: each command with its options.

import type { Command } from 'commander';
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

/** The folder, and what every command of the bench takes. */
const withFolder = (command: Command): Command =>
  command
    .argument('[folder]', 'a policy folder (default: the policies that ship)')
    .option('--out <dir>', `where the reports go (default: out/policy-${command.name()})`)
    .option('--stdout <format>', 'print `json` in place of the text')
    .option('--quiet', 'print the sentence only');

export const POLICY_COMMANDS: readonly AddCommand[] = [addCheck];
