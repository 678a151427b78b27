// Does every JSON that a command writes have a JSON Schema, which accepts it and refuses what is damaged?

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { shaped } from '../sim/report/form.ts';
import { filesUnder, poolproof, put, smallScenario } from './command-line.ts';
import { loaded } from './load/in-process.ts';
import { shortAnswers } from './load/scenario.ts';
import { placeOf } from './room.ts';
import { damages } from './schemas/damage.ts';
import { reportsNotHeld, SCHEMA_OF, validatorOf } from './schemas/held.ts';
import { shippedSchemas } from './schemas/shipped.ts';
import { openGateway } from './target/gateway.ts';
import { ENVIRONMENT, targetYaml } from './target/yaml.ts';
import { ROOT } from './tidy/house.ts';

beforeAll(() => {
  Object.assign(process.env, ENVIRONMENT);
});
afterAll(() => {
  for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
});

const SIXTY = 'scenarios/limits/sixty-a-minute.yaml';
const FEW = ['--pattern', 'natural', '--decisions', '50', '--limiter', 'fixed-window'];
const PUBLISHED = 'policies/as-published';

/** Every command, and a cheap way to let it write; an empty one is tried elsewhere. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  run: [],
  verify: ['--runs', '1', '--platform', 'as-published', '--only', 'I6'],
  faults: ['--only', 'memory-one-record', '--searches', '1', '--budget', '1', '--jobs', '1'],
  limiter: [SIXTY, ...FEW, '--adversary'],
  serve: [],
  load: [],
  fidelity: [],
  'policy check': [PUBLISHED],
  'policy test': ['--filter', 'time'],
  'policy matrix': [PUBLISHED],
  'policy coverage': ['--min', '0'],
  'policy diff': ['policies', PUBLISHED, '--tool', 'clinic_config'],
  'policy mutants': ['--only', 'basic users ask for the time', '--min', '0'],
  'policy bench': [PUBLISHED, '--quick', '--rounds', '2', '--memory', '5'],
};

/** Whoever indents JSON writes it for a reader. */
const INDENTED = /JSON\.stringify\((?:[^()]|\([^()]*\))*,\s*(?:null|undefined),/;

const SPOKEN = /\bout\(`?(?:\$\{)?JSON\.stringify/;

const commandsIn = async (...group: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await poolproof([...group, '--help']);
  const listed = stdout.slice(stdout.indexOf('Commands:')).split('Exit codes:')[0] ?? '';
  return [...listed.matchAll(/^ {2}([a-z-]+) /gm)].flatMap(([, name]) =>
    name === undefined || name === 'help' ? [] : [[...group, name].join(' ')],
  );
};

const schemaAs = (name: string): { [keyword: string]: unknown } =>
  JSON.parse(readFileSync(`${ROOT}reports/${name}.schema.json`, 'utf8'));

/** Holds a real report to its schema, and then every way in which it could be wrong. */
const tried = (report: unknown, name: string): void => {
  const accepts = validatorOf(name);
  expect(accepts(report), `${name}: ${JSON.stringify(accepts.errors)}`).toBe(true);
  const all = [...damages(report, schemaAs(name))];
  expect(all.length).toBeGreaterThan(5);
  expect(all.filter(({ report: damaged }) => accepts(damaged)).map(({ what }) => what)).toEqual([]);
};

const readAt = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

test('the JSON Schemas that ship say what the forms and the types say (else `npm run schemas`)', () => {
  const shipped = shippedSchemas();
  expect(readdirSync(`${ROOT}reports`).toSorted()).toEqual([...shipped.keys()].toSorted());
  for (const [name, text] of shipped)
    expect(readFileSync(`${ROOT}reports/${name}`, 'utf8') === text, name).toBe(true);
});

test('units and meanings stand in the schemas as they stand in the types', () => {
  const { definitions } = schemaAs('load') as {
    definitions: Record<string, { description?: string; properties: Record<string, unknown> }>;
  };
  expect(definitions['LoadReport']?.description).toContain(
    'latencies count from the planned start',
  );
  expect(definitions['LatencySummary']?.description).toBe('Nearest rank, in milliseconds.');
  expect(definitions['LoadFigures']?.properties['lagMs']).toMatchObject({
    description: 'From the planned start to the sending.',
  });
});

test('every command is known here, with the policy bench’s', async () => {
  const groups = [...(await commandsIn()), ...(await commandsIn('policy'))];
  expect(groups.filter((name) => name !== 'policy').toSorted()).toEqual(
    Object.keys(COMMANDS).toSorted(),
  );
});

test('JSON is written in one place, which takes the form with what is written', () => {
  const writers = readdirSync(`${ROOT}sim`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => INDENTED.test(readFileSync(`${ROOT}sim/${path}`, 'utf8')));
  expect(writers).toEqual(['report/form.ts']);
  // What processes of one command say to each other is for nobody else.
  const speakers = readdirSync(`${ROOT}sim`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => SPOKEN.test(readFileSync(`${ROOT}sim/${path}`, 'utf8')));
  expect(speakers.toSorted()).toEqual(['cli/faults.ts', 'cli/run.ts']);
});

test.each(Object.entries(COMMANDS).filter(([, given]) => given.length > 0))(
  '`%s` writes what its schema says, and no damage to it passes',
  async (command, given) => {
    const out = placeOf(command.replace(' ', '-'));
    const { code, stderr } = await poolproof([...command.split(' '), ...given, '--out', out]);
    expect(stderr).toBe('');
    expect([0, 1, 3, 4, 5]).toContain(code);
    const files = filesUnder(out).filter((path) => path.endsWith('.json'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files)
      tried(readAt(`${out}/${file}`), SCHEMA_OF[file.replace(/-\d+\.json$/, '.json')] ?? file);
  },
);

test('a run and the fidelity ledger are as their schemas say, printed too', async () => {
  const file = put('small.yaml', smallScenario());
  const more = ['--platform', 'as-published', '--stdout', 'json', '--out', placeOf('run')];
  const told = await poolproof(['run', file, ...more]);
  tried(JSON.parse(told.stdout), 'report');
  const { stdout } = await poolproof(['fidelity', '--json']);
  const rules = JSON.parse(stdout) as readonly object[];
  tried(rules, 'fidelity');
  expect(validatorOf('fidelity')([...rules, 'none'])).toBe(false);
});

test('the trial of the judge is as its schema says', async () => {
  const out = placeOf('judge');
  await poolproof(['limiter', '--judge-decisions', '200', '--out', out, '--quiet']);
  tried(readAt(`${out}/judge.json`), 'judge');
});

test('a load is as its schema says, with the server’s own report in it', async () => {
  const { report } = await loaded(put('brisk.yaml', shortAnswers()), { duration: '1s' });
  expect(report.server).not.toBe(null);
  tried(report, 'load');
});

test('a load of a gateway and the dry run before it are as their schemas say', async () => {
  const gateway = await openGateway({ defect: 'leaks documents' });
  const scenario = put('small-load.yaml', smallScenario({ requestsPerHour: 8 * 3600 }));
  const target = put('target.yaml', targetYaml(gateway.url));
  const given = ['load', scenario, '--target', target, '--duration', '1s'];
  const load = (...more: readonly string[]) => poolproof([...given, '--stdout', 'json', ...more]);
  const dry = await load('--dry-run', '--out', placeOf('dry'));
  tried(JSON.parse(dry.stdout), 'dry-run');
  tried(JSON.parse((await load('--out', placeOf('target'))).stdout), 'target-load');
  await gateway.close();
});

test('a report without a schema, and one that is not as its schema says, are found on the disk', () => {
  put('odd/odd.json', '{ "sentence": "nobody knows me." }');
  put('odd/verify.json', '{ "sentence": "nothing was tried." }');
  put('odd/more.json', '{ "of": "something else" }');
  const complaints = reportsNotHeld(placeOf('odd'));
  expect(complaints).toHaveLength(2);
  expect(complaints.join()).toMatch(
    /odd\.json: a report without a schema.*verify\.json: .*required/s,
  );
  rmSync(placeOf('odd'), { recursive: true });
});

test('a form that says less or more than its type does not compile', () => {
  interface Told {
    readonly verdict: 'held' | 'broken' | null;
    readonly rows: readonly { readonly count: number }[];
    readonly note?: string;
  }
  const verdict = z.enum(['held', 'broken']).nullable();
  const rows = z.array(z.strictObject({ count: z.int() }));
  const note = z.string().optional();
  const form = shaped<Told>('Told')({ verdict, rows, note });
  expect(form.safeParse({ verdict: null, rows: [{ count: 1 }] }).success).toBe(true);
  // @ts-expect-error: a member is missing
  shaped<Told>('Told')({ verdict, rows });
  // @ts-expect-error: a member is too many
  shaped<Told>('Told')({ verdict, rows, note, more: z.int() });
  const held = z.enum(['held']).nullable();
  // @ts-expect-error: a value is missing
  shaped<Told>('Told')({ verdict: held, rows, note });
  const notNull = z.enum(['held', 'broken']);
  // @ts-expect-error: it may be null
  shaped<Told>('Told')({ verdict: notNull, rows, note });
  const lost = z.enum(['held', 'broken', 'lost']).nullable();
  // @ts-expect-error: a value is too many
  shaped<Told>('Told')({ verdict: lost, rows, note });
  const more = z.array(z.strictObject({ count: z.int(), by: z.string() }));
  // @ts-expect-error: a member of a member is too many
  shaped<Told>('Told')({ verdict, rows: more, note });
  // @ts-expect-error: it may be left out
  shaped<Told>('Told')({ verdict, rows, note: z.string() });
});
