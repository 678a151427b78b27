// Can the package be called, is it what it says, and may everybody use what it rests on?

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { ROOT } from './tidy/house.ts';

const run = (command: string, ...given: readonly string[]): string =>
  execFileSync(command, given, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Runs the clone's own `poolproof`; `--no` keeps npx from installing another package instead. */
const npx = (...given: readonly string[]): string =>
  run('npx', '--no', '--', 'poolproof', ...given);

test('`npx poolproof --version` prints the version of the package', () => {
  expect(npx('--version').trim()).toBe(manifest.version);
});

test('`npx poolproof --help` names the command line and its `run`', () => {
  expect(npx('--help')).toMatch(/Usage: poolproof.*\brun\b/s);
});

test('the executable can be executed and finds its own way to Node', () => {
  const path = ROOT + manifest.bin.poolproof;
  expect(statSync(path).mode & 0o111).toBe(0o111);
  expect(readFileSync(path, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('every file and folder that the package promises is there', () => {
  const promised = [...Object.values(manifest.exports), ...manifest.files, 'README.md', 'LICENSE'];
  expect(promised.filter((path) => !existsSync(ROOT + path))).toEqual([]);
});

const isExact = (version: string): boolean => /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);

test('every dependency is pinned to one version', () => {
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(all.filter(([, version]) => !isExact(version))).toEqual([]);
  expect(['^1.0.0', '~1.0.0', '1.x', '1.0', 'latest', '*', '>=1.0.0'].filter(isExact)).toEqual([]);
});

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly licenses?: unknown;
}

const PERMISSIVE: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD License',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Zlib',
]);

/** Packages without a licence field, whose licence file was read. */
const READ: Readonly<Record<string, string>> = { 'process@0.10.1': 'MIT' };

/** Names, or an expression of one level: one of `A OR B` is enough, of `A AND B` none. */
const isPermissive = (licence: string): boolean => {
  const terms = licence.replace(/^\((.*)\)$/, '$1');
  if (terms.includes(' AND ')) return terms.split(' AND ').every(isPermissive);
  return terms.split(' OR ').some((term) => PERMISSIVE.has(term));
};

/** The licences of a package, by today's field or by the older forms of it. */
const licencesOf = ({ name, version, license, licenses }: Installed): readonly string[] => {
  const told = license ?? licenses ?? READ[`${name}@${version}`] ?? [];
  return (Array.isArray(told) ? told : [told]).map((one: unknown) =>
    typeof one === 'object' && one !== null && 'type' in one ? String(one.type) : String(one),
  );
};

const isFree = (installed: Installed): boolean => licencesOf(installed).some(isPermissive);

const installedAt = (folder: string): Installed =>
  JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Installed;

test('whoever installs poolproof gets permissive licences only', () => {
  const [, ...folders] = run('npm', 'ls', '--omit=dev', '--all', '--parseable').trim().split('\n');
  const installed = folders.map(installedAt);
  const names = installed.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  expect(installed.filter((one) => !isFree(one)).map(({ name }) => name)).toEqual([]);
});

test('a licence that asks for more, or none, is noticed', () => {
  expect(isFree(installedAt(`${ROOT}node_modules/@cloud-copilot/iam-simulate`))).toBe(false);
  const free = (license?: unknown): boolean => isFree({ name: 'a', version: '1.0.0', license });
  expect(
    [undefined, 'GPL-3.0', 'UNLICENSED', '(MIT AND GPL-2.0)', 'MIT AND AGPL-3.0'].some(free),
  ).toBe(false);
  expect(['MIT', '(MIT OR GPL-2.0)', { type: 'ISC' }, [{ type: 'MIT' }]].every(free)).toBe(true);
});
