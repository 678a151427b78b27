// How does a careless service go on when another fails: with what it last got from it.

import type { ServiceName } from '../domain/ports.ts';
import type { Call, Reply } from '../domain/wire.ts';
import { deceiving, type Make } from '../platforms/overriding.ts';
import { authorizationOf } from './making.ts';

/** The last good reply to whoever asks, where the present one is a failure. */
export const falling = (keyOf: (call: Call) => string): ((call: Call, reply: Reply) => Reply) => {
  const known = new Map<string, Reply>();
  return (call, reply) => {
    if (reply.status < 300) known.set(keyOf(call), reply);
    return reply.status >= 500 ? (known.get(keyOf(call)) ?? reply) : reply;
  };
};

/** A service that goes on with what it last got from another, for the same key. */
export const fallingBack = (
  service: ServiceName,
  on: ServiceName,
  keyOf: (call: Call) => string = authorizationOf,
): Make =>
  deceiving(service, () => {
    const back = falling(keyOf);
    return (hop) => ({
      call: async (to, call) => {
        const reply = await hop.call(to, call);
        return to === on ? back(call, reply) : reply;
      },
    });
  });
