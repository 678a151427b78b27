// What is told of a run: the folds of its history and what only the command knows, as a report.

import type { Verdict } from '../domain/finding.ts';
import type { Report } from '../domain/report.ts';
import type { Folded, RunInputs } from '../engines/run.ts';
import { evaluateThresholds } from '../measures.ts';
import { assembleReport, type RunFacts, type Waiver } from '../report.ts';

/** What only the command knows of a run. */
export type RunNames = Pick<RunFacts, 'version' | 'node' | 'hashes' | 'replay' | 'today'> & {
  readonly waivers: readonly Waiver[];
  /** Beyond the run's own: on I2 and I11 from runs compared, on I1 and I5 from traces. */
  readonly compared: readonly Verdict[];
  readonly traces?: Report['traces'];
};

/** The report of a folded run, in simulated time unless it was on the wall clock. */
export const reportOf = (
  inputs: RunInputs,
  folded: Folded,
  names: RunNames,
  clock: Report['clock'] = 'simulated',
): Report => {
  const { scenario, seed } = inputs;
  const { played, measured } = folded;
  const { arrived } = measured.requests;
  return assembleReport({
    ...names,
    scenario: scenario.name,
    platform: played.platform.name,
    seed,
    digest: folded.digest,
    clock,
    partial: played.partial,
    planned: played.planned,
    dropped: Math.max(0, played.planned - arrived),
    verdicts: [...folded.verdicts, ...names.compared],
    measured,
    expects: scenario.expects,
    thresholds: evaluateThresholds(scenario.thresholds, measured.metrics),
    wallMs: folded.wallMs,
    simulatedMs: clock === 'wall' ? 0 : scenario.durationUs / 1000,
    events: played.events,
    // A request that never ended waits for something outside simulated time: nothing was proved of it.
    // A server that nobody called has nothing to prove.
    outcome: { inconclusive: clock === 'simulated' && (played.stalled > 0 || arrived === 0) },
  });
};
