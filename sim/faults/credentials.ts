// Which platforms use credentials that are another's, or let them live past their end?

import type { AccessPort } from '../domain/ports.ts';
import { type Call, json, parsed, type Reply } from '../domain/wire.ts';
import {
  breaking,
  breakingAll,
  claimsIn,
  deceiving,
  hopWith,
  replacing,
  withBody,
} from '../platforms/overriding.ts';
import { reference } from '../platforms/reference.ts';
import type { SeededFault } from './fault.ts';
import {
  ask,
  attempt,
  CHEN,
  intrude,
  JONES,
  minutes,
  readFirst,
  SMITH,
  wait,
} from './scripting.ts';

const CLASS = 'credentials';
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

/** IAM as if no time had passed since credentials were first used. */
const timeless = (access: AccessPort): AccessPort => {
  const firstUs = new Map<string, number>();
  return {
    authorize: (question) => {
      const nowUs = firstUs.get(question.sessionToken) ?? question.nowUs;
      firstUs.set(question.sessionToken, nowUs);
      return access.authorize({ ...question, nowUs });
    },
  };
};

export const CREDENTIALS: readonly SeededFault[] = [
  {
    id: 'tools-credentials-by-role',
    class: CLASS,
    does: 'the tools keep credentials by tenant and role',
    source: 'W37, a process-wide map keyed too coarsely',
    promise: 'I4',
    implies: [],
    boundary: 'tools',
    mechanism: 'credentials cached by tenant and role',
    traits: ['no canary shows it', 'within one tenant'],
    make: deceiving('tools', () => {
      const first = kept();
      return (hop) => ({
        call: async (to, call) => {
          const reply = await hop.call(to, call);
          return to === 'credentials' ? first(call, reply, hop.nowUs()) : reply;
        },
      });
    }),
    script: [ask(SMITH, 'patient_context'), ask(JONES, 'patient_context')],
  },
  {
    id: 'vending-shared-by-colleagues',
    class: CLASS,
    does: 'the token vending machine gives what a colleague was given before',
    source: 'W37, a process-wide map keyed too coarsely',
    promise: 'I4',
    implies: ['I10'],
    boundary: 'credentials',
    mechanism: 'vended credentials cached by tenant and role',
    traits: ['no canary shows it', 'within one tenant'],
    make: breaking('credentials', (sound) => {
      const first = kept();
      return async (call, hop) => first(call, await sound(call, hop), hop.nowUs());
    }),
    script: [
      ask(SMITH, 'patient_context'),
      ask(JONES, 'patient_context'),
      ask(SMITH, 'patient_context'),
    ],
  },
  {
    id: 'vending-for-twelve-hours',
    class: CLASS,
    does: 'credentials are vended for twelve hours',
    source: 'W37, published sample: sessions of 8 hours on credentials of 900 s',
    promise: 'I4',
    implies: [],
    boundary: 'credentials',
    mechanism: 'life longer than the contract',
    traits: ['no canary shows it'],
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
    script: [readFirst(SMITH), wait(minutes(30), readFirst(SMITH))],
  },
  {
    id: 'vending-past-the-token',
    class: CLASS,
    does: 'credentials are said to live for 900 s whenever their bearer token ends',
    source: 'W08, published sample: stale claims work past the end of the token',
    promise: 'I4',
    implies: [],
    boundary: 'credentials',
    mechanism: 'end of the token not looked at in the answer',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: breaking(
      'credentials',
      (sound) => async (call, hop) => ending(await sound(call, hop), hop.nowUs() + 900_000_000),
    ),
    script: [ask(SMITH, 'talk'), wait(minutes(55), readFirst(SMITH))],
  },
  {
    id: 'vending-ignores-expiry',
    class: CLASS,
    does: 'the token vending machine does not look at the end of a bearer token',
    source: 'assumed',
    promise: 'I7',
    implies: ['I4'],
    boundary: 'credentials',
    mechanism: 'expiry not compared',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: deceiving('credentials', () => (hop, call) => ({
      nowUs: () => Math.min(hop.nowUs(), Number(claimsIn(call)['exp'] ?? 0) * 1_000_000 - 1),
    })),
    script: [
      ask(SMITH, 'talk'),
      wait(minutes(61), ask(SMITH, 'talk')),
      attempt(SMITH, SMITH, 'credentials vend', { presents: 'expired' }),
    ],
  },
  {
    id: 'vending-open-to-internet',
    class: CLASS,
    does: 'the token vending machine answers callers from the internet',
    source: 'assumed: a function URL left open',
    promise: 'I3',
    implies: [],
    boundary: 'credentials',
    mechanism: 'network peer not checked',
    traits: ['no canary shows it'],
    make: deceiving('credentials', () => () => ({ peer: 'runtime' })),
    script: [attempt(SMITH, SMITH, 'credentials vend', { from: 'internet' })],
  },
  {
    id: 'sts-trusts-everybody',
    class: CLASS,
    does: 'the trust policy of the data role names nobody, so that anyone may tag a session',
    source: 'W39, published sample: the trust policy checks that tags are there',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'sts',
    mechanism: 'trust policy without a principal',
    traits: ['no canary shows it'],
    make: deceiving('sts', () => () => ({ peer: 'credentials' })),
    script: [attempt(SMITH, CHEN, 'sts AssumeRole')],
  },
  {
    id: 'tools-vend-for-themselves',
    class: CLASS,
    does: 'the tools tag sessions themselves, past the token vending machine',
    source: 'W39, published sample: the workload assumes the data role itself',
    promise: 'I4',
    implies: ['I3'],
    boundary: 'tools',
    mechanism: 'credentials straight from STS',
    traits: ['no canary shows it'],
    make: breakingAll({
      sts: (sound) => (call, hop) =>
        sound(
          call,
          hopWith(hop, () => ({ peer: 'credentials' })),
        ),
      tools: (sound, kit) => {
        const { credentials } = reference(kit).services;
        return (call, hop) =>
          sound(
            call,
            hopWith(hop, (own) => ({
              call: (to, asked) =>
                to === 'credentials'
                  ? credentials(
                      asked,
                      hopWith(own, () => ({ peer: 'tools' })),
                    )
                  : own.call(to, asked),
            })),
          );
      },
    }),
    script: [readFirst(SMITH)],
  },
  {
    id: 'sts-ignores-expiry',
    class: CLASS,
    does: 'IAM takes expired credentials for good ones',
    source: 'assumed: a decision cached by the credentials',
    promise: 'I4',
    implies: [],
    boundary: 'iam',
    mechanism: 'expiry not compared',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: replacing(({ access }) => ({ access: timeless(access) })),
    script: [
      attempt(SMITH, SMITH, 'table GetItem'),
      wait(minutes(20), attempt(SMITH, SMITH, 'table GetItem', { presents: 'late' })),
    ],
  },
  {
    id: 'sts-drops-session-policy',
    class: CLASS,
    does: 'credentials are vended without the policy that ends them with their token',
    source: 'W08 and W41, published sample: sessions have no policy of their own',
    promise: 'I4',
    implies: [],
    boundary: 'credentials',
    mechanism: 'session policy left out',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: deceiving('credentials', () => (hop) => ({
      call: (to, call) => hop.call(to, to === 'sts' ? withBody(call, { Policy: undefined }) : call),
    })),
    script: [
      ask(SMITH, 'talk'),
      wait(minutes(55), attempt(SMITH, SMITH, 'table GetItem')),
      wait(minutes(8), attempt(SMITH, SMITH, 'table GetItem', { presents: 'late' })),
    ],
  },
  {
    id: 'vending-for-strangers',
    class: CLASS,
    does: 'the token vending machine gives those who show no token what was vended last',
    source: 'W03, published sample: fallbacks to a demo tenant',
    promise: 'I7',
    implies: ['I3', 'I4'],
    boundary: 'credentials',
    mechanism: 'missing token defaulted',
    traits: ['no canary shows it'],
    make: breaking('credentials', (sound) => {
      let last: Reply = json(401, { message: 'Unauthorized' });
      return async (call, hop) => {
        const reply = await sound(call, hop);
        if (reply.status === 200) last = reply;
        return reply.status === 401 ? last : reply;
      };
    }),
    script: [readFirst(SMITH), intrude(SMITH, 'credentials vend')],
  },
];
