// Which platforms open where they should close: when what authorization rests on fails?

import type { PolicyDecision } from '../domain/ports.ts';
import { type Call, json } from '../domain/wire.ts';
import { breaking, breakingAll, claimsIn, deceiving, hopWith } from '../platforms/overriding.ts';
import { fallingBack } from './falling-back.ts';
import type { SeededFault } from './fault.ts';
import { ALLOWED, claiming, PERMITTED } from './making.ts';
import {
  ask,
  attempt,
  FOSTER,
  fail,
  intrude,
  minutes,
  readFirst,
  SMITH,
  wait,
} from './scripting.ts';

const CLASS = 'failing open';
const HIDDEN = ['no canary shows it', 'only under a service fault'] as const;
/** What a service shows in place of credentials when it got none. */
const OWN_ROLE = 'own-role';
/** Credentials are renewed after twelve minutes at the latest. */
const RENEWAL_US = minutes(14);

const sameRequest = ({ body }: Call): string => body.replace(/,"Policy".*/, '');

export const FAILING_OPEN: readonly SeededFault[] = [
  {
    id: 'runtime-old-credentials',
    class: CLASS,
    does: 'the agent goes on with the credentials that it had when it gets no new ones',
    source: 'W38, published sample: fail open when AssumeRole fails',
    promise: 'I8',
    implies: [],
    boundary: 'runtime',
    mechanism: 'falls back on old credentials',
    traits: HIDDEN,
    make: fallingBack('runtime', 'credentials'),
    script: [ask(SMITH, 'talk'), wait(RENEWAL_US, fail('credentials', 'gone')), ask(SMITH, 'talk')],
  },
  {
    id: 'tools-old-credentials',
    class: CLASS,
    does: 'the tools go on with the credentials that they had when they get no new ones',
    source: 'W38, published sample: fail open when AssumeRole fails',
    promise: 'I8',
    implies: [],
    boundary: 'tools',
    mechanism: 'falls back on old credentials',
    traits: HIDDEN,
    make: fallingBack('tools', 'credentials'),
    script: [
      attempt(SMITH, SMITH, 'gateway patient_context'),
      wait(RENEWAL_US, fail('credentials', 'gone')),
      attempt(SMITH, SMITH, 'gateway patient_context'),
    ],
  },
  {
    id: 'vending-old-sessions',
    class: CLASS,
    does: 'the token vending machine gives out what it got before when STS is gone',
    source: 'assumed',
    promise: 'I8',
    implies: [],
    boundary: 'credentials',
    mechanism: 'falls back on old sessions',
    traits: HIDDEN,
    make: fallingBack('credentials', 'sts', sameRequest),
    script: [ask(SMITH, 'talk'), wait(RENEWAL_US, fail('sts', 'gone')), ask(SMITH, 'talk')],
  },
  {
    id: 'gateway-open-without-policy',
    class: CLASS,
    does: 'the gateway lets everything through while the policy is gone',
    source: 'W27, assumed: errors allow',
    promise: 'I8',
    implies: ['I3'],
    boundary: 'gateway',
    mechanism: 'no policy is an allow',
    traits: HIDDEN,
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
    script: [ask(SMITH, 'talk'), fail('policy', 'gone'), ask(SMITH, 'patient_context')],
  },
  {
    id: 'gateway-repeats-decision',
    class: CLASS,
    does: 'the gateway repeats its last decision while the policy is gone',
    source: 'assumed',
    promise: 'I8',
    implies: ['I3'],
    boundary: 'gateway',
    mechanism: 'old decision when the policy is gone',
    traits: HIDDEN,
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
    script: [readFirst(SMITH), fail('policy', 'gone'), readFirst(SMITH)],
  },
  {
    id: 'tools-own-role-without-credentials',
    class: CLASS,
    does: 'the tools read with a role of their own when they get no credentials',
    source: 'W38 and W14, published sample: the default client',
    promise: 'I8',
    implies: ['I3', 'I4'],
    boundary: 'tools',
    mechanism: 'falls back on a role of its own',
    traits: HIDDEN,
    make: (kit) => {
      const sound = breakingAll({
        tools: (service) => (call, hop) =>
          service(
            call,
            hopWith(hop, (own) => ({
              call: async (to, asked) => {
                const reply = await own.call(to, asked);
                if (to !== 'credentials' || reply.status < 500) return reply;
                const keys = { AccessKeyId: 'ASIATOOLS', SecretAccessKey: 'none' };
                const ExpirationUs = own.nowUs() + minutes(1);
                return json(200, { ...keys, SessionToken: OWN_ROLE, ExpirationUs });
              },
            })),
          ),
      })(kit);
      // The role itself is what the sound platform does not have.
      const { access } = sound;
      const authorize: typeof access.authorize = (question) =>
        question.sessionToken === OWN_ROLE ? ALLOWED : access.authorize(question);
      return { ...sound, access: { authorize } };
    },
    script: [ask(SMITH, 'talk'), fail('credentials', 'gone'), readFirst(SMITH)],
  },
  {
    id: 'front-door-open-without-keys',
    class: CLASS,
    does: 'the front door takes any bearer token when it cannot get the keys',
    source: 'assumed: a key set that cannot be fetched',
    promise: 'I7',
    implies: ['I1', 'I3', 'I4', 'I8'],
    boundary: 'front-door',
    mechanism: 'no keys is a good signature',
    traits: ['only under a service fault'],
    make: breaking('front-door', (sound, kit) => async (call, hop) => {
      const reply = await sound(call, hop);
      if (reply.status !== 401 || claimsIn(call)['tenant'] === undefined) return reply;
      const path = '/.well-known/jwks.json';
      const keys = await hop.call('identity', { method: 'GET', path, headers: [], body: '' });
      return keys.status === 200 ? reply : sound(claiming(call, kit, {}), hop);
    }),
    script: [
      ask(FOSTER, 'talk'),
      fail('identity', 'gone'),
      intrude(FOSTER, 'front-door talk', { presents: 'forged' }),
    ],
  },
];
