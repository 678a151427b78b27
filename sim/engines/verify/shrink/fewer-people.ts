// Whom can a program do without: one person does what two did, one tenant's people what two tenants' did.

import type { Move, Person } from '../../../scenario.ts';
import type { Program, Tenant } from '../../programs.ts';

/** The program with one of its tenants played by another's people, then one person by another. */
export function* fewerPeople(program: Program): Iterable<Program> {
  const { moves } = program;
  const tenants = program.tenants.filter(({ id }) => isMentioned(moves, id));
  const people = peopleIn(moves);
  for (const one of tenants)
    for (const other of tenants) {
      if (one === other) continue;
      yield asPlayedBy(program, one, other, other.users);
      const isIdle = (user: string): boolean =>
        !people.some((person) => isSame(person, { tenant: other.id, user }));
      const idle = other.users.filter(({ id }) => isIdle(id));
      if (idle.length > 0) yield asPlayedBy(program, one, other, idle);
    }
  for (const one of people) {
    for (const other of people) if (one !== other) yield instead(program, one, other);
    // Who came from elsewhere is played by somebody who was there.
    const home = tenants.find(({ id }) => id === one.tenant);
    const [first] = home?.users ?? [];
    if (home === undefined || first === undefined) continue;
    if (home.users.every(({ id }) => id !== one.user))
      yield instead(program, one, { tenant: home.id, user: first.id });
  }
}

/** The program without a tenant that no move mentions. */
export function* fewerTenants(program: Program): Iterable<Program> {
  for (const tenant of program.tenants) {
    const tenants = program.tenants.filter((one) => one !== tenant);
    if (tenants.length > 0 && !isMentioned(program.moves, tenant.id)) yield { ...program, tenants };
  }
}

/** Everybody of a tenant becomes one of these users of the other, of their own role if there is one. */
const asPlayedBy = (
  program: Program,
  one: Tenant,
  other: Tenant,
  users: Tenant['users'],
): Program => {
  const successorOf = ({ user }: Person): Person => {
    const place = one.users.findIndex(({ id }) => id === user);
    const role = one.users[place]?.role;
    const alike = users.filter((candidate) => candidate.role === role);
    const [next = users[0]] = alike.slice(place % Math.max(1, alike.length));
    return { tenant: other.id, user: next?.id ?? user };
  };
  const rename = (person: Person): Person =>
    person.tenant === one.id ? successorOf(person) : person;
  return withPeople(program, rename, (tenant) => (tenant === one.id ? other.id : tenant));
};

const instead = (program: Program, one: Person, other: Person): Program =>
  withPeople(
    program,
    (person) => (isSame(person, one) ? other : person),
    (tenant) => tenant,
  );

export const isSame = (one: Person, other: Person): boolean =>
  one.tenant === other.tenant && one.user === other.user;

const withPeople = (
  program: Program,
  rename: (person: Person) => Person,
  tenantOf: (tenant: string) => string,
): Program => ({
  ...program,
  moves: program.moves.map((move) => moveFor(move, rename, tenantOf)),
});

const moveFor = (
  move: Move,
  rename: (person: Person) => Person,
  tenantOf: (tenant: string) => string,
): Move => {
  switch (move.do) {
    case 'ask':
      return askedBy(move, rename(move.by));
    case 'try':
      return { ...move, by: move.by && rename(move.by), of: rename(move.of) };
    case 'change':
      return { ...move, change: changeFor(move.change, rename, tenantOf) };
    case 'break':
      return move;
  }
};

/** Where a question names its asker's own tenant, it names the new one's. */
const askedBy = (move: Extract<Move, { do: 'ask' }>, by: Person): Move => {
  const own = (tenant: string): string => `"clinic_id":${JSON.stringify(tenant)}`;
  return { ...move, by, say: move.say?.replaceAll(own(move.by.tenant), own(by.tenant)) };
};

type Change = Extract<Move, { do: 'change' }>['change'];

const changeFor = (
  change: Change,
  rename: (person: Person) => Person,
  tenantOf: (tenant: string) => string,
): Change => {
  switch (change.kind) {
    case 'move-user': {
      const { tenant, user } = rename({ tenant: change.tenant, user: change.user });
      return { ...change, tenant, user, to: tenantOf(change.to) };
    }
    case 'change-role':
    case 'plant-memory': {
      const { tenant, user } = rename({ tenant: change.tenant, user: change.user });
      return { ...change, tenant, user };
    }
    case 'onboard': {
      const tenant = tenantOf(change.tenant);
      return { ...change, tenant, plan: { ...change.plan, id: tenant } };
    }
    case 'rotate-keys':
    case 'swap-policies':
      return change;
    default:
      return { ...change, tenant: tenantOf(change.tenant) };
  }
};

/** Who asks or tries, or is tried on, once each. */
const peopleIn = (moves: readonly Move[]): readonly Person[] => {
  const people = moves.flatMap((move) => {
    if (move.do === 'ask') return [move.by];
    if (move.do !== 'try') return [];
    return move.by === undefined ? [move.of] : [move.by, move.of];
  });
  return people.filter((one, index) => people.findIndex((other) => isSame(one, other)) === index);
};

const isMentioned = (moves: readonly Move[], tenant: string): boolean =>
  moves.some((move) => mentions(move, tenant));

const mentions = (move: Move, tenant: string): boolean => {
  switch (move.do) {
    case 'ask':
      return move.by.tenant === tenant;
    case 'try':
      return move.by?.tenant === tenant || move.of.tenant === tenant;
    case 'change':
      return (
        ('tenant' in move.change && move.change.tenant === tenant) ||
        ('to' in move.change && move.change.to === tenant)
      );
    case 'break':
      return false;
  }
};
