// Does the README's every command do what it says, and does its platform run as it stands there?

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { EXIT_CODES } from '../sim/domain/exit-code.ts';
import type { Report } from '../sim/domain/report.ts';
import { FAULTS } from '../sim/faults.ts';
import { filesUnder, poolproof, put, smallScenario } from './command-line.ts';
import { ROOT } from './tidy/house.ts';

const README = readFileSync(`${ROOT}README.md`, 'utf8');

/** The text of every fenced block of a language. */
const blocks = (language: string): readonly string[] =>
  Array.from(
    README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')),
    (found) => found[1] ?? '',
  );

interface Command {
  readonly line: string;
  readonly given: readonly string[];
  /** As a comment `# exit N` says; 0 without one. */
  readonly code: number;
}

const commandOf = (line: string): Command => {
  const [told = '', comment = ''] = line.split(/\s+#\s*/);
  return {
    line,
    given: told.trim().split(/\s+/).slice(2),
    code: Number(/^exit (\d+)/.exec(comment)?.[1] ?? 0),
  };
};

/** A line after `$`, and what the README says that it prints. */
const quotes = blocks('console').map((block) => {
  const [first = '', ...told] = block.trimEnd().split('\n');
  return [first.replace(/^\$ /, ''), told.join('\n')] as const;
});

const lines = blocks('sh').flatMap((block) => block.trim().split('\n'));
/** It ends when it is told to: test/serve-command.test.ts does. */
const SERVING = 'npx poolproof serve --print-env';
/** A minute of real time: .ci/run plays some seconds of it. */
const LOADING = 'npx poolproof load scenarios/at-the-limits.yaml';
const commands = lines
  .filter((line) => line.startsWith('npx poolproof ') && ![SERVING, LOADING].includes(line))
  .map(commandOf);

/** A folder that looks like the clone but is none, so that reports do not mix with real ones. */
const cloneAt = (name: string): string => {
  const folder = dirname(put(`${name}/package.json`, '{ "type": "module" }'));
  for (const part of ['sim', 'scenarios', 'policies'])
    symlinkSync(ROOT + part, `${folder}/${part}`);
  return folder;
};

test('every line of the README’s shell blocks is known to be run, here or elsewhere', () => {
  // By .ci/run and by whoever reads this.
  const elsewhere = /^(npm ci && npm (start|test)|npm (ci|start|test|run bench))$/;
  expect(
    lines.filter((line) => !line.startsWith('npx poolproof ') && !elsewhere.test(line)),
  ).toEqual([]);
  expect(commands.length).toBeGreaterThan(4);
  expect(lines).toEqual(expect.arrayContaining([SERVING, LOADING]));
  // The commands are split at blanks, as a shell would split them.
  expect(commands.filter(({ line }) => /['"\\$|;&<>]/.test(line))).toEqual([]);
});

const clone = cloneAt('clone');

test.each(commands.map(({ line, ...rest }) => [line, rest] as const))(
  '%s',
  async (_, { given, code }) => {
    const told = await poolproof(given, { cwd: clone });
    expect({ code: told.code, stderr: told.stderr }).toEqual({ code, stderr: '' });
    expect(told.stdout).not.toBe('');
  },
);

test.each(quotes)('%s prints what the README quotes', async (line, told) => {
  const { given, code } = commandOf(line);
  const { stdout, code: ended } = await poolproof(given, { cwd: clone });
  expect(told).not.toBe('');
  expect(stdout).toContain(told);
  expect(ended).toBe(code);
});

test('the sentence that the README shows is that of the day, but for real time', () => {
  const quoted =
    /^> 0 leaks .*(?:\n> .*)*/m
      .exec(README)?.[0]
      .replaceAll(/\n?> ?/g, ' ')
      .trim() ?? '';
  const [computed = ''] = quoted.split('; policy p50');
  // Left by the command above.
  const report = readFileSync(`${clone}/out/healthcare-day/report.json`, 'utf8');
  expect(computed).toContain('judged flows');
  expect((JSON.parse(report) as Report).sentence).toContain(computed);
});

test('the README’s own platform runs as it stands there', async () => {
  const [module = '', ...others] = blocks('ts');
  expect(others).toEqual([]);
  const [, name = ''] = /^\/\/ (\S+\.ts)\n/.exec(module) ?? [];
  expect(README).toContain(`--platform ./${name}`);
  const folder = cloneAt('mine');
  put(`mine/${name}`, module);
  put('mine/small.yaml', smallScenario({ mix: '{ web_search: 1, talk: 1 }' }));
  const told = await poolproof(['run', 'small.yaml', '--platform', `./${name}`], { cwd: folder });
  expect({ code: told.code, stderr: told.stderr }).toEqual({ code: 0, stderr: '' });
  expect(told.stdout).toContain('small on mine, computed (simulated time)');
});

/** Both suites in one process, which loads what they share once. */
const RUN = ['run', '--maxWorkers=1', '--no-isolate'];

test('the README’s own suites pass, with its own platform and with mocked models', async () => {
  const [suite = '', ...others] = blocks('typescript');
  const [models = '', ...more] = blocks('mts');
  expect([...others, ...more]).toEqual([]);
  const folder = cloneAt('suite');
  put('suite/my-platform.ts', blocks('ts')[0] ?? '');
  put('suite/own.test.ts', suite);
  put('suite/models.test.ts', models);
  // As `npm install` does: the package, and beside it what the suites import.
  mkdirSync(`${folder}/node_modules`);
  symlinkSync(ROOT, `${folder}/node_modules/poolproof`);
  for (const name of ['vitest', 'msw', 'openai'])
    symlinkSync(`${ROOT}node_modules/${name}`, `${folder}/node_modules/${name}`);
  const vitest = `${ROOT}node_modules/vitest/vitest.mjs`;
  const told = await promisify(execFile)(process.execPath, [vitest, ...RUN], { cwd: folder });
  expect(told.stdout).toMatch(/Test Files .*2 passed/);
  expect(told.stdout).toMatch(/Tests .*2 passed/);
});

test('the table of exit codes is the one that the program keeps', () => {
  const rows = Array.from(README.matchAll(/^\| (\d+) \| (.*) \|$/gm), ([, code, means]) => [
    code,
    means,
  ]);
  expect(rows).toEqual(Object.entries(EXIT_CODES));
});

test('the README counts the seeded faults as the catalogue does', () => {
  expect(README).toContain(`in ${FAULTS.length} ways`);
});

test('every scenario that ships is in the table, and none that does not', () => {
  const [, section = ''] = README.split(/^## Scenarios$/m);
  const told = Array.from(
    section.split(/^## /m)[0]?.matchAll(/^\| `([\w-]+)` \|/gm) ?? [],
    ([, name]) => name,
  );
  // Regressions speak for themselves, and contracts of limits stand elsewhere.
  const shipped = filesUnder(`${ROOT}scenarios`).filter(
    (name) => name.endsWith('.yaml') && !name.includes('/'),
  );
  expect(told.map((name) => `${name}.yaml`).sort()).toEqual([...shipped].sort());
});

test('every option that `run` has is in the table of options, and none that it has not', async () => {
  const { stdout } = await poolproof(['run', '--help']);
  const optionsIn = (text: string): readonly string[] =>
    [...new Set(text.match(/--[a-z][a-z-]*/g) ?? [])].sort();
  const real = optionsIn(stdout.replaceAll(/^(?! {2}-).*$/gm, '')).filter(
    (option) => option !== '--help',
  );
  const [, table = ''] = README.split('| option of `run` | does |');
  const told = optionsIn(table.split('\n\n')[0] ?? '');
  expect(told.filter((option) => !real.includes(option))).toEqual([]);
  expect(real.filter((option) => !told.includes(option) && !README.includes(option))).toEqual([]);
});
