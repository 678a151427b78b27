// Can the changes happen in this order: the lives of tenants, followed from the first to the last.

import { CHANGE, type ChangeForm, POPULATION, TENANT } from './document.ts';
import { find } from './names.ts';
import { populationTenant, populationUser } from './schema.ts';
import type { Path, Problem } from './wording.ts';
import { problem, shown } from './wording.ts';

/**
 * Every change that finds its tenant or user in no state for it. Follows the changes and tenants
 * whose form is sound; says nothing of tenants that it does not know.
 */
export const lifeProblems = (data: unknown): Problem[] => {
  const lives = beginnings(data);
  const named = new Set(find(data, 'tenants[].id').map(({ value }) => value));
  const changes = find(data, 'changes[]')
    .flatMap(({ path, value }) => {
      const read = CHANGE.safeParse(value);
      return read.success ? [{ path, change: read.data }] : [];
    })
    .sort((a, b) => a.change.at - b.change.at);
  for (const { change } of changes) {
    if (change.kind !== 'onboard' || lives.has(change.tenant)) continue;
    if (!named.has(change.tenant)) lives.set(change.tenant, unborn());
  }
  const observer = observerProblems(data, lives);
  return [...observer, ...changes.flatMap(({ path, change }) => follow(lives, change, path))];
};

/** An observer who is a user of other tenants only; one whom nobody knows is complained of elsewhere. */
const observerProblems = (data: unknown, lives: Lives): Problem[] => {
  const life = lives.get(String(find(data, 'observer.tenants[]')[0]?.value));
  if (life === undefined || life.users.size === 0) return [];
  const coming = [...find(data, 'changes[].user'), ...find(data, 'moves[].change.user')];
  const own = [...life.users.keys(), ...coming.map(({ value }) => value)];
  const declared = ['tenants[].users[].id', 'changes[].users[].id', 'moves[].change.users[].id']
    .flatMap((pattern) => find(data, pattern))
    .map(({ value }) => value);
  return find(data, 'observer.user')
    .filter(({ value }) => declared.includes(value) && !own.includes(value))
    .map(({ path, value }) => {
      const users = [...life.users.keys()].map(shown).join(', ');
      return problem(
        path,
        `${shown(String(value))} is no user of the tenant`,
        `its users: ${users}`,
      );
    });
};

interface Life {
  status: 'unborn' | 'active' | 'suspended' | 'offboarded';
  /** Undefined for generated tenants: chance decides. */
  tier: string | undefined;
  /** The roles of the users. */
  readonly users: Map<string, string>;
}
type Lives = Map<string, Life>;

const beginnings = (data: unknown): Lives => {
  const lives: Lives = new Map();
  const population = POPULATION.safeParse(find(data, 'population')[0]?.value);
  if (population.success) {
    const users = Object.entries(population.data.users).flatMap(([role, count]) =>
      Array.from({ length: count }, (_, i): [string, string] => [
        populationUser(role, i + 1),
        role,
      ]),
    );
    for (let number = 1; number <= population.data.tenants; number += 1) {
      const life: Life = { status: 'active', tier: undefined, users: new Map(users) };
      lives.set(populationTenant(number), life);
    }
  }
  for (const { value } of find(data, 'tenants[]')) {
    const read = TENANT.safeParse(value);
    if (read.success) lives.set(read.data.id, lifeOf(read.data));
  }
  return lives;
};

const unborn = (): Life => ({ status: 'unborn', tier: undefined, users: new Map() });

const lifeOf = (tenant: {
  readonly tier: string;
  readonly users: readonly { readonly id: string; readonly role: string }[];
}): Life => ({
  status: 'active',
  tier: tenant.tier,
  users: new Map(tenant.users.map(({ id, role }) => [id, role])),
});

const follow = (lives: Lives, change: ChangeForm, path: Path): Problem[] => {
  if (change.kind === 'rotate-keys' || change.kind === 'swap-policies') return [];
  const life = lives.get(change.tenant);
  if (change.kind === 'onboard') {
    lives.set(change.tenant, lifeOf(change));
    if (life === undefined || !isThere(life)) return [];
    const message = `tenant ${shown(change.tenant)} is there already`;
    return [problem([...path, 'tenant'], message, 'offboard it first, or take another id')];
  }
  // Unknown: complained of where it is named, or where its form is unsound.
  if (life === undefined) return [];
  if (!isThere(life)) {
    return [problem([...path, 'tenant'], `tenant ${shown(change.tenant)} is not there by then`)];
  }
  switch (change.kind) {
    case 'upgrade':
    case 'downgrade': {
      const same = life.tier === change.tier;
      life.tier = change.tier;
      const message = `tenant ${shown(change.tenant)} is in tier ${shown(change.tier)} already`;
      return same ? [problem([...path, 'tier'], message)] : [];
    }
    case 'suspend':
    case 'resume':
    case 'offboard':
      return restate(life, change, path);
    case 'plant-document':
      return [];
    default:
      return followUser(lives, life, change, path);
  }
};

const isThere = ({ status }: Life): boolean => status === 'active' || status === 'suspended';

const restate = (
  life: Life,
  { kind, tenant }: { readonly kind: 'suspend' | 'resume' | 'offboard'; readonly tenant: string },
  path: Path,
): Problem[] => {
  const next = { suspend: 'suspended', resume: 'active', offboard: 'offboarded' } as const;
  const same = life.status === next[kind];
  life.status = next[kind];
  return same
    ? [problem([...path, 'tenant'], `tenant ${shown(tenant)} is ${next[kind]} already`)]
    : [];
};

type UserChange = Extract<ChangeForm, { readonly user: string }>;

const followUser = (lives: Lives, life: Life, change: UserChange, path: Path): Problem[] => {
  const role = life.users.get(change.user);
  if (role === undefined) {
    const users = [...life.users.keys()].map((user) => `\`${user}\``).join(', ');
    const message = `tenant ${shown(change.tenant)} has no user ${shown(change.user)} by then`;
    return [problem([...path, 'user'], message, `its users: ${users === '' ? 'none' : users}`)];
  }
  if (change.kind === 'change-role') {
    life.users.set(change.user, change.role);
    const message = `${shown(change.user)} has the role ${shown(change.role)} already`;
    return role === change.role ? [problem([...path, 'role'], message)] : [];
  }
  if (change.kind === 'plant-memory') return [];
  const target = lives.get(change.to);
  life.users.delete(change.user);
  if (target === undefined) return [];
  if (!isThere(target)) {
    return [problem([...path, 'to'], `tenant ${shown(change.to)} is not there by then`)];
  }
  const taken = target.users.has(change.user);
  target.users.set(change.user, role);
  const message = `tenant ${shown(change.to)} has a user ${shown(change.user)} already`;
  return taken ? [problem([...path, 'to'], message)] : [];
};
