// Does the load agree with simulated time? The same people and questions again, on the simulated clock.

import type { CalibratedTier, Calibration, ClockedTier } from '../../domain/calibration.ts';
import type { DoorDecision } from '../../domain/fleet-report.ts';
import { DoorWatch } from '../../engines/door-watch.ts';
import { fold, type RunInputs } from '../../engines/run.ts';
import { wallMs } from '../../kernel/wall-clock.ts';
import { type Generated, LoadTally, playedFrom } from '../../load.ts';
import { calibrate } from '../../measures.ts';

/** Plays in simulated time what was loaded, from the very instant on, and compares. */
export const calibrated = async (
  inputs: RunInputs,
  durationUs: number,
  { startUs, tally }: Generated,
  wall: readonly DoorDecision[],
): Promise<Calibration> => {
  const scenario = {
    ...playedFrom(inputs.scenario, startUs, durationUs),
    ...{ moves: [], changes: [], probes: undefined, observer: undefined, thresholds: [] },
  };
  const watch = new DoorWatch();
  const simulated = new LoadTally();
  await fold({ ...inputs, scenario }, { wallMs, digested: false, observers: [watch, simulated] });
  const seconds = durationUs / 1_000_000;
  const limitsOf = (tier: string) => inputs.scenario.tiers[tier]?.limits;
  return {
    ...calibrate(watch.door().decisions, wall, limitsOf),
    tiers: simulated.tiers.map(
      ({ tier }): CalibratedTier => ({
        tier,
        simulated: clocked(simulated, tier, seconds),
        wall: clocked(tally, tier, seconds),
      }),
    ),
  };
};

const clocked = (tally: LoadTally, tier: string, seconds: number): ClockedTier => {
  const account = tally.tiers.find((one) => one.tier === tier);
  const summary = account?.latencies.summary() ?? null;
  const completed = account?.completed ?? 0;
  return {
    completed,
    goodputPerSecond: completed / seconds,
    latencyMs: summary === null ? null : { p50: summary.p50, p95: summary.p95 },
  };
};
