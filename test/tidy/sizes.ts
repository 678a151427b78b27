// Does everything stay small: 300 lines a file, 70 a function, and what is larger may only shrink.

import { isHouse, type Rule } from './house.ts';
import { isSyntax, nameOf, type Place, type Source } from './source.ts';

export const FILE_LINES = 300;
export const FUNCTION_LINES = 70;

/** The lines of what is over a limit, by `path` for files and `path#name` for functions. */
export type Sizes = Readonly<Record<string, number>>;

/** What is over its limit now: what belongs into `sizes.json`. */
export const oversized = (sources: readonly Source[]): Sizes => {
  const all = sources
    .filter(isHouse)
    .flatMap((source): readonly (readonly [string, number])[] => [
      ...(source.lineCount > FILE_LINES ? [[source.path, source.lineCount] as const] : []),
      ...functionsOf(source).filter(([, lines]) => lines > FUNCTION_LINES),
    ]);
  const sizes: Record<string, number> = {};
  for (const [name, lines] of all) sizes[name] = Math.max(lines, sizes[name] ?? 0);
  return sizes;
};

/** A rule against the sizes that were agreed on. */
export const nothingOutgrows =
  (agreed: Sizes): Rule =>
  (sources) => {
    const now = oversized(sources);
    const grown = Object.entries(now).flatMap(([name, lines]) => {
      const limit = agreed[name] ?? (name.includes('#') ? FUNCTION_LINES : FILE_LINES);
      return lines > limit ? [`${name}: ${lines} lines, over its ${limit}: split it`] : [];
    });
    const stale = Object.keys(agreed).filter((name) => now[name] === undefined);
    return [
      ...grown,
      ...stale.map((name) => `${name}: within its limit, take it out of sizes.json`),
    ];
  };

const functionsOf = ({ path, places, lineAt }: Source): readonly (readonly [string, number])[] =>
  places
    .filter(({ node }) =>
      /^(Function(Declaration|Expression)|ArrowFunctionExpression)$/.test(node.type),
    )
    .map((place) => [
      `${path}#${functionName(place)}`,
      lineAt(place.node.end) - lineAt(place.node.start) + 1,
    ]);

/** The function's own name, or that of what it is assigned to, or of what it stands in. */
const functionName = (place: Place | undefined): string => {
  if (place === undefined) return 'module';
  const { node } = place;
  const key = node['key'];
  const own = nameOf(node['id']) ?? nameOf(key);
  if (own !== undefined) return own;
  if (isSyntax(key) && key.type === 'PrivateIdentifier') return `#${String(key['name'])}`;
  return functionName(place.parent);
};
