// Latency counts from the planned start: one stall shows as what it was, and not as what waited.

import { expect, test } from 'vitest';
import { stalledLoad } from './load/stall.ts';

test('a stall of half a second moves p99 to the truth and leaves p50 where it is', async () => {
  const { reported, truth, requests, pace } = await stalledLoad(5);
  expect(requests).toBe(500);
  expect(pace.dropped).toBe(0);
  // A tenth of the requests was planned within the stall, and waited for its end.
  expect(truth.p99).toBeGreaterThan(400);
  expect(truth.p50).toBeLessThan(100);
  expect(Math.abs(reported.p50 - truth.p50)).toBeLessThan(2);
  expect(Math.abs(reported.p99 - truth.p99)).toBeLessThan(0.05 * truth.p99);
});
