// How does the command line read and write: whole files, written whole or not at all.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Complaint, UsageError } from '../domain/usage-error.ts';
import type { PolicyFile } from '../protocol/cedar.ts';

/** The folder of the package itself. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Served where no scenario is named: the one of the package, wherever the command is typed. */
export const SERVED = join(PACKAGE_ROOT, 'scenarios', 'steady-state.yaml');

/** The version of the package. */
export const VERSION = (
  JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
    readonly version: string;
  }
).version;

/** The text of a file the user named. Throws `UsageError`. */
export const readText = (path: string, what: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (problem) {
    throw new UsageError([{ file: path, message: `cannot read the ${what}: ${reason(problem)}` }]);
  }
};

/** The `.cedar` files of a policy folder (its `cedar` folder when it has one), in order of name. */
export const readCedar = (folder: string): readonly PolicyFile[] => {
  const inner = join(folder, 'cedar');
  const beside = filesIn(folder, '.cedar');
  const names = existsSync(inner) ? filesIn(inner, '.cedar') : beside;
  if (names !== beside && beside.length > 0) {
    // A forbid that is left out without a word lets in whom it was to keep out.
    const message = `stands beside the folder \`${inner}\`, of which alone the policies are read`;
    const hint = 'move it into that folder';
    throw new UsageError(beside.map((file) => ({ file, message, hint })));
  }
  if (names.length === 0) {
    throw new UsageError([
      {
        file: folder,
        message: 'no Cedar policies here',
        hint: 'expected `*.cedar` files, or a folder `cedar` of them',
      },
    ]);
  }
  return names.map((file) => ({ file, text: readText(file, 'policy') }));
};

/** The IAM documents of a policy folder, else those that ship. */
export const readIam = (folder: string): Readonly<Record<string, unknown>> =>
  readOwnIam(folder) ?? readOwnIam(join(PACKAGE_ROOT, 'policies')) ?? {};

/** The IAM documents in the folder `iam` of a policy folder, or `undefined` when it has none. */
export const readOwnIam = (folder: string): Readonly<Record<string, unknown>> | undefined => {
  const inner = join(folder, 'iam');
  if (!existsSync(inner)) return undefined;
  const complaints: Complaint[] = [];
  const documents = filesIn(inner, '.json').map((file) => {
    try {
      return [file, JSON.parse(readText(file, 'IAM policy'))] as const;
    } catch (problem) {
      if (problem instanceof UsageError) complaints.push(...problem.complaints);
      else complaints.push({ file, message: `not JSON: ${reason(problem)}` });
      return [file, {}] as const;
    }
  });
  if (complaints.length > 0) throw new UsageError(complaints);
  return Object.fromEntries(documents);
};

/** The files of a folder with that ending, in order of name. Throws `UsageError`. */
export const filesIn = (folder: string, ending: string): readonly string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => join(folder, name));
  } catch (problem) {
    throw new UsageError([{ file: folder, message: `cannot read the folder: ${reason(problem)}` }]);
  }
};

/** Makes sure that a folder can be written before any work is done. Throws `UsageError`. */
export const prepareFolder = (folder: string): void => {
  const nearest = existing(resolve(folder));
  const hint = 'name another folder with `--out`';
  if (!statSync(nearest).isDirectory())
    throw new UsageError([{ file: folder, message: `\`${nearest}\` is no folder`, hint }]);
  try {
    // What the rights say is not all: nobody, not even root, can write to some places.
    rmdirSync(mkdtempSync(join(nearest, '.poolproof-')));
  } catch (problem) {
    throw new UsageError([
      { file: folder, message: `cannot write here: ${reason(problem)}`, hint },
    ]);
  }
};

const existing = (path: string): string => (existsSync(path) ? path : existing(dirname(path)));

/**
 * Makes a folder and those above it, one by one: `recursive` never ends where the system says that
 * there is no such folder and makes none (Node 20 under /proc). Throws `UsageError`.
 */
export const makeFolder = (named: string): void => {
  const folder = resolve(named);
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (problem) {
    // Another process may have made it meanwhile.
    if ((problem as { code?: string }).code !== 'EEXIST')
      throw new UsageError([{ file: folder, message: `cannot write here: ${reason(problem)}` }]);
  }
};

/** Writes files into a folder: each whole under another name first, then all renamed. */
export const writeWhole = (
  folder: string,
  files: readonly { readonly name: string; readonly text: string }[],
): void => {
  makeFolder(folder);
  for (const { name, text } of files) writeFileSync(join(folder, `.${name}.part`), text);
  for (const { name } of files) renameSync(join(folder, `.${name}.part`), join(folder, name));
};

export const sha256 = (...texts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex');
};

export const policiesHash = (
  cedar: readonly PolicyFile[],
  iam: Readonly<Record<string, unknown>>,
): string =>
  sha256(
    ...cedar.flatMap(({ file, text }) => [basename(file), text]),
    ...Object.entries(iam).flatMap(([file, document]) => [
      basename(file),
      JSON.stringify(document),
    ]),
  );

const reason = (problem: unknown): string => {
  const { code, message } = problem as { code?: string; message: string };
  return (
    {
      ENOENT: 'there is none',
      EACCES: 'no permission',
      EISDIR: 'it is a folder',
      ENOTDIR: 'no such folder',
      EROFS: 'read-only',
    }[code ?? ''] ?? message
  );
};
