// Which of a tenant's keys do credentials open, and do another's, too: IAM over pairs of tenants.

import { actorOf } from '../../domain/caller.ts';
import type { Control, OpenedAccess } from '../../domain/policy-matrix.ts';
import { isRecord } from '../../domain/wire.ts';
import { SECOND_US } from '../../kernel/clock.ts';
import { type CompiledPolicy, compilePolicy, evaluate } from '../../protocol/iam.ts';
import type { DataOperation, Owner } from './operations.ts';

export type IamDocuments = Readonly<Record<string, unknown>>;

/** Credentials of whom, and whose data: two owners of different tenants. */
interface Pair {
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

/** What IAM does with an operation, and the access that shows it. */
export interface IamJudgement {
  readonly control: Control;
  readonly opened: OpenedAccess | null;
  readonly asked: number;
}

export class Credentials {
  readonly #policies: readonly CompiledPolicy[];
  readonly #tags: readonly (readonly [string, readonly (string | undefined)[]])[];
  readonly #usualUs: number;

  /** `more` names further tiers and roles than the documents compare with. */
  constructor(
    documents: IamDocuments,
    more: { readonly tiers: readonly string[]; readonly roles: readonly string[] },
    usualUs: number,
  ) {
    this.#policies = Object.entries(documents).map(([file, document]) =>
      compilePolicy(document, file),
    );
    const named = literalsOf(documents);
    this.#usualUs = usualUs;
    this.#tags = (['Tier', 'Role'] as const).map((name) => [
      name,
      [
        ...new Set([
          ...(named.get(name.toLowerCase()) ?? []),
          ...(name === 'Tier' ? more.tiers : more.roles),
          'something else',
        ]),
        undefined,
      ],
    ]);
  }

  /** Asks for every pair of tenants, tier and role: the caller's own data, and the other's. */
  judge(operation: DataOperation): IamJudgement {
    let ownAllowed = false;
    let opened: OpenedAccess | null = null;
    let asked = 0;
    for (const { caller, owner } of this.#pairs()) {
      for (const tags of this.#tagsOf(caller)) {
        asked += 2;
        if (this.#opens(operation, caller, tags) !== undefined) ownAllowed = true;
        const statement = this.#opens(operation, owner, tags);
        if (statement !== undefined && opened === null)
          opened = { caller: nameOf(caller), owner: nameOf(owner), statement };
      }
    }
    if (opened !== null) return { control: 'open', opened, asked };
    return { control: ownAllowed ? 'separates' : 'closed', opened, asked };
  }

  #opens(
    operation: DataOperation,
    owner: Owner,
    tags: Readonly<Record<string, string>>,
  ): string | undefined {
    const { action, resource, context } = operation.request(owner);
    const epoch = String(Math.floor(this.#usualUs / SECOND_US));
    const asked = { action, resource, context: { ...context, ...tags, 'aws:EpochTime': epoch } };
    const outcome = evaluate(this.#policies, asked);
    return outcome.decision === 'allow' ? outcome.statement : undefined;
  }

  #pairs(): readonly Pair[] {
    return TENANTS.flatMap(([mine, theirs]) =>
      USERS.map(([user, other]) => ({
        caller: { tenant: mine, user, role: 'nurse' },
        owner: { tenant: theirs, user: other, role: 'nurse' },
      })),
    );
  }

  /** The session tags that the token vending machine sets, in every tier and role. */
  #tagsOf({ tenant, user, role }: Owner): readonly Readonly<Record<string, string>>[] {
    const fixed = {
      'aws:PrincipalTag/ClinicId': tenant,
      'aws:PrincipalTag/UserId': user,
      'aws:PrincipalTag/Actor': actorOf(tenant, user, role) ?? '',
    };
    return this.#tags.reduce<readonly Readonly<Record<string, string>>[]>(
      (all, [name, values]) =>
        all.flatMap((tags) =>
          values.map((value) =>
            value === undefined ? tags : { ...tags, [`aws:PrincipalTag/${name}`]: value },
          ),
        ),
      [fixed],
    );
  }
}

const nameOf = ({ tenant, user }: Owner): string => `${tenant}/${user}`;

/** The texts that any condition compares a session tag with, by the tag's name in lower case. */
const literalsOf = (documents: IamDocuments): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isRecord(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      const name = /^aws:PrincipalTag\/(.+)$/i.exec(key)?.[1]?.toLowerCase();
      if (name === undefined) visit(inner);
      else for (const text of [inner].flat()) addTo(found, name, text);
    }
  };
  visit(Object.values(documents));
  return found;
};

const addTo = (found: Map<string, Set<string>>, name: string, text: unknown): void => {
  if (typeof text !== 'string' || text.includes('${')) return;
  const known = found.get(name) ?? new Set<string>();
  found.set(name, known.add(text.replaceAll('*', '')));
};
