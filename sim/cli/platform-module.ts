// Which platform was named: one that ships, or a module of the user's own, whose every mistake is told.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Platform, type PlatformKit, SERVICE_NAMES } from '../domain/ports.ts';
import { type Complaint, UsageError } from '../domain/usage-error.ts';
import { asPublished } from '../platforms/as-published.ts';
import { reference } from '../platforms/reference.ts';
import { readText, sha256 } from './files.ts';
import type { Complaints } from './options.ts';

/** `reference`, `as-published`, the path of a module that exports `platform`, or the platform itself. */
export type PlatformOption = string | ((kit: PlatformKit) => Platform);

/** The platforms that ship. */
const SHIPPED: Readonly<Record<string, (kit: PlatformKit) => Platform>> = {
  reference,
  'as-published': asPublished(),
};

/** The platform of that name or module, or the one given; undefined beside a complaint. */
export const platformOf = async (
  name: PlatformOption,
  complaints: Complaints,
): Promise<
  { readonly make: (kit: PlatformKit) => Platform; readonly hash: string } | undefined
> => {
  if (typeof name === 'function')
    return { make: sound('platform', name), hash: sha256('given', String(name)) };
  const shipped = Object.hasOwn(SHIPPED, name) ? SHIPPED[name] : undefined;
  if (shipped !== undefined) return { make: shipped, hash: sha256('shipped', name) };
  const hint = `expected one of ${Object.keys(SHIPPED)
    .map((known) => `\`${known}\``)
    .join(', ')}, or a module that exports \`platform\``;
  if (!/[./\\]/.test(name)) {
    complaints.add({ file: '--platform', message: `unknown platform \`${name}\``, hint });
    return undefined;
  }
  try {
    const text = readText(name, 'platform module');
    const module = (await import(pathToFileURL(resolve(name)).href)) as {
      readonly platform?: unknown;
    };
    if (typeof module.platform === 'function')
      return {
        make: sound(name, module.platform as (kit: PlatformKit) => Platform),
        hash: sha256(text),
      };
    complaints.add({
      file: name,
      message: 'the module does not export a function `platform`',
      hint: '`export const platform = (kit: PlatformKit): Platform => …`',
    });
  } catch (problem) {
    if (problem instanceof UsageError) complaints.add(...problem.complaints);
    else
      complaints.add({
        file: name,
        message: `the module does not load: ${firstLines(problem)}`,
        hint,
      });
  }
  return undefined;
};

/** The user's platform, refused by name when it is none. */
const sound =
  (file: string, make: (kit: PlatformKit) => Platform) =>
  (kit: PlatformKit): Platform => {
    const made = madeBy(file, make, kit);
    const missing = SERVICE_NAMES.filter((name) => typeof made?.services?.[name] !== 'function');
    const parts = Object.entries(PARTS).filter(([, isThere]) => !isThere(made ?? {}));
    if (missing.length === 0 && parts.length === 0) return made as Platform;
    const hint = 'spread `...reference(kit)` and replace what is yours';
    const complaint = (what: string): Complaint => ({
      file,
      message: `\`platform\` gives no ${what}`,
      hint,
    });
    throw new UsageError([
      ...missing.map((name) => complaint(`service \`${name}\``)),
      ...parts.map(([part]) => complaint(`\`${part}\``)),
    ]);
  };

/** What the function of a module makes, if it is an object. What it throws, or a promise, is its own mistake. */
const madeBy = (
  file: string,
  make: (kit: PlatformKit) => Platform,
  kit: PlatformKit,
): Partial<Platform> | undefined => {
  let made: unknown;
  try {
    made = make(kit);
  } catch (problem) {
    if (problem instanceof UsageError) throw problem;
    throw new UsageError([{ file, message: `\`platform\` throws: ${firstLines(problem)}` }]);
  }
  if (typeof made !== 'object' || made === null) return undefined;
  if (!('then' in made)) return made;
  throw new UsageError([
    { file, message: '`platform` gives a promise', hint: 'await at the top of the module instead' },
  ]);
};

/** What a platform has beside its services, and whether it is there. */
const PARTS: Readonly<Record<string, (made: Partial<Platform>) => boolean>> = {
  'policy.decide': ({ policy }) => typeof policy?.decide === 'function',
  'policy.mayList': ({ policy }) => typeof policy?.mayList === 'function',
  'access.authorize': ({ access }) => typeof access?.authorize === 'function',
  'limiters.front-door': ({ limiters }) => typeof limiters?.['front-door']?.admit === 'function',
  'limiters.gateway': ({ limiters }) => typeof limiters?.gateway?.admit === 'function',
  operate: ({ operate }) => typeof operate === 'function',
  rules: ({ rules }) => Array.isArray(rules),
};

/** What a loader says, with the line that tells the place. */
const firstLines = (problem: unknown): string => {
  const message = problem instanceof Error ? problem.message : String(problem);
  const [first = '', second] = message.split('\n');
  if (first.includes('require() ES Module')) {
    return `${first.trim()} (name it \`.mts\`, or put \`{ "type": "module" }\` into a package.json beside it)`;
  }
  return first.endsWith(':') && second !== undefined ? `${first} ${second.trim()}` : first;
};
