// Which moves belong together: short stories in which one thing happens between two others.

import fc from 'fast-check';
import { HOUR_US, MINUTE_US, SECOND_US } from '../../kernel/clock.ts';
import type { Move, MoveOperation } from '../../scenario.ts';
import { MOVE_OPERATIONS } from '../../scenario.ts';
import type { Tenant } from '../programs.ts';
import {
  ask,
  asking,
  asks,
  at,
  breaks,
  from,
  long,
  pairs,
  person,
  session,
  shadow,
  use,
} from './acts.ts';
import { anotherLife, changedBetween, movedAway, tierThereAndBack } from './life-stories.ts';

type Story = fc.Arbitrary<readonly Move[]>;

export const stories = (tenants: readonly Tenant[]): Story =>
  fc.oneof(
    burst(tenants),
    oneAttacker(tenants),
    oldCredentials(tenants),
    brokenBetween(tenants),
    changedBetween(tenants),
    movedAway(tenants),
    anotherLife(tenants),
    atOnce(tenants),
    tierThereAndBack(tenants),
    lateHours(tenants),
    recalls(tenants),
  );

/** So many questions of one user at once: to the limit, and beyond. */
const burst = (tenants: readonly Tenant[]): Story =>
  fc
    .tuple(asks(tenants), fc.integer({ min: 3, max: 8 }))
    .map(([act, count]) => Array.from({ length: count }, (_, index) => at(act, 0, index > 0)));

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
        at({ do: 'try', by, of, operation, presents: by === undefined ? 'none' : 'own', ...rest }),
      ),
    );

/** Where a caller says whom it is about. */
const DOORS: MoveOperation[] = MOVE_OPERATIONS.filter((operation) =>
  /^(front-door|runtime|gateway) /.test(operation),
);

const DATA: MoveOperation[] = MOVE_OPERATIONS.filter((operation) =>
  /^(table|memory|knowledge) /.test(operation),
);

/** Credentials taken now, and shown when they should have ended. */
const oldCredentials = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      by: person(tenants),
      operations: fc.tuple(fc.constantFrom(...DATA), fc.constantFrom(...DATA)),
      beforeUs: fc.oneof(fc.constant(0), long),
      betweenUs: long,
      from,
      session,
    })
    .map(({ by, operations: [early, late], beforeUs, betweenUs, ...rest }) => {
      const one = { do: 'try' as const, by, of: by, shadow: 'none' as const, ...rest };
      return [
        at(ask(by, 'talk', rest.session)),
        at({ ...one, operation: early, presents: 'own' }, beforeUs),
        at({ ...one, operation: late, presents: 'late' }, betweenUs),
      ];
    });

/** The same is asked before a service breaks, and while it is broken, by the same or by others. */
const brokenBetween = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      people: fc.tuple(person(tenants), person(tenants), person(tenants)),
      uses: fc.tuple(use, use),
      broken: breaks,
      beforeUs: fc.constantFrom(0, 14 * MINUTE_US),
      session,
      again: fc.boolean(),
      put: asking,
    })
    .map(
      ({
        people: [one, two, three],
        uses: [first, then],
        broken,
        beforeUs,
        session: named,
        again,
        put,
      }) => {
        const what = again ? first : then;
        return [
          at(put(one, first, named)),
          at(put(two, first, named)),
          at(broken, beforeUs),
          at(put(one, what, named)),
          at(put(three, what, named)),
        ];
      },
    );

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
