// What does `poolproof policy check` do: read a folder strictly, and say what is weaker than it looks.

import type { ExitCode } from '../../domain/exit-code.ts';
import type { Voice } from '../voice.ts';
import { readPolicyFolder } from './folder.ts';

/** What every command of the bench takes. */
export interface PolicyFlags {
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
}

export type CheckFlags = PolicyFlags;

export const checkCommand = (
  named: string | undefined,
  _flags: CheckFlags,
  voice: Voice,
): ExitCode => {
  const { policies } = readPolicyFolder(named);
  voice.out(`${policies.policies.length} policies are valid for ${policies.tools.length} tools.\n`);
  return 0;
};
