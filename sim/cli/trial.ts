// What is to be tried by generated programs: a platform, its policies and a seed, every complaint at once.

import { join } from 'node:path';
import { behindTargets, HEALTHCARE_TARGETS, HEALTHCARE_TOOLS } from '../domain/tool.ts';
import { type Complaint, UsageError } from '../domain/usage-error.ts';
import type { Trial } from '../engines/verify.ts';
import { loadPolicies } from '../protocol/cedar.ts';
import { compilePolicy } from '../protocol/iam.ts';
import { PACKAGE_ROOT, prepareFolder, readCedar, readIam } from './files.ts';
import { platformOf, seedOf } from './inputs.ts';

export interface TrialOptions {
  readonly platform: string;
  readonly policies?: string;
  readonly seed?: string;
}

/** Reads what is tried, and makes sure that `folder` can be written. Throws `UsageError`. */
export const readTrial = async (
  options: TrialOptions,
  folder: string,
): Promise<{ readonly trial: Trial; readonly seed: number }> => {
  const complaints: Complaint[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (problem) {
      if (!(problem instanceof UsageError)) throw problem;
      complaints.push(...problem.complaints);
      return undefined;
    }
  };
  const seed = attempt(() => seedOf(options.seed, 1));
  const policies = options.policies ?? join(PACKAGE_ROOT, 'policies');
  const cedarFiles = attempt(() => readCedar(policies));
  const iamDocuments = attempt(() => readIam(policies));
  for (const [name, document] of Object.entries(iamDocuments ?? {}))
    attempt(() => compilePolicy(document, name));
  if (cedarFiles !== undefined)
    attempt(() => loadPolicies(cedarFiles, behindTargets(HEALTHCARE_TOOLS, HEALTHCARE_TARGETS)));
  const platform = await platformOf(options.platform, complaints);
  attempt(() => prepareFolder(folder));
  if (complaints.length > 0 || cedarFiles === undefined || iamDocuments === undefined)
    throw new UsageError(complaints);
  if (seed === undefined || platform === undefined) throw new UsageError(complaints);
  return { trial: { platform: platform.make, cedarFiles, iamDocuments }, seed };
};
