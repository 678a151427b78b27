// How much more does one thing take than another, on a machine that is never quiet?

/** Of an even number of values the mean of the middle two; NaN of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
};

/** Nearest rank, rounded down; NaN of nothing. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;

/** Every item in turn, forwards and backwards by turns: what drifts, drifts for all of them. */
export const interleaved = <T>(items: readonly T[], rounds: number): readonly T[] =>
  Array.from({ length: rounds }, (_, round) =>
    round % 2 === 0 ? items : items.toReversed(),
  ).flat();

export interface Compared {
  /** Wall µs of one call, at the 10th percentile of the batches. */
  readonly oneUs: number;
  readonly otherUs: number;
  /** How many times as long the one takes. */
  readonly ratio: number;
}

/** Batches shorter than this are lost in the noise; longer ones meet the neighbours. */
const BATCH_MS = 1;

/** Compares two synchronous works by batches of about 1 ms in the order A B B A, `fours` times. */
export const compare = (one: () => void, other: () => void, fours: number): Compared => {
  const oneCalls = callsPerBatch(one);
  const otherCalls = callsPerBatch(other);
  const oneTimes: number[] = [];
  const otherTimes: number[] = [];
  for (let four = 0; four < fours; four += 1) {
    oneTimes.push(batchMs(one, oneCalls));
    otherTimes.push(batchMs(other, otherCalls));
    otherTimes.push(batchMs(other, otherCalls));
    oneTimes.push(batchMs(one, oneCalls));
  }
  const oneUs = (quantile(oneTimes, 0.1) * 1000) / oneCalls;
  const otherUs = (quantile(otherTimes, 0.1) * 1000) / otherCalls;
  return { oneUs, otherUs, ratio: oneUs / otherUs };
};

const CALLS_MAX = 1 << 20;

const callsPerBatch = (work: () => void): number => {
  let calls = 1;
  while (calls < CALLS_MAX && batchMs(work, calls) < BATCH_MS) calls *= 2;
  return calls;
};

const batchMs = (work: () => void, calls: number): number => {
  const beganMs = performance.now();
  for (let call = 0; call < calls; call += 1) work();
  return performance.now() - beganMs;
};
