// Who is who: tier, tenant and user, and one membership of a user in one life of a tenant.

export type TierId = string;
export type TenantId = string;
export type UserId = string;

/**
 * Who a verified token speaks for. Built from claims by a service, or by the harness from the
 * population; the two are kept apart and compared, never mixed.
 */
export interface Caller {
  readonly tier: TierId;
  readonly tenant: TenantId;
  /** Cognito's `sub`: unique in the pool, never issued again. */
  readonly user: UserId;
  readonly role: string;
  /** `enc(tenant)/enc(user)/enc(role)`, the key of everything that belongs to the user in that role. */
  readonly actor: string;
}

/** Whole characters: every lone half of a pair of surrogates is spelt alike. */
const ESCAPED = /[^A-Za-z0-9]/gu;

/**
 * An injective, grammar-safe spelling of an id: each byte outside [A-Za-z0-9] as `_xx`. What an actor
 * begins with is a letter or a digit (botocore 1.43.107 service model), so that `0_` goes before an
 * escape there: two underscores together stand nowhere else.
 */
export const encodeId = (id: string): string => {
  const spelt = id.replace(ESCAPED, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (byte) => `_${byte.toString(16).padStart(2, '0')}`,
    ).join(''),
  );
  return spelt.startsWith('_') ? `0_${spelt}` : spelt;
};

/** The longest actor id that AgentCore Memory accepts, in characters. Source: botocore 1.43.107 service model. */
export const ACTOR_CHARACTERS_MAX = 255;

/**
 * The actor of a user in a role, or `undefined` when it would be over 255 characters: refused at
 * onboarding, never cut. The role is part of it, for memory holds what the role let its user read:
 * whoever changes role begins with an empty one.
 */
export const actorOf = (tenant: TenantId, user: UserId, role: string): string | undefined => {
  const actor = [tenant, user, role].map(encodeId).join('/');
  return actor.length > ACTOR_CHARACTERS_MAX ? undefined : actor;
};
