// Which environment variables does a target file name, and where?

import { isRecord } from '../../domain/wire.ts';
import type { Path } from '../../scenario/wording.ts';
import { placeholdersIn } from '../template.ts';

/** Environment variables, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Begins the placeholders that stand for a variable. */
export const ENVIRONMENT = 'env.';
const NAME = /^[A-Z_][A-Z0-9_]{0,127}$/;

export interface NamedVariable {
  readonly name: string;
  /** Of the first place. */
  readonly path: Path;
}

/** A text somewhere in a document. */
export interface TextAt {
  readonly path: Path;
  readonly text: string;
}

/** Works on any data, so that mistakes of form hide none of these. */
export const variablesIn = (data: unknown): readonly NamedVariable[] => {
  const found = new Map<string, Path>();
  const note = (name: string, path: Path): void => {
    if (NAME.test(name) && !found.has(name)) found.set(name, path);
  };
  for (const { path, text } of textsIn(data)) {
    if (path[0] === 'tenants' && path.at(-1) === 'secret') note(text, path);
    for (const placeholder of placeholdersIn(text)) {
      if (placeholder.startsWith(ENVIRONMENT)) note(placeholder.slice(ENVIRONMENT.length), path);
    }
  }
  return [...found].map(([name, path]) => ({ name, path }));
};

/** Every text value, in order. */
export const textsIn = (value: unknown, path: Path = []): readonly TextAt[] => {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((each, index) => textsIn(each, [...path, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => textsIn(each, [...path, key]));
};
