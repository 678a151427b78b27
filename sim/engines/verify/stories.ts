// Which moves belong together: short stories in which one thing happens between two others.

import fc from 'fast-check';
import { HOUR_US, MINUTE_US, SECOND_US } from '../../kernel/clock.ts';
import type { Move } from '../../scenario.ts';
import type { Tenant } from '../programs.ts';
import { ask, asking, at, colleagues, pairs, person, session, trying, use } from './acts.ts';
import { brokenBetween, brokenData, brokenDoors, brokenTalk } from './broken-stories.ts';
import { deletedBetween } from './deletion-stories.ts';
import {
  badTokens,
  dataDoors,
  everyShadow,
  innerDoors,
  oldCredentials,
  oldToken,
  oneAttacker,
} from './door-stories.ts';
import { DATA } from './gates.ts';
import {
  anotherLife,
  changedBetween,
  movedAway,
  takesHold,
  tierThereAndBack,
} from './life-stories.ts';

type Story = fc.Arbitrary<readonly Move[]>;

/** One of them. Those of the most parts are told most often, for each part is rare in them. */
export const stories = (tenants: readonly Tenant[]): Story => {
  const told = (weight: number, story: (tenants: readonly Tenant[]) => Story) => ({
    weight,
    arbitrary: story(tenants),
  });
  return fc.oneof(
    told(1, burst),
    told(3, oneAttacker),
    told(2, everyShadow),
    told(2, innerDoors),
    told(3, badTokens),
    told(1, oldToken),
    told(2, oldCredentials),
    told(4, dataDoors),
    told(2, writtenBetween),
    told(3, brokenBetween),
    told(6, brokenData),
    told(3, brokenTalk),
    told(5, brokenDoors),
    told(2, changedBetween),
    told(3, takesHold),
    told(1, movedAway),
    told(2, anotherLife),
    told(2, atOnce),
    told(1, inTurn),
    told(2, tierThereAndBack),
    told(3, lateHours),
    told(1, recalls),
    told(1, deletedBetween),
  );
};

/** So many questions of one user, at once or slowly: to the limit, and beyond. */
const burst = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      by: person(tenants),
      what: use,
      session,
      times: fc.integer({ min: 3, max: 16 }),
      everyUs: fc.constantFrom(0, 0, MINUTE_US),
    })
    .map(({ by, what, session: named, ...often }) => [at({ ...ask(by, what, named), ...often })]);

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

/** Two who may do the same ask in turn, and then at once. */
const inTurn = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      pair: colleagues(tenants),
      what: fc.constantFrom('patient_context' as const, 'clinic_config' as const),
      session,
      put: asking,
    })
    .map(({ pair: [one, other], what, session: named, put }) => [
      at(put(one, what, named)),
      at(put(other, what, named)),
      at(put(one, what, named)),
      at(put(other, what, named), 0, true),
    ]);

/** What is open by day is asked for by day, in the evening and by night, and at the gateway itself. */
const lateHours = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      people: fc.tuple(person(closing(tenants)), person(closing(tenants))),
      what: fc.constantFrom('patient_context' as const, 'retrieve_clinic_documents' as const),
      everyUs: fc.constantFrom(8.5 * HOUR_US, 11 * HOUR_US),
      shown: fc.constantFrom('none' as const, 'arguments' as const),
      session,
      put: asking,
    })
    .map(({ people: [one, two], what, everyUs, shown, session: named, put }) => [
      at({ ...put(one, what, named), times: 2, everyUs }),
      at(
        trying(two, two, {
          operation: `gateway ${what}`,
          from: 'inside',
          presents: 'own',
          shadow: shown,
          session: named,
        }),
      ),
      at(put(two, what, named)),
    ]);

/** Tenants with opening hours, those of the basic tier, if there are any. */
const closing = (tenants: readonly Tenant[]): readonly Tenant[] => {
  const some = tenants.filter(({ tier }) => tier === 'basic');
  return some.length > 0 ? some : tenants;
};

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
