// Did several front doors keep one plan between them? Their decisions in one order, judged exactly.

import type { DoorDecision, FleetDoor, FleetReport, FleetTenant } from '../domain/fleet-report.ts';
import type { LimitContract } from '../domain/limit.ts';
import { LimiterJudge } from './limiter-judge.ts';

/**
 * Judges the decisions of all doors together, tenant by tenant, in the order in which they were
 * asked for. `clockErrorUs` is how far the doors' clocks may be apart; with the widest span between
 * question and answer it makes the tolerance.
 */
export const judgeFleet = (
  doors: readonly FleetDoor[],
  terms: {
    readonly limiter: FleetReport['limiter'];
    readonly limitsOf: (tier: string) => LimitContract | undefined;
    readonly clockErrorUs: number;
  },
): FleetReport => {
  const all = doors
    .flatMap(({ decisions }) => decisions)
    .sort((one, other) => one.askedUs - other.askedUs);
  const spanUs = all.reduce(
    (most, { askedUs, answeredUs }) => Math.max(most, answeredUs - askedUs),
    0,
  );
  const toleranceUs = spanUs + terms.clockErrorUs;
  const byTenant = new Map<string, DoorDecision[]>();
  for (const decision of all) {
    const known = byTenant.get(decision.tenant);
    if (known === undefined) byTenant.set(decision.tenant, [decision]);
    else known.push(decision);
  }
  const tenants = [...byTenant].map(([tenant, decisions]) =>
    judged(tenant, decisions, terms.limitsOf, toleranceUs),
  );
  const sum = (of: (one: FleetTenant) => number): number =>
    tenants.reduce((total, one) => total + of(one), 0);
  return {
    limiter: terms.limiter,
    replicas: doors.length,
    doors: doors.map(({ decisions, undecided }) => ({ decided: decisions.length, undecided })),
    toleranceUs,
    tenants,
    wrongAdmissions: sum((one) => one.wrongAdmissions),
    wrongRefusals: sum((one) => one.wrongRefusals),
  };
};

const judged = (
  tenant: string,
  decisions: readonly DoorDecision[],
  limitsOf: (tier: string) => LimitContract | undefined,
  toleranceUs: number,
): FleetTenant => {
  const tier = decisions.at(-1)?.tier ?? '';
  const judge = new LimiterJudge(limitsOf(tier) ?? {}, toleranceUs);
  for (const { askedUs, admitted, by } of decisions) judge.see(askedUs, admitted, by ?? undefined);
  const { admitted, refused, wrongAdmissions, wrongRefusals, worstWindow } = judge.conclude();
  return {
    ...{ tenant, tier, admitted, refused, wrongAdmissions, wrongRefusals },
    worstWindow: worstWindow === undefined ? null : { ...worstWindow },
  };
};
