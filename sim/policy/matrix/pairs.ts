// Which two tenants may IAM mix up: names that resemble each other, the scenario's, and those in the documents.

import { type IamDocuments, namedCallers, namedOwners, SOMEBODY } from './named-owners.ts';
import type { DataOperation, Owner } from './operations.ts';

/** Credentials of whom, and whose data: two owners of different tenants. */
export interface Pair {
  readonly caller: Owner;
  readonly owner: Owner;
}

/** Names that a policy may mix up: one the beginning of the other, other case, joined at a hyphen. */
const TENANTS: readonly (readonly [string, string])[] = [
  ['tenant-a', 'tenant-b'],
  ['tenant-a', 'tenant-a-2'],
  ['tenant-a-2', 'tenant-a'],
  ['tenant-a', 'Tenant-A'],
  ['tenant', 'tenant-a'],
  ['tenant-a', 'tenant'],
  ['tenant_', 'tenant-'],
];
const USERS: readonly (readonly [string, string])[] = [
  ['user', 'user'],
  ['a-user', 'user'],
  ['user', 'a-user'],
];

/** So many pairs are tried: a few seconds on a slow machine. Assumed. */
const PAIRS_MAX = 1_000;

/** The pairs, and whether they are all that the documents can tell apart. */
export const pairsOf = (
  documents: IamDocuments,
  operations: readonly DataOperation[],
  tenants: readonly string[],
): { readonly pairs: readonly Pair[]; readonly isComplete: boolean } => {
  const resembling = TENANTS.flatMap(([mine, theirs]) =>
    USERS.map(([user, other]) => ({
      caller: { ...SOMEBODY, tenant: mine, user },
      owner: { ...SOMEBODY, tenant: theirs, user: other },
    })),
  );
  const owners = [
    SOMEBODY,
    { ...SOMEBODY, tenant: 'tenant-b' },
    ...namedOwners(documents, operations),
  ];
  const named = namedCallers(documents).flatMap((caller) =>
    owners.map((owner) => ({ caller, owner })),
  );
  const all = [...resembling, ...named, ...pairsAmong(tenants)].filter(
    ({ caller, owner }) => caller.tenant !== owner.tenant,
  );
  const unique = [...new Map(all.map((pair) => [JSON.stringify(pair), pair])).values()];
  return { pairs: unique.slice(0, PAIRS_MAX), isComplete: unique.length <= PAIRS_MAX };
};

/** So many tenants of a scenario are taken as they come; of the others those that resemble one. Assumed. */
const NEIGHBOURS_MAX = 10;

/** Each of the first tenants and the next one, and all of whom one's name stands in the other's. */
const pairsAmong = (tenants: readonly string[]): readonly Pair[] =>
  tenants.flatMap((mine, index) => {
    const name = mine.toLowerCase();
    return tenants
      .filter((theirs, other) => {
        const isNext = other < NEIGHBOURS_MAX && Math.abs(other - index) === 1;
        return theirs !== mine && (isNext || holdsOther(theirs.toLowerCase(), name));
      })
      .map((theirs) => ({
        caller: { ...SOMEBODY, tenant: mine },
        owner: { ...SOMEBODY, tenant: theirs },
      }));
  });

const holdsOther = (one: string, other: string): boolean =>
  one.includes(other) || other.includes(one);
