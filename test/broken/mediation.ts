// Which platforms do what was not allowed, or allow what is not right?

import { type Broken, seeded } from './break.ts';

export const MEDIATION: readonly Broken[] = [
  seeded('gateway-skips-policy', 'day'),
  seeded('policy-log-only', 'day'),
  seeded('policy-denies-nurses', 'day'),
  seeded('gateway-changes-input-after-allow', 'day'),
  seeded('gateway-runs-tools-twice', 'day'),
  seeded('gateway-runs-denied-tools', 'day'),
  seeded('table-reads-before-iam', 'day'),
  seeded('iam-any-table-partition', 'day'),
  seeded('iam-memory-by-tenant', 'day'),
];
