// What do the rows of the limiter bench come to, and is that a failure?

import { exitCode, verdictOf } from '../domain/exit-code.ts';
import type { LimiterReport } from '../domain/limiter-report.ts';
import { limiterSentence } from './limiter-text.ts';

/** All that the bench found, without what follows from it. */
export type LimiterFound = Omit<LimiterReport, 'schema' | 'sentence' | 'verdict' | 'exitCode'> & {
  /** Limiters that the user named, and that could not be tried. */
  readonly missing: number;
};

/**
 * Fails for every wrong decision of a limiter that is held to the contract, also under the search, for a seeded fault that
 * nothing shows, and for a sound limiter that is accused. Nothing tried is not a pass.
 */
export const limiterReport = ({ missing, ...found }: LimiterFound): LimiterReport => {
  const { rows, faults, adversary, partial } = found;
  const wrong = rows
    .filter(({ heldTo, inconclusive }) => heldTo !== 'nothing' && inconclusive === null)
    .reduce((sum, row) => sum + row.wrongAdmissions.count + row.wrongRefusals.count, 0);
  const overrun = adversary
    .filter((row) => row.heldTo !== 'nothing')
    .reduce((sum, { wrongAdmissions }) => sum + wrongAdmissions, 0);
  const unseen = faults.filter(({ caught, control }) => !caught || control > 0).length;
  const isNothing = rows.length === 0 && faults.length === 0 && adversary.length === 0;
  const code = exitCode({
    findings: wrong + overrun + unseen,
    inconclusive:
      partial || missing > 0 || isNothing || rows.some(({ inconclusive }) => inconclusive !== null),
  });
  const told = {
    schema: 'poolproof.limiter/1' as const,
    ...found,
    verdict: verdictOf(code),
    exitCode: code,
  };
  const sentence = limiterSentence(told);
  return { ...told, sentence };
};
