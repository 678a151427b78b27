// What does a load of a user's own gateway come to: figures, findings and doubts put together, and judged.

import { exitCode, verdictOf } from '../domain/exit-code.ts';
import type { Verdict } from '../domain/finding.ts';
import type { TargetLoadReport } from '../domain/target-report.ts';
import { reportedFinding } from './assemble.ts';
import { targetSentence } from './target-text.ts';
import { applyWaivers, type Waiver } from './waivers.ts';

/** What the command found. */
export interface TargetFound
  extends Pick<
    TargetLoadReport,
    | 'version'
    | 'node'
    | 'scenario'
    | 'seed'
    | 'partial'
    | 'stage'
    | 'replay'
    | 'load'
    | 'target'
    | 'notPlayed'
  > {
  /** The generator's own, on I1. */
  readonly verdict: Verdict;
  /** Of traces that the target sent, on I1 and I5. */
  readonly traced: readonly Verdict[];
  readonly waivers: readonly Waiver[];
  /** YYYY-MM-DD in UTC, on which waivers are judged. */
  readonly today: string;
}

export const targetReport = (found: TargetFound): TargetLoadReport => {
  const { version, node, scenario, seed, partial, stage, replay, load, target, notPlayed } = found;
  const told = [found.verdict, ...found.traced].flatMap(({ promise, findings }) =>
    findings.map((finding) => reportedFinding(promise, finding, replay)),
  );
  const findings = applyWaivers([...told, ...target.findings], found.waivers, found.today);
  const code = exitCode({
    findings: findings.filter(({ waived }) => waived === null).length,
    harnessLimited: load.isLimited || load.dropped > target.heldBack,
    // A canary that is left must be taken away by hand: nobody may overlook it.
    inconclusive:
      partial ||
      load.requests.sent === 0 ||
      target.inconclusive.length > 0 ||
      target.canaries.left.length > 0,
  });
  const parts = {
    schemaVersion: 1 as const,
    ...{ version, node, scenario, seed, partial, stage, exitCode: code, verdict: verdictOf(code) },
    ...{ replay, load, target, findings, notPlayed },
    scanned: {
      answers: target.statuses.reduce((sum, { count }) => sum + count, 0),
      ownCanaries: target.ownCanaries,
    },
  };
  return { ...parts, sentence: targetSentence(parts) };
};
