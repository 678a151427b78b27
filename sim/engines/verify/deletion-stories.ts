// What happens to what its owner deletes: stories of something said, deleted, and looked for again.

import fc from 'fast-check';
import { MINUTE_US } from '../../kernel/clock.ts';
import type { Move, MoveOperation } from '../../scenario.ts';
import type { Tenant } from '../programs.ts';
import { ask, at, person, session, trying } from './acts.ts';

/** What deletes, and all that shows what is not deleted. */
const KINDS: readonly (readonly [MoveOperation, ...MoveOperation[]])[] = [
  ['memory DeleteEvent', 'memory ListEvents', 'memory GetEvent'],
  [
    'memory DeleteMemoryRecord',
    'memory ListMemoryRecords',
    'memory RetrieveMemoryRecords',
    'memory GetMemoryRecord',
  ],
];

/** Said, deleted once there is a record of it, and looked for at once and after a minute. */
export const deletedBetween = (tenants: readonly Tenant[]): fc.Arbitrary<readonly Move[]> =>
  fc
    .record({ by: person(tenants), kind: fc.constantFrom(...KINDS), session })
    .map(({ by, kind: [deletes, ...shows], session: named }) => {
      const how = { from: 'inside', presents: 'own', shadow: 'none', session: named } as const;
      const call = (operation: MoveOperation, afterUs: number): Move =>
        at(trying(by, by, { operation, ...how }), afterUs);
      return [
        at(ask(by, 'talk', named)),
        call(deletes, MINUTE_US),
        ...shows.map((operation) => call(operation, 0)),
        at(ask(by, 'talk', named), MINUTE_US),
      ];
    });
