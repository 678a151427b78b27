// What of a scenario is played on the wall clock, and what is not?

import type { Scenario, Stream } from '../scenario/schema.ts';
import { formatDuration } from '../scenario.ts';

/**
 * The scenario as if it began at `startUs` and ended after so long; streams keep their place in it,
 * and their whole windows, over which totals and ramps are told.
 */
export const playedFrom = (scenario: Scenario, startUs: number, durationUs: number): Scenario => {
  const shiftUs = startUs - scenario.startUs;
  const endUs = startUs + durationUs;
  const moved = (stream: Stream): Stream => ({
    ...stream,
    window: { fromUs: stream.window.fromUs + shiftUs, toUs: stream.window.toUs + shiftUs },
  });
  return { ...scenario, startUs, durationUs, endUs, traffic: scenario.traffic.map(moved) };
};

/** In words, everything that a load of so long leaves out. */
export const notPlayed = (scenario: Scenario, durationUs: number): readonly string[] => {
  const dueUs = scenario.startUs + durationUs;
  const rest = scenario.durationUs - durationUs;
  const late = scenario.traffic.filter(({ window }) => window.fromUs >= dueUs);
  const faults = scenario.faults.filter(({ fromUs }) => fromUs >= dueUs);
  return [
    ...(rest > 0
      ? [`the last ${formatDuration(rest)} of ${formatDuration(scenario.durationUs)}`]
      : []),
    ...late.map(({ name }) => `stream \`${name}\`, which begins later`),
    ...faults.map(({ service, kind }) => `fault \`${service} ${kind}\`, which begins later`),
    ...counts(scenario.changes.map(({ kind }) => kind)).map((name) => `change ${name}`),
    ...counts(scenario.moves.map((move) => move.do)).map((name) => `move ${name}`),
    ...(scenario.probes === undefined ? [] : ['the probes of attackers']),
    ...(scenario.observer === undefined ? [] : ['the second run with the others varied (I2)']),
  ];
};

/** `` `upgrade` `` or `` `upgrade` (3 times) ``, in the order of the first of each. */
const counts = (names: readonly string[]): readonly string[] => {
  const counted = new Map<string, number>();
  for (const name of names) counted.set(name, (counted.get(name) ?? 0) + 1);
  return [...counted].map(([name, count]) =>
    count === 1 ? `\`${name}\`` : `\`${name}\` (${count} times)`,
  );
};
