// How long does work take: a draw from the service's profile plus a charge for what was read.

import type { Latency } from '../domain/fidelity.ts';
import type { Hop } from '../domain/ports.ts';

/** Sleeps as long as the work takes; `items` are those read or written. */
export const works = (hop: Hop, latency: Latency, items = 0): Promise<void> => {
  const drawn = hop.chance('latency').logNormal(latency.medianUs, latency.ratioP95);
  return hop.sleep(Math.round(drawn + items * latency.perItemUs));
};
