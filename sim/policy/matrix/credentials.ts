// Which of a tenant's keys do credentials open, and do another's, too: IAM over pairs of tenants.

import { actorOf } from '../../domain/caller.ts';
import type { Control, OpenedAccess } from '../../domain/policy-matrix.ts';
import { SECOND_US } from '../../kernel/clock.ts';
import {
  type CompiledPolicy,
  compilePolicy,
  evaluate,
  keysRead,
  withoutDeniesBeyond,
} from '../../protocol/iam.ts';
import { type IamDocuments, SOMEBODY, tagTexts } from './named-owners.ts';
import { type DataOperation, HEALTHCARE_OPERATIONS, type Owner } from './operations.ts';
import { pairsOf } from './pairs.ts';

/** What IAM does with an operation, and the access that shows it. */
export interface IamJudgement {
  readonly control: Control;
  readonly opened: OpenedAccess | null;
  /** Why it is unknown: condition keys that are not varied here, or that there are too many pairs. */
  readonly undecided: readonly string[];
}

/** What varies beside what the documents name. */
export interface MoreCredentials {
  readonly tiers: readonly string[];
  readonly roles: readonly string[];
  readonly tenants: readonly string[];
}

const TAGS = ['ClinicId', 'UserId', 'Actor', 'Tier', 'Role'].map((name) =>
  `aws:PrincipalTag/${name}`.toLowerCase(),
);
/** Keys of which every value that matters is tried: the time is none of them. */
const VARIED: ReadonlySet<string> = new Set([
  ...TAGS,
  ...HEALTHCARE_OPERATIONS.flatMap(({ request }) => Object.keys(request(SOMEBODY).context)).map(
    (key) => key.toLowerCase(),
  ),
]);

export class Credentials {
  readonly #policies: readonly CompiledPolicy[];
  /** Without each Deny of which it is not known when it applies. */
  readonly #lenient: readonly CompiledPolicy[];
  readonly #pairs: ReturnType<typeof pairsOf>;
  readonly #tags: readonly (readonly [string, readonly (string | undefined)[]])[];
  readonly #usualUs: number;

  constructor(documents: IamDocuments, more: MoreCredentials, usualUs: number) {
    this.#policies = Object.entries(documents).map(([file, document]) =>
      compilePolicy(document, file),
    );
    this.#lenient = withoutDeniesBeyond(this.#policies, VARIED);
    this.#pairs = pairsOf(documents, HEALTHCARE_OPERATIONS, more.tenants);
    this.#usualUs = usualUs;
    this.#tags = (['Tier', 'Role'] as const).map((name) => [
      name,
      [
        ...new Set([
          ...tagTexts(documents, name.toLowerCase()),
          ...(name === 'Tier' ? more.tiers : more.roles),
          'something else',
        ]),
        undefined,
      ],
    ]);
  }

  /**
   * Asks for every pair of tenants, tier and role: the caller's own data, and the other's. Where
   * the answer may be another by a condition whose key is not varied, it is unknown.
   */
  judge(operation: DataOperation): IamJudgement {
    let isOwnAllowed = false;
    let mayOpen = false;
    for (const { caller, owner } of this.#pairs.pairs) {
      for (const tags of this.#tagsOf(caller)) {
        const statement = this.#opens(this.#policies, operation, { owner, tags });
        if (statement !== undefined) {
          const opened = { caller: nameOf(caller), owner: nameOf(owner), statement };
          return { control: 'open', opened, undecided: [] };
        }
        mayOpen ||=
          this.#lenient !== this.#policies &&
          this.#opens(this.#lenient, operation, { owner, tags }) !== undefined;
        isOwnAllowed ||=
          this.#opens(this.#lenient, operation, { owner: caller, tags }) !== undefined;
      }
    }
    const undecided = this.#undecided(operation, mayOpen);
    if (undecided.length > 0) return { control: 'unknown', opened: null, undecided };
    return { control: isOwnAllowed ? 'separates' : 'closed', opened: null, undecided };
  }

  /** An Allow may open more than was seen; a Deny matters only where without it others' is open. */
  #undecided({ request }: DataOperation, mayOpen: boolean): readonly string[] {
    const { action } = request(SOMEBODY);
    const effects = mayOpen ? (['Allow', 'Deny'] as const) : (['Allow'] as const);
    const keys = effects.flatMap((effect) => [...keysRead(this.#policies, effect, action)]);
    return [
      ...new Set(keys.filter((key) => !VARIED.has(key)).map((key) => `\`${key}\` is not varied`)),
      ...(this.#pairs.isComplete ? [] : ['more tenants are named than are tried']),
    ];
  }

  #opens(
    policies: readonly CompiledPolicy[],
    operation: DataOperation,
    { owner, tags }: { readonly owner: Owner; readonly tags: Readonly<Record<string, string>> },
  ): string | undefined {
    const { action, resource, context } = operation.request(owner);
    const epoch = String(Math.floor(this.#usualUs / SECOND_US));
    const asked = { action, resource, context: { ...context, ...tags, 'aws:EpochTime': epoch } };
    const outcome = evaluate(policies, asked);
    return outcome.decision === 'allow' ? outcome.statement : undefined;
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
