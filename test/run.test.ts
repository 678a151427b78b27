// Does `poolproof run` say, write and return what it promises, from the first line to Ctrl-C?

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fidelityRules } from '../sim/cli/fidelity.ts';
import type { Report } from '../sim/domain/report.ts';
import {
  filesUnder,
  platformModule,
  poolproof,
  put,
  smallScenario,
  spawned,
} from './command-line.ts';
import { placeOf } from './room.ts';
import { validatorOf } from './schemas/held.ts';

const small = put('small.yaml', smallScenario());

const reportIn = (folder: string): Report =>
  JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;

const isReport = validatorOf('report');

/** Every complaint of the JSON Schema that ships. */
const complaintsAbout = (report: unknown): unknown => (isReport(report) ? [] : isReport.errors);

const lastLines = (text: string, count: number): readonly string[] =>
  text.trimEnd().split('\n').slice(-count);

const joined = (text: string): string => text.split('\n\n', 1)[0]?.replaceAll('\n', ' ') ?? '';

test('a run leaves a report that the shipped schema accepts, and says the same in words', async () => {
  const out = placeOf('steady');
  const told = await poolproof(['run', 'scenarios/steady-state.yaml', '--out', out]);
  const report = reportIn(out);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(complaintsAbout(report)).toEqual([]);
  expect(complaintsAbout({ ...report, sentence: undefined })).not.toEqual([]);
  expect(filesUnder(out)).toEqual(['report.json', 'report.md']);

  expect(joined(told.stdout)).toBe(report.sentence);
  expect(report.sentence).toMatch(/^0 leaks in [\d,]+ judged flows; .* 840 requests of 4 hours/);
  const replay = 'npx poolproof run scenarios/steady-state.yaml --seed 1';
  expect(lastLines(told.stdout, 5)).toEqual([
    'verdict  pass (exit code 0)',
    'seed     1',
    `digest   ${report.digest}`,
    `replay   ${replay}`,
    `report  ${join(out, 'report.json')}, ${join(out, 'report.md')}`,
  ]);

  expect(report).toMatchObject({
    ...{ scenario: 'steady-state', platform: 'reference', seed: 1, clock: 'simulated' },
    ...{ partial: false, exitCode: 0, verdict: 'pass', findings: [], replay },
    requests: { planned: 840, arrived: 840, completed: 840, refused: 0, failed: 0, dropped: 0 },
  });
  expect(report.digest).toMatch(/^[0-9a-f]{64}$/);
  const markdown = readFileSync(join(out, 'report.md'), 'utf8');
  expect(markdown).toContain(report.sentence);
  expect(markdown).toContain(report.digest);
});

// ---- One scenario told in three ways, each told once for all tests.

const once = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
};

/** Of all seeds the one that is drawn. */
const DRAWN = 8134;

const runSmall = (name: string, given: readonly string[]) =>
  once(async () => {
    const out = placeOf(name);
    const drawSeed = () => DRAWN;
    const told = await poolproof(['run', small, '--out', out, ...given], { drawSeed });
    return { out, told };
  });

const quietly = runSmall('quietly', ['--quiet']);
const atLength = runSmall('at-length', [
  '--history',
  '--no-cache',
  '--format',
  'text, json',
  '--stdout',
  'json',
]);
const otherwise = runSmall('otherwise', ['--seed', 'random', '--stdout', 'markdown']);

test('the history is whole: one JSON object a line, numbered without a gap', async () => {
  const { out } = await atLength();
  const report = reportIn(out);
  const lines = readFileSync(join(out, 'history.ndjson'), 'utf8').trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as Line);
  expect(events.map(({ index }) => index)).toEqual(lines.map((_, index) => index));
  expect(events).toHaveLength(report.speed.events);
  const asked = events.filter(
    ({ kind, request }) => kind === 'arrived' && kindOf(request) === 'ask',
  );
  expect(asked).toHaveLength(report.requests.arrived);
});

interface Line {
  readonly index: number;
  readonly kind: string;
  /** The number of the request; where it arrives, all that is known of it. */
  readonly request: number | { readonly kind: string } | null;
}

const kindOf = (request: Line['request']): string | undefined =>
  typeof request === 'object' ? request?.kind : undefined;

test('`--format` writes what is listed and nothing else', async () => {
  const { out, told } = await atLength();
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(filesUnder(out)).toEqual(['history.ndjson', 'report.json', 'report.txt']);
  expect(joined(readFileSync(join(out, 'report.txt'), 'utf8'))).toBe(reportIn(out).sentence);
});

test('a format that is listed twice is written once, and a replay line holds names with spaces', async () => {
  const file = put("the ward's day.yaml", smallScenario({ duration: '2m', expects: '[]' }));
  const out = placeOf('listed twice');
  const typed = ['run', file, '--format', 'json,json', '--quiet', '--out', out];
  expect(await poolproof(typed)).toMatchObject({ code: 0, stderr: '' });
  expect(filesUnder(out)).toEqual(['report.json']);
  const quoted = file.replace("'", "'\\''");
  expect(reportIn(out).replay).toBe(`npx poolproof run '${quoted}' --seed 1`);
  const wrong = await poolproof(['run', file, '--stdout', 'jsn']);
  expect(wrong.stderr).toContain('--stdout: unknown format `jsn`');
});

test('`--stdout` prints a report as it is written', async () => {
  const [asJson, asMarkdown] = await Promise.all([atLength(), otherwise()]);
  expect(asJson.told.stdout).toBe(readFileSync(join(asJson.out, 'report.json'), 'utf8'));
  expect(complaintsAbout(JSON.parse(asJson.told.stdout))).toEqual([]);
  expect(asMarkdown.told.stdout).toBe(readFileSync(join(asMarkdown.out, 'report.md'), 'utf8'));
});

test('`--quiet` prints the sentence and nothing else', async () => {
  const { out, told } = await quietly();
  expect(told).toEqual({ code: 0, stdout: `${reportIn(out).sentence}\n`, stderr: '' });
});

test('without Cedar’s answers remembered the history is the same', async () => {
  const [remembered, asked] = (await Promise.all([quietly(), atLength()])).map(({ out }) =>
    reportIn(out),
  );
  expect(asked?.digest).toBe(remembered?.digest);
  expect(remembered?.policy.cacheHits).toBeGreaterThan(0);
  expect(asked?.policy).toMatchObject({ decisions: remembered?.policy.decisions, cacheHits: 0 });
  expect(asked?.policy.evaluated).toBe(asked?.policy.decisions);
});

test('a random seed is drawn once and named, and gives another history', async () => {
  const [usual, drawn] = (await Promise.all([quietly(), otherwise()])).map(({ out }) =>
    reportIn(out),
  );
  expect(usual?.seed).toBe(1);
  expect(drawn?.seed).toBe(DRAWN);
  expect(drawn?.replay).toBe(`npx poolproof run ${small} --seed ${DRAWN}`);
  expect(drawn?.digest).not.toBe(usual?.digest);
});

test('`fidelity` prints every rule with its source and standing', async () => {
  const { code, stdout } = await poolproof(['fidelity']);
  const rules = fidelityRules();
  expect(code).toBe(0);
  expect(rules.length).toBeGreaterThan(30);
  const [head, ...rows] = stdout.split('\n');
  expect(head).toMatch(new RegExp(`^${rules.length} simulated rules: `));
  expect(cellsOf(rows)).toEqual(
    rules.map(({ service, standing, rule, source }) =>
      [service, standing, rule, source].map(spaceless),
    ),
  );
  expect(rules.filter(({ rule, source }) => rule === '' || source === '')).toEqual([]);
});

const spaceless = (text: string): string => text.replaceAll(/\s/g, '');

/** The cells of a drawn table, put together again, without its head and without blanks. */
const cellsOf = (lines: readonly string[]): readonly (readonly string[])[] =>
  lines
    .join('\n')
    .split(/^├.*$/m)
    .slice(1)
    .map((row) => {
      const parts = row.split('\n').filter((line) => line.startsWith('│'));
      const columns = parts.map((line) => line.split('│').slice(1, -1));
      return [0, 1, 2, 3].map((at) => spaceless(columns.map((cells) => cells[at]).join('')));
    });

// ---- Waivers.

const leaky = platformModule(
  'leaky.ts',
  `'front-door': async (call, hop) => {
    const reply = await base.services['front-door'](call, hop);
    hop.emit({ kind: 'log', service: 'front-door', line: reply.body });
    return reply;
  }`,
);

/** Front-door, content, log: ids hold over runs, so this one may stand here. */
const LOGGED = '6383a14cf607';

const runLeaky = async (until: string) => {
  const out = placeOf(`leaky-${until}`);
  const waivers = put(
    `waivers-${until}.yaml`,
    `- { id: "${LOGGED}", reason: the log is to go, owner: dr.lee, until: ${until} }\n`,
  );
  const given = ['--platform', leaky, '--out', out, '--waivers', waivers];
  const told = await poolproof(['run', small, ...given]);
  return { told, report: reportIn(out), waivers };
};

test('a waived finding is shown and does not count', async () => {
  const { told, report } = await runLeaky('2199-12-31');
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(/^1 finding waived;/);
  expect(told.stdout).toContain(`I1, id ${LOGGED}`);
  expect(complaintsAbout(report)).toEqual([]);
  expect(report.findings).toMatchObject([
    { id: LOGGED, waived: { reason: 'the log is to go', owner: 'dr.lee', until: '2199-12-31' } },
  ]);
});

test('the finding of an expired waiver counts, and the report says why', async () => {
  const { told, report, waivers } = await runLeaky('2001-01-01');
  expect(told.code).toBe(1);
  expect(told.stdout).toMatch(/^1 finding, the first: content in a log;/);
  expect(told.stdout).toContain('its waiver expired after 2001-01-01 (owner: dr.lee)');
  expect(complaintsAbout(report)).toEqual([]);
  expect(report).toMatchObject({
    ...{ verdict: 'fail', exitCode: 1 },
    findings: [{ id: LOGGED, promise: 'I1', waived: null }],
    replay: `npx poolproof run ${small} --seed 1 --platform ${leaky} --waivers ${waivers}`,
  });
});

test('a waiver that waives nothing is named, and one without an owner is a mistake', async () => {
  const brief = put('brief.yaml', smallScenario({ duration: '2m', expects: '[]' }));
  const waiver = (owner: string): string =>
    put(
      'spare.yaml',
      `- { id: "${LOGGED}", reason: gone, owner: "${owner}", until: 2199-12-31 }\n`,
    );
  const given = ['run', brief, '--quiet', '--out', placeOf('spare'), '--waivers'];
  const file = waiver('dr.lee');
  const spare = await poolproof([...given, file]);
  expect(spare).toMatchObject({
    code: 0,
    stderr: `${file}: the waiver of \`${LOGGED}\` met no finding (owner: dr.lee)\n`,
  });
  const blank = await poolproof([...given, waiver(' ')]);
  expect(blank).toMatchObject({ code: 2, stderr: expect.stringContaining('[0].owner: expected') });
});

test('a platform that turns everybody away has not passed', async () => {
  const brief = put('closed.yaml', smallScenario({ duration: '2m', expects: '[I1, I7, I10]' }));
  const closed = platformModule(
    'closed.ts',
    "'front-door': async () => ({ status: 403, headers: [], body: '' })",
  );
  const out = placeOf('closed');
  const told = await poolproof(['run', brief, '--platform', closed, '--out', out, '--quiet']);
  expect(told).toMatchObject({ code: 4, stderr: '' });
  expect(told.stdout).toMatch(/^inconclusive: I7 Identity, I10 Service not exercised;/);
});

// ---- Runs that end before their end.

test('Ctrl-C leaves a valid report of what was seen, marked partial, and exits 4', async () => {
  const long = put('long.yaml', smallScenario({ duration: '30d', requestsPerHour: 240 }));
  // Speaks when the fifth request is through.
  const speaking = platformModule(
    'speaking.ts',
    `'front-door': async (call, hop) => {
      const reply = await base.services['front-door'](call, hop);
      answered += 1;
      if (answered === 5) process.stderr.write('under way');
      return reply;
    }`,
    'let answered = 0;',
  );
  const out = placeOf('partial');
  const given = ['--platform', speaking, '--out', out, '--history', '--seed', 'random'];
  const told = await spawned(['run', long, ...given], {
    meanwhile: (child) => {
      child.stderr?.once('data', () => child.kill('SIGINT'));
    },
  });
  expect(told).toMatchObject({ code: 4, stderr: 'under way' });
  const report = reportIn(out);
  expect(complaintsAbout(report)).toEqual([]);
  expect(report).toMatchObject({ partial: true, exitCode: 4, verdict: 'inconclusive' });
  expect(report.requests.arrived).toBeGreaterThanOrEqual(5);
  // By chance, as only a process draws.
  expect(Number.isSafeInteger(report.seed)).toBe(true);
  expect(report.replay).toContain(` --seed ${report.seed}`);
  expect(told.stdout).toMatch(/^inconclusive; stopped before its end; /);
  expect(told.stdout).toContain(', partial\n');
  expect(filesUnder(out)).toEqual(['history.ndjson', 'report.json', 'report.md']);
  const lines = readFileSync(join(out, 'history.ndjson'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(report.speed.events);
  expect(() => JSON.parse(lines.at(-1) ?? '')).not.toThrow();
});

test('a platform that waits for a real timer never ends its requests: exit 4, and it is said', async () => {
  const waiting = platformModule(
    'waiting.ts',
    `'front-door': async (call, hop) => {
      await new Promise((resolve) => setTimeout(resolve, 600_000).unref());
      return base.services['front-door'](call, hop);
    }`,
  );
  const out = placeOf('waiting');
  const told = await poolproof(['run', small, '--platform', waiting, '--out', out, '--quiet']);
  expect(told.code).toBe(4);
  expect(told.stderr).toBe(
    '40 requests never ended: the platform waits for something outside simulated time\n',
  );
  expect(told.stdout).toMatch(/^inconclusive/);
  expect(reportIn(out)).toMatchObject({
    verdict: 'inconclusive',
    requests: { arrived: 40, completed: 0 },
  });
});

test('a service that throws is a service that fails: its callers see 500 and the run goes on', async () => {
  const throwing = platformModule(
    'throwing.ts',
    "table: async () => { throw new Error('a bug of the platform'); }",
  );
  const out = placeOf('throwing');
  const told = await poolproof(['run', small, '--platform', throwing, '--out', out, '--quiet']);
  expect(told.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  const { requests, resources } = reportIn(out);
  expect(requests.arrived).toBe(40);
  const table = resources.find(({ name }) => name === 'table');
  expect(table).toMatchObject({ kind: 'service', failures: table?.uses });
});

test('a reader that goes away before the end is no bug: nothing is said of it', async () => {
  const out = placeOf('unread');
  const told = await spawned(['run', small, '--out', out], {
    meanwhile: (child) => child.stdout?.destroy(),
  });
  expect(told.stderr).toBe('');
  expect(reportIn(out).verdict).toBe('pass');
});
