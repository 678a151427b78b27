// Which platforms open where they should close: when something that authorization rests on fails?

import type { PolicyDecision } from '../../sim/domain/ports.ts';
import { type Call, header, type Reply } from '../../sim/domain/wire.ts';
import { deceiving } from '../../sim/platforms/overriding.ts';
import type { Broken } from './break.ts';
import { PERMITTED } from './mediation.ts';

/** The last good reply to whoever asks, where the present one is a failure. */
const falling = (): ((call: Call, reply: Reply) => Reply) => {
  const known = new Map<string, Reply>();
  return (call, reply) => {
    const who = header(call.headers, 'authorization') ?? call.body.replace(/,"Policy".*/, '');
    if (reply.status === 200) known.set(who, reply);
    return reply.status >= 500 ? (known.get(who) ?? reply) : reply;
  };
};

const fallingBack = (service: 'runtime' | 'tools', on: 'credentials'): Broken['make'] =>
  deceiving(service, () => {
    const back = falling();
    return (hop) => ({
      call: async (to, call) => {
        const reply = await hop.call(to, call);
        return to === on ? back(call, reply) : reply;
      },
    });
  });

export const FAILING: readonly Broken[] = [
  {
    does: 'the agent goes on with the credentials that it had when it gets no new ones',
    under: 'faults',
    make: fallingBack('runtime', 'credentials'),
  },
  {
    does: 'the tools go on with the credentials that they had when they get no new ones',
    under: 'faults',
    make: fallingBack('tools', 'credentials'),
  },
  {
    does: 'the token vending machine gives out what it got before when STS is gone',
    under: 'faults',
    make: deceiving('credentials', () => {
      const back = falling();
      return (hop) => ({
        call: async (to, call) => {
          const reply = await hop.call(to, call);
          return to === 'sts' ? back({ ...call, headers: [] }, reply) : reply;
        },
      });
    }),
  },
  {
    does: 'the gateway lets everything through while the policy is gone',
    under: 'faults',
    make: deceiving('gateway', () => (hop) => ({
      mayList: () => true,
      decide: (question) => {
        try {
          return hop.decide(question);
        } catch {
          return PERMITTED;
        }
      },
    })),
    implies: ['I3'],
  },
  {
    does: 'the gateway repeats its last decision while the policy is gone',
    under: 'faults',
    make: deceiving('gateway', () => {
      const known = new Map<string, PolicyDecision>();
      return (hop) => ({
        mayList: () => true,
        decide: (question) => {
          const key = JSON.stringify([question.principal.id, question.action, question.input]);
          try {
            const decision = hop.decide(question);
            known.set(key, decision);
            return decision;
          } catch (problem) {
            const decision = known.get(key);
            if (decision === undefined) throw problem;
            return decision;
          }
        },
      });
    }),
    implies: ['I3'],
  },
];
