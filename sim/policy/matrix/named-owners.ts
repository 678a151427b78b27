// Whom do IAM documents speak of: the callers that their conditions name, and the owners that their keys name?

import { isRecord } from '../../domain/wire.ts';
import type { DataOperation, Owner } from './operations.ts';

export type IamDocuments = Readonly<Record<string, unknown>>;

/** A text that a document gives, and the key that it is compared with; `Resource` for resources. */
interface Given {
  readonly key: string;
  readonly text: string;
}

/** Of whom a document need not speak. */
export const SOMEBODY: Owner = { tenant: 'tenant-a', user: 'user', role: 'nurse' };

/** What `*` and `?` are filled with: two ways, so that two tenants of one pattern differ. */
const FILLINGS = ['1', '2'];

/** The texts that conditions compare a session tag with, patterns filled; `tag` in lower case. */
export const tagTexts = (documents: IamDocuments, tag: string): readonly string[] => [
  ...new Set(
    givenIn(documents)
      .filter(({ key }) => key === `aws:principaltag/${tag}`)
      .flatMap(({ text }) => filled(text)),
  ),
];

/** Callers by the tags that conditions compare: every tenant with every user, and actors whole. */
export const namedCallers = (documents: IamDocuments): readonly Owner[] => {
  const tenants = [SOMEBODY.tenant, ...tagTexts(documents, 'clinicid')];
  const users = [SOMEBODY.user, ...tagTexts(documents, 'userid')];
  const actors = tagTexts(documents, 'actor').map(ownerOfActor);
  return distinct([
    ...tenants.flatMap((tenant) => users.map((user) => ({ ...SOMEBODY, tenant, user }))),
    ...actors,
  ]);
};

/** Owners by the keys and resources that documents give: what the operations would ask for them. */
export const namedOwners = (
  documents: IamDocuments,
  operations: readonly DataOperation[],
): readonly Owner[] => {
  const given = givenIn(documents);
  const forms = operations.flatMap(formsOf);
  const unique = [...new Map(forms.map((form) => [JSON.stringify(form), form])).values()];
  return distinct(
    unique.flatMap((form) =>
      given
        .filter(({ key, text }) => key === form.key && text !== '*')
        .flatMap(({ text }) => filled(text).flatMap((one) => ownersIn(one, text, form))),
    ),
  );
};

/** How an operation names an owner: by this key, after these characters, and as an actor or not. */
interface Form {
  readonly key: string;
  readonly before: string;
  readonly isActor: boolean;
}

/** Letters and digits, so that they are spelled alike wherever they are encoded. */
const MARKED: Owner = { tenant: 'MARKEDTENANT', user: 'MARKEDUSER', role: 'MARKEDROLE' };

const formsOf = ({ request }: DataOperation): readonly Form[] => {
  const { resource, context } = request(MARKED);
  const values = [['resource', resource] as const, ...Object.entries(context)].flatMap(
    ([key, value]) => [value].flat().map((text) => ({ key: key.toLowerCase(), text })),
  );
  return values
    .filter(({ text }) => text.includes(MARKED.tenant))
    .map(({ key, text }) => ({
      key,
      before: text.slice(0, text.indexOf(MARKED.tenant)),
      isActor: text.includes(MARKED.user),
    }));
};

/** Whom a text means; where a `*` comes before the name, whatever may be a name in it. */
const ownersIn = (text: string, pattern: string, form: Form): readonly Owner[] => {
  const { before, isActor } = form;
  const read = (name: string): Owner =>
    isActor ? ownerOfActor(name) : { ...SOMEBODY, tenant: name };
  if (text.toLowerCase().startsWith(before.toLowerCase())) return [read(text.slice(before.length))];
  const [fixed = ''] = pattern.split(/[*?]/);
  if (fixed === pattern || !before.toLowerCase().startsWith(fixed.toLowerCase())) return [];
  return text
    .slice(fixed.length)
    .split(/[#/:]/)
    .filter((name) => name !== '')
    .map(read);
};

/** `enc(tenant)/enc(user)/enc(role)`, or the beginning of it. */
const ownerOfActor = (actor: string): Owner => {
  const [tenant, user, role] = actor.split('/').map(decoded);
  return {
    tenant: tenant || SOMEBODY.tenant,
    user: user || SOMEBODY.user,
    role: role || SOMEBODY.role,
  };
};

/** The id that is spelled so; the spelling itself where there is none. */
const decoded = (spelled: string): string => {
  const bytes = spelled.replace(/_([0-9a-f]{2})/g, '%$1');
  try {
    return decodeURIComponent(bytes);
  } catch {
    return spelled;
  }
};

const distinct = (owners: readonly Owner[]): readonly Owner[] => [
  ...new Map(owners.map((owner) => [JSON.stringify(owner), owner])).values(),
];

/**
 * The text with its variables as `SOMEBODY` has them, and with its wildcards filled; as it is, too,
 * for `StringEquals` and its like have none.
 */
const filled = (text: string): readonly string[] => {
  const known = text.replaceAll(VARIABLE, (_, name: string) => ownText(name));
  if (!/[*?]/.test(known)) return [known];
  return [...FILLINGS.map((filling) => known.replace(/[*?]/g, filling)), known];
};

const VARIABLE = /\$\{([^,}]*)[^}]*\}/g;

const ownText = (name: string): string => {
  switch (name.toLowerCase()) {
    case 'aws:principaltag/clinicid':
      return SOMEBODY.tenant;
    case 'aws:principaltag/userid':
      return SOMEBODY.user;
    case 'aws:principaltag/role':
      return SOMEBODY.role;
    // `${*}` is an asterisk.
    default:
      return name.includes(':') ? 'something' : name;
  }
};

/** All that statements compare, but for mere tests of presence. */
const givenIn = (documents: IamDocuments): readonly Given[] =>
  Object.values(documents).flatMap((document) =>
    listOf(isRecord(document) ? document['Statement'] : undefined).flatMap((statement) => {
      if (!isRecord(statement)) return [];
      const resources = [statement['Resource'], statement['NotResource']].flatMap(listOf);
      const operators = Object.entries(recordOf(statement['Condition']));
      const compared = operators
        .filter(([operator]) => operator !== 'Null')
        .flatMap(([, keys]) => Object.entries(recordOf(keys)));
      return [['Resource', resources] as const, ...compared].flatMap(([key, values]) =>
        listOf(values).map((text) => ({ key: key.toLowerCase(), text: String(text) })),
      );
    }),
  );

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  isRecord(value) ? value : {};
