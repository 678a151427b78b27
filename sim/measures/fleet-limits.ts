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
import { LimiterJudge, type LimiterVerdict } from './limiter-judge.ts';
import { Samples } from './samples.ts';

/**
 * Judges the decisions of all doors together, tenant by tenant. Which of two that were under way at
 * one time was first, nobody knows: admissions are judged in the order in which they were asked for,
 * and a refusal as it was answered, after every admission that may have come before it.
 * `clockErrorUs` is how far the doors' clocks may be apart; with the tenant's own widest span between
 * question and answer it makes the tolerance, so that one slow answer excuses nobody else; what it
 * excuses of its own tenant's is counted as what could be wrong. Where a door was lost with its
 * decisions, no plan is judged.
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
  const byTenant = new Map<string, DoorDecision[]>();
  for (const decision of all) {
    const known = byTenant.get(decision.tenant);
    if (known === undefined) byTenant.set(decision.tenant, [decision]);
    else known.push(decision);
  }
  const isWhole = told.length === doors.length;
  const tenants = (isWhole ? [...byTenant] : []).map(([tenant, decisions]) =>
    judged(tenant, decisions, terms.limitsOf(decisions.at(-1)?.tier ?? ''), terms.clockErrorUs),
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
    toleranceUs: spanOf(all) + terms.clockErrorUs,
    tenants,
    wrongAdmissions: sum((one) => one.wrongAdmissions),
    wrongRefusals: sum((one) => one.wrongRefusals),
    couldBeWrong: sum((one) => one.couldBeWrong),
  };
};

const judged = (
  tenant: string,
  decisions: readonly DoorDecision[],
  contract: LimitContract | undefined,
  clockErrorUs: number,
): FleetTenant => {
  const tier = decisions.at(-1)?.tier ?? '';
  const toleranceUs = spanOf(decisions) + clockErrorUs;
  const latestUs = ({ admitted, askedUs, answeredUs }: DoorDecision): number =>
    admitted ? askedUs : answeredUs;
  const inOrder = decisions.toSorted(
    (one, other) =>
      latestUs(one) - latestUs(other) || Number(other.admitted) - Number(one.admitted),
  );
  const within = (toleratedUs: number): LimiterVerdict => {
    const judge = new LimiterJudge(contract ?? {}, toleratedUs);
    for (const each of inOrder) judge.see(latestUs(each), each.admitted, each.by ?? undefined);
    return judge.conclude();
  };
  const { admitted, refused, wrongAdmissions, wrongRefusals, worstWindow } = within(toleranceUs);
  const narrower = within(medianSpanOf(decisions) + clockErrorUs);
  return {
    ...{ tenant, tier, admitted, refused, wrongAdmissions, wrongRefusals, toleranceUs },
    couldBeWrong:
      Math.max(0, narrower.wrongAdmissions - wrongAdmissions) +
      Math.max(0, narrower.wrongRefusals - wrongRefusals),
    worstWindow: worstWindow === undefined ? null : { ...worstWindow },
  };
};

const medianSpanOf = (decisions: readonly DoorDecision[]): number => {
  const spans = new Samples();
  for (const { askedUs, answeredUs } of decisions) spans.add(answeredUs - askedUs);
  return spans.quantile(50) ?? 0;
};

const spanOf = (decisions: readonly DoorDecision[]): number =>
  decisions.reduce((most, { askedUs, answeredUs }) => Math.max(most, answeredUs - askedUs), 0);

/** Silences that are less apart are one. Assumed. */
const APART_US = SECOND_US / 2;

/**
 * Of one door from the first question without an answer to the last, with no answer between them; of
 * several doors together where they overlap.
 */
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
