// Latency counts from the planned start: one stall shows as what it was, and not as what waited.

import { expect, test } from 'vitest';
import { type Stalled, stalledLoad } from './load/stall.ts';

/** Where the generator itself was the limit its figures say nothing: a busy machine is measured again. */
const TRIES = 5;

const heard = async (): Promise<Stalled> => {
  for (let tries = 1; ; tries += 1) {
    const stalled = await stalledLoad(5);
    if (!stalled.pace.isLimited || tries === TRIES) return stalled;
  }
};

test('a stall of half a second moves p99 to the truth and leaves p50 where it is', async () => {
  const { reported, truth, requests, pace } = await heard();
  expect(requests).toBe(500);
  expect(pace.dropped).toBe(0);
  // A tenth of the requests was planned within the stall, and waited for its end.
  expect(truth.p99).toBeGreaterThan(400);
  expect(truth.p50).toBeLessThan(100);
  expect(Math.abs(reported.p50 - truth.p50)).toBeLessThan(2);
  expect(Math.abs(reported.p99 - truth.p99)).toBeLessThan(0.05 * truth.p99);
});
