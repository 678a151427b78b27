// What do the rows of the limiter bench come to, and is that a failure?

import { exitCode, verdictOf } from '../domain/exit-code.ts';
import type { AdversaryRow, LimiterReport, LimiterRow } from '../domain/limiter-report.ts';
import { namesOf, wrongOf } from './limiter-tables.ts';
import { limiterSentence } from './limiter-text.ts';

/** All that the bench found, without what follows from it. */
export type LimiterFound = Omit<
  LimiterReport,
  'schema' | 'sentence' | 'verdict' | 'exitCode' | 'unreached'
> & {
  /** Limiters that the user named, and that could not be tried. */
  readonly missing: number;
};

/**
 * Fails for every wrong decision of a limiter that is held to the contract, also under the search,
 * for a seeded fault that nothing shows, and for a sound limiter that is accused. Nothing tried is
 * not a pass, nor is a limiter that keeps a limit which it never met, nor a search that was bounded.
 */
export const limiterReport = ({ missing, ...found }: LimiterFound): LimiterReport => {
  const { rows, faults, adversary, partial } = found;
  const wrong = rows
    .filter(({ heldTo, inconclusive }) => heldTo !== 'nothing' && inconclusive === null)
    .reduce((sum, row) => sum + row.wrongAdmissions.count + row.wrongRefusals.count, 0);
  const overrun = adversary
    .filter((row) => row.heldTo !== 'nothing')
    .reduce((sum, { wrongAdmissions }) => sum + wrongAdmissions, 0);
  const { names: unreached, isKept } = unreachedOf(rows, adversary);
  const unseen = faults.filter(({ caught, control }) => !caught || control > 0).length;
  const isNothing = rows.length === 0 && faults.length === 0 && adversary.length === 0;
  const code = exitCode({
    findings: wrong + overrun + unseen,
    inconclusive:
      partial ||
      missing > 0 ||
      isNothing ||
      (isKept && unreached.length > 0) ||
      adversary.some((row) => row.heldTo !== 'nothing' && row.bounded) ||
      rows.some(({ inconclusive }) => inconclusive !== null),
  });
  const told = {
    schema: 'poolproof.limiter/1' as const,
    ...found,
    unreached,
    verdict: verdictOf(code),
    exitCode: code,
  };
  const sentence = limiterSentence(told);
  return { ...told, sentence };
};

/**
 * The limits that somebody who is said to keep the contract never met under any pattern nor under
 * the search; where nobody is said to, those that no limiter met.
 */
const unreachedOf = (
  rows: readonly LimiterRow[],
  adversary: readonly AdversaryRow[],
): { readonly names: readonly string[]; readonly isKept: boolean } => {
  const tried = rows.filter(({ clock }) => clock === 'simulated');
  const never = (limiters: readonly string[]): readonly string[] => {
    const own = [...tried, ...adversary].filter(({ limiter }) => limiters.includes(limiter));
    const [first] = own;
    return (
      first?.unreached.filter((name) => own.every((row) => row.unreached.includes(name))) ?? []
    );
  };
  const held = tried.filter(({ heldTo }) => heldTo !== 'nothing');
  const broken = held.filter((row) => wrongOf(row) > 0).map(({ limiter }) => limiter);
  const kept = namesOf(held).filter((name) => !broken.includes(name));
  if (kept.length === 0) return { names: never(namesOf(tried)), isKept: false };
  return { names: [...new Set(kept.flatMap((name) => never([name])))], isKept: true };
};
