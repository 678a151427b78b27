// What is to be tried by generated programs: a platform, its policies and a seed, every complaint at once.

import { behindTargets, HEALTHCARE_TARGETS, HEALTHCARE_TOOLS } from '../domain/tool.ts';
import { UsageError } from '../domain/usage-error.ts';
import type { Trial } from '../engines/verify.ts';
import { prepareFolder } from './files.ts';
import { readPolicies, seedOf } from './inputs.ts';
import { Complaints } from './options.ts';
import { type PlatformOption, platformOf } from './platform-module.ts';

export interface TrialOptions {
  readonly platform: PlatformOption;
  readonly policies?: string;
  readonly seed?: string;
}

/** Reads what is tried, and makes sure that `folder`, if any, can be written. Throws `UsageError`, with earlier complaints too. */
export const readTrial = async (
  options: TrialOptions,
  folder?: string,
  complaints: Complaints = new Complaints(),
): Promise<{ readonly trial: Trial; readonly seed: number }> => {
  const seed = complaints.attempt(() => seedOf(options.seed, 1));
  const tools = behindTargets(HEALTHCARE_TOOLS, HEALTHCARE_TARGETS);
  const { cedar, iam } = readPolicies(options.policies, tools, complaints);
  const platform = await platformOf(options.platform, complaints);
  if (folder !== undefined) complaints.attempt(() => prepareFolder(folder));
  complaints.tell();
  if (seed === undefined || platform === undefined || cedar === undefined || iam === undefined)
    throw new UsageError(complaints.all);
  return { trial: { platform: platform.make, cedarFiles: cedar, iamDocuments: iam }, seed };
};
