// Who tries several doors in a row: stories of one attacker with a shadow, a bad token, or old credentials.

import fc from 'fast-check';
import { MINUTE_US } from '../../kernel/clock.ts';
import { MOVE_OPERATIONS, type Move, type MoveOperation, SHADOWS } from '../../scenario.ts';
import type { Tenant } from '../programs.ts';
import { ask, at, from, pairs, person, session, shadow, trying } from './acts.ts';
import { BAD, DATA, INNER_GATES, TOKEN_GATES, through } from './gates.ts';

type Story = fc.Arbitrary<readonly Move[]>;

/** Past the life of a token: whoever asks again has a new one. */
const NEXT_TOKEN = { times: 2, everyUs: 62 * MINUTE_US };

/** One attacker on one victim, with one shadow, through several doors. */
const knocking = (
  tenants: readonly Tenant[],
  doors: fc.Arbitrary<readonly MoveOperation[]>,
): Story =>
  fc
    .record({ pair: pairs(tenants), operations: doors, from, shadow, session })
    .map(({ pair: [by, of], operations, ...rest }) =>
      operations.map((operation) =>
        at(trying(by, of, { operation, presents: by === undefined ? 'none' : 'own', ...rest })),
      ),
    );

/** Somebody knocks at the doors of those who ask. */
export const oneAttacker = (tenants: readonly Tenant[]): Story =>
  knocking(tenants, fc.shuffledSubarray(DOORS, { minLength: 3, maxLength: 6 }));

/** Where a caller says whom it is about. */
const DOORS: MoveOperation[] = MOVE_OPERATIONS.filter((operation) =>
  /^(front-door|runtime|gateway) /.test(operation),
);

/** One attacker who claims to be another in every place where that can be written, for one tool. */
export const everyShadow = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      pair: pairs(tenants),
      operations: fc.constantFrom(...TOOLS),
      shadows: fc.shuffledSubarray([...SHADOWS], { minLength: 4 }),
      session,
    })
    .map(({ pair: [by, of], operations, shadows, session: named }) =>
      operations.flatMap((operation) =>
        shadows.map((shown) =>
          at(
            trying(by, of, {
              operation,
              from: 'inside',
              presents: by === undefined ? 'none' : 'own',
              shadow: shown,
              session: named,
            }),
          ),
        ),
      ),
    );

/** A tool by every way: through the front door, at the gateway, and at the tools themselves. */
const TOOLS = (
  ['patient_context', 'clinic_config', 'retrieve_clinic_documents', 'web_search'] as const
).map((tool) => [`front-door ${tool}`, `gateway ${tool}`, `tools ${tool}`] as const);

/** Somebody knocks at doors that are for other workloads only. */
export const innerDoors = (tenants: readonly Tenant[]): Story =>
  knocking(tenants, through(INNER_GATES, { minLength: 3, maxLength: 5 }));

/** Every kind of bad token, one after another, at a few doors where good ones were seen before. */
export const badTokens = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      pair: pairs(tenants),
      operations: through(TOKEN_GATES, { minLength: 1, maxLength: 3 }),
      kinds: fc.shuffledSubarray(BAD, { minLength: 4 }),
      session,
    })
    .map(({ pair: [by, of], operations, kinds, session: named }) => [
      at(ask(of, 'talk', named)),
      ...operations.flatMap((operation) =>
        kinds.map((presents) =>
          at(
            trying(by, of, { operation, from: 'inside', presents, shadow: 'none', session: named }),
          ),
        ),
      ),
    ]);

/** A token that has expired, at the doors that take one. */
export const oldToken = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      by: person(tenants),
      operations: through(TOKEN_GATES, { minLength: 2, maxLength: 5 }),
      session,
    })
    .map(({ by, operations, session: named }) => [
      at({ ...ask(by, 'talk', named), ...NEXT_TOKEN }),
      ...operations.map((operation) =>
        at(
          trying(by, by, {
            operation,
            from: 'inside',
            presents: 'expired',
            shadow: 'none',
            session: named,
          }),
        ),
      ),
    ]);

/** Credentials taken early or late in the life of a token, and shown when they should have ended. */
export const oldCredentials = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      by: person(tenants),
      operations: fc.tuple(fc.constantFrom(...DATA), fc.constantFrom(...DATA)),
      waits: fc.constantFrom(
        [0, 8 * MINUTE_US],
        [0, 16 * MINUTE_US],
        [0, 62 * MINUTE_US],
        [55 * MINUTE_US, 8 * MINUTE_US],
      ),
      from,
      session,
    })
    .map(({ by, operations: [early, late], waits: [beforeUs, betweenUs], ...rest }) => [
      // After an hour the token is a new one.
      at(ask(by, 'talk', rest.session), 62 * MINUTE_US),
      at(trying(by, by, { operation: early, presents: 'own', shadow: 'none', ...rest }), beforeUs),
      at(trying(by, by, { operation: late, presents: 'late', shadow: 'none', ...rest }), betweenUs),
    ]);

/** What leaves something in a store: a memory, a search, a record that was read. */
const REMEMBERED = [
  'talk',
  'retrieve_clinic_documents',
  'retrieve_clinic_documents',
  'patient_context',
] as const;

/** Somebody says something, and another goes through the stores with credentials of their own. */
export const dataDoors = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      pair: pairs(tenants),
      what: fc.constantFrom(...REMEMBERED),
      operations: fc.shuffledSubarray([...DATA], { minLength: 5, maxLength: 8 }),
      session,
    })
    .map(({ pair: [by, of], what, operations, session: named }) => [
      at(ask(of, what, named)),
      ...operations.map((operation, index) =>
        at(
          trying(by, of, {
            operation,
            from: 'inside',
            presents: by === undefined ? 'none' : 'own',
            shadow: 'none',
            session: named,
          }),
          // What was said is in memory by then.
          index === 0 ? MINUTE_US : 0,
        ),
      ),
      at(ask(of, 'recall', named)),
    ]);
