// Where in the file does a thing stand: YAML read to plain data, with the place of every path.

import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Complaint } from '../domain/usage-error.ts';
import type { Path, Problem } from './wording.ts';
import { shown } from './wording.ts';

/** A file as read: plain data, and a way to complain about any place in it. */
export interface Reading {
  /** What YAML itself has to say, in the order of the file. */
  readonly complaints: readonly Complaint[];
  /** Undefined when the text is no YAML at all. */
  readonly data: unknown;
  complaintOf(problem: Problem): Complaint;
}

/**
 * Reads one YAML 1.2 document of the core schema without its surprises: duplicate keys, anchors,
 * aliases, tags and keys that are no texts are complaints.
 */
export const readYaml = (text: string, file: string): Reading => {
  const lineCounter = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const document = parsed(text, lineCounter);
  if (document === undefined) {
    const complaint = { ...at(0), message: 'is nested too deeply' };
    return { complaints: [complaint], data: undefined, complaintOf: () => complaint };
  }
  const complaints: Complaint[] = [
    ...document.errors.map(({ code, message, pos }) => ({
      ...at(pos[0]),
      message: wordsOf(code, message, text.slice(pos[0])),
    })),
    ...surprises(document, at),
  ];
  const readable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  return {
    complaints,
    // With aliases refused, nothing is expanded that the text does not hold.
    data:
      readable && complaints.every(({ hint }) => hint !== WRITE_OUT) ? document.toJS() : undefined,
    complaintOf: ({ path, at: place, message, hint }) => ({
      ...at(offsetOf(document, path, place)),
      ...(path.length === 0 ? {} : { path: pathText(path) }),
      message,
      ...(hint === undefined ? {} : { hint }),
    }),
  };
};

/** E.g. `tenants[2].tier`; keys that are no plain names in brackets and quotes. */
export const pathText = (path: Path): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');

const WRITE_OUT = 'write the value out where it is used';

const parsed = (text: string, lineCounter: LineCounter): Document.Parsed | undefined => {
  try {
    const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
    const exhausted = document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION');
    return exhausted ? undefined : document;
  } catch (error) {
    // The parser recurses: a text of thousands of brackets ends its stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

type Place = Pick<Complaint, 'file' | 'line' | 'column'>;

const surprises = (document: Document.Parsed, at: (offset: number) => Place): Complaint[] => {
  const found: Complaint[] = [];
  if (document.directives.yaml.explicit === true) {
    found.push({ ...at(0), message: 'directive `%YAML` is not allowed here' });
  }
  visit(document, {
    Alias: (_, node) => {
      const message = `alias ${shown(`*${node.source}`)} is not allowed here`;
      found.push({ ...at(node.range?.[0] ?? 0), message, hint: WRITE_OUT });
    },
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) {
        const message = `anchor ${shown(`&${node.anchor}`)} is not allowed here`;
        found.push({ ...at(node.range?.[0] ?? 0), message, hint: WRITE_OUT });
      }
      if (node.tag !== undefined) {
        const message = `tag ${shown(node.tag)} is not allowed here`;
        found.push({ ...at(node.range?.[0] ?? 0), message });
      }
    },
    Pair: (_, { key }) => {
      if (isScalar(key) && typeof key.value === 'string' && key.value !== '__proto__') return;
      const [offset] = isScalar(key) || isMap(key) || isSeq(key) ? (key.range ?? [0]) : [0];
      const value = isScalar(key) ? key.value : key;
      found.push({ ...at(offset), message: `expected a text as the key, found ${shown(value)}` });
    },
  });
  return found;
};

/** The offset of a path; of what is missing, that of the nearest thing around it. */
const offsetOf = (document: Document.Parsed, path: Path, place: Problem['at']): number => {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (pair === undefined) return offset;
      const key = startOf(pair.key) ?? offset;
      offset = last && place === 'key' ? key : (startOf(pair.value) ?? key);
      // A block mapping begins at its first key, which says less than the key above it.
      if (last && place === 'value' && !isScalar(pair.value) && !isFlow(pair.value)) offset = key;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
};

const isFlow = (node: unknown): boolean => (isMap(node) || isSeq(node)) && node.flow === true;

const startOf = (node: unknown): number | undefined =>
  isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;

const wordsOf = (code: string, message: string, from: string): string => {
  if (code === 'MULTIPLE_DOCS') return 'another document begins here, where one is expected';
  if (code !== 'DUPLICATE_KEY') return sentence(message);
  const [key = ''] = /^[^:\n]*/.exec(from) ?? [];
  return `key ${shown(key.trim())} occurs twice`;
};

const sentence = (message: string): string => {
  const [first = ''] = message.split('\n');
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`.replace(/[.:]$/, '');
};
