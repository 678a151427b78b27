// How is it told how far apart simulated and wall time are?

import type { Calibration, ClockedTier } from '../domain/calibration.ts';
import { counted, figure } from './numbers.ts';
import { left, right, table } from './table.ts';

/** A part of the sentence. */
export const calibrationWords = (found: Calibration): string =>
  `${figure(found.differing)} of ${counted(found.paired, 'decision')} differ from simulated time, ` +
  (found.wrong === 0
    ? `all by their instants (${apart(found)})`
    : `${counted(found.wrong, 'decision')} wrong at their own instants`);

const apart = ({ apartUsP50, apartUsMax }: Calibration): string =>
  `${figure(apartUsP50 / 1000, 1)} ms apart at the median, ${figure(apartUsMax / 1000, 1)} ms at most`;

/** Decisions, then each tier on both clocks and how far they differ. */
export const calibrationLines = (found: Calibration, columns: number): readonly string[] => [
  `  ${counted(found.paired, 'decision')} in pairs, ${figure(found.unpaired)} on one clock only; ` +
    `${figure(found.differing)} differ; instants are ${apart(found)}; ` +
    `${figure(found.wrong)} are wrong at their own instants, on either clock`,
  table(
    [left('tier'), left('figure'), right('simulated'), right('wall'), right('wall ÷ simulated')],
    found.tiers.flatMap(({ tier, simulated, wall }) =>
      FIGURES.map(([what, of]) => {
        const [one, other] = [of(simulated), of(wall)];
        return [
          tier,
          what,
          one === undefined ? '-' : figure(one, 2),
          other === undefined ? '-' : figure(other, 2),
          one === undefined || other === undefined || one === 0 ? '-' : figure(other / one, 2),
        ];
      }),
    ),
    columns,
  ),
];

const FIGURES: readonly (readonly [what: string, of: (tier: ClockedTier) => number | undefined])[] =
  [
    ['completed', ({ completed }) => completed],
    ['completed a second', ({ goodputPerSecond }) => goodputPerSecond],
    ['p50 ms', ({ latencyMs }) => latencyMs?.p50],
    ['p95 ms', ({ latencyMs }) => latencyMs?.p95],
  ];
