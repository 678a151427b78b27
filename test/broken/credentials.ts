// Which platforms use credentials that are another's, or serve somebody past their end?

import { type Call, json, parsed, type Reply } from '../../sim/domain/wire.ts';
import {
  breaking,
  claimsIn,
  deceiving,
  hopWith,
  replacing,
  withBody,
} from '../../sim/platforms/overriding.ts';
import type { Broken } from './break.ts';

const HALF_A_DAY_SECONDS = 43_200;

const colleaguesOf = (call: Call): string =>
  `${claimsIn(call)['tenant']} ${claimsIn(call)['role']}`;

/** Answers with the first good reply that anybody of the same tenant and role got, while it lives. */
const kept = (): ((call: Call, reply: Reply, nowUs: number) => Reply) => {
  const known = new Map<string, Reply>();
  return (call, reply, nowUs) => {
    if (reply.status !== 200) return reply;
    const first = known.get(colleaguesOf(call)) ?? reply;
    const alive = Number(parsed(first.body)?.['ExpirationUs']) > nowUs ? first : reply;
    known.set(colleaguesOf(call), alive);
    return alive;
  };
};

const ending = (reply: Reply, ExpirationUs: number): Reply =>
  reply.status === 200
    ? { ...reply, body: JSON.stringify({ ...parsed(reply.body), ExpirationUs }) }
    : reply;

export const CREDENTIALS: readonly Broken[] = [
  {
    does: 'the tools keep credentials by tenant and role',
    under: 'day',
    make: deceiving('tools', () => {
      const first = kept();
      return (hop) => ({
        call: async (to, call) => {
          const reply = await hop.call(to, call);
          return to === 'credentials' ? first(call, reply, hop.nowUs()) : reply;
        },
      });
    }),
  },
  {
    does: 'the token vending machine gives what a colleague was given before',
    under: 'day',
    make: breaking('credentials', (sound) => {
      const first = kept();
      return async (call, hop) => first(call, await sound(call, hop), hop.nowUs());
    }),
    implies: ['I10'],
  },
  {
    does: 'credentials are vended for twelve hours',
    under: 'day',
    make: breaking('credentials', (sound) => async (call, hop) => {
      const longer = { DurationSeconds: HALF_A_DAY_SECONDS, Policy: undefined };
      const reply = await sound(
        call,
        hopWith(hop, (own) => ({
          call: (to, asked) => own.call(to, to === 'sts' ? withBody(asked, longer) : asked),
        })),
      );
      return ending(reply, hop.nowUs() + HALF_A_DAY_SECONDS * 1_000_000);
    }),
  },
  {
    does: 'credentials are said to live for 900 s whenever their bearer token ends',
    under: 'day',
    make: breaking(
      'credentials',
      (sound) => async (call, hop) => ending(await sound(call, hop), hop.nowUs() + 900_000_000),
    ),
  },
  {
    does: 'the control plane forgets to suspend',
    under: 'day',
    make: replacing((sound) => ({
      operate: async (operation, hop) => {
        if (operation.kind !== 'set-status') await sound.operate(operation, hop);
      },
    })),
  },
  {
    does: 'the front door greets those whom it refuses and had served before',
    under: 'day',
    make: breaking('front-door', (sound) => {
      const served = new Set<unknown>();
      return async (call, hop) => {
        const reply = await sound(call, hop);
        const { sub } = claimsIn(call);
        if (reply.status === 200) served.add(sub);
        return reply.status === 403 && served.has(sub)
          ? json(200, { answer: 'welcome back' })
          : reply;
      };
    }),
    implies: ['I10'],
  },
];
