// Did several front doors keep one plan between them? Their decisions in one order, judged exactly.

import type {
  DoorDecision,
  FleetDoor,
  FleetReport,
  FleetTenant,
  LostDoor,
} from '../domain/fleet-report.ts';
import type { LimitContract } from '../domain/limit.ts';
import type { Outage } from '../domain/outage.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { LimiterJudge } from './limiter-judge.ts';

/**
 * Judges the decisions of all doors together, tenant by tenant, in the order in which they were
 * asked for. `clockErrorUs` is how far the doors' clocks may be apart; with the widest span between
 * question and answer it makes the tolerance. Where a door was lost with its decisions, no plan is
 * judged.
 */
export const judgeFleet = (
  doors: readonly (FleetDoor | LostDoor)[],
  terms: {
    readonly limiter: FleetReport['limiter'];
    readonly limitsOf: (tier: string) => LimitContract | undefined;
    readonly clockErrorUs: number;
  },
): FleetReport => {
  const told = doors.filter((door) => 'decisions' in door);
  const all = told
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
  const isWhole = told.length === doors.length;
  const tenants = (isWhole ? [...byTenant] : []).map(([tenant, decisions]) =>
    judged(tenant, decisions, terms.limitsOf, toleranceUs),
  );
  const sum = (of: (one: FleetTenant) => number): number =>
    tenants.reduce((total, one) => total + of(one), 0);
  return {
    limiter: terms.limiter,
    replicas: doors.length,
    doors: doors.map((door) =>
      'decisions' in door
        ? { decided: door.decisions.length, undecided: door.undecided.length, lostUs: null }
        : { decided: 0, undecided: 0, lostUs: door.lostUs },
    ),
    silences: silencesOf(told),
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

/** Silences that are less apart are one. Assumed. */
const APART_US = SECOND_US / 2;

/** Of one door from the first question without an answer to the last, with no answer between them; of several doors together where they overlap. */
const silencesOf = (doors: readonly FleetDoor[]): readonly Outage[] => {
  const all = doors.flatMap(silencesAt).sort((one, other) => one.fromUs - other.fromUs);
  const joined: Outage[] = [];
  for (const next of all) {
    const last = joined.at(-1);
    if (last === undefined || next.fromUs > last.toUs + APART_US) joined.push(next);
    else
      joined[joined.length - 1] = {
        fromUs: last.fromUs,
        toUs: Math.max(last.toUs, next.toUs),
        failed: last.failed + next.failed,
        isOver: last.isOver && next.isOver,
      };
  }
  return joined;
};

const silencesAt = ({ decisions, undecided }: FleetDoor): readonly Outage[] => {
  const answers = decisions.map(({ answeredUs }) => answeredUs).sort((one, other) => one - other);
  const silences: Outage[] = [];
  let index = 0;
  let since = -1;
  for (const { askedUs, answeredUs } of undecided.toSorted((a, b) => a.answeredUs - b.answeredUs)) {
    while ((answers[index] ?? Number.POSITIVE_INFINITY) <= answeredUs) index += 1;
    const isOver = index < answers.length;
    const last = silences.at(-1);
    if (last === undefined || index !== since)
      silences.push({ fromUs: askedUs, toUs: answeredUs, failed: 1, isOver });
    else silences[silences.length - 1] = { ...last, toUs: answeredUs, failed: last.failed + 1 };
    since = index;
  }
  return silences;
};
