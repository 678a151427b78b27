// Which tenants and users does the platform serve: the control plane's own state.

import type { TenantId, TierId, UserId } from './caller.ts';
import type { LimitContract } from './limit.ts';

/** A tenant as the platform keeps it, under the platform's own id, never issued twice. */
export interface TenantRecord {
  readonly id: TenantId;
  readonly zone: string;
  tier: TierId;
  status: 'active' | 'suspended' | 'closed';
}

export interface UserRecord {
  readonly sub: UserId;
  readonly username: string;
  readonly password: string;
  tenant: TenantId;
  role: string;
  enabled: boolean;
}

export interface Directory {
  readonly tenants: Map<TenantId, TenantRecord>;
  /** By user name. */
  readonly users: Map<string, UserRecord>;
}

/** What a tier buys. */
export interface TierTerms {
  readonly tier: TierId;
  readonly modelId: string;
  readonly wire: 'converse' | 'chat';
  /** Gateway target, e.g. `HealthcareLambda-Basic`. */
  readonly target: string;
  readonly gatewayArn: string;
  readonly runtimeArn: string;
  readonly limits: LimitContract;
}

/** How the platform is set up. */
export interface Deployment {
  readonly tiers: Readonly<Record<TierId, TierTerms>>;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly hosting: 'microvm' | 'pooled';
  /**
   * What tenants share by declaration is the model host and each service's copy of the key set.
   * `replicated` gives each its own, so that whatever is felt of others is shared undeclared (I2).
   */
  readonly resources: 'shared' | 'replicated';
}

/** What the operator does to a platform. Ids are the harness's; what the platform calls its tenant is its own affair. */
export type Operation =
  | {
      readonly kind: 'open-tenant';
      readonly incarnation: string;
      readonly name: string;
      readonly tier: TierId;
      readonly zone: string;
    }
  | {
      readonly kind: 'open-user';
      readonly incarnation: string;
      readonly username: string;
      readonly password: string;
      readonly role: string;
    }
  | { readonly kind: 'set-tier'; readonly incarnation: string; readonly tier: TierId }
  | {
      readonly kind: 'set-status';
      readonly incarnation: string;
      readonly status: 'active' | 'suspended';
    }
  | { readonly kind: 'close-tenant'; readonly incarnation: string }
  | { readonly kind: 'close-user'; readonly username: string }
  | { readonly kind: 'set-role'; readonly username: string; readonly role: string }
  | { readonly kind: 'rotate-keys' }
  | {
      readonly kind: 'put-patient';
      readonly incarnation: string;
      readonly id: string;
      readonly record: string;
    }
  | { readonly kind: 'put-configuration'; readonly incarnation: string; readonly record: string }
  | {
      readonly kind: 'put-document';
      readonly incarnation: string;
      readonly id: string;
      readonly text: string;
    };
