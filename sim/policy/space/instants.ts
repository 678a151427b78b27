// Which instants can policies tell apart: one for each stretch between the times that they name.

import { DAY_MS, ofDay } from '../../protocol/cedar.ts';

/**
 * Instants (milliseconds since the epoch) of which one lies in every stretch between two cuts, and
 * one on each cut. `instants` are cuts once, `times` (milliseconds after 00:00 UTC) each day.
 */
export const instantsBetween = (
  instants: readonly number[],
  times: readonly number[],
): readonly number[] => {
  const cuts = sorted(instants);
  const daily = sorted(times);
  if (cuts.length === 0 && daily.length === 0) return [USUAL_MS];
  const anchors = cuts.length === 0 ? [USUAL_MS] : cuts;
  const candidates = anchors.flatMap((at) => [
    ...around(at),
    ...[-1, 0, 1].flatMap((day) => {
      const midnight = at - ofDay(at) + day * DAY_MS;
      // Half a day off, so that a stretch that no cut begins is met as well.
      return [...daily, DAY_MS / 2].flatMap((time) => around(midnight + time));
    }),
  ]);
  const met = new Map<string, number>();
  for (const at of sorted(candidates)) {
    const key = `${stretchOf(at, cuts)}/${stretchOf(ofDay(at), daily)}`;
    if (!met.has(key)) met.set(key, at);
  }
  return [...met.values()];
};

/** Where nothing depends on the time: noon of a summer's day. */
const USUAL_MS = 1_784_030_400_000;

const around = (at: number): readonly number[] => [at - 1, at, at + 1];

const sorted = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].sort((left, right) => left - right);

/** Even between two cuts, odd on one. */
const stretchOf = (at: number, cuts: readonly number[]): number => {
  const index = cuts.findIndex((cut) => cut >= at);
  if (index < 0) return 2 * cuts.length;
  return cuts[index] === at ? 2 * index + 1 : 2 * index;
};
