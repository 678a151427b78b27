// Which programs are tried: single moves and short stories, one after another, among a few tenants.

import fc from 'fast-check';
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '../../kernel/clock.ts';
import { type Move, type Observation, VARIATIONS } from '../../scenario.ts';
import { type Program, peopleOf, TENANTS, type Tenant } from '../programs.ts';
import { type Act, asks, at, breaks, changes, tries } from './acts.ts';
import { tenantIds, userIds } from './identities.ts';
import { stories } from './stories.ts';

/** Waits to where something ends: credentials, idle sessions, tokens, opening hours, a day. */
const after = fc.oneof(
  { weight: 40, arbitrary: fc.constant(0) },
  { weight: 10, arbitrary: fc.constantFrom(SECOND_US, 25 * SECOND_US) },
  { weight: 5, arbitrary: fc.constantFrom(6 * MINUTE_US, 16 * MINUTE_US) },
  { weight: 1, arbitrary: fc.constantFrom(61 * MINUTE_US, 8.5 * HOUR_US, 11 * HOUR_US, DAY_US) },
);

const when = fc.record({
  afterUs: after,
  together: fc.oneof(
    { weight: 3, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});

const movesOf = (tenants: readonly Tenant[]): fc.Arbitrary<readonly Move[]> => {
  const one = (act: fc.Arbitrary<Act>): fc.Arbitrary<readonly Move[]> =>
    fc.tuple(act, when).map(([what, { afterUs, together }]) => [at(what, afterUs, together)]);
  const some = fc.oneof(
    { weight: 4, arbitrary: one(asks(tenants)) },
    { weight: 5, arbitrary: one(tries(tenants)) },
    { weight: 2, arbitrary: one(changes(tenants)) },
    { weight: 1, arbitrary: one(breaks) },
    { weight: 7, arbitrary: stories(tenants) },
  );
  return fc.array(some, { minLength: 6, maxLength: 18, size: 'max' }).map((list) => list.flat());
};

/** The tenants of the world by their own names, or by names that are easily taken for one another. */
const worlds: fc.Arbitrary<readonly Tenant[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(TENANTS) },
  { weight: 1, arbitrary: fc.tuple(tenantIds, userIds).map(([ids, users]) => renamed(ids, users)) },
);

const renamed = (ids: readonly string[], users: readonly string[]): readonly Tenant[] =>
  TENANTS.map((tenant, index) => ({
    ...tenant,
    id: ids[index] ?? tenant.id,
    users: tenant.users.map(({ id, role }, place) => ({ id: users[place] ?? id, role })),
  }));

/** A program of 6 to some 60 moves among two to four tenants. */
export const programs = (hosting?: Program['hosting']): fc.Arbitrary<Program> =>
  worlds
    .chain((all) => fc.shuffledSubarray([...all], { minLength: 2, maxLength: 4 }))
    .chain((tenants) =>
      fc.record({
        seed: fc.integer({ min: 1, max: 1_000_000 }),
        hosting:
          hosting === undefined
            ? fc.constantFrom('microvm' as const, 'pooled' as const)
            : fc.constant(hosting),
        limits: fc.constantFrom('usual' as const, 'usual' as const, 'tight' as const),
        tenants: fc.constant(tenants),
        moves: movesOf(tenants),
      }),
    )
    .chain((program) =>
      observations(program).map((observer): Program => ({ ...program, observer })),
    );

/** Of those who make moves one tenant most often; else two together, or one user among colleagues. */
const observations = ({ tenants, moves }: Program): fc.Arbitrary<Observation> => {
  const movers = moves.flatMap((move) =>
    (move.do === 'ask' || move.do === 'try') && move.by !== undefined ? [move.by] : [],
  );
  const people = movers.length > 0 ? movers : peopleOf(tenants);
  const others = fc.oneof(
    { weight: 4, arbitrary: fc.constant('removed' as const) },
    { weight: 2, arbitrary: fc.constant('alike' as const) },
    { weight: 6, arbitrary: fc.constantFrom(...VARIATIONS) },
  );
  // Twice as often where no allowance is made.
  const resources = fc.constantFrom(
    'shared' as const,
    'replicated' as const,
    'replicated' as const,
  );
  const together = fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constant(2) },
  );
  return fc
    .record({
      first: fc.constantFrom(...people),
      second: fc.constantFrom(...tenants),
      count: together,
      isOne: fc.integer({ min: 1, max: 4 }).map((draw) => draw === 1),
      others,
      resources,
    })
    .map(({ first, second, count, isOne, others: varied, resources: had }) => {
      if (isOne)
        return { tenants: [first.tenant], user: first.user, others: 'reworded', resources: had };
      // Somebody has to be left for the others.
      const several = count > 1 && tenants.length > 2 && second.id !== first.tenant;
      const observers = several ? [first.tenant, second.id] : [first.tenant];
      return { tenants: observers, user: undefined, others: varied, resources: had };
    });
};

/** Every so many programs are played again with the others varied. */
const OBSERVED_EVERY = 3;

/** The program of that number under that seed. */
export const programOf = (seed: number, number: number, hosting?: Program['hosting']): Program => {
  const [program] = fc.sample(programs(hosting), { seed: seed + number * 7919, numRuns: 1 });
  if (program === undefined) throw new Error('fast-check drew nothing');
  if (number % OBSERVED_EVERY !== 0) return { ...program, observer: undefined };
  return { ...program, moves: program.moves.filter(leavesKeysAlone) };
};

/** The keys are one for all tenants by declaration: what shows that is no interference. */
const leavesKeysAlone = (move: Move): boolean =>
  !(move.do === 'change' && move.change.kind === 'rotate-keys') &&
  !(move.do === 'break' && move.service === 'identity');
