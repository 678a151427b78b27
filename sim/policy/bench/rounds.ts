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

/** Gets the number of the call in its batch, from 0, so that works can do the same things in turn. */
export type Work = (call: number) => unknown;

/** What was measured of a work. */
export interface Times {
  /** Of every call, in microseconds. */
  readonly callsUs: readonly number[];
  /** Of each round, by call. */
  readonly roundsUs: readonly number[];
}

const WARM_UP_CALLS = 20;
const WARM_UP_MS = 40;
/** A batch lasts about as long as this: less is lost in the noise, more meets the neighbours. */
const BATCH_MS = 1;
const BATCH_LAPS_MAX = 64;

/**
 * Times works in rounds. In each, every work does a batch of calls, forwards and backwards by turns:
 * what drifts on the machine drifts for all. A batch is so many laps of `lap` calls. Give a work
 * twice, and the two are a control.
 */
export const timed = <N extends string>(
  works: Readonly<Record<N, Work>>,
  { rounds, mostMs, fewest }: Effort,
  lap = 1,
): Readonly<Record<N, Times>> => {
  const entries = (Object.entries(works) as [N, Work][]).map(([name, work]) => ({
    name,
    work,
    calls: lap * lapsOf(work, lap),
    callsUs: [] as number[],
    roundsUs: [] as number[],
  }));
  const beganMs = wallMs();
  for (let round = 0; round < rounds; round += 1) {
    if (round >= fewest && wallMs() - beganMs > mostMs) break;
    for (const entry of round % 2 === 0 ? entries : entries.toReversed()) {
      const { work, calls, callsUs, roundsUs } = entry;
      const firstMs = wallMs();
      let fromMs = firstMs;
      for (let call = 0; call < calls; call += 1) {
        work(call);
        const toMs = wallMs();
        callsUs.push((toMs - fromMs) * 1000);
        fromMs = toMs;
      }
      roundsUs.push(((fromMs - firstMs) * 1000) / calls);
    }
  }
  const times = entries.map(
    ({ name, callsUs, roundsUs }) => [name, { callsUs, roundsUs }] as const,
  );
  return Object.fromEntries(times) as unknown as Record<N, Times>;
};

/** Warms a work up, and says how many laps make a batch. */
const lapsOf = (work: Work, lap: number): number => {
  const beganMs = wallMs();
  let calls = 0;
  for (; calls < WARM_UP_CALLS * lap && wallMs() - beganMs < WARM_UP_MS; calls += 1) work(calls);
  const eachMs = (wallMs() - beganMs) / calls;
  return Math.min(BATCH_LAPS_MAX, Math.max(1, Math.round(BATCH_MS / (eachMs * lap))));
};
