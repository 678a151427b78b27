// Where does the report of a command of the bench go: its files, and what is printed of it?

import { join } from 'node:path';
import { UsageError } from '../../domain/usage-error.ts';
import { suggestion } from '../../scenario/wording.ts';
import { prepareFolder, writeWhole } from '../files.ts';
import type { Complaints } from '../options.ts';
import { quoted } from '../shell-word.ts';
import type { Voice } from '../voice.ts';

/** What every command of the bench takes. */
export interface PolicyFlags {
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
  readonly format?: string;
}

/** A report in each of its forms, the text by the width of where it is read. */
export interface Forms {
  readonly sentence: string;
  readonly json: string;
  readonly text: (columns: number) => string;
  /** Further forms by their name, e.g. `junit`. */
  readonly others?: Readonly<Record<string, () => string>>;
}

/** The names of formats and the files that they are written to. */
const FILES: Readonly<Record<string, string>> = {
  json: 'json',
  text: 'txt',
  junit: 'xml',
  markdown: 'md',
  html: 'html',
};

/** Checks the options before any work is done; `formats` are what the command can write. */
export const checkFlags = (
  name: string,
  flags: PolicyFlags,
  formats: readonly string[],
  complaints: Complaints,
): void => {
  complaints.attempt(() => formatsOf('--format', flags.format ?? 'json', formats));
  if (flags.stdout !== undefined)
    complaints.attempt(() => formatsOf('--stdout', flags.stdout ?? '', formats));
  complaints.attempt(() => prepareFolder(folderOf(name, flags)));
};

/** Writes the report's files and prints it, or one form of it. */
export const tell = (name: string, forms: Forms, flags: PolicyFlags, voice: Voice): void => {
  const written: Readonly<Record<string, () => string>> = {
    json: () => forms.json,
    text: () => forms.text(WIDTH),
    ...forms.others,
  };
  const known = Object.keys(written);
  const folder = folderOf(name, flags);
  writeWhole(
    folder,
    formatsOf('--format', flags.format ?? 'json,text', known).map((format) => ({
      name: `${name}.${FILES[format] ?? format}`,
      text: written[format]?.() ?? '',
    })),
  );
  if (flags.stdout !== undefined) voice.out(written[flags.stdout]?.() ?? '');
  else if (flags.quiet === true) voice.out(`${forms.sentence}\n`);
  else voice.out(forms.text(voice.columns));
};

const WIDTH = 100;

const folderOf = (name: string, { out }: PolicyFlags): string =>
  out ?? join('out', `policy-${name}`);

const formatsOf = (option: string, list: string, known: readonly string[]): readonly string[] => {
  const names = [...new Set(list.split(',').map((each) => each.trim()))];
  const unknown = names.filter((each) => !known.includes(each));
  if (unknown.length === 0) return names;
  throw new UsageError(
    unknown.map((each) => ({
      file: option,
      message: `unknown format \`${each}\``,
      hint: suggestion(each, known, 'formats'),
    })),
  );
};

/** A share from 0 to 100, perhaps with a `%`. */
export const percentOf = (option: string, given: string, complaints: Complaints): number => {
  const value = Number(given.replace(/\s*%$/, ''));
  if (given.trim() === '' || !(value >= 0 && value <= 100))
    complaints.wrong(option, given, 'a share from 0 to 100, in percent');
  return value;
};

/** The words of a line that repeats a command; what was not given is left out. */
export const replayLine = (
  command: string,
  folders: string | readonly string[] | undefined,
  options: Readonly<Record<string, string | readonly string[] | undefined>>,
): string =>
  [
    `npx poolproof policy ${command}`,
    ...[folders ?? []].flat().map(quoted),
    ...Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, ...[value].flat().map(quoted)],
    ),
  ].join(' ');
