// How well does a limiter keep its contract that has a clock of its own? Real calls in real time.

import type { Answer, Contract } from '../../domain/contract.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Limiter } from '../../limiters.ts';
import { ContractJudge, type ContractVerdict } from '../../measures.ts';

/** A call so long after the beginning, of one replica. */
export interface Paced {
  readonly afterUs: number;
  readonly replica: number;
}

export interface WallRow {
  readonly verdict: ContractVerdict;
  readonly toleranceUs: number;
  /** Why nothing can be said, where that is so. */
  readonly failed: string | undefined;
}

interface Stamped {
  readonly beforeUs: number;
  readonly afterUs: number;
  readonly answer: Answer;
}

/**
 * Calls in an open loop and stamps each call before and after. The instant of a decision lies
 * between; the widest such span and `grainUs`, the grain of the limiter's own clock, are the
 * tolerance of the judge. Stops at the first call that fails, and says so.
 */
export const wallBench = async (
  limiter: Limiter,
  contract: Contract,
  plan: readonly Paced[],
  {
    clock,
    grainUs,
    key,
  }: { readonly clock: Clock; readonly grainUs: number; readonly key: string },
): Promise<WallRow> => {
  const stamped: Stamped[] = [];
  let failed: string | undefined;
  const beganUs = clock.nowUs();
  const asked: Promise<void>[] = [];
  for (const { afterUs, replica } of plan) {
    const waitUs = beganUs + afterUs - clock.nowUs();
    if (waitUs > 0) await clock.sleep(waitUs);
    if (failed !== undefined) break;
    asked.push(
      ask(limiter, { key, replica }, clock).then(
        (one) => void stamped.push(one),
        (problem: unknown) => {
          failed ??= (problem as Error).message;
        },
      ),
    );
  }
  await Promise.all(asked);
  const spreadUs = stamped.reduce((most, one) => Math.max(most, one.afterUs - one.beforeUs), 0);
  const verdict = judged(contract, stamped, spreadUs + grainUs);
  return { verdict, toleranceUs: 2 * (spreadUs + grainUs), failed };
};

const ask = async (
  limiter: Limiter,
  { key, replica }: { readonly key: string; readonly replica: number },
  clock: Clock,
): Promise<Stamped> => {
  const beforeUs = clock.nowUs();
  const answer = await limiter.admit({ key, replica, atUs: beforeUs, clockUs: beforeUs });
  return { beforeUs, afterUs: clock.nowUs(), answer };
};

/**
 * An admission is stamped when its answer came, a refusal a spread later, so that whatever was
 * decided before a refusal is seen before it. Both stamps are off by at most two spreads.
 */
const judged = (
  contract: Contract,
  stamped: readonly Stamped[],
  spreadUs: number,
): ContractVerdict => {
  const judge = new ContractJudge(contract, 2 * spreadUs);
  const seen = stamped
    .map(({ afterUs, answer }) => ({
      atUs: answer.kind === 'admitted' ? afterUs : afterUs + spreadUs,
      isAdmitted: answer.kind === 'admitted',
    }))
    .toSorted((a, b) => a.atUs - b.atUs);
  for (const { atUs, isAdmitted } of seen) judge.see('one', atUs, isAdmitted);
  return judge.conclude();
};
