// For whom does the sample's code believe that it works: names that it was handed, with its defaults.

import type { Caller } from '../../domain/caller.ts';
import type { Deployment, TierTerms } from '../../domain/directory.ts';

/** What a process keeps of the request that it was started for. */
export interface TenantContext {
  readonly tier: string;
  readonly clinic: string;
  readonly user: string;
  readonly role: string;
}

/** The tenant of whoever names none. Source: sample, api_gateway_lambda.py:111-113 and main.py:147. */
const DEMO: TenantContext = {
  tier: 'basic',
  clinic: 'demo-clinic',
  user: 'demo-user',
  role: 'user',
};

type Names = Readonly<Record<string, unknown>>;

/** The tenant that the claims of a token name, verified or not. */
export const contextOfClaims = (claims: Names): TenantContext => ({
  tier: named(claims, 'custom:tier') ?? DEMO.tier,
  clinic: named(claims, 'custom:clinic_id') ?? DEMO.clinic,
  user: named(claims, 'cognito:username') ?? named(claims, 'sub') ?? DEMO.user,
  role: named(claims, 'custom:role') ?? DEMO.role,
});

/** The tenant that a payload names; what it lacks is taken from `rest`. */
export const contextOfPayload = (payload: Names, rest: TenantContext = DEMO): TenantContext => ({
  tier: named(payload, 'tier') ?? rest.tier,
  clinic: named(payload, 'clinic_id') ?? rest.clinic,
  user: named(payload, 'user_id') ?? rest.user,
  role: named(payload, 'role') ?? rest.role,
});

/** The fields by which a payload names a tenant. */
export const payloadOf = ({ tier, clinic, user, role }: TenantContext): Names => ({
  tier,
  clinic_id: clinic,
  user_id: user,
  role,
});

/** The actor of memory: `-` joins the parts, and may stand in each of them. Source: sample, main.py:172. */
export const joinedActor = ({ tier, clinic, user }: TenantContext): string =>
  `${tier}-${clinic}-${user}`;

/** Source: sample, main.py. Passed on and printed, never enforced. */
export const s3Prefix = ({ tier, clinic }: Pick<TenantContext, 'tier' | 'clinic'>): string =>
  `${tier}-tier/${clinic}/`;

/** The context as spans, logs and baggage name a caller. */
export const callerOf = (context: TenantContext): Caller => ({
  tier: context.tier,
  tenant: context.clinic,
  user: context.user,
  role: context.role,
  actor: joinedActor(context),
});

/** A name in text; an empty one is one. */
export const named = (names: Names, name: string): string | undefined => {
  const value = names[name];
  return typeof value === 'string' ? value : undefined;
};

/** What a tier gets; an unknown one gets what Basic gets. Source: sample, agent.py:283. */
export const termsOf = ({ tiers }: Deployment, tier: string): TierTerms | undefined => {
  const all = Object.values(tiers);
  return all.find((terms) => terms.tier === tier) ?? all.find((terms) => terms.tier === DEMO.tier);
};
