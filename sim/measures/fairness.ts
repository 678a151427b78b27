// Was goodput shared out evenly among the tenants of a tier? Jain's index.

import type { Fairness, TierFairness } from '../domain/report.ts';
import type { Account } from './usage.ts';

export const FAIRNESS_FORMULA =
  'Jain’s index (Σx)² ÷ (n × Σx²) over the n tenants of a tier, where x is the tenant’s completed ' +
  'requests ÷ its weight; tenants that lived once, in one tier, and asked something';

/**
 * Jain's fairness index: 1 when all are equal, 1 ÷ n when one has all. Undefined for fewer than
 * two values or when all are 0. Source: R. Jain, D. Chiu, W. Hawe, DEC-TR-301, 1984.
 */
export const jainIndex = (values: readonly number[]): number | undefined => {
  const sum = values.reduce((all, value) => all + value, 0);
  if (values.length < 2 || sum === 0) return undefined;
  const squares = values.reduce((all, value) => all + value * value, 0);
  return (sum * sum) / (values.length * squares);
};

/** `weightOf` is a tenant's share of traffic against others, above 0. */
export const fairnessOf = (
  accounts: readonly Account[],
  weightOf: (tenant: string) => number,
): Fairness => ({
  formula: FAIRNESS_FORMULA,
  tiers: [...new Set(accounts.map(({ tier }) => tier))].map((tier): TierFairness => {
    const shares = sharesOf(accounts, weightOf, tier);
    return { tier, tenants: shares.length, index: jainIndex(shares) ?? null };
  }),
});

/** What each comparable tenant of a tier, or of all tiers, completed for its weight. */
export const sharesOf = (
  accounts: readonly Account[],
  weightOf: (tenant: string) => number,
  tier: string | undefined,
): readonly number[] => {
  const tenants = new Map<string, { incarnation: string; tier: string; completed: number }>();
  const moved = new Set<string>();
  for (const account of accounts) {
    if (account.arrived === 0) continue;
    const known = tenants.get(account.tenant);
    if (known === undefined) {
      const { incarnation, completed } = account;
      tenants.set(account.tenant, { incarnation, tier: account.tier, completed });
      continue;
    }
    known.completed += account.completed;
    const isSame = known.incarnation === account.incarnation && known.tier === account.tier;
    if (!isSame) moved.add(account.tenant);
  }
  return [...tenants]
    .filter(([tenant, facts]) => !moved.has(tenant) && (tier === undefined || facts.tier === tier))
    .map(([tenant, { completed }]) => completed / weightOf(tenant));
};
