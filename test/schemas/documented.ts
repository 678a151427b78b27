// What do the types say of their members: the comments on them, put into a JSON Schema as descriptions.

import { parseSync } from 'oxc-parser';
import { isSyntax, nameOf, type Syntax } from '../tidy/source.ts';

type Schema = { [keyword: string]: unknown };

interface Declared {
  /** A type, or the interface itself. */
  readonly type: Syntax;
  readonly text: string | undefined;
}

export interface Declarations {
  readonly byName: ReadonlyMap<string, readonly Declared[]>;
  readonly textBefore: (node: Syntax) => string | undefined;
}

/** Every interface and type of the files. */
export const declarationsIn = (
  files: readonly { readonly path: string; readonly text: string }[],
): Declarations => {
  const byName = new Map<string, Declared[]>();
  const texts = new Map<Syntax, string>();
  for (const { path, text } of files) {
    const { program, comments } = parseSync(path, text);
    const ends = comments
      .filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
      .map(({ value, end }) => ({ value, end }));
    const before = (at: number): string | undefined => {
      const last = ends.findLast(({ end }) => end <= at);
      if (last === undefined || !/^[\s|]*(export\s+)?$/.test(text.slice(last.end, at))) return;
      return last.value
        .replaceAll(/^\s*\*+ ?/gm, '')
        .replaceAll(/\s+/g, ' ')
        .trim();
    };
    visit(program, (node) => {
      const said = DOCUMENTED.has(node.type) ? before(node.start) : undefined;
      if (said !== undefined) texts.set(node, said);
      const isInterface = node.type === 'TSInterfaceDeclaration';
      if (!isInterface && node.type !== 'TSTypeAliasDeclaration') return;
      const type = isInterface ? node : node['typeAnnotation'];
      const name = nameOf(node['id']);
      if (name === undefined || !isSyntax(type)) return;
      byName.set(name, [...(byName.get(name) ?? []), { type, text: said }]);
    });
  }
  return { byName, textBefore: (node) => texts.get(node) };
};

/**
 * The schema with what the types say: of each definition what stands above the type of its name, and of
 * each member what stands above that. Throws when no type has that name.
 */
export const documented = (schema: Schema, declarations: Declarations): Schema => {
  const copy = structuredClone(schema);
  for (const [id, definition] of Object.entries(recordOf(copy['definitions']))) {
    const { type, text } = declaredAs(id, recordOf(definition), declarations);
    describe(recordOf(definition), type, declarations);
    if (text !== undefined) recordOf(definition)['description'] = text;
  }
  return copy;
};

const DOCUMENTED = new Set([
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSPropertySignature',
  'TSTypeLiteral',
]);

/** `Name`, or `Name.member`; of several types of one name, the one with most of the members. */
const declaredAs = (id: string, definition: Schema, declarations: Declarations): Declared => {
  const [name = '', member] = id.split('.');
  const wanted = Object.keys(recordOf(definition['properties']));
  const score = ({ type }: Declared): number => {
    const members = membersOf(type, declarations);
    return wanted.filter((each) => members.has(each)).length;
  };
  const found = (declarations.byName.get(name) ?? [])
    .map((each) => (member === undefined ? each : ofMember(each, member, declarations)))
    .toSorted((one, other) => score(other) - score(one))[0];
  if (found === undefined) throw new Error(`no type is called \`${name}\``);
  return found;
};

const ofMember = ({ type }: Declared, member: string, declarations: Declarations): Declared => {
  const found = membersOf(type, declarations).get(member);
  if (found === undefined) throw new Error(`no member is called \`${member}\``);
  return { type: typeOf(found) ?? found, text: declarations.textBefore(found) };
};

const describe = (schema: Schema, type: Syntax, declarations: Declarations): void => {
  const variants = listOf(schema['oneOf']);
  if (type.type === 'TSUnionType' && variants.length > 0) {
    for (const [index, each] of listOf(type['types']).filter(isSyntax).entries())
      describeAs(recordOf(variants[index]), each, each, declarations);
    return;
  }
  const properties = recordOf(schema['properties']);
  for (const [name, member] of membersOf(type, declarations)) {
    const property = properties[name];
    const inner = typeOf(member);
    if (property === undefined || inner === undefined) continue;
    properties[name] = describeAs(recordOf(property), member, inner, declarations);
  }
};

/** Describes what is written inline, too; a mere reference is wrapped, as it may have nothing beside it. */
const describeAs = (
  schema: Schema,
  said: Syntax,
  type: Syntax,
  declarations: Declarations,
): Schema => {
  const literals = literalsOf(type);
  const objects = objectsOf(schema);
  if (literals.length === objects.length)
    for (const [index, each] of literals.entries())
      describe(objects[index] ?? {}, each, declarations);
  const description = declarations.textBefore(said);
  if (description === undefined) return schema;
  if (schema['$ref'] !== undefined) return { description, allOf: [schema] };
  schema['description'] = description;
  return schema;
};

/** By name, those of what it extends, picks from or is joined with included. */
const membersOf = (type: Syntax, declarations: Declarations): ReadonlyMap<string, Syntax> => {
  const own = isSyntax(type['body']) ? type['body']['body'] : type['members'];
  const parts = [...listOf(type['extends']), ...listOf(type['types'])].filter(isSyntax);
  const members = new Map(parts.flatMap((each) => [...membersOf(each, declarations)]));
  const name = nameOf(type['typeName']) ?? nameOf(type['expression']);
  const given = isSyntax(type['typeArguments']) ? listOf(type['typeArguments']['params']) : [];
  const [first] = given.filter(isSyntax);
  const referred = name === undefined ? [] : (declarations.byName.get(name) ?? []);
  const other = first ?? referred[0]?.type;
  if (other !== undefined)
    for (const [key, member] of membersOf(other, declarations)) members.set(key, member);
  for (const member of listOf(own).filter(isSyntax)) {
    const key = nameOf(member['key']);
    if (key !== undefined && member.type === 'TSPropertySignature') members.set(key, member);
  }
  return members;
};

/** The objects that a type writes out, in order; what it only names is described elsewhere. */
const literalsOf = (type: Syntax): readonly Syntax[] => {
  if (type.type === 'TSTypeLiteral') return [type];
  const inner = [type['elementType'], type['typeAnnotation'], ...listOf(type['types'])];
  return inner.filter(isSyntax).flatMap(literalsOf);
};

const objectsOf = (schema: Schema): readonly Schema[] => {
  if (schema['properties'] !== undefined) return [schema];
  const inner = [schema['items'], ...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  return inner.filter((each) => each !== undefined).flatMap((each) => objectsOf(recordOf(each)));
};

const typeOf = (member: Syntax): Syntax | undefined => {
  const annotation = member['typeAnnotation'];
  const type = isSyntax(annotation) ? annotation['typeAnnotation'] : undefined;
  return isSyntax(type) ? type : undefined;
};

const visit = (value: unknown, see: (node: Syntax) => void): void => {
  if (Array.isArray(value)) for (const each of value) visit(each, see);
  if (!isSyntax(value)) return;
  see(value);
  for (const child of Object.values(value)) visit(child, see);
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const recordOf = (value: unknown): Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
