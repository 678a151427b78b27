// What is weaker in a policy than it looks: a finding with a stable name, a place and what to do.

import { createHash } from 'node:crypto';

export const FINDING_NAMES = [
  'tenant-blind-permit',
  'permits-all',
  'caller-supplied-condition',
  'never-applies',
] as const;
export type FindingName = (typeof FINDING_NAMES)[number];

export interface PolicyFinding {
  /** Of the name, the policy and the detail: stable while the policy keeps its id. */
  readonly id: string;
  readonly name: FindingName;
  /** Ids of the policies that are concerned, the first the one at the place. */
  readonly policies: readonly string[];
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** Puts a finding together; `detail` tells it from others of its name in the same policies. */
export const finding = (told: Omit<PolicyFinding, 'id'>, detail = ''): PolicyFinding => ({
  id: createHash('sha256')
    .update([told.name, ...told.policies, detail].join('\n'))
    .digest('hex')
    .slice(0, 12),
  ...told,
});
