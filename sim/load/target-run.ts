// How does a load of a user's own gateway go, from the first sign-in until everything planted is gone?

import type { Verdict } from '../domain/finding.ts';
import type { TargetReport } from '../domain/target-report.ts';
import type { RunInputs } from '../engines/run.ts';
import { type Generated, Generator } from './generator.ts';
import { TargetDrive, type TargetSurroundings } from './target-drive.ts';
import type { LoadedTarget } from './target-file.ts';

export interface TargetRunSurroundings extends TargetSurroundings {
  /** True once the user asked to stop. */
  readonly stopped: () => boolean;
  readonly progress?: (seconds: number, requests: number) => void;
}

export interface TargetRun {
  readonly generated: Generated;
  readonly target: TargetReport;
  /** On I1 and I5, of traces that the target sent. */
  readonly traced: readonly Verdict[];
}

/**
 * Plays the streams of a scenario (as `targetScenario` gives it) at a target for `durationUs`. What
 * was planted is taken away however it ends, even when it was stopped or failed.
 */
export const runTarget = async (
  inputs: Pick<RunInputs, 'scenario' | 'seed' | 'traces'>,
  durationUs: number,
  loaded: LoadedTarget,
  around: TargetRunSurroundings,
): Promise<TargetRun> => {
  const { clock, stopped, progress } = around;
  const drive = new TargetDrive(loaded, around);
  const generator = new Generator(inputs, {
    ...{
      clock,
      stopped,
      ledger: drive.ledger,
      observers: [drive.observer],
      mayStart: drive.mayStart,
    },
    carrier: (hooks) => drive.carrier(hooks),
    ...(progress === undefined ? {} : { progress }),
  });
  drive.attach(generator.clients);
  await drive.listen();
  try {
    await generator.signIn();
    await drive.plant(generator, stopped);
    await generator.load(durationUs);
  } finally {
    await drive.clean();
    await drive.endListening(stopped);
  }
  const generated = await generator.conclude();
  return { generated, target: drive.conclude(), traced: drive.traced };
};
