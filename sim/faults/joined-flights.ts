// Which platforms take requests that come together for one?

import { type Call, header, type Reply } from '../domain/wire.ts';
import { breaking, deceiving, type Make } from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { ask, beside, crowd, FOSTER, NOVAK, readFirst, SMITH, WILSON } from './scripting.ts';

const CLASS = 'process state and concurrency';
/** How long after its answer a flight may still be joined. */
const JOINED_US = 1_000_000;
/** How often a shared buffer is written out. */
const FLUSH_US = 3_000_000;

/** Answers for whoever asks the same while another's answer is under way. */
const flights = (): ((
  key: string | undefined,
  hop: { sleep(durationUs: number): Promise<void> },
  answer: () => Promise<Reply>,
) => Promise<Reply>) => {
  const known = new Map<string, Promise<Reply>>();
  return (key, hop, answer) => {
    if (key === undefined) return answer();
    const joined = known.get(key);
    if (joined !== undefined) return joined;
    const flight = answer();
    known.set(key, flight);
    void flight.then(() => hop.sleep(JOINED_US)).then(() => known.delete(key));
    return flight;
  };
};

const singleFlight = (
  service: 'runtime' | 'tools',
  keyOf: (to: string, call: Call) => string | undefined,
): Make =>
  deceiving(service, () => {
    const joining = flights();
    return (hop) => ({
      call: (to, call) => joining(keyOf(to, call), hop, () => hop.call(to, call)),
    });
  });

/** Two of one tenant and one of another, all at once. */
const AT_ONCE = [readFirst(FOSTER), beside(readFirst(NOVAK)), beside(readFirst(WILSON))] as const;

export const JOINED_FLIGHTS: readonly SeededFault[] = [
  {
    id: 'runtime-tools-by-name',
    class: CLASS,
    does: 'the runtime correlates answers of tools by the name of the tool',
    source: 'W19, published sample agent.py:436: one constant id for every call',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'runtime',
    mechanism: 'replies correlated by a constant id',
    traits: ['needs concurrency'],
    make: singleFlight('runtime', (to, call) =>
      to === 'gateway' ? /"name":"([^"]+)"/.exec(call.body)?.[1] : undefined,
    ),
    script: AT_ONCE,
  },
  {
    id: 'tools-reads-by-sort-key',
    class: CLASS,
    does: 'the tools join reads that are under way by the key of the patient alone',
    source: 'assumed: request coalescing',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'tools',
    mechanism: 'reads coalesced by sort key',
    traits: ['needs concurrency'],
    make: singleFlight('tools', (to, call) =>
      to === 'table' ? /"sk":\{"S":"([^"]+)"/.exec(call.body)?.[1] : undefined,
    ),
    script: AT_ONCE,
  },
  {
    id: 'tools-first-flight-answers',
    class: CLASS,
    does: 'the tools join calls of a tool that are under way by its arguments without the clinic',
    source: 'assumed: request coalescing',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'tools',
    mechanism: 'calls coalesced by arguments',
    traits: ['needs concurrency'],
    make: breaking('tools', (sound) => {
      const joining = flights();
      return (call, hop) => {
        const isKnown = header(call.headers, 'authorization') !== undefined;
        const key = `${call.path} ${call.body.replace(/"clinic_id":"[^"]+"/, '')}`;
        return joining(isKnown ? key : undefined, hop, () => sound(call, hop));
      };
    }),
    script: AT_ONCE,
  },
  {
    id: 'front-door-joins-permits',
    class: CLASS,
    does: 'the front door takes one permit for all requests of a tenant that come together',
    source: 'W63, usage plans are best effort',
    promise: 'I6',
    implies: [],
    boundary: 'front-door',
    mechanism: 'permits of one instant shared',
    traits: ['needs concurrency', 'no canary shows it'],
    make: deceiving('front-door', () => {
      const known = new Map<string, number>();
      return (hop) => ({
        admit: async (limiter, key, contract) => {
          const isFresh = hop.nowUs() - (known.get(key) ?? Number.NEGATIVE_INFINITY) < FLUSH_US;
          if (isFresh) return { kind: 'admitted' };
          known.set(key, hop.nowUs());
          return hop.admit(limiter, key, contract);
        },
      });
    }),
    script: crowd(8, ask(SMITH, 'talk')),
  },
  {
    id: 'front-door-one-buffer',
    class: CLASS,
    does: 'the front door writes answers out once a second, from one buffer',
    source: 'assumed',
    promise: 'I1',
    implies: ['I10'],
    boundary: 'front-door',
    mechanism: 'one answer buffer for all',
    traits: ['needs concurrency'],
    make: breaking('front-door', (sound) => {
      let buffer: Reply;
      return async (call, hop) => {
        const reply = await sound(call, hop);
        if (reply.status !== 200) return reply;
        buffer = reply;
        await hop.sleep(FLUSH_US - (hop.nowUs() % FLUSH_US));
        return buffer;
      };
    }),
    script: [ask(FOSTER, 'talk'), ask(NOVAK, 'talk'), ...AT_ONCE],
  },
];
