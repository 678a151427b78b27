// What does a source file say: its lines, its syntax nodes with their parents, its imports.

import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';

/** A node of the ESTree that oxc-parser gives, read by field name. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A node and where it hangs: `field` is the parent's field that holds it. */
export interface Place {
  readonly node: Syntax;
  readonly parent: Place | undefined;
  readonly field: string;
}

export interface Import {
  /** A path from the project's root for a relative import, else the package or built-in. */
  readonly to: string;
  readonly line: number;
  readonly typeOnly: boolean;
  /** The imported names; `*` for the whole or its default, none for what names nothing. */
  readonly names: readonly string[];
}

export interface Source {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  /** In the order of the text, parents first. Empty for what is no TypeScript or JavaScript. */
  readonly places: readonly Place[];
  readonly imports: readonly Import[];
  /** The line of an offset, from 1. */
  readonly lineAt: (offset: number) => number;
}

/** What the tidy rules read. Throws where the parser finds a mistake. */
export const sourceOf = (path: string, text: string): Source => {
  const lineAt = lineFinder(text);
  const places = /\.m?[jt]s$/.test(path) ? placesOf(path, text) : [];
  const imports = places.flatMap(({ node }) => importOf(path, node, lineAt));
  return { path, text, places, imports, lineAt, lineCount: text.split('\n').length - 1 };
};

export const isSyntax = (value: unknown): value is Syntax =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** The name that an identifier node carries, or undefined for any other node. */
export const nameOf = (value: unknown): string | undefined =>
  isSyntax(value) && value.type === 'Identifier' ? String(value['name']) : undefined;

const placesOf = (path: string, text: string): readonly Place[] => {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const places: Place[] = [];
  const visit = (value: unknown, parent: Place | undefined, field: string): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, parent, field);
    if (!isSyntax(value)) return;
    const place = { node: value, parent, field };
    places.push(place);
    for (const [name, child] of Object.entries(value)) {
      if (typeof child === 'object' && child !== null) visit(child, place, name);
    }
  };
  visit(program, undefined, '');
  return places;
};

const IMPORTING: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

const importOf = (path: string, node: Syntax, lineAt: Source['lineAt']): readonly Import[] => {
  const from = node['source'];
  if (!IMPORTING.has(node.type) || !isSyntax(from)) return [];
  if (typeof from['value'] !== 'string') return [];
  const target = from['value'];
  const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isSyntax) : [];
  const typed = (part: Syntax): boolean =>
    part['importKind'] === 'type' || part['exportKind'] === 'type' || part.type === 'TSImportType';
  return [
    {
      to: target.startsWith('.') ? posix.join(posix.dirname(path), target) : target,
      line: lineAt(node.start),
      typeOnly: typed(node) || (specifiers.length > 0 && specifiers.every(typed)),
      names: specifiers.map((part) => nameOf(part['imported']) ?? '*'),
    },
  ];
};

const lineFinder = (text: string): Source['lineAt'] => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
};
