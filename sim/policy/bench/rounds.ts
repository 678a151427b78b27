// How long do several works take, when what drifts on the machine drifts for all of them?

import { wallMs } from '../../kernel/wall-clock.ts';

/** How much is measured. */
export interface Effort {
  /** Rounds at most. */
  readonly rounds: number;
  /** No further round begins after so many milliseconds, once there are the fewest. */
  readonly mostMs: number;
  readonly fewest: number;
}

/** Gets the number of the round, from 0, so that all works can do the same in it. */
export type Work = (round: number) => unknown;

const WARM_UP_CALLS = 20;
const WARM_UP_MS = 40;

/**
 * The times of each work in microseconds, one a round. Every round does each work once, forwards
 * and backwards by turns. Give a work twice, and the two are a control.
 */
export const timed = <N extends string>(
  works: Readonly<Record<N, Work>>,
  { rounds, mostMs, fewest }: Effort,
): Readonly<Record<N, readonly number[]>> => {
  const entries = (Object.entries(works) as [N, Work][]).map(([name, work]) => ({
    name,
    work,
    timesUs: [] as number[],
  }));
  for (const { work } of entries) warmUp(work);
  const beganMs = wallMs();
  for (let round = 0; round < rounds; round += 1) {
    if (round >= fewest && wallMs() - beganMs > mostMs) break;
    for (const { work, timesUs } of round % 2 === 0 ? entries : entries.toReversed()) {
      const fromMs = wallMs();
      work(round);
      timesUs.push((wallMs() - fromMs) * 1000);
    }
  }
  const times = entries.map(({ name, timesUs }) => [name, timesUs] as const);
  return Object.fromEntries(times) as unknown as Record<N, readonly number[]>;
};

const warmUp = (work: Work): void => {
  const beganMs = wallMs();
  for (let call = 0; call < WARM_UP_CALLS && wallMs() - beganMs < WARM_UP_MS; call += 1) work(call);
};
