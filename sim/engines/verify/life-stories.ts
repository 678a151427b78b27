// What happens to people and tenants between two questions: stories of changes, moves and other lives.

import fc from 'fast-check';
import { MINUTE_US } from '../../kernel/clock.ts';
import type { ChangeMove, Move, Person } from '../../scenario.ts';
import { peopleOf, type Tenant } from '../programs.ts';
import {
  type Act,
  ask,
  asking,
  at,
  changes,
  clinician,
  long,
  onboarding,
  person,
  session,
  short,
  use,
} from './acts.ts';

type Story = fc.Arbitrary<readonly Move[]>;

/** Something is asked, something changes, and it is asked again: soon, or with a new token. */
export const changedBetween = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      act: changes(tenants),
      what: use,
      session,
      waitUs: fc.oneof(short, long),
      put: asking,
    })
    .chain(({ act, what, session: named, waitUs, put }) =>
      fc
        .constantFrom(...concerned(act, tenants))
        .map((by) => [
          at(put(by, what, named)),
          at(act),
          at(put(by, what, named), waitUs),
          at(put(by, what, named), 0, true),
        ]),
    );

/** Data is asked for before a change, and when it has taken hold: a minute, some, or a token later. */
export const takesHold = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      who: clinician(tenants),
      role: fc.constantFrom('physician', 'nurse', 'admin'),
      kind: fc.constantFrom('change-role', 'change-role', 'rotate-keys', 'suspend', 'offboard'),
      what: fc.constantFrom('patient_context' as const, 'retrieve_clinic_documents' as const),
      session,
      put: asking,
    })
    .map(({ who, role, kind, what, session: named, put }) => [
      at(put(who, what, named)),
      at({ do: 'change', change: changeOf(kind, who, role) }),
      at(put(who, what, named), HELD_AFTER_US[kind]),
    ]);

/** With the next token; when no copy of the old keys is kept any more, and the token is; soon. */
const HELD_AFTER_US = {
  'change-role': 62 * MINUTE_US,
  'rotate-keys': 8 * MINUTE_US,
  suspend: MINUTE_US,
  offboard: MINUTE_US,
} as const;

const changeOf = (
  kind: keyof typeof HELD_AFTER_US,
  who: Person,
  role: string,
): ChangeMove['change'] => {
  if (kind === 'change-role') return { kind, ...who, role };
  return kind === 'rotate-keys' ? { kind } : { kind, tenant: who.tenant };
};

/** Whom a change concerns: its user, or anybody of its tenant. */
const concerned = (act: Act, tenants: readonly Tenant[]): readonly Person[] => {
  const people = peopleOf(tenants);
  if (act.do !== 'change') return people;
  const { change } = act;
  if ('user' in change) return [{ tenant: change.tenant, user: change.user }];
  return 'tenant' in change ? people.filter(({ tenant }) => tenant === change.tenant) : people;
};

/** A user says something, moves to another tenant, and asks there for what was said. */
export const movedAway = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      who: person(tenants),
      to: fc.constantFrom(...tenants),
      what: use,
      waitUs: short,
      session,
    })
    .map(({ who, to, what, waitUs, session: named }) => [
      at(ask(who, what, named)),
      at({ do: 'change', change: { kind: 'move-user', ...who, to: to.id } }, waitUs),
      at(ask({ tenant: to.id, user: who.user }, 'recall', named), waitUs),
      at(ask({ tenant: to.id, user: who.user }, what, named)),
    ]);

/** A tenant leaves, and another comes under its id: before its data is purged, or after. */
export const anotherLife = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      plan: fc.constantFrom(...tenants),
      what: use,
      waits: fc.tuple(short, fc.constantFrom(0, MINUTE_US, 10 * MINUTE_US)),
      session,
    })
    .chain(({ plan, what, waits: [emptyUs, newUs], session: named }) =>
      fc
        .constantFrom(...peopleOf([plan]))
        .map((by) => [
          at(ask(by, what, named)),
          at({ do: 'change', change: { kind: 'offboard', tenant: plan.id } }),
          at({ do: 'change', change: onboarding(plan) }, emptyUs),
          at(ask(by, what, named), newUs),
          at(ask(by, 'recall', named), 10 * MINUTE_US),
          at(ask(by, 'retrieve_clinic_documents', named)),
        ]),
    );

/** To another tier, and perhaps back, while somebody asks from the limit of the one to the other's. */
export const tierThereAndBack = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      plan: fc.constantFrom(...tenants),
      what: use,
      session,
      times: fc.integer({ min: 16, max: 26 }),
      everyUs: fc.constantFrom(4 * MINUTE_US, 5 * MINUTE_US),
      isBack: fc.boolean(),
    })
    .chain(({ plan, what, session: named, isBack, ...often }) =>
      fc.constantFrom(...peopleOf([plan])).map((by) => {
        const other = plan.tier === 'basic' ? 'premium' : 'basic';
        const change = (tier: string): Act => ({
          do: 'change',
          change: { kind: tier === 'premium' ? 'upgrade' : 'downgrade', tenant: plan.id, tier },
        });
        return [
          at({ ...ask(by, what, named), ...often }),
          // Before the token ends for the first time, and before it does for the second.
          at(change(other), 30 * MINUTE_US, true),
          ...(isBack ? [at(change(plan.tier), 50 * MINUTE_US, true)] : []),
        ];
      }),
    );
