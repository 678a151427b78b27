// Who comes again after a refusal, and when? Callers in a closed loop.

import type { Answer, LimitedCall } from '../../domain/contract.ts';
import type { Chance } from '../../kernel/chance.ts';
import { HOUR_US } from '../../kernel/clock.ts';
import { REPLICAS } from '../../limiters.ts';
import type { Caller } from './caller.ts';
import type { Tempo } from './tempo.ts';

/** Callers of each key; assumed. */
const CALLERS = 4;

/** How often one who is not told when tries before it gives up; assumed. */
const TRIES = 12;

interface Client {
  readonly key: string;
  nextUs: number;
  tries: number;
}

/**
 * Clients that each want the limit's whole rate. Refused, one tries again after a twentieth of a
 * permit's time (`at once`), or exactly when it was told (`as told`), with all the others.
 */
export const retrying = (
  { startUs, permitNs, burst, keys }: Tempo,
  chance: Chance,
  how: 'at once' | 'as told',
): Caller => {
  const paceUs = Math.max(1, permitNs / 1000);
  const drawn = chance.fork('clients');
  const clients = keys.flatMap((key) =>
    Array.from({ length: CALLERS }, (): Client => {
      return { key, nextUs: startUs + drawn.integer(0, Math.ceil(paceUs)), tries: 0 };
    }),
  );
  let asking = clients[0] as Client;
  const after = (answer: Answer): number => {
    if (answer.kind === 'refused' && how === 'as told' && answer.retryAfterUs !== undefined)
      return Math.max(1, answer.retryAfterUs);
    asking.tries += 1;
    if (answer.kind === 'refused' && asking.tries < TRIES)
      return Math.max(1, Math.floor(paceUs / 20) + drawn.integer(0, 10));
    asking.tries = 0;
    // Now and then a long pause, so that buckets are full again.
    const isPause = drawn.happens(0.01);
    return Math.ceil(isPause ? Math.min(HOUR_US, paceUs * burst * 2) : drawn.exponential(paceUs));
  };
  return {
    next: (): LimitedCall => {
      for (const client of clients) if (client.nextUs < asking.nextUs) asking = client;
      const atUs = asking.nextUs;
      return { key: asking.key, atUs, clockUs: atUs, replica: drawn.integer(0, REPLICAS - 1) };
    },
    heard: (call, answer) => {
      asking.nextUs = call.atUs + after(answer);
    },
  };
};
