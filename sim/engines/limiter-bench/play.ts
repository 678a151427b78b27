// What does a limiter say to a pattern of calls, and was it right?

import {
  type Answer,
  type Band,
  type Contract,
  type LimitedCall,
  scaled,
} from '../../domain/contract.ts';
import type { SimulatedLimiter } from '../../limiters.ts';
import { Enforcer } from '../../limiters.ts';
import { ContractJudge, type ContractVerdict } from '../../measures.ts';
import type { Caller } from './caller.ts';

/** The calls of a pattern, each with its answer, in order of time. */
export interface Played {
  readonly calls: readonly LimitedCall[];
  readonly answers: readonly Answer[];
}

export const play = (limiter: SimulatedLimiter, caller: Caller, decisions: number): Played => {
  const calls: LimitedCall[] = [];
  const answers: Answer[] = [];
  for (let index = 0; index < decisions; index += 1) {
    const call = caller.next();
    const answer = limiter.admit(call);
    caller.heard(call, answer);
    calls.push(call);
    answers.push(answer);
  }
  return { calls, answers };
};

/**
 * The verdict on what was played. Within a band, admissions are judged by the contract's upper end
 * and refusals by its lower one; the worst stretches are those against the upper end, and a limit is
 * reached where its lower end is.
 */
export const judgePlayed = (
  contract: Contract,
  { calls, answers }: Played,
  { toleranceUs, band }: { readonly toleranceUs: number; readonly band: Band | undefined },
): ContractVerdict => {
  const upper = band === undefined ? contract : scaled(contract, band.overshoot);
  const judge = new ContractJudge(upper, toleranceUs);
  const lower =
    band === undefined ? judge : new ContractJudge(scaled(contract, -band.undershoot), toleranceUs);
  for (const [index, { key, atUs }] of calls.entries()) {
    const answer = answers[index];
    if (answer === undefined) break;
    const isAdmitted = answer.kind === 'admitted';
    // With a band, a limit that refuses before another may have been scaled away from it.
    const by = isAdmitted || band !== undefined ? undefined : answer.by;
    judge.see(key, atUs, isAdmitted, by);
    if (lower !== judge) lower.see(key, atUs, isAdmitted);
  }
  const verdict = judge.conclude();
  if (lower === judge) return verdict;
  const { wrongRefusals, firstWrongRefusalUs, limits } = lower.conclude();
  return {
    ...verdict,
    ...{ wrongRefusals, firstWrongRefusalUs },
    limits: verdict.limits.map((limit, index) => ({
      ...limit,
      reached: limits[index]?.reached === true,
    })),
  };
};

/** How many of the same calls an exact limiter with a true clock would have admitted. */
export const admittedExactly = (contract: Contract, { calls }: Played): number => {
  const exact = new Enforcer(contract.limits);
  let admitted = 0;
  for (const { key, atUs } of calls) {
    if (exact.admit({ key, clockUs: atUs }).kind === 'admitted') admitted += 1;
  }
  return admitted;
};
