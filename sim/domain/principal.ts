// Whom does the harness know: a user in one incarnation of a tenant, and the labels they can read.

import type { TenantId, TierId, UserId } from './caller.ts';
import type { Label, Reader } from './label.ts';

/** One life of a tenant id, from onboarding to offboarding. Changes of tier and status happen in place. */
export interface TenantFacts {
  readonly id: TenantId;
  /** `id#n`: the n-th life of the id. */
  readonly incarnation: string;
  readonly zone: string;
  tier: TierId;
  status: 'active' | 'suspended' | 'offboarded';
  /** When the status or the tier last changed, in simulated microseconds. */
  changedUs: number;
}

/** One stay of a user in one incarnation. */
export interface Principal {
  readonly tenant: TenantFacts;
  readonly user: UserId;
  readonly username: string;
  role: string;
  /** `incarnation/user`. */
  readonly membership: string;
}

export const readerOf = (principal: Principal): Reader => ({
  incarnation: principal.tenant.incarnation,
  membership: principal.membership,
  role: principal.role,
});

export const userLabel = (principal: Principal): Label => ({
  kind: 'user',
  incarnation: principal.tenant.incarnation,
  membership: principal.membership,
});
