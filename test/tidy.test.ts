// Does the code keep the house's rules, and could each rule fail?

import { expect, test } from 'vitest';
import { BANNED, nothingIsTakenFromTheMachine } from './tidy/bans.ts';
import { type Rule, readHouse } from './tidy/house.ts';
import {
  importsMakeNoCircle,
  importsPointAtWhatIsKnown,
  onlyDoorsOpenCellars,
  servicesImportNoOther,
} from './tidy/layers.ts';
import {
  everyTestRuns,
  exportsHaveNames,
  filesBeginWithTheirQuestion,
  noComplaintIsSilenced,
  noFileIsADrawer,
  noMachineIsNamed,
  nothingIsAny,
  nothingIsLeftUnfinished,
} from './tidy/shape.ts';
import sizes from './tidy/sizes.json' with { type: 'json' };
import { nothingOutgrows } from './tidy/sizes.ts';
import { sourceOf } from './tidy/source.ts';

const RULES = {
  'imports point at what is known': importsPointAtWhatIsKnown,
  'a service imports no other service': servicesImportNoOther,
  'only a door opens its cellar': onlyDoorsOpenCellars,
  'imports make no circle': importsMakeNoCircle,
  'nothing is taken from the machine': nothingIsTakenFromTheMachine,
  'a file begins with the question it answers': filesBeginWithTheirQuestion,
  'no file is a drawer': noFileIsADrawer,
  'exports have names': exportsHaveNames,
  'nothing is any': nothingIsAny,
  'no complaint is silenced': noComplaintIsSilenced,
  'nothing is left unfinished': nothingIsLeftUnfinished,
  'every test runs': everyTestRuns,
  'no machine is named': noMachineIsNamed,
  'files and functions stay small': nothingOutgrows(sizes),
} as const satisfies Readonly<Record<string, Rule>>;

type RuleName = keyof typeof RULES;
const ruleNames = Object.keys(RULES) as readonly RuleName[];

const house = readHouse();

test.each(ruleNames)('in this project, %s', (name) => {
  expect(RULES[name](house)).toEqual([]);
});

test('the rules read the whole project and not an empty list', () => {
  const paths = house.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['sim/kernel/clock.ts', 'mocks/index.ts']));
  expect(paths).toEqual(expect.arrayContaining(['package.json', 'test/tidy.test.ts']));
  expect(house.flatMap(({ imports }) => imports).length).toBeGreaterThan(300);
});

type Files = Readonly<Record<string, string>>;
const judged = (rule: Rule, files: Files): readonly string[] =>
  rule(Object.entries(files).map(([path, text]) => sourceOf(path, text)));

const LONG = 'let n = 0;\n'.repeat(301);
const LONG_BODY = '  n += 1;\n'.repeat(70);

/** Made-up files, the rule that they break, and what it says of them. */
const BROKEN: readonly (readonly [RuleName, Files, string])[] = [
  [
    'imports point at what is known',
    { 'sim/kernel/clock.ts': "import type { Hop } from '../domain/ports.ts';" },
    'sim/kernel/clock.ts:1: sim/domain/ports.ts is banned in sim/kernel, which may import itself:',
  ],
  [
    'imports point at what is known',
    { 'sim/checks/no-flow.ts': "\nexport { Agent } from '../services/agent.ts';" },
    'sim/checks/no-flow.ts:2: sim/services/agent.ts is banned in sim/checks',
  ],
  [
    'imports point at what is known',
    { 'sim/services/agent.ts': "const type = (): import('../engines/a.ts').A => a;" },
    'sim/engines/a.ts is banned in sim/services',
  ],
  [
    'imports point at what is known',
    { 'sim/services/agent.ts': "const mock = await import('../../mocks/web.ts');" },
    'mocks/web.ts is banned in sim/services',
  ],
  [
    'imports point at what is known',
    { 'sim/engines/load.ts': "export * from '../cli/out.ts';" },
    'sim/cli/out.ts is banned in sim/engines',
  ],
  [
    'imports point at what is known',
    { 'sim/domain/arn.ts': "import { helper } from '../../test/helper.ts';" },
    'test/helper.ts is banned in sim/domain',
  ],
  [
    'imports point at what is known',
    { 'sim/elsewhere/a.ts': "import { a } from '../kernel/clock.ts';" },
    'sim/elsewhere/a.ts:1: belongs to no layer',
  ],
  [
    'a service imports no other service',
    { 'sim/services/agent.ts': "import { Runtime } from './runtime.ts';" },
    'sim/services/runtime.ts is banned in another service',
  ],
  [
    'a service imports no other service',
    { 'sim/services/gateway.ts': "import type { Tools } from './tools.ts';" },
    'sim/services/tools.ts is banned in another service',
  ],
  [
    'only a door opens its cellar',
    {
      'sim/protocol/iam.ts': '',
      'sim/services/sts.ts': "import { a } from '../protocol/iam/arn.ts';",
    },
    'sim/services/sts.ts:1: sim/protocol/iam/arn.ts is a part of sim/protocol/iam.ts',
  ],
  [
    'only a door opens its cellar',
    { 'sim/checks.ts': '', 'sim/engines/a.ts': "import { a } from '../checks/integrity.ts';" },
    'sim/checks/integrity.ts is a part of sim/checks.ts',
  ],
  [
    'only a door opens its cellar',
    { 'sim/scenario.ts': '', 'sim/scenario/schema.ts': '' },
    'sim/scenario/schema.ts: nobody needs it open',
  ],
  [
    'imports make no circle',
    {
      'sim/kernel/a.ts': "import type { B } from './b.ts';",
      'sim/kernel/b.ts': "import { c } from './c.ts';",
      'sim/kernel/c.ts': "export { a } from './a.ts';",
    },
    'sim/kernel/a.ts -> sim/kernel/b.ts -> sim/kernel/c.ts -> sim/kernel/a.ts: a circle',
  ],
  [
    'imports make no circle',
    { 'sim/traces/azure.ts': "import type { L } from './decode.ts';", 'sim/traces/decode.ts': '' },
    'sim/traces/azure.ts -> sim/traces/decode.ts: no circle any more',
  ],
  ...[
    ['const a = Math.random();', 'Math.random is banned in sim/services, draw from a fork'],
    ["const a = Math['random']();", 'Math.random'],
    ['const a = Math.pow(2, 0.5);', 'Math.pow or **'],
    ['const a = 2 ** 0.5;', 'Math.pow or **'],
    ['let a = 2; a **= 2;', 'Math.pow or **'],
    ['const a = new Date();', 'Date is banned in sim/services, use hop.nowUs()'],
    ['const a = Date.now;', 'Date'],
    ['const a = performance.now();', 'performance'],
    ['setTimeout(() => {}, 5);', 'setTimeout or setInterval'],
    ['const wait = setInterval;', 'setTimeout or setInterval'],
    ['setImmediate(() => {});', 'setImmediate'],
    ['const { env } = process;', 'process'],
    ['const all = { process };', 'process'],
    ["console.log('x');", 'console'],
    ["globalThis['Date'];", 'globalThis'],
    ["crypto.subtle.digest('SHA-256', bytes);", 'the global crypto'],
    ["import { AsyncLocalStorage } from 'node:async_hooks';", 'AsyncLocalStorage'],
    ["import { AsyncLocalStorage } from 'node:async_hooks';", 'node:async_hooks'],
    ['const a = new Intl.NumberFormat();', 'Intl'],
    ['names.sort((a, b) => a.localeCompare(b));', 'toLocale… or localeCompare'],
    ['const a = (5).toLocaleString();', 'toLocale… or localeCompare'],
    ['const a = await import(path);', 'an import of a computed path'],
    ["import { readFileSync } from 'node:fs';", 'node:fs'],
    ["import { readFile } from 'fs/promises';", 'fs/promises'],
    ["import { subtle } from 'node:crypto';", 'subtle'],
    ["import { createHash, randomUUID } from 'node:crypto';", 'randomUUID'],
    ["import * as all from 'node:crypto';", 'all of node:crypto'],
  ].map(
    ([text = '', what = '']) =>
      [
        'nothing is taken from the machine',
        { 'sim/services/agent.ts': text },
        `sim/services/agent.ts:1: ${what}`,
      ] as const,
  ),
  ['a file begins with the question it answers', { 'sim/domain/a.ts': 'let a;' }, ':1: no header'],
  ['a file begins with the question it answers', { 'mocks/a.ts': '//\nlet a;' }, ':1: no header'],
  ['no file is a drawer', { 'sim/domain/types.ts': '' }, 'sim/domain/types.ts: a drawer'],
  ['no file is a drawer', { 'sim/utils/clock.ts': '' }, 'sim/utils/clock.ts: a drawer'],
  ['exports have names', { 'sim/a.ts': 'export default 5;' }, 'sim/a.ts:1: a default export'],
  [
    'exports have names',
    { 'sim/a.ts': 'let a;\nexport { a as default };' },
    'sim/a.ts:2: a default',
  ],
  [
    'nothing is any',
    { 'test/a.test.ts': `\nconst a = b as ${'any'};` },
    'test/a.test.ts:2: any is banned',
  ],
  [
    'no complaint is silenced',
    { 'sim/a.ts': `// @ts-${'ignore'}\nlet a;` },
    'sim/a.ts:1: a silenced compiler',
  ],
  [
    'nothing is left unfinished',
    { 'scenarios/a.yaml': `a: 5 # ${'TO'}${'DO'}: more` },
    'scenarios/a.yaml:1: a note to do it later',
  ],
  [
    'every test runs',
    { 'test/a.test.ts': `test.${'only'}('a', () => {});` },
    'test/a.test.ts:1: only and skip are banned',
  ],
  [
    'every test runs',
    { 'test/a.test.ts': "describe.concurrent.skip.each([1])('a', () => {});" },
    'test/a.test.ts:1: only and skip are banned',
  ],
  ...[
    'registry.npm' + 'js.org',
    ' /' + 'work/a',
    'http://10.' + '1.2.3/',
    'https://npm.' + 'corp/a',
  ].map(
    (text) =>
      [
        'no machine is named',
        { 'README.md': text },
        'README.md:1: a place of one machine',
      ] as const,
  ),
  ['files and functions stay small', { 'sim/a.ts': LONG }, 'sim/a.ts: 301 lines, over its 300'],
  [
    'files and functions stay small',
    { 'sim/a.ts': `const grow = () => {\n${LONG_BODY}};` },
    'sim/a.ts#grow: 72 lines, over its 70',
  ],
  [
    'files and functions stay small',
    { 'sim/a.ts': `class A {\n  #grow() {\n${LONG_BODY}  }\n}` },
    'sim/a.ts##grow: 72 lines, over its 70',
  ],
];

test.each(BROKEN)('that %s can fail: %j', (name, files, said) => {
  expect(judged(RULES[name], files)).toContainEqual(expect.stringContaining(said));
});

/** Made-up files that come close and break nothing. */
const KEPT: readonly (readonly [RuleName, Files])[] = [
  [
    'imports point at what is known',
    {
      'sim/services/agent.ts':
        "import { json } from '../domain/wire.ts';\nimport { z } from 'zod';",
      'sim/cli/run.ts': "import { Agent } from '../services/agent.ts';",
    },
  ],
  [
    'a service imports no other service',
    { 'sim/services/agent.ts': "import { type Agent, type Turn } from './runtime.ts';" },
  ],
  [
    'only a door opens its cellar',
    {
      'sim/protocol/iam.ts': "import { a } from './iam/arn.ts';",
      'sim/protocol/iam/arn.ts': "import { b } from './place.ts';",
      'sim/protocol/bearer.ts': "import { c } from './iam.ts';",
    },
  ],
  ['imports make no circle', { 'sim/kernel/a.ts': "import { b } from './b.ts';" }],
  [
    'nothing is taken from the machine',
    {
      'sim/services/runtime.ts':
        "// Date, process\nconst a = { process: 'pooled', Date: 1 };\nconst b = a.process + 'Date';",
      'sim/protocol/signing.ts': "import { createHash, checkPrimeSync } from 'node:crypto';",
      'sim/kernel/chance.ts': 'const wide = 2n ** 64n;',
      'sim/kernel/calendar.ts': 'const a = new Date(5);',
      'sim/cli/run.ts': "import { readFileSync } from 'node:fs';\nprocess.exitCode = 1;",
      'test/a.test.ts': 'Date.now();',
    },
  ],
  [
    'a file begins with the question it answers',
    { 'sim/poolproof.mjs': '#!/usr/bin/env node\n// Runs it.', 'mocks/a.ts': '// What is a?' },
  ],
  ['no file is a drawer', { 'sim/kernel/clock.ts': '', 'sim/report/helpers-in-need.ts': '' }],
  ['exports have names', { 'sim/a.ts': 'export const a = 5;', 'v.config.ts': 'export default 5;' }],
  ['nothing is any', { 'sim/a.ts': "// any\nconst any: unknown = 'any';" }],
  ['no complaint is silenced', { 'test/a.test.ts': '// @ts-expect-error a string is no number' }],
  ['nothing is left unfinished', { 'sim/a.ts': "const todo = 'mastodon';" }],
  [
    'every test runs',
    { 'test/a.test.ts': `test('a', () => { book.${'only'}(); page.${'skip'}(5); });` },
  ],
  [
    'no machine is named',
    { 'README.md': 'see out/work/a, https://example.com/home/a, 10.0.0.0/8, ./tmp/a' },
  ],
];

test.each(KEPT)('that %s has no false alarm: %j', (name, files) => {
  expect(judged(RULES[name], files)).toEqual([]);
});

test('what is over a limit may stay as large as agreed, not grow, and leaves the list when small', () => {
  const rule = nothingOutgrows({ 'sim/a.ts': 302 });
  expect(judged(rule, { 'sim/a.ts': LONG })).toEqual([]);
  expect(judged(rule, { 'sim/a.ts': LONG + LONG })).toEqual([
    'sim/a.ts: 602 lines, over its 302: split it',
  ]);
  expect(judged(rule, { 'sim/a.ts': '// Small?' })).toEqual([
    'sim/a.ts: within its limit, take it out of sizes.json',
  ]);
});

test('every rule and every ban has an example that breaks it', () => {
  expect(new Set(BROKEN.map(([name]) => name))).toEqual(new Set(ruleNames));
  const said = BROKEN.map(([, , complaint]) => complaint).join('\n');
  expect(BANNED.filter((what) => !said.includes(what))).toEqual([]);
});
