// What may happen to a pool besides requests: orders of the operator, plants, and failing services.

import type { TenantId, TierId, UserId } from '../domain/caller.ts';
import { INNER_SERVICES } from '../domain/ports.ts';
import type { Window } from '../kernel/arrivals.ts';
import type { ModelId, TenantPlan } from './tenancy.ts';

/** Something that the operator does, or (plants) that gets into a tenant's data. */
export type Change = { readonly atUs: number } & (
  | { readonly kind: 'upgrade' | 'downgrade'; readonly tenant: TenantId; readonly tier: TierId }
  | { readonly kind: 'suspend' | 'resume' | 'offboard'; readonly tenant: TenantId }
  /** May give the id of an offboarded tenant a new life. `tenant` is `plan.id`. */
  | { readonly kind: 'onboard'; readonly tenant: TenantId; readonly plan: TenantPlan }
  | { readonly kind: 'rotate-keys' }
  /** `folder` is relative to the scenario's own folder. */
  | { readonly kind: 'swap-policies'; readonly folder: string }
  | {
      readonly kind: 'move-user';
      readonly user: UserId;
      readonly tenant: TenantId;
      readonly to: TenantId;
    }
  | {
      readonly kind: 'change-role';
      readonly user: UserId;
      readonly tenant: TenantId;
      readonly role: string;
    }
  | { readonly kind: 'plant-document'; readonly tenant: TenantId; readonly text: string }
  | {
      readonly kind: 'plant-memory';
      readonly tenant: TenantId;
      readonly user: UserId;
      readonly text: string;
    }
);

/** The front door alone never fails: nothing could be asked. Cedar's engine may. */
export const FAULT_SERVICES = [...INNER_SERVICES, 'policy'] as const;
export type FaultService = (typeof FAULT_SERVICES)[number];

/** From `fromUs` (included) to `toUs` (excluded, at most the scenario's end). */
export type Fault = Window & {
  readonly service: FaultService;
  /** Only when `service` is `model`; undefined means every model. */
  readonly model: ModelId | undefined;
} & (
    | { readonly kind: 'slow'; readonly factor: number }
    /** The share of calls that fail, above 0 and at most 1. */
    | { readonly kind: 'failing'; readonly share: number }
    | { readonly kind: 'gone' }
  );
