// Which platforms are moved by something outside scenario, policies and seed?

import { breaking, deceiving } from '../../sim/platforms/overriding.ts';
import type { Broken } from './break.ts';

let issued = 0;
const served = new Set<string>();

export const DETERMINISM: readonly Broken[] = [
  {
    does: 'the front door numbers its answers by a counter of the process',
    under: 'lives',
    make: breaking('front-door', (sound) => async (call, hop) => {
      issued += 1;
      const reply = await sound(call, hop);
      return { ...reply, headers: [...reply.headers, ['x-request-id', `r-${issued}`]] };
    }),
  },
  {
    does: 'the front door draws ids by Math.random',
    under: 'lives',
    make: breaking('front-door', (sound) => async (call, hop) => {
      const reply = await sound(call, hop);
      return { ...reply, headers: [...reply.headers, ['x-request-id', String(Math.random())]] };
    }),
  },
  {
    does: 'the gateway logs the time of the machine',
    under: 'lives',
    make: breaking('gateway', (sound) => (call, hop) => {
      hop.emit({
        kind: 'log',
        service: 'gateway',
        line: JSON.stringify({ atMs: performance.now() }),
      });
      return sound(call, hop);
    }),
  },
  {
    does: 'the knowledge base is warm from the run before',
    under: 'lives',
    make: deceiving('knowledge', () => (hop, call) => ({
      sleep: async (durationUs) => {
        const isWarm = served.has(call.body);
        served.add(call.body);
        await hop.sleep(isWarm ? 1_000 : durationUs);
      },
    })),
  },
];
