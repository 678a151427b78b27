// Does `poolproof load --target` ask first, show what it sends, and find what a gateway does wrong?

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TargetLoadReport } from '../sim/domain/target-report.ts';
import { poolproof, put, smallScenario } from './command-line.ts';
import { placeOf } from './room.ts';
import { type Gateway, type GatewaySettings, openGateway } from './target/gateway.ts';
import { ENVIRONMENT, targetYaml } from './target/yaml.ts';

const open: Gateway[] = [];
beforeAll(() => {
  Object.assign(process.env, ENVIRONMENT);
});
afterAll(async () => {
  for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
  await Promise.all(open.map((gateway) => gateway.close()));
});

const deployed = async (settings: GatewaySettings = {}): Promise<Gateway> => {
  const gateway = await openGateway(settings);
  open.push(gateway);
  return gateway;
};

/** Types a load of a gateway; its scenario asks eight times a second and tenant. */
const load = (name: string, url: string, ...more: readonly string[]) => {
  const scenario = put('small-load.yaml', smallScenario({ requestsPerHour: 8 * 3600 }));
  const target = put(`${name}.yaml`, targetYaml(url));
  const given = ['load', scenario, '--target', target, '--out', placeOf(name), '--duration', '1s'];
  return poolproof([...given, ...more]);
};

const noSecret = (text: string): void => {
  for (const secret of Object.values(ENVIRONMENT)) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/bearer-[0-9a-f]/);
};

test('a dry run signs in and asks once for each tenant, and shows no secret', async () => {
  const gateway = await deployed();
  const { code, stdout, stderr } = await load('dry', gateway.url, '--dry-run');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout.split('\n')[0]).toBe(
    'tried 2 of 2 tenants of small, 0 without an answer that can be read.',
  );
  expect([...gateway.requests]).toEqual([
    ['login', 2],
    ['ask', 2],
  ]);
  expect(stdout).toContain('"password":"<secret of ALICE_PASSWORD>"');
  expect(stdout).toContain('authorization: Bearer <secret');
  expect(stdout).toContain('text   you said: please say hello');
  noSecret(stdout + readFileSync(`${placeOf('dry')}/dry-run.json`, 'utf8'));
});

test('a dry run that gets no answer says why, and stamps nothing as sound', async () => {
  const gateway = await deployed({ defect: 'sends malformed JSON' });
  const { code, stdout } = await load('dry-broken', gateway.url, '--dry-run');
  expect(code).toBe(4);
  expect(stdout).toContain('failed no JSON');
  const stamp = JSON.parse(readFileSync(`${placeOf('dry-broken')}/dry-run.json`, 'utf8'));
  expect(stamp.isSound).toBe(false);
});

test('beyond this machine a host must be named, the rate capped, and a dry run made', async () => {
  const gateway = await deployed();
  // It leads here, but nothing says so.
  const url = gateway.url.replace('127.0.0.1', '0.0.0.0');
  const unnamed = await load('beyond', url);
  expect(unnamed.code).toBe(2);
  for (const said of [
    '`0.0.0.0` is beyond this machine\n  hint: if it is yours to test, say so with `--allow-host 0.0.0.0`',
    '--max-rate: is needed beyond this machine',
    'was not tried with a dry run as it is now',
  ])
    expect(unnamed.stderr).toContain(said);
  const allowed = ['--allow-host', '0.0.0.0', '--max-rate', '10'];
  const other = await load('beyond', url, '--allow-host', '1.0.0.0', '--max-rate', '4');
  expect(other.stderr).toContain('`0.0.0.0` is beyond this machine');
  expect(other.stderr).toContain('the target has nothing at `1.0.0.0`');
  const early = await load('beyond', url, ...allowed);
  expect(early.code).toBe(2);
  expect(early.stderr).toContain('was not tried with a dry run');
  expect(gateway.requests.size).toBe(0);
  expect((await load('beyond', url, ...allowed, '--dry-run')).code).toBe(0);
  const before = gateway.requests.get('ask') ?? 0;
  const done = await load('beyond', url, ...allowed);
  expect([0, 5]).toContain(done.code);
  expect(done.stdout).toContain('held back by --max-rate');
  // Sign-ins and plantings count, too; never more than 10 in any second.
  expect((gateway.requests.get('ask') ?? 0) - before).toBeLessThanOrEqual(20);
  expect(gateway.documents.size).toBe(0);
}, 30_000);

test('a changed target file must be tried anew', async () => {
  const gateway = await deployed();
  const url = gateway.url.replace('127.0.0.1', '0.0.0.0');
  const allowed = ['--allow-host', '0.0.0.0', '--max-rate', '40'];
  expect((await load('changed', url, ...allowed, '--dry-run')).code).toBe(0);
  const changed = put('changed-2.yaml', `${targetYaml(url)}# more\n`);
  const given = ['load', placeOf('small-load.yaml'), '--target', changed];
  const { code, stderr } = await poolproof([...given, '--out', placeOf('changed'), ...allowed]);
  expect(code).toBe(2);
  expect(stderr).toContain('was not tried with a dry run as it is now');
});

test('a leak is an exit code, a finding and a redacted excerpt', async () => {
  const gateway = await deployed({ defect: 'leaks documents' });
  const { code, stdout } = await load('leak', gateway.url);
  expect(code).toBe(1);
  const [sentence = ''] = stdout.split('\n\n')[1]?.split('\n') ?? [];
  expect(sentence).toMatch(/^1 finding, the first: a document reached a answer/);
  expect(stdout).toContain('What came to others (redacted, cut)');
  expect(stdout).toMatch(/replay +npx poolproof load .*--target .*--seed 1 --duration 1s\n$/);
  const report = readFileSync(`${placeOf('leak')}/target.json`, 'utf8');
  noSecret(stdout + report);
  expect(JSON.parse(report).target.canaries).toMatchObject({ planted: 2, cleaned: 2, left: [] });
});

test('mistakes of the scenario, the target and the options are told together', async () => {
  const target = put('mistaken.yaml', targetYaml('http://127.0.0.1:1').replace('tier:', 'tire:'));
  const given = ['load', 'none.yaml', '--target', target, '--max-rate', 'fast', '--duration', 'x'];
  const { code, stderr } = await poolproof([...given, '--out', placeOf('mistaken')]);
  expect(code).toBe(2);
  expect(stderr).toContain('none.yaml: cannot read the scenario: there is none');
  expect(stderr).toContain('unknown key `tire`');
  expect(stderr).toContain('--max-rate: not understood: `fast`');
  expect(stderr).toContain('--duration: not understood: `x`');
  const { stderr: own } = await load('own', 'http://127.0.0.1:1', '--saturate', '5s');
  expect(own).toContain('--saturate: is for the bundled server only');
  const alone = await poolproof(['load', 'scenarios/steady-state.yaml', '--dry-run']);
  expect(alone.code).toBe(2);
  expect(alone.stderr).toContain('--target: is missing beside the other options for a target');
});

test('a gateway that goes away and comes back is loaded on, and the report says from when to when it was gone', async () => {
  const gateway = await deployed();
  const asked = load('restarted', gateway.url, '--duration', '3s');
  await expect
    .poll(() => gateway.requests.get('ask') ?? 0, { interval: 10, timeout: 60_000 })
    .toBeGreaterThan(8);
  await gateway.close();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await gateway.open();
  const { code, stdout } = await asked;
  const report = JSON.parse(
    readFileSync(`${placeOf('restarted')}/target.json`, 'utf8'),
  ) as TargetLoadReport;
  const { load: figures } = report;
  const { sent, completed, refused, failed, unanswered } = figures.requests;
  expect([sent, unanswered]).toEqual([figures.planned, 0]);
  expect(completed + refused + failed).toBe(sent);
  // Nobody was signed in there any more: whoever was told so signed in anew.
  expect(refused).toBeLessThan(completed);
  expect(gateway.requests.get('login')).toBeGreaterThan(2);
  expect(failed).toBeGreaterThan(0);
  expect(figures.failures.reduce((sum, { count }) => sum + count, 0)).toBe(failed);
  expect(figures.failures.map(({ reason }) => reason).join()).toContain('connection refused');
  const [outage] = figures.outages;
  expect(figures.outages).toHaveLength(1);
  expect(outage?.isOver).toBe(true);
  expect(outage?.failed).toBeLessThanOrEqual(failed);
  // Nothing but the outage went wrong, and what was planted is gone.
  expect(report.findings).toEqual([]);
  expect(gateway.documents.size).toBe(0);
  expect(stdout).toMatch(/Nobody answered\n {2}from \S+ to \S+ \(\d\.\d s\): \d+ requests? failed/);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^replay {3}npx poolproof load /);
  expect(report.exitCode).toBe(code);
  // A machine that is slow (5), or limits that nobody came near (4); nothing else.
  expect([0, 4, 5]).toContain(code);
});
