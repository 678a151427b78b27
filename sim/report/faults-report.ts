// What do the judged faults come to: counts, which checks were silent, and whether that is a failure.

import { exitCode, verdictOf } from '../domain/exit-code.ts';
import type { FaultsReport, JudgedFault } from '../domain/faults-report.ts';
import { faultsSentence } from './faults-text.ts';

/** How it was judged. */
export type FaultsTerms = Pick<
  FaultsReport,
  'version' | 'control' | 'partial' | 'seeds' | 'budget' | 'replay'
>;

/**
 * Fails for every fault that escapes a search, and for every check that is not seen to work: taking
 * out one check must never go unnoticed because another one happens to see the same faults.
 */
export const faultsReport = (
  faults: readonly JudgedFault[],
  { version, control, partial, seeds, budget, replay }: FaultsTerms,
): FaultsReport => {
  const caught = faults.filter((fault) => fault.caught).length;
  const attributed = faults.filter((fault) => fault.attributed);
  const unattributed = faults
    .filter(({ caughtBy, promise }) => !caughtBy.includes(promise))
    .map(({ id }) => id);
  const seen = new Set(attributed.map(({ promise }) => promise));
  const silent = [...new Set(faults.map(({ promise }) => promise))].filter(
    (promise) => !seen.has(promise),
  );
  // A check that misses a fault lets leaks pass; a finding on the sound platform is a false one.
  const code = exitCode({
    findings: faults.length - caught + unattributed.length + silent.length + control.findings,
    inconclusive: partial,
  });
  const told = {
    schema: 'poolproof.faults/1' as const,
    version,
    verdict: verdictOf(code),
    exitCode: code,
    total: faults.length,
    caught,
    attributed: attributed.length,
    unattributed,
    silent,
    faults,
    usualTest: { caught: faults.filter((fault) => fault.usualTest).length },
    control,
    partial,
    seeds,
    budget,
    replay,
  };
  return { ...told, sentence: faultsSentence(told) };
};
