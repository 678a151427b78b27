// Does a user hear of every mistake at once, with its place and a cure, and is nothing written meanwhile?

import { cpSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../sim/cli/files.ts';
import { type RunOptions, readInputs } from '../sim/cli/inputs.ts';
import { UsageError } from '../sim/domain/usage-error.ts';
import { filesUnder, poolproof, put, smallScenario } from './command-line.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

const small = put('small.yaml', smallScenario());

/** The small scenario with words changed; a change that changes nothing is a mistake of the test. */
const changed = (
  name: string,
  ...changes: readonly (readonly [from: string, to: string])[]
): string =>
  put(
    name,
    changes.reduce((text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`the small scenario has no \`${from}\``);
      return text.replace(from, to);
    }, smallScenario()),
  );

/** What is said of an input; nothing when it is accepted. */
const complaintsAbout = async (
  file: string,
  options: Partial<RunOptions> = {},
): Promise<string> => {
  try {
    await readInputs(file, { platform: 'reference', out: placeOf('never'), ...options });
    return '';
  } catch (problem) {
    if (problem instanceof UsageError) return problem.message;
    throw problem;
  }
};

test('an input without mistakes has no complaints', async () => {
  expect(await complaintsAbout(small)).toBe('');
});

test.each<[what: string, from: string, to: string, said: RegExp]>([
  [
    'tier',
    'tier: premium',
    'tier: premum',
    /:\d+:11: tenants\[1\]\.tier: unknown tier `premum`\n {2}hint: did you mean `premium`\?/,
  ],
  ['key', 'seed', 'sed', /: sed: unknown key `sed`\n {2}hint: did you mean `seed`\?/],
  [
    'unit',
    'duration: 20m',
    'duration: 20 minutes',
    /:5:11: duration: expected a duration such as .*, found `20 minutes`$/,
  ],
  [
    'tool',
    'tool: web_search',
    'tool: web_serch',
    /:\d+:\d+: entitlements\[3\]\.tool: .*`web_serch`\n {2}hint: did you mean `web_search`\?/,
  ],
  [
    'task',
    'talk: 1',
    'tolk: 1',
    /: traffic\[0\]\.mix\.tolk: unknown key `tolk`\n {2}hint: did you mean `talk`\?/,
  ],
])(
  'an unknown %s is told with file, line, column, path and a hint',
  async (what, from, to, said) => {
    const text = `${smallScenario()}seed: 3\n`;
    expect(text).toContain(from);
    const file = put(`unknown-${what}.yaml`, text.replace(from, to));
    const complaints = await complaintsAbout(file);
    expect(complaints.startsWith(`${file}:`)).toBe(true);
    expect(complaints).toMatch(said);
  },
);

test('an empty scenario is a mistake', async () => {
  const file = put('empty.yaml', '');
  expect(await complaintsAbout(file)).toBe(`${file}:1:1: expected a mapping, found nothing`);
  const dashes = put('dashes.yaml', '# nothing but this\n');
  expect(await complaintsAbout(dashes)).toMatch(/^[^\n]*dashes\.yaml:\d+:1: expected a mapping/);
});

// ---- Policies.

/** The shipped policies and one more. */
const policiesWith = (name: string, text: string): { folder: string; file: string } => {
  const folder = placeOf(name);
  cpSync(`${ROOT}policies/cedar`, join(folder, 'cedar'), { recursive: true });
  return { folder, file: put(`${name}/cedar/mine.cedar`, text) };
};

const UNPARSABLE = `// Mine.
permit (
  principal,
  action == ,
  resource
);
`;

test('a policy that does not parse is told in Cedar’s words, at our file and line', async () => {
  const { folder, file } = policiesWith('unparsable', UNPARSABLE);
  const complaints = await complaintsAbout(small, { policies: folder });
  expect(complaints).toContain(`${file}:4:13: `);
  expect(complaints).toContain('unexpected token `,`');
});

test('a policy that would be left out is told', async () => {
  const { folder } = policiesWith('beside', '');
  const file = put('beside/mine.cedar', UNPARSABLE);
  expect(await complaintsAbout(small, { policies: folder })).toContain(
    `${file}: stands beside the folder`,
  );
});

test('policies to swap to are read from where the scenario says, absolute or beside it', async () => {
  const { folder, file } = policiesWith('swapped', UNPARSABLE);
  for (const named of [folder, 'swapped']) {
    const swap = `changes:\n  - { at: 5m, kind: swap-policies, folder: ${named} }\n`;
    const scenario = put('swapping.yaml', smallScenario({ more: swap }));
    expect(await complaintsAbout(scenario)).toContain(`${file}:4:13: `);
  }
});

test('a policy that does not validate is told in Cedar’s words, at our file and line', async () => {
  const { folder, file } = policiesWith(
    'invalid',
    `@id("mine")
permit (
  principal is AgentCore::OAuthUser,
  action == AgentCore::Action::"HealthcareLambda-Basic___patient_context",
  resource
)
when {
  context.input.no_such == "x"
};
`,
  );
  const complaints = await complaintsAbout(small, { policies: folder });
  expect(complaints).toMatch(/^[^\n]*mine\.cedar:8:\d+: .*attribute `input\.no_such` .* not found/);
  expect(complaints.startsWith(`${file}:`)).toBe(true);
});

// ---- Traces.

const SAMPLE = readFileSync(`${ROOT}scenarios/traces/sample.csv`, 'utf8').split('\n').slice(0, 8);
const BROKEN_TRACE = [
  ...SAMPLE.slice(0, 4),
  '2026-01-05 09:00:13.0,abc,5',
  ...SAMPLE.slice(4, 8),
  'no row at all',
  '2026-01-05 09:00:59.0,10,-3',
].join('\n');

const traced = changed('traced.yaml', [
  'arrivals: { kind: constant, requestsPerHour: 60 }',
  'trace: { file: broken.csv, format: azure }',
]);
const trace = put('broken.csv', BROKEN_TRACE);

const BROKEN_ROWS = [
  `${trace}:5:23: ContextTokens: expected a whole number, 0 or more, found \`abc\``,
  `${trace}:10: expected 3 fields, found 1`,
  `${trace}:11:26: GeneratedTokens: expected a whole number, 0 or more, found \`-3\``,
].join('\n');

test('broken rows of a trace are named, and refused', async () => {
  const hint = '  hint: `--lenient` skips broken rows and says how many';
  expect(await complaintsAbout(traced)).toBe(`${BROKEN_ROWS}\n${hint}`);
  expect(await complaintsAbout(traced, { lenient: true })).toBe('');
});

test('`--lenient` goes on without broken rows and says which', async () => {
  const out = placeOf('lenient');
  const told = await poolproof(['run', traced, '--lenient', '--out', out, '--stdout', 'json']);
  expect(told).toMatchObject({ code: 0, stderr: `${BROKEN_ROWS}\n` });
  const report = JSON.parse(told.stdout) as { requests: { arrived: number }; replay: string };
  // The sound rows: eight lines of the sample without its head.
  expect(report.requests.arrived).toBe(7);
  expect(report.replay).toContain(' --lenient');
});

test('a trace of another format than the scenario says is a mistake', async () => {
  const trace = put('a.csv', 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,3,4\n');
  const stream = `trace: { file: ${trace}, format: mooncake }`;
  const scenario = changed('other-format.yaml', [
    'arrivals: { kind: constant, requestsPerHour: 60 }',
    stream,
  ]);
  expect(await complaintsAbout(scenario)).toBe(
    `${trace}: looks like \`azure\`, and the scenario says \`mooncake\`\n  hint: write \`format: azure\``,
  );
});

test('a trace for a scenario that replays none is a mistake', async () => {
  expect(await complaintsAbout(small, { trace })).toContain(
    'no stream of the scenario replays a trace',
  );
});

// ---- Platforms and folders.

test.each([
  [
    'exports nothing of that name',
    'export const platfrom = 1;',
    'does not export a function `platform`',
  ],
  ['exports no function', 'export const platform = 1;', 'does not export a function `platform`'],
  ['does not load', "throw new Error('no licence');", 'the module does not load: no licence'],
])('a platform module that %s is told by its name', async (what, text, said) => {
  const platform = put(`platform-that-${what.replaceAll(' ', '-')}.ts`, text);
  const complaints = await complaintsAbout(small, { platform });
  expect(complaints.startsWith(`${platform}: `)).toBe(true);
  expect(complaints).toContain(said);
});

test('a platform that is none is the user’s mistake, not a bug of poolproof', async () => {
  const platform = put('no-platform.ts', 'export const platform = () => ({ name: "none" });');
  const out = placeOf('no-platform');
  const { code, stderr } = await poolproof(['run', small, '--platform', platform, '--out', out]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`${platform}: `) });
});

test.each([
  ['throws', "() => { throw new Error('no licence'); }", '`platform` throws: no licence'],
  ['is asynchronous', 'async () => ({})', '`platform` gives a promise'],
  ['is a number', '() => 5', '`platform` gives no `policy.decide`'],
  [
    'has hollow ports',
    '() => ({ policy: {}, limiters: {} })',
    '`platform` gives no `limiters.gateway`',
  ],
])('a platform that %s is the user’s mistake, too', async (what, text, said) => {
  const platform = put(
    `platform-${what.replaceAll(' ', '-')}.ts`,
    `export const platform = ${text};`,
  );
  const { code, stderr } = await poolproof(['run', small, '--platform', platform]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
  expect(stderr).not.toContain('    at ');
});

test.each(['constructor', '__proto__', 'toString'])('there is no platform `%s`', async (name) => {
  const { code, stderr } = await poolproof(['run', small, '--platform', name]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining(`unknown platform \`${name}\``),
  });
});

test('a platform module that looks like CommonJS is loaded, or refused with what to do about it', async () => {
  put('bare/package.json', '{}');
  const platform = put(
    'bare/mine.ts',
    `import { reference } from '${ROOT}sim/index.ts';\nexport const platform = reference;\n`,
  );
  const out = placeOf('bare-out');
  const { code, stderr } = await poolproof(['run', small, '--platform', platform, '--out', out]);
  // Node 24 loads it; Node 20 cannot require what is still loading.
  if (code === 0) return expect(stderr).toBe('');
  expect(code).toBe(2);
  expect(stderr).toContain(
    'name it `.mts`, or put `{ "type": "module" }` into a package.json beside it',
  );
});

const plain = put('plain', 'a file\n');

test.each([
  ['below a file', join(plain, 'reports')],
  ['that is a file', plain],
])('an output folder %s is refused before any work', async (_, out) => {
  expect(await complaintsAbout(small, { out })).toBe(
    `${out}: \`${plain}\` is no folder\n  hint: name another folder with \`--out\``,
  );
});

test.skipIf(process.platform !== 'linux')(
  'an output folder where nobody can write is refused before any work',
  async () => {
    const out = '/proc/none/reports';
    expect(await complaintsAbout(small, { out })).toBe(
      `${out}: cannot write here: there is none\n  hint: name another folder with \`--out\``,
    );
    expect(() => makeFolder(out)).toThrow(UsageError);
  },
);

test('folders are made one by one, by whatever way they are named', () => {
  const folder = placeOf('one/by/one');
  makeFolder(`${placeOf('not-yet')}/../one/by/one`);
  makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

// ---- All at once.

/** A line of a stack trace. */
const STACK = /^\s+at .*:\d+:\d+/m;

test('mistakes in everything are told in one go: exit 2, nothing written, no stack', async () => {
  const scenario = changed(
    'all.yaml',
    ['tier: premium', 'tier: premum'],
    ['duration: 20m', 'duration: 20 minutes\ncolour: red'],
    ['tool: web_search', 'tool: web_serch'],
  );
  const platform = put('all.ts', 'export const platfrom = 1;');
  const waivers = put('waivers.yaml', '- { id: x, reason: y, owner: z, until: never }\n');
  const cwd = placeOf('all');
  put('all/keep', '');
  const told = await poolproof(
    [
      ...['run', scenario, '--platform', platform, '--waivers', waivers, '--seed', '1.5'],
      ...['--out', join(plain, 'reports')],
    ],
    { cwd },
  );
  expect(told).toMatchObject({ code: 2, stdout: '' });
  for (const said of [
    'expected a duration such as',
    'unknown key `colour`',
    'unknown tier `premum`',
    '`web_serch`',
    '--seed: not a seed: `1.5`',
    `${waivers}:1:9: [0].id: `,
    `${waivers}:1:40: [0].until: `,
    `${platform}: the module does not export a function \`platform\``,
    `\`${plain}\` is no folder`,
  ]) {
    expect(told.stderr).toContain(said);
  }
  expect(told.stderr).not.toMatch(STACK);
  expect(filesUnder(cwd)).toEqual(['keep']);
});

test('a mistake in the scenario hides none in the policies', async () => {
  const scenario = changed('hiding.yaml', ['tier: premium', 'tier: premum']);
  const { folder } = policiesWith('hidden', UNPARSABLE);
  const complaints = await complaintsAbout(scenario, { policies: folder });
  expect(complaints).toContain('unknown tier `premum`');
  expect(complaints).toContain('unexpected token `,`');
});

test('a mistake in the options hides none in the files', async () => {
  const scenario = changed('hidden.yaml', ['tier: premium', 'tier: premum']);
  const out = placeOf('options');
  const given = ['--format', 'pdf', '--export-traces', 'zipkin=there', '--out', out];
  const { code, stdout, stderr } = await poolproof(['run', scenario, ...given]);
  expect({ code, stdout, written: filesUnder(out) }).toEqual({ code: 2, stdout: '', written: [] });
  for (const said of ['unknown format `pdf`', 'not a collector: `zipkin=there`', '`premum`']) {
    expect(stderr).toContain(said);
  }
});

test('an unknown option or command is exit 2, with a hint', async () => {
  const [option, command] = await Promise.all([
    poolproof(['run', small, '--fromat', 'json']),
    poolproof(['rnu', small]),
  ]);
  expect(option).toMatchObject({ code: 2, stdout: '' });
  expect(option.stderr).toContain('Did you mean --format?');
  expect(command).toMatchObject({ code: 2, stdout: '' });
  expect(command.stderr).toMatch(/unknown command 'rnu'/);
});

// ---- No mistake, and no proof.

test('a scenario that yields no request is inconclusive: exit 4, and the reports say so', async () => {
  // From its last second on, one in a year.
  const silent = changed('silent.yaml', [
    'arrivals: { kind: constant, requestsPerHour: 60 }',
    'arrivals: { kind: poisson, requestsPerHour: 0.0001 }\n    from: 19m59s',
  ]);
  const out = placeOf('silent');
  const told = await poolproof(['run', silent, '--out', out, '--quiet']);
  expect(told).toMatchObject({ code: 4, stderr: '' });
  expect(told.stdout).toMatch(/^inconclusive: .*; no requests\.\n$/);
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as object;
  expect(report).toMatchObject({
    ...{ verdict: 'inconclusive', exitCode: 4, requests: { arrived: 0 } },
    notExercised: expect.arrayContaining(['requests: nobody asked anything']),
  });
});
