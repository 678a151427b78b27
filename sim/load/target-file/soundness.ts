// Does what a target file says fit together: placeholders, names, and no secret in it?

import { isRecord } from '../../domain/wire.ts';
import { type Path, type Problem, problem, shown, suggestion } from '../../scenario/wording.ts';
import { SECRET_CHARACTERS_MIN } from '../secrets.ts';
import { placeholdersIn } from '../template.ts';
import { looksSecret } from './secret-look.ts';
import { ENVIRONMENT, type Environment, type TextAt, textsIn, variablesIn } from './variables.ts';

/** Works on any data, so that mistakes of form hide none of these. */
export const targetProblems = (data: unknown, environment: Environment): readonly Problem[] => {
  if (!isRecord(data)) return [];
  const secrets = new Set(
    variablesIn(data)
      .map(({ name }) => environment[name] ?? '')
      .filter(({ length }) => length >= SECRET_CHARACTERS_MIN),
  );
  return [
    ...PLACES.flatMap((place) => placeholderProblems(data, place)),
    ...textsIn(data).flatMap((at) => writtenOut(at, secrets)),
    ...repeated(data),
    ...secretless(data),
    ...unlimited(data),
  ];
};

interface Place {
  readonly at: Path;
  readonly known: readonly string[];
  /** Each must occur somewhere in it. */
  readonly needed?: readonly string[];
}

const WHO = ['tenant', 'tier', 'user'];
/** A call for a user that is signed in. */
const SIGNED = [...WHO, 'token'];

const PLACES: readonly Place[] = [
  { at: ['signIn'], known: [...WHO, 'secret'], needed: ['secret'] },
  { at: ['ask'], known: [...SIGNED, 'prompt', 'session'], needed: ['token', 'prompt'] },
  { at: ['canary', 'plant'], known: [...SIGNED, 'canary', 'id'], needed: ['token', 'canary'] },
  { at: ['canary', 'clean'], known: [...SIGNED, 'id'], needed: ['id'] },
];

const placeholderProblems = (data: unknown, { at, known, needed = [] }: Place): Problem[] => {
  const part = at.reduce<unknown>((each, key) => (isRecord(each) ? each[key] : undefined), data);
  if (!isRecord(part)) return [];
  const { kind } = part;
  const texts = textsIn(part, at);
  const used = new Set(texts.flatMap(({ text }) => placeholdersIn(text)));
  const unknown = texts.flatMap(({ path, text }) =>
    placeholdersIn(text)
      .filter((name) => !known.includes(name) && !name.startsWith(ENVIRONMENT))
      .map((name) =>
        problem(
          path,
          `unknown placeholder ${shown(`{{${name}}}`)}`,
          suggestion(name, known, 'known placeholders'),
        ),
      ),
  );
  const writes = at[0] !== 'signIn' || kind === 'form' || kind === 'json';
  const missing = writes ? needed.filter((name) => !used.has(name)) : [];
  return [
    ...unknown,
    ...missing.map((name) =>
      problem(at, `nothing in it holds \`{{${name}}}\``, NEEDS[name] ?? '', 'key'),
    ),
  ];
};

const NEEDS: Readonly<Record<string, string>> = {
  token: 'put it into a header, e.g. `authorization: Bearer {{token}}`',
  prompt: 'put it where the question stands, e.g. `body: { prompt: "{{prompt}}" }`',
  canary: 'put it into the text that is planted',
  id: 'put the id of what was planted into the path',
  secret: 'put the user’s secret into the body, e.g. `password: "{{secret}}"`',
};

/** A secret is not shown, not even in the complaint about it. */
const writtenOut = ({ path, text }: TextAt, secrets: ReadonlySet<string>): Problem[] => {
  const hint = 'name an environment variable: in `secret`, or as `{{env.NAME}}`';
  if ([...secrets].some((secret) => text.includes(secret)))
    return [problem(path, 'holds the value of one of the environment variables', hint)];
  const isNamed = path[0] === 'tenants' && path.at(-1) === 'secret';
  if (isNamed || !isSent(path)) return [];
  const name = path.at(-1);
  const looks = looksSecret(text, typeof name === 'string' ? name : '');
  return looks ? [problem(path, 'looks like a secret that is written out', hint)] : [];
};

/** Pointers, and the client id, which is public, stand in no call. */
const isSent = (path: Path): boolean => {
  const key = path.at(-1);
  if (path[0] === 'answer' || path[0] === 'refused') return false;
  return !(path[0] === 'signIn' && path.length === 2 && (key === 'token' || key === 'clientId'));
};

const repeated = (data: Readonly<Record<string, unknown>>): Problem[] => {
  const tenants = listed(data['tenants']);
  const twice = (values: readonly unknown[], at: (index: number) => Path, kind: string) =>
    values.flatMap((value, index) =>
      typeof value === 'string' && values.indexOf(value) !== index
        ? [problem(at(index), `${kind} ${shown(value)} is declared twice`)]
        : [],
    );
  return [
    ...twice(
      tenants.map(({ id }) => id),
      (index) => ['tenants', index, 'id'],
      'tenant',
    ),
    ...tenants.flatMap((tenant, index) =>
      twice(
        listed(tenant['users']).map(({ name }) => name),
        (user) => ['tenants', index, 'users', user, 'name'],
        'user',
      ),
    ),
  ];
};

const secretless = (data: Readonly<Record<string, unknown>>): Problem[] =>
  listed(data['tenants']).flatMap((tenant, index) =>
    'secret' in tenant
      ? []
      : listed(tenant['users']).flatMap((user, number) =>
          'secret' in user
            ? []
            : [
                problem(
                  ['tenants', index, 'users', number],
                  'has no `secret`',
                  'name the environment variable that holds it, here or for the whole tenant',
                ),
              ],
        ),
  );

/** Limits of a tier that nobody is of: most likely it is misspelt. */
const unlimited = (data: Readonly<Record<string, unknown>>): Problem[] => {
  const { limits } = data;
  const tiers = new Set(
    listed(data['tenants']).flatMap(({ tier }) => (typeof tier === 'string' ? [tier] : [])),
  );
  if (!isRecord(limits) || tiers.size === 0) return [];
  return Object.keys(limits)
    .filter((tier) => !tiers.has(tier))
    .map((tier) =>
      problem(
        ['limits', tier],
        `no tenant is of the tier ${shown(tier)}`,
        suggestion(tier, tiers, 'tiers of the tenants'),
        'key',
      ),
    );
};

const listed = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.map((each: unknown) => (isRecord(each) ? each : {})) : [];
