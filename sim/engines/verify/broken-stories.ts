// What happens while something is broken: stories in which a service fails between two questions.

import fc from 'fast-check';
import { MINUTE_US, SECOND_US } from '../../kernel/clock.ts';
import {
  FAULT_SERVICES,
  MOVE_OPERATIONS,
  type Move,
  type MoveOperation,
  type Person,
  PRESENTED,
  type Use,
} from '../../scenario.ts';
import type { Tenant } from '../programs.ts';
import { type Act, ask, asking, at, pairs, person, session, trying } from './acts.ts';

type Story = fc.Arbitrary<readonly Move[]>;
type Broken = (typeof FAULT_SERVICES)[number];

const DATA = ['credentials', 'sts', 'tools', 'gateway', 'policy'] as const;

/** A question and what it needs, its own store foremost. */
const NEEDS: readonly (readonly [Use, readonly Broken[]])[] = [
  ['patient_context', ['table', 'table', 'table', ...DATA]],
  ['clinic_config', ['table', ...DATA]],
  ['retrieve_clinic_documents', ['knowledge', 'knowledge', 'knowledge', ...DATA]],
  ['talk', ['model', 'memory', 'credentials', 'sts', 'identity', 'runtime']],
  ['recall', ['memory', 'model', 'credentials', 'sts']],
  ['web_search', ['web', 'tools', 'policy']],
];

const breaking = (service: Broken): fc.Arbitrary<Act> =>
  fc.constantFrom(...WAYS).map((way) => ({ do: 'break', service, ...way }));

/** For longer than anything waits, or for a blink, after which a second try succeeds. */
const WAYS = [
  { how: 'slow', forUs: 10 * MINUTE_US },
  { how: 'failing', forUs: 10 * MINUTE_US },
  { how: 'gone', forUs: 10 * MINUTE_US },
  { how: 'gone', forUs: SECOND_US },
] as const;

/** Past the life of keys, and nearly past that of credentials. */
const before = fc.constantFrom(0, 6 * MINUTE_US, 14 * MINUTE_US);

/** The same is asked before a service breaks, and while it is broken, by the same or by others. */
export const brokenBetween = (tenants: readonly Tenant[]): Story =>
  fc.constantFrom(...NEEDS).chain(([what, services]) =>
    fc
      .record({
        people: fc.tuple(person(tenants), person(tenants), person(tenants)),
        broken: fc.constantFrom(...services).chain(breaking),
        beforeUs: before,
        session,
        put: asking,
        through: fc.constantFrom('front-door', 'gateway'),
      })
      .map(({ people: [one, two, three], broken, beforeUs, session: named, put, through }) => {
        const direct = through === 'gateway' ? GATEWAY[what] : undefined;
        const say = (by: Person): Act =>
          direct === undefined
            ? put(by, what, named)
            : trying(by, by, {
                operation: direct,
                from: 'inside',
                presents: 'own',
                shadow: 'none',
                session: named,
              });
        return [at(say(one)), at(say(two)), at(broken, beforeUs), at(say(one)), at(say(three))];
      }),
  );

/** A compromised agent asks at the gateway itself. */
const GATEWAY: Readonly<Partial<Record<Use, MoveOperation>>> = {
  patient_context: 'gateway patient_context',
  clinic_config: 'gateway clinic_config',
  retrieve_clinic_documents: 'gateway retrieve_clinic_documents',
};

/** Bad tokens at several doors while something that the doors rely on is broken. */
export const brokenDoors = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      pair: pairs(tenants),
      broken: fc.constantFrom('identity', 'identity', ...FAULT_SERVICES).chain(breaking),
      beforeUs: before,
      operations: fc.shuffledSubarray(DOORS, { minLength: 2, maxLength: 5 }),
      presents: fc.constantFrom(...PRESENTED),
      session,
    })
    .map(({ pair: [by, of], broken, beforeUs, operations, presents, session: named }) => [
      at(ask(of, 'talk', named)),
      at(broken, beforeUs),
      ...operations.map((operation) =>
        at(trying(by, of, { operation, from: 'inside', presents, shadow: 'none', session: named })),
      ),
    ]);

const DOORS: MoveOperation[] = MOVE_OPERATIONS.filter((operation) =>
  /^(front-door|runtime|gateway|tools|credentials) /.test(operation),
);
