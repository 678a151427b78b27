// Which moves belong together: short stories in which one thing happens between two others.

import fc from 'fast-check';
import { HOUR_US, MINUTE_US, SECOND_US } from '../../kernel/clock.ts';
import type { Move, MoveOperation } from '../../scenario.ts';
import { MOVE_OPERATIONS } from '../../scenario.ts';
import type { Tenant } from '../programs.ts';
import { ask, asking, at, from, pairs, person, session, shadow, trying, use } from './acts.ts';
import { brokenBetween, brokenDoors } from './broken-stories.ts';
import { deletedBetween } from './deletion-stories.ts';
import { anotherLife, changedBetween, movedAway, tierThereAndBack } from './life-stories.ts';

type Story = fc.Arbitrary<readonly Move[]>;

/** One of them; what breaks in between thrice as often, for it has the most parts. */
export const stories = (tenants: readonly Tenant[]): Story =>
  fc.oneof(
    burst(tenants),
    oneAttacker(tenants),
    oldCredentials(tenants),
    oldToken(tenants),
    writtenBetween(tenants),
    brokenBetween(tenants),
    brokenBetween(tenants),
    brokenBetween(tenants),
    brokenDoors(tenants),
    changedBetween(tenants),
    movedAway(tenants),
    anotherLife(tenants),
    atOnce(tenants),
    tierThereAndBack(tenants),
    lateHours(tenants),
    recalls(tenants),
    deletedBetween(tenants),
  );

/** So many questions of one user at once: to the limit, and beyond. */
const burst = (tenants: readonly Tenant[]): Story =>
  fc
    .record({ by: person(tenants), what: use, session, times: fc.integer({ min: 3, max: 16 }) })
    .map(({ by, what, session: named, times }) => [at({ ...ask(by, what, named), times })]);

/** One attacker on one victim, with one shadow, through several doors. */
const oneAttacker = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      pair: pairs(tenants),
      operations: fc.shuffledSubarray(DOORS, { minLength: 3, maxLength: 6 }),
      from,
      shadow,
      session,
    })
    .map(({ pair: [by, of], operations, ...rest }) =>
      operations.map((operation) =>
        at(trying(by, of, { operation, presents: by === undefined ? 'none' : 'own', ...rest })),
      ),
    );

/** Where a caller says whom it is about. */
const DOORS: MoveOperation[] = MOVE_OPERATIONS.filter((operation) =>
  /^(front-door|runtime|gateway) /.test(operation),
);

const DATA: MoveOperation[] = MOVE_OPERATIONS.filter((operation) =>
  /^(table|memory|knowledge) /.test(operation),
);

/** Credentials taken early or late in the life of a token, and shown when they should have ended. */
const oldCredentials = (tenants: readonly Tenant[]): Story =>
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

/** A token that has expired, at the doors that take one. */
const oldToken = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      by: person(tenants),
      operations: fc.shuffledSubarray(TAKES_TOKENS, { minLength: 2, maxLength: 4 }),
      session,
    })
    .map(({ by, operations, session: named }) => [
      at(ask(by, 'talk', named), 62 * MINUTE_US),
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

const TAKES_TOKENS: MoveOperation[] = MOVE_OPERATIONS.filter((operation) =>
  /^(front-door|runtime|gateway|tools|credentials) /.test(operation),
);

/** A document is searched for, another is written, and the search is made again. */
const writtenBetween = (tenants: readonly Tenant[]): Story =>
  fc.record({ by: person(tenants), session }).map(({ by, session: named }) => [
    at(ask(by, 'retrieve_clinic_documents', named)),
    at({
      do: 'change',
      change: { kind: 'plant-document', tenant: by.tenant, text: 'guideline' },
    }),
    at({ ...ask(by, 'retrieve_clinic_documents', named), times: 3 }),
  ]);

/** Several ask the same at once, of tenants who each have a patient of that number. */
const atOnce = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      people: fc.array(person(tenants), { minLength: 3, maxLength: 5 }),
      what: use,
      session,
      put: asking,
    })
    .map(({ people, what, session: named, put }) =>
      people.map((by, index) => at(put(by, what, named), 0, index > 0)),
    );

/** What is open by day is asked for in the evening and by night. */
const lateHours = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      people: fc.tuple(person(tenants), person(tenants)),
      what: fc.constantFrom('patient_context' as const, 'retrieve_clinic_documents' as const),
      waitUs: fc.constantFrom(8.5 * HOUR_US, 11 * HOUR_US),
      shadow,
      session,
    })
    .map(({ people: [one, two], what, waitUs, shadow: shown, session: named }) => [
      at(ask(one, what, named), waitUs),
      at({
        do: 'try',
        by: two,
        of: two,
        operation: `gateway ${what}`,
        from: 'inside',
        presents: 'own',
        shadow: shown,
        session: named,
      }),
      at(ask(two, what, named)),
    ]);

/** One says something, others ask for what was said, in sessions of one name. */
const recalls = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      pair: pairs(tenants),
      waitUs: fc.constantFrom(0, 25 * SECOND_US, MINUTE_US),
      operation: fc.constantFrom(...DATA),
      session,
    })
    .map(({ pair: [by, of], waitUs, operation, session: named }) => [
      at(ask(of, 'talk', named)),
      at(
        {
          do: 'try',
          by,
          of,
          operation,
          from: 'inside',
          presents: by === undefined ? 'none' : 'own',
          shadow: 'none',
          session: named,
        },
        waitUs,
      ),
      ...(by === undefined ? [] : [at(ask(by, 'recall', named))]),
      at(ask(of, 'recall', named), 30 * SECOND_US),
    ]);
