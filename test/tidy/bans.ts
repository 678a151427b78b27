// What may a file not take from the machine, who owns it, and what is to be used instead?

import { isHouse, type Rule } from './house.ts';
import { type Import, nameOf, type Place, type Source } from './source.ts';

interface Ban {
  readonly what: string;
  readonly cure: string;
  /** The files that may; nobody where it is left out. */
  readonly owners?: RegExp;
  readonly found: (place: Place) => boolean;
}

const CLI = 'sim/(?:cli\\.ts|cli/.*|poolproof\\.mjs)';
const owners = (...paths: readonly string[]): RegExp => new RegExp(`^(?:${paths.join('|')})$`);
const cliOnly = owners(CLI);

const global =
  (...names: readonly string[]): Ban['found'] =>
  (place) =>
    isReference(place) && names.includes(nameOf(place.node) ?? '');

const member =
  (property: RegExp, object?: string): Ban['found'] =>
  ({ node }) =>
    node.type === 'MemberExpression' &&
    (object === undefined || nameOf(node['object']) === object) &&
    property.test(propertyOf(node['property']));

const BANS: readonly Ban[] = [
  {
    what: 'Math.random',
    cure: 'draw from a fork of the Chance that is passed in',
    found: member(/^random$/, 'Math'),
  },
  {
    what: 'Math.pow or **',
    cure: 'use products or Math.exp(Math.log(x) * k): their last bit differs between Nodes',
    found: (place) => member(/^pow$/, 'Math')(place) || isFloatPower(place),
  },
  {
    what: 'Date',
    cure: 'use hop.nowUs() for now and sim/kernel/calendar.ts for days',
    owners: owners('sim/kernel/calendar\\.ts', CLI),
    found: global('Date'),
  },
  {
    what: 'performance',
    cure: 'use hop.nowUs(), or wallMs() of sim/kernel/wall-clock.ts for the harness itself',
    owners: owners('sim/kernel/wall-clock\\.ts', CLI),
    found: global('performance'),
  },
  {
    what: 'setTimeout or setInterval',
    cure: 'use clock.sleep(durationUs) or clock.at(atUs, action)',
    owners: owners('sim/kernel/wall-clock\\.ts', CLI),
    found: global('setTimeout', 'setInterval'),
  },
  {
    what: 'setImmediate',
    cure: 'use clock.at(clock.nowUs(), action)',
    owners: owners('sim/kernel/virtual-clock\\.ts', 'sim/kernel/wall-clock\\.ts', CLI),
    found: global('setImmediate'),
  },
  {
    what: 'process',
    cure: 'read it in sim/cli.ts and pass it down',
    owners: cliOnly,
    found: global('process'),
  },
  {
    what: 'console',
    cure: 'give the text back: sim/cli.ts prints',
    owners: cliOnly,
    found: global('console'),
  },
  {
    what: 'globalThis',
    cure: 'take what is needed as an argument',
    owners: cliOnly,
    found: global('globalThis', 'global'),
  },
  {
    what: 'the global crypto',
    cure: 'use the synchronous functions of node:crypto, imported by name',
    owners: cliOnly,
    found: global('crypto'),
  },
  {
    what: 'AsyncLocalStorage',
    cure: 'hand the hop on as an argument',
    owners: cliOnly,
    found: global('AsyncLocalStorage', 'AsyncLocalStorageContextManager'),
  },
  {
    what: 'Intl',
    cure: 'use sim/kernel/calendar.ts: Nodes and locales differ in it',
    owners: owners('sim/kernel/calendar\\.ts'),
    found: global('Intl'),
  },
  {
    what: 'toLocale… or localeCompare',
    cure: 'compare with < and format by hand: locales differ',
    owners: owners('sim/kernel/calendar\\.ts'),
    found: member(/^(toLocale\w*|localeCompare)$/),
  },
  {
    what: 'an import of a computed path',
    cure: 'load it in sim/cli.ts and pass what it exports down',
    owners: cliOnly,
    found: ({ node }) => node.type === 'ImportExpression' && !isText(node['source']),
  },
];

/** What each ban forbids, in the words of its complaint. */
export const BANNED: readonly string[] = BANS.map(({ what }) => what);

/** What of node:crypto waits for a thread or takes chance from the machine. */
const CRYPTO_BANNED =
  /^(webcrypto|subtle|getRandomValues|random\w*|generate(KeyPair|Key|Prime)\w*|pbkdf2|scrypt|hkdf|checkPrime)$/;

export const nothingIsTakenFromTheMachine: Rule = (sources) =>
  sources
    .filter(isHouse)
    .flatMap((source) => [
      ...BANS.filter(({ owners: own }) => own?.test(source.path) !== true).flatMap((ban) =>
        source.places
          .filter(ban.found)
          .map(({ node }) => complaint(source, source.lineAt(node.start), ban.what, ban.cure)),
      ),
      ...source.imports.flatMap((imported) => builtinComplaint(source, imported)),
    ]);

const builtinComplaint = (source: Source, { to, line, names }: Import): readonly string[] => {
  if (!/^node:|^(fs|timers|process|os|path|url|perf_hooks|crypto)(\/|$)/.test(to)) return [];
  if (cliOnly.test(source.path)) return [];
  if (to !== 'node:crypto') {
    return [complaint(source, line, to, 'use it in sim/cli.ts and pass what it gives down')];
  }
  if (names.length === 0 || names.includes('*')) {
    return [complaint(source, line, 'all of node:crypto', 'import its functions by name')];
  }
  return names
    .filter((name) => CRYPTO_BANNED.test(name))
    .map((name) => complaint(source, line, name, 'use synchronous functions and the given Chance'));
};

const complaint = (source: Source, line: number, what: string, cure: string): string =>
  `${source.path}:${line}: ${what} is banned in ${folderOf(source.path)}, ${cure}`;

const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');

const propertyOf = (property: unknown): string => {
  const name = nameOf(property);
  if (name !== undefined) return name;
  return isText(property) ? property.value : '';
};

/** Whether the identifier stands for a value or type in scope, and is no key and no property. */
const isReference = ({ node, parent, field }: Place): boolean => {
  if (node.type !== 'Identifier' || parent === undefined) return false;
  const { type } = parent.node;
  const computed = parent.node['computed'] === true;
  if (field === 'property' && type === 'MemberExpression') return computed;
  if (field === 'right' && type === 'TSQualifiedName') return false;
  if (field === 'imported') return false;
  if (field !== 'key') return true;
  // `{ process }` has the name twice: as the key and as the value.
  return computed;
};

const isFloatPower = ({ node }: Place): boolean => {
  if (node['operator'] !== '**' && node['operator'] !== '**=') return false;
  return ![node['left'], node['right']].some(isBigInt);
};

const isBigInt = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'bigint' in value;

/** Whether the node is a literal text, such as a path or a property in brackets. */
const isText = (node: unknown): node is { readonly value: string } =>
  typeof node === 'object' && node !== null && 'value' in node && typeof node.value === 'string';
