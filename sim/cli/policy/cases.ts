// Which tests does a policy folder have: its suites, its examples, or the files that were named.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../domain/usage-error.ts';
import { type Case, titleOf } from '../../policy/case.ts';
import { readCedarTests } from '../../policy/cedar-tests.ts';
import { readExample } from '../../policy/example.ts';
import { readSuite, type Tested } from '../../policy/suite.ts';
import { filesIn, readText } from '../files.ts';
import { Complaints } from '../options.ts';

/**
 * Every case of the files and folders that were named, else of `tests` and `examples` in the policy
 * folder. Throws one UsageError with the complaints of all files, and one when there are none.
 */
export const readCases = (
  folder: string,
  named: readonly string[] | undefined,
  tested: Tested,
): readonly Case[] => {
  const complaints = new Complaints();
  const usual = [join(folder, 'tests'), join(folder, 'examples')].filter((path) =>
    existsSync(path),
  );
  const files = (named ?? usual).flatMap((path) => complaints.attempt(() => testsIn(path)) ?? []);
  const cases = files.flatMap((file) => complaints.attempt(() => casesOf(file, tested)) ?? []);
  complaints.tell();
  if (cases.length > 0) return cases;
  const hint = 'put suites into `tests/*.yaml`, or name files with `--tests`';
  throw new UsageError([{ file: folder, message: 'there are no tests here', hint }]);
};

/** The cases whose title holds the text, whatever the case of its letters. Throws when none does. */
export const filtered = (cases: readonly Case[], filter: string | undefined): readonly Case[] => {
  if (filter === undefined) return cases;
  const wanted = filter.toLowerCase();
  const found = cases.filter((one) => titleOf(one).toLowerCase().includes(wanted));
  if (found.length > 0) return found;
  const [example] = cases.map(titleOf);
  const hint = `titles are like \`${example}\``;
  throw new UsageError([{ file: '--filter', message: `no cell is called \`${filter}\``, hint }]);
};

const ENDINGS = ['.yaml', '.yml', '.json'];

const testsIn = (path: string): readonly string[] => {
  if (!existsSync(path)) throw new UsageError([{ file: path, message: 'there is none' }]);
  if (!statSync(path).isDirectory()) return [path];
  const here = ENDINGS.flatMap((ending) => filesIn(path, ending)).sort();
  const below = ['allow', 'deny']
    .map((name) => join(path, name))
    .filter((inner) => existsSync(inner))
    .flatMap((inner) => filesIn(inner, '.json'));
  return [...here, ...below];
};

/** A file in a folder `allow` or `deny` is an example; other JSON is that of `cedar run-tests`. */
const casesOf = (file: string, tested: Tested): readonly Case[] => {
  const text = readText(file, 'tests');
  if (!file.endsWith('.json')) return readSuite(text, file, tested);
  const folder = basename(dirname(file));
  if (folder === 'allow' || folder === 'deny') return [readExample(text, file, folder, tested)];
  return readCedarTests(text, file, tested);
};
