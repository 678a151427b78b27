// What happens while something is broken: stories in which a service fails between two questions.

import fc from 'fast-check';
import { MINUTE_US, SECOND_US } from '../../kernel/clock.ts';
import { FAULT_SERVICES, type Move, type Person, type Use } from '../../scenario.ts';
import type { Tenant } from '../programs.ts';
import {
  type Act,
  ask,
  askFirst,
  asking,
  at,
  pairs,
  person,
  session,
  strangers,
  trying,
} from './acts.ts';
import { BAD, TOKEN_GATES, through } from './gates.ts';

type Story = fc.Arbitrary<readonly Move[]>;
type Broken = (typeof FAULT_SERVICES)[number];

const DATA = ['credentials', 'sts', 'tools', 'gateway', 'policy'] as const;

/** A question and what it needs, its own store foremost. */
const NEEDS: readonly (readonly [Use, readonly Broken[]])[] = [
  ['patient_context', ['table', 'table', 'table', ...DATA]],
  ['clinic_config', ['table', ...DATA]],
  ['retrieve_clinic_documents', ['knowledge', 'knowledge', 'knowledge', ...DATA]],
  ['talk', ['model', 'memory', 'credentials', 'sts', 'identity', 'runtime']],
  ['recall', ['memory', 'memory', 'model', 'credentials', 'sts']],
  ['web_search', ['web', 'tools', 'policy']],
];

/** For longer than anything waits; what fails by half says less than what is slow or gone. */
const LASTING = [
  { how: 'slow', forUs: 10 * MINUTE_US },
  { how: 'gone', forUs: 10 * MINUTE_US },
  { how: 'slow', forUs: 10 * MINUTE_US },
  { how: 'failing', forUs: 10 * MINUTE_US },
  { how: 'gone', forUs: 10 * MINUTE_US },
] as const;

/** After which a second try succeeds. */
const BLINK = { how: 'gone', forUs: SECOND_US } as const;
const WAYS = [...LASTING, BLINK] as const;

const breaking = (
  service: Broken,
  ways: readonly (typeof WAYS)[number][] = WAYS,
): fc.Arbitrary<Act> => fc.constantFrom(...ways).map((way) => ({ do: 'break', service, ...way }));

/** Past the life of keys, and nearly past that of credentials. */
const before = fc.constantFrom(0, 6 * MINUTE_US, 14 * MINUTE_US);

/** The same is asked before a service breaks, and while it is broken, by the same or by others. */
export const brokenBetween = (tenants: readonly Tenant[]): Story =>
  fc.constantFrom(...NEEDS).chain(([what, services]) =>
    fc
      .record({
        people: fc.tuple(person(tenants), person(tenants), person(tenants)),
        broken: fc.constantFrom(...services).chain((service) => breaking(service)),
        beforeUs: before,
        session,
        put: asking,
        isDirect: fc.boolean(),
      })
      .map(({ people: [one, two, three], broken, beforeUs, session: named, put, isDirect }) => {
        const direct = isDirect ? READING.find((tool) => tool === what) : undefined;
        const say = (by: Person): Act =>
          direct === undefined ? put(by, what, named) : atGateway(by, direct, named);
        return [at(say(one)), at(say(two)), at(broken, beforeUs), at(say(one)), at(say(three))];
      }),
  );

/** The stores and what stands before them, and how long after the first questions each breaks. */
const SERVING: readonly (readonly [Broken, number])[] = [
  ...(['table', 'knowledge', 'tools', 'gateway', 'policy'] as const).map(
    (service) => [service, 0] as const,
  ),
  ['table', 0],
  ['table', 0],
  ['knowledge', 6 * MINUTE_US],
  ['policy', 0],
  // Credentials are kept for a while, and must be old for anybody to want others.
  ...[0, 14 * MINUTE_US, 14 * MINUTE_US].map((us) => ['credentials', us] as const),
  ['sts', 14 * MINUTE_US],
];

/** Tools that read data, each about the first object of its kind: askers of two tenants say the same. */
const READING = ['patient_context', 'clinic_config', 'retrieve_clinic_documents'] as const;

/** All data is asked for before a service breaks, and by the same and by a stranger while it is broken. */
export const brokenData = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      people: strangers(tenants),
      broken: fc
        .constantFrom(...SERVING)
        .chain(([service, beforeUs]) => breaking(service, LASTING).map((act) => at(act, beforeUs))),
      isDirect: fc.boolean(),
      session,
    })
    .map(({ people: [one, other], broken, isDirect, session: named }) => {
      const all = (by: Person) =>
        READING.map((tool) =>
          at(isDirect ? atGateway(by, tool, named) : askFirst(by, tool, named)),
        );
      return [...all(one), broken, ...all(one), ...all(other)];
    });

/** Somebody has said something that memory holds, and asks for it, as a stranger does, without memory or model. */
export const brokenTalk = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      people: strangers(tenants),
      broken: fc
        .constantFrom('memory' as const, 'model' as const)
        .chain((service) => breaking(service, [...WAYS, BLINK])),
      session,
    })
    .map(({ people: [one, other], broken, session: named }) => [
      at({ ...ask(one, 'talk', named), times: 2, everyUs: MINUTE_US }),
      at(broken),
      at(ask(one, 'recall', named)),
      at(ask(other, 'recall', named)),
    ]);

/** A compromised agent asks at the gateway itself. */
const atGateway = (by: Person, tool: (typeof READING)[number], named: string): Act =>
  trying(by, by, {
    operation: `gateway ${tool}`,
    from: 'inside',
    presents: 'own',
    shadow: 'none',
    session: named,
  });

/** Bad tokens at several doors while something that the doors rely on is broken. */
export const brokenDoors = (tenants: readonly Tenant[]): Story =>
  fc
    .record({
      pair: pairs(tenants),
      broken: fc
        .oneof(
          { weight: 3, arbitrary: fc.constant('identity' as const) },
          { weight: 1, arbitrary: fc.constantFrom(...FAULT_SERVICES) },
        )
        .chain((service) => breaking(service)),
      beforeUs: fc.oneof(fc.constant(0), before),
      operations: through(TOKEN_GATES, { minLength: 3, maxLength: 5 }),
      kinds: fc.shuffledSubarray(BAD, { minLength: 3, maxLength: 6 }),
      session,
    })
    .map(({ pair: [by, of], broken, beforeUs, operations, kinds, session: named }) => [
      at(ask(of, 'talk', named)),
      at(broken, beforeUs),
      ...operations.flatMap((operation) =>
        kinds.map((presents) =>
          at(
            trying(by, of, { operation, from: 'inside', presents, shadow: 'none', session: named }),
          ),
        ),
      ),
    ]);
