// Does every name in a scenario stand for something: declared, and only once?

import { ACTOR_CHARACTERS_MAX, actorOf } from '../domain/caller.ts';
import { isRecord } from '../domain/wire.ts';
import { POPULATION_MAX, populationTenant, ROLES } from './schema.ts';
import type { Path, Problem } from './wording.ts';
import { problem, shown, suggestion } from './wording.ts';

/** What a document declares. A kind that it declares nothing of is undefined, and not checked. */
export interface Names {
  readonly tier: ReadonlySet<string> | undefined;
  /** Explicit, generated and onboarded later. */
  readonly tenant: ReadonlySet<string> | undefined;
  readonly role: ReadonlySet<string> | undefined;
  /** Of whatever tenant, from the start or onboarded later; undefined when some are generated. */
  readonly user: ReadonlySet<string> | undefined;
}

/** Works on any data, so that mistakes of form hide none of these. */
export const declaredNames = (data: unknown): Names => ({
  tier: filled(find(data, 'tiers{}').map(({ value }) => value)),
  tenant: filled([
    ...[...find(data, 'tenants[].id'), ...onboarded(data)].map(({ value }) => value),
    ...generatedNames(data),
  ]),
  role: filled(
    isRecord(data) && 'roles' in data ? find(data, 'roles[]').map(({ value }) => value) : ROLES,
  ),
  user: find(data, 'population').length > 0 ? undefined : filled(usersOf(data)),
});

/** Every name that is unknown, taken twice, or too long for memory. */
export const nameProblems = (data: unknown, names: Names): Problem[] => [
  ...USES.flatMap(([kind, pattern]) =>
    find(data, pattern).flatMap(({ path, value, at }) => {
      const known = names[kind];
      if (known === undefined || typeof value !== 'string' || known.has(value)) return [];
      const hint = suggestion(value, known, `declared ${kind}s`);
      return [problem(path, `unknown ${kind} ${shown(value)}`, hint, at)];
    }),
  ),
  ...tenantless(data),
  ...idle(data),
  ...misplaced(data),
  ...repeated(find(data, 'tenants[].id'), 'tenant', generatedNames(data)),
  ...repeated(find(data, 'traffic[].name'), 'stream'),
  ...repeated(find(data, 'roles[]'), 'role'),
  ...[...find(data, 'tenants[]'), ...onboardings(data)].flatMap(({ path, value }) => {
    const users = find(value, 'users[].id').map((user) => ({
      ...user,
      path: [...path, ...user.path],
    }));
    return [...repeated(users, 'user'), ...overlong(value, users, [...(names.role ?? [''])])];
  }),
];

interface Found {
  readonly path: Path;
  readonly value: unknown;
  readonly at: Problem['at'];
}

/** Everything at a pattern: `a[].b` for each entry of a list, `a{}` for each key of a mapping. */
export const find = (data: unknown, pattern: string): Found[] =>
  pattern
    .split('.')
    .reduce<Found[]>(
      (found, step) => found.flatMap((each) => below(each, step)),
      [{ path: [], value: data, at: 'value' }],
    );

const USES: readonly (readonly [keyof Names, string])[] = [
  ['tier', 'tenants[].tier'],
  ['tier', 'population.tiers{}'],
  ['tier', 'entitlements[].tiers[]'],
  ['tier', 'traffic[].tenants.tier'],
  ['tier', 'changes[].tier'],
  ['tenant', 'traffic[].tenants[]'],
  ['tenant', 'changes[].tenant'],
  ['tenant', 'changes[].to'],
  ['tenant', 'observer'],
  ['tenant', 'observer.tenants[]'],
  ['user', 'observer.user'],
  ['tenant', 'moves[].by.tenant'],
  ['tenant', 'moves[].of.tenant'],
  ['tenant', 'moves[].change.tenant'],
  ['tenant', 'moves[].change.to'],
  ['tier', 'moves[].change.tier'],
  ['user', 'moves[].by.user'],
  ['user', 'moves[].of.user'],
  ['user', 'moves[].change.user'],
  ['role', 'tenants[].users[].role'],
  ['role', 'population.users{}'],
  ['role', 'entitlements[].roles[]'],
  ['role', 'changes[].users[].role'],
  ['role', 'changes[].role'],
];

const below = ({ path, value }: Found, step: string): Found[] => {
  const key = step.replace(/\[\]|\{\}$/, '');
  if (!isRecord(value) || !Object.hasOwn(value, key)) return [];
  const inside = value[key];
  const here = [...path, key];
  if (step.endsWith('[]')) {
    if (!Array.isArray(inside)) return [];
    return inside.map((each: unknown, index) => ({
      path: [...here, index],
      value: each,
      at: 'value',
    }));
  }
  if (step.endsWith('{}')) {
    if (!isRecord(inside)) return [];
    return Object.keys(inside).map((each) => ({ path: [...here, each], value: each, at: 'key' }));
  }
  return [{ path: here, value: inside, at: 'value' }];
};

const filled = (values: readonly unknown[]): ReadonlySet<string> | undefined => {
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length === 0 ? undefined : new Set(texts);
};

const onboardings = (data: unknown): Found[] =>
  [...find(data, 'changes[]'), ...find(data, 'moves[].change')].filter(
    ({ value }) => isRecord(value) && value['kind'] === 'onboard',
  );

const usersOf = (data: unknown): readonly unknown[] =>
  ['tenants[].users[].id', 'changes[].users[].id', 'moves[].change.users[].id']
    .flatMap((pattern) => find(data, pattern))
    .map(({ value }) => value);

const onboarded = (data: unknown): Found[] =>
  onboardings(data).flatMap(({ value }) => find(value, 'tenant'));

const generatedNames = (data: unknown): readonly string[] => {
  const [count] = find(data, 'population.tenants');
  const generated = typeof count?.value === 'number' ? count.value : 0;
  if (!(generated > 0 && generated <= POPULATION_MAX)) return [];
  return Array.from({ length: generated }, (_, index) => populationTenant(index + 1));
};

const tenantless = (data: unknown): Problem[] =>
  !isRecord(data) || 'population' in data || find(data, 'tenants[]').length > 0
    ? []
    : [problem(['tenants'], 'there are no tenants', 'give `tenants`, `population` or both')];

const idle = (data: unknown): Problem[] =>
  !isRecord(data) || find(data, 'traffic[]').length + find(data, 'moves[]').length > 0
    ? []
    : [problem(['traffic'], 'nothing is asked for', 'give `traffic`, `moves` or both')];

/** People of moves who never belong to the tenant that they are said to be of. */
const misplaced = (data: unknown): Problem[] => {
  if (find(data, 'population').length > 0) return [];
  const homes = new Map<unknown, Set<unknown>>();
  const live = (tenant: unknown, users: readonly unknown[]): void => {
    homes.set(tenant, new Set([...(homes.get(tenant) ?? []), ...users]));
  };
  for (const { value } of [...find(data, 'tenants[]'), ...onboardings(data)]) {
    const [id] = [...find(value, 'id'), ...find(value, 'tenant')];
    live(
      id?.value,
      find(value, 'users[].id').map((user) => user.value),
    );
  }
  for (const { value } of [...find(data, 'changes[]'), ...find(data, 'moves[].change')])
    if (isRecord(value) && value['kind'] === 'move-user') live(value['to'], [value['user']]);
  const known = new Set([...homes.values()].flatMap((users) => [...users]));
  return [...find(data, 'moves[].by'), ...find(data, 'moves[].of')].flatMap(({ path, value }) => {
    if (!isRecord(value)) return [];
    const users = homes.get(value['tenant']);
    // Whom nobody knows is complained of as unknown.
    if (users === undefined || !known.has(value['user']) || users.has(value['user'])) return [];
    const names = [...users].map((user) => shown(user)).join(', ');
    const message = `tenant ${shown(value['tenant'])} has no user ${shown(value['user'])} at any time`;
    return [problem([...path, 'user'], message, `its users: ${names}`)];
  });
};

const repeated = (
  uses: readonly Found[],
  kind: string,
  taken: readonly string[] = [],
): Problem[] => {
  const seen = new Set<unknown>(taken);
  return uses.flatMap(({ path, value }) => {
    if (!seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [problem(path, `${kind} ${shown(value)} is declared twice`)];
  });
};

const overlong = (
  tenant: unknown,
  users: readonly Found[],
  roles: readonly string[],
): Problem[] => {
  const [id] = [...find(tenant, 'id'), ...find(tenant, 'tenant')];
  return users.flatMap(({ path, value }) => {
    const named = id?.value;
    if (typeof named !== 'string' || typeof value !== 'string') return [];
    // Anybody may be given any role later.
    if (roles.every((role) => actorOf(named, value, role) !== undefined)) return [];
    const message = `tenant, user and role make an actor of more than ${ACTOR_CHARACTERS_MAX} characters`;
    return [problem(path, message, 'every character but a letter or digit counts at least three')];
  });
};
