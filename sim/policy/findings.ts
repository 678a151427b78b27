// Where is a folder of valid policies weaker than it looks?

import type { PolicyFolder } from '../policy.ts';
import { callerSuppliedConditions } from './findings/caller-supplied.ts';
import type { PolicyFinding } from './findings/finding.ts';
import { neverApplying, permitsAll } from './findings/reach.ts';
import { tenantBlindPermits } from './findings/tenant-blind.ts';

export { FINDING_NAMES, type FindingName, type PolicyFinding } from './findings/finding.ts';

/** Tags that tell tenant or tier, under the names that platforms give them. Assumed. */
export const IDENTITY_TAGS: readonly string[] = [
  'tenant',
  'tier',
  'clinic_id',
  'tenant_id',
  'org_id',
].flatMap((name) => [name, `custom:${name}`]);

/** All findings, in the order of the files. `identity` are the tags that tell tenant or tier. */
export const findingsOf = (
  folder: PolicyFolder,
  identity: readonly string[] = IDENTITY_TAGS,
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
