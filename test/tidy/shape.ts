// Does each file begin, call itself and end as the house does, and say nothing that must not stay?

import { isHouse, type Rule } from './house.ts';
import type { Place, Source } from './source.ts';

const DRAWERS = /\/(utils?|types|helpers?|constants?|common|misc)(\.[^/]*|\/.*)$/;
const SUPPRESSED = /@ts-(?:ignore|nocheck)/;
const UNFINISHED = /\b(?:TO[D]O|FIX[M]E|X[X]X)\b/;

/** Places of one machine. Written so that no pattern finds itself. */
const MACHINES: readonly RegExp[] = [
  /registry[.](?:npmjs|yarnpkg)/i,
  /(?<![\w.~/-])\/(?:work|tmp|root|home)\//,
  /https?:\/\/(?:10|192[.]168|172[.](?:1[6-9]|2\d|3[01]))[.]\d/,
  /https?:\/\/[^/\s'"`]*[.](?:internal|local|corp|lan)\b/,
];

export const filesBeginWithTheirQuestion: Rule = (sources) =>
  sources
    .filter((source) => isHouse(source) || /^test\/.*\.ts$/.test(source.path))
    .filter(({ text }) => !/^(?:#!.*\n)?\/\/ .*[a-z]/.test(text))
    .map(({ path }) => `${path}:1: no header, begin with \`// \` and the question it answers`);

export const noFileIsADrawer: Rule = (sources) =>
  sources
    .filter(({ path }) => DRAWERS.test(`/${path}`))
    .map(({ path }) => `${path}: a drawer, name the file after the one thing that it holds`);

export const exportsHaveNames: Rule = (sources) =>
  eachPlace(
    sources.filter(({ path }) => !/^[^/]*\.config\.ts$/.test(path)),
    isDefaultExport,
    'a default export is banned, export it by its name',
  );

export const nothingIsAny: Rule = (sources) =>
  eachPlace(
    sources,
    ({ node }) => node.type === 'TSAnyKeyword',
    'any is banned, use unknown and narrow it',
  );

export const noComplaintIsSilenced: Rule = (sources) =>
  eachLine(
    sources.filter(isCode),
    SUPPRESSED,
    'a silenced compiler, mend the type or use @ts-expect-error with a reason',
  );

export const nothingIsLeftUnfinished: Rule = (sources) =>
  eachLine(sources.filter(isText), UNFINISHED, 'a note to do it later, do it now or leave it out');

export const everyTestRuns: Rule = (sources) =>
  eachPlace(
    sources.filter(({ path }) => path.startsWith('test/')),
    isFocused,
    'only and skip are banned, delete the test or let it run',
  );

export const noMachineIsNamed: Rule = (sources) =>
  MACHINES.flatMap((pattern) =>
    eachLine(
      sources,
      pattern,
      'a place of one machine is banned, use a path inside the project or an option',
    ),
  );

const isCode = ({ path }: Source): boolean => /\.m?[jt]s$/.test(path);

const isText = (source: Source): boolean =>
  isCode(source) || /\.(ya?ml|md|cedar|json)$/.test(source.path);

const eachPlace = (
  sources: readonly Source[],
  found: (place: Place) => boolean,
  said: string,
): readonly string[] =>
  sources.flatMap(({ path, places, lineAt }) =>
    places.filter(found).map(({ node }) => `${path}:${lineAt(node.start)}: ${said}`),
  );

const eachLine = (sources: readonly Source[], found: RegExp, said: string): readonly string[] =>
  sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (found.test(line) ? [`${path}:${index + 1}: ${said}`] : [])),
  );

const isDefaultExport = ({ node }: Place): boolean => {
  if (node.type === 'ExportDefaultDeclaration') return true;
  if (node.type !== 'ExportSpecifier') return false;
  return (node['exported'] as { readonly name?: unknown }).name === 'default';
};

const isFocused = ({ node }: Place): boolean => {
  if (node.type !== 'MemberExpression') return false;
  const { name } = node['property'] as { readonly name?: unknown };
  return (name === 'only' || name === 'skip') && /^(?:test|it|describe|suite)$/.test(rootOf(node));
};

/** The name that a chain of members and calls begins with. */
const rootOf = (value: unknown): string => {
  const { name, object, callee } = value as {
    readonly name?: unknown;
    readonly object?: unknown;
    readonly callee?: unknown;
  };
  const inner = object ?? callee;
  return inner === undefined ? String(name) : rootOf(inner);
};
