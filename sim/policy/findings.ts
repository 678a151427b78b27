// Where is a folder of valid policies weaker than it looks?

import type { PolicyFolder } from '../policy.ts';
import { callerSuppliedConditions } from './findings/caller-supplied.ts';
import type { PolicyFinding } from './findings/finding.ts';
import { neverApplying, permitsAll } from './findings/reach.ts';
import { tenantBlindPermits } from './findings/tenant-blind.ts';
import { identityTagsOf } from './tenancy.ts';

export { FINDING_NAMES, type FindingName, type PolicyFinding } from './findings/finding.ts';

/** All findings, in the order of the files. `identity` are the tags that tell tenant or tier. */
export const findingsOf = (
  folder: PolicyFolder,
  identity: readonly string[] = identityTagsOf([folder.policies]),
): readonly PolicyFinding[] =>
  [
    ...tenantBlindPermits(folder, new Set(identity)),
    ...permitsAll(folder),
    ...callerSuppliedConditions(folder.policies.policies),
    ...neverApplying(folder),
  ].sort(byPlace);

const byPlace = (left: PolicyFinding, right: PolicyFinding): number => {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
};
