// Did several front doors keep one plan between them? Their decisions in one order, judged exactly.

import type { DoorDecision, FleetDoor, FleetReport, FleetTenant } from '../domain/fleet-report.ts';
import type { LimitContract } from '../domain/limit.ts';
import { LimiterJudge } from './limiter-judge.ts';

/**
 * Judges the decisions of all doors together, tenant by tenant. Which of two that were under way at
 * one time was first, nobody knows: admissions are judged in the order in which they were asked for,
 * and a refusal as it was answered, after every admission that may have come before it.
 * `clockErrorUs` is how far the doors' clocks may be apart; with the tenant's own widest span between
 * question and answer it makes the tolerance, so that one slow answer excuses nobody else.
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
  const byTenant = new Map<string, DoorDecision[]>();
  for (const decision of all) {
    const known = byTenant.get(decision.tenant);
    if (known === undefined) byTenant.set(decision.tenant, [decision]);
    else known.push(decision);
  }
  const tenants = [...byTenant].map(([tenant, decisions]) =>
    judged(tenant, decisions, terms.limitsOf, spanOf(decisions) + terms.clockErrorUs),
  );
  const sum = (of: (one: FleetTenant) => number): number =>
    tenants.reduce((total, one) => total + of(one), 0);
  return {
    limiter: terms.limiter,
    replicas: doors.length,
    doors: doors.map(({ decisions, undecided }) => ({ decided: decisions.length, undecided })),
    toleranceUs: spanOf(all) + terms.clockErrorUs,
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
  const latestUs = ({ admitted, askedUs, answeredUs }: DoorDecision): number =>
    admitted ? askedUs : answeredUs;
  const inOrder = decisions.toSorted(
    (one, other) =>
      latestUs(one) - latestUs(other) || Number(other.admitted) - Number(one.admitted),
  );
  for (const each of inOrder) judge.see(latestUs(each), each.admitted, each.by ?? undefined);
  const { admitted, refused, wrongAdmissions, wrongRefusals, worstWindow } = judge.conclude();
  return {
    ...{ tenant, tier, admitted, refused, wrongAdmissions, wrongRefusals },
    worstWindow: worstWindow === undefined ? null : { ...worstWindow },
  };
};

const spanOf = (decisions: readonly DoorDecision[]): number =>
  decisions.reduce((most, { askedUs, answeredUs }) => Math.max(most, answeredUs - askedUs), 0);
