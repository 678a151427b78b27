// Did a target keep its limits, as far as can be told from outside: when it was asked, and when it answered?

import type { LimitContract } from '../domain/limit.ts';
import type { OutsideLimit } from '../domain/target-report.ts';
import { LimiterJudge, type LimiterVerdict, Samples } from '../measures.ts';

/** An ask and what the target decided, at some instant from `sentUs` to `firstUs`. */
export interface OutsideDecision {
  readonly tenant: string;
  readonly tier: string;
  readonly sentUs: number;
  readonly firstUs: number;
  readonly decided: 'admitted' | 'refused' | 'unknown';
  /** Which limit refused, where the target says so. */
  readonly by?: 'rate' | 'quota' | undefined;
}

/** What was judged of a tenant, and the stretch that was furthest beyond its promise. */
export interface JudgedTenant {
  readonly limit: OutsideLimit;
  readonly contract: LimitContract;
  readonly admissions: LimiterVerdict;
  /** Of the admissions alone, in microseconds. */
  readonly admissionSpreadUs: number;
  /** Why nothing was told. */
  readonly doubt: string | undefined;
}

/**
 * Judges what each tenant was given. It accuses only where every instant between asking and
 * answering makes it wrong:
 *
 * - Admissions are held against the full promise, each stamped with its answer, with the widest
 *   spread as the tolerance. What failed may not have been admitted, and is left out.
 * - Refusals are held against the least that must have been left: a bucket that was empty when the
 *   run began, and everything that was, or may have been, admitted, stamped when it was asked. A
 *   refusal by a quota is never wrong, as the quota may have been used before.
 *
 * It takes for granted that nobody else uses these tenants during the run.
 */
export class OutsideLimits {
  readonly #limitsOf: (tier: string) => LimitContract | undefined;
  readonly #toleranceUs: number;
  readonly #shiftUs: number;
  readonly #seen = new Map<string, OutsideDecision[]>();

  /** `shiftUs` is how far the stamps are ahead of real time, by which calendars go. */
  constructor(
    limitsOf: (tier: string) => LimitContract | undefined,
    { toleranceUs, shiftUs }: { readonly toleranceUs: number; readonly shiftUs: number },
  ) {
    this.#limitsOf = limitsOf;
    this.#toleranceUs = toleranceUs;
    this.#shiftUs = shiftUs;
  }

  see(decision: OutsideDecision): void {
    const known = this.#seen.get(decision.tenant);
    if (known === undefined) this.#seen.set(decision.tenant, [decision]);
    else known.push(decision);
  }

  /** The verdict so far, in the order in which tenants were first answered. */
  conclude(): readonly JudgedTenant[] {
    return [...this.#seen.values()].map((decisions) => this.#judge(decisions));
  }

  #judge(decisions: readonly OutsideDecision[]): JudgedTenant {
    const { tenant = '', tier = '' } = decisions[0] ?? {};
    const contract = this.#limitsOf(tier) ?? {};
    const of = (decided: OutsideDecision['decided']) =>
      decisions.filter((one) => one.decided === decided);
    const [admitted, refused, unknown] = [of('admitted'), of('refused'), of('unknown')];
    const admissionSpreadUs = spreadOf(admitted) + this.#toleranceUs;
    const refusalSpreadUs =
      spreadOf([...admitted, ...unknown]) + spreadOf(refused) + this.#toleranceUs;
    const admissions = this.#admissions(contract, admitted, admissionSpreadUs);
    const judged = refused.filter(({ by }) => isJudged(contract, by));
    const wrongRefusals = this.#wrongRefusals(
      contract,
      [...admitted, ...unknown],
      judged,
      refusalSpreadUs,
    );
    const { wrongAdmissions } = admissions;
    // What if no answer had been slower than half of them?
    const usualUs = medianOf(admitted) + this.#toleranceUs;
    const usualRefusalUs =
      medianOf([...admitted, ...unknown]) + medianOf(refused) + this.#toleranceUs;
    const narrower = {
      admissions: this.#admissions(contract, admitted, usualUs).wrongAdmissions,
      refusals: this.#wrongRefusals(contract, [...admitted, ...unknown], judged, usualRefusalUs),
    };
    const limit = {
      ...{ tenant, tier, wrongAdmissions, wrongRefusals, refusalsJudged: judged.length },
      couldBeWrong:
        Math.max(0, narrower.admissions - wrongAdmissions) +
        Math.max(0, narrower.refusals - wrongRefusals),
      ...{ admitted: admitted.length, refused: refused.length, unknown: unknown.length },
      toleranceUs: Math.max(admissionSpreadUs, judged.length === 0 ? 0 : refusalSpreadUs),
    };
    // What if everything that was asked had been admitted?
    const asked = [...admitted, ...refused];
    const couldBeWrong = (toleranceUs: number): boolean =>
      this.#admissions(contract, asked, toleranceUs).wrongAdmissions > 0;
    const verdict = verdictOf(contract, limit, couldBeWrong, admissionSpreadUs);
    const doubt = doubtOf(verdict, contract, admissionSpreadUs);
    return { limit: { ...limit, verdict }, contract, admissions, admissionSpreadUs, doubt };
  }

  #admissions(
    contract: LimitContract,
    admitted: readonly OutsideDecision[],
    toleranceUs: number,
  ): LimiterVerdict {
    const judge = new LimiterJudge(contract, toleranceUs);
    for (const atUs of ascending(admitted.map(({ firstUs }) => firstUs)))
      judge.see(atUs - this.#shiftUs, true);
    return judge.conclude();
  }

  #wrongRefusals(
    { rate }: LimitContract,
    admitted: readonly OutsideDecision[],
    refused: readonly OutsideDecision[],
    toleranceUs: number,
  ): number {
    if (refused.length === 0) return 0;
    const judge = new LimiterJudge(rate === undefined ? {} : { rate }, toleranceUs);
    const events = [
      ...admitted.map(({ sentUs }) => ({ atUs: sentUs - this.#shiftUs, isAdmission: true })),
      ...refused.map(({ firstUs }) => ({ atUs: firstUs - this.#shiftUs, isAdmission: false })),
    ].sort((a, b) => a.atUs - b.atUs || Number(b.isAdmission) - Number(a.isAdmission));
    const beganUs = events[0]?.atUs ?? 0;
    for (let spent = 0; spent < (rate?.burst ?? 0); spent += 1) judge.see(beganUs, true);
    for (const { atUs, isAdmission } of events) judge.see(atUs, isAdmission);
    return judge.conclude().wrongRefusals;
  }
}

const ascending = (values: readonly number[]): readonly number[] =>
  values.toSorted((a, b) => a - b);

const spreadOf = (decisions: readonly OutsideDecision[]): number =>
  decisions.reduce((widest, { sentUs, firstUs }) => Math.max(widest, firstUs - sentUs), 0);

const medianOf = (decisions: readonly OutsideDecision[]): number => {
  const spreads = new Samples();
  for (const { sentUs, firstUs } of decisions) spreads.add(firstUs - sentUs);
  return spreads.quantile(50) ?? 0;
};

/** With a quota, only a refusal that names the rate is surely one by the rate. */
const isJudged = ({ rate, quota }: LimitContract, by: OutsideDecision['by']): boolean => {
  if (rate === undefined && quota === undefined) return false;
  return by === 'rate' || (by === undefined && quota === undefined);
};

/**
 * Limits that were never asked for more than they give are not exercised; where they were, but so
 * slowly answered that nothing could have been called wrong, nothing can be told.
 */
const verdictOf = (
  { rate, quota }: LimitContract,
  limit: Omit<OutsideLimit, 'verdict'>,
  couldBeWrong: (toleranceUs: number) => boolean,
  spreadUs: number,
): OutsideLimit['verdict'] => {
  if (rate === undefined && quota === undefined) return 'not promised';
  if (limit.wrongAdmissions + limit.wrongRefusals > 0) return 'broken';
  if (couldBeWrong(spreadUs)) return 'held';
  if (couldBeWrong(0)) return 'inconclusive';
  return limit.refusalsJudged > 0 ? 'held' : 'not exercised';
};

const doubtOf = (
  verdict: OutsideLimit['verdict'],
  { rate, quota }: LimitContract,
  spreadUs: number,
): string | undefined => {
  if (verdict === 'not exercised') return 'it never asked for more than it is promised';
  if (verdict !== 'inconclusive') return undefined;
  const promised = [
    ...(rate === undefined ? [] : [`${rate.requestsPerSecond} a second, burst ${rate.burst}`]),
    ...(quota === undefined ? [] : [`${quota.requests} a ${quota.period}`]),
  ].join(' and ');
  return (
    `between asking and answering lay up to ${Math.round(spreadUs / 1000)} ms, too long to tell ` +
    `whether more than ${promised} was admitted`
  );
};
