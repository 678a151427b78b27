// Does `poolproof serve` open what it says, end when it is told to, and refuse what it cannot do?

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../sim/cli/server-process.ts';
import type { Report } from '../sim/domain/report.ts';
import { poolproof, put, smallScenario } from './command-line.ts';
import { placeOf } from './room.ts';

const EXECUTABLE = fileURLToPath(new URL('../sim/poolproof.mjs', import.meta.url));
const STEADY = fileURLToPath(new URL('../scenarios/steady-state.yaml', import.meta.url));

test('it prints variables that work, and Ctrl-C ends it with a report', async () => {
  const cwd = dirname(put('serving/package.json', '{ "type": "module" }'));
  const asked = ['serve', '--print-env', '--port', '0', '--inside-port', '0'];
  const server = spawn(process.execPath, [EXECUTABLE, ...asked], { cwd });
  onTestFinished(() => void server.kill('SIGKILL'));
  let printed = '';
  server.stdout.on('data', (text: Buffer) => {
    printed += text.toString();
  });
  await expect.poll(() => printed, { timeout: 120_000 }).toContain('HOSPITAL_B_ADMIN_WOOD');
  const variables = Object.fromEntries(
    Array.from(printed.matchAll(/^export (\w+)='(.*)'$/gm), ([, name, value]) => [name, value]),
  );
  expect(printed).toMatch(/^# ready tokens, good for an hour, of 19 of 19 users/);
  const models = await fetch(`${variables['OPENAI_BASE_URL']}/models`, {
    headers: { authorization: `Bearer ${variables['OPENAI_API_KEY']}` },
  });
  expect(models.status).toBe(200);
  expect(await models.text()).toContain('mistral.ministral-3-8b-instruct');
  expect((await fetch(`${variables['POOLPROOF_JWKS_URL']}`)).status).toBe(200);
  server.kill('SIGINT');
  const [code] = (await once(server, 'exit')) as [number];
  expect(code).toBe(0);
  const report = JSON.parse(readFileSync(`${cwd}/out/serve/report.json`, 'utf8')) as Report;
  expect(report).toMatchObject({ clock: 'wall', findings: [], exitCode: 0 });
});

test('what ends a container ends it as Ctrl-C does, with a report', async () => {
  const out = placeOf('ended');
  const asked = ['serve', '--port', '0', '--inside-port', '0', '--out', out];
  const server = spawn(process.execPath, [EXECUTABLE, ...asked]);
  onTestFinished(() => void server.kill('SIGKILL'));
  let printed = '';
  server.stdout.on('data', (text: Buffer) => {
    printed += text.toString();
  });
  await expect.poll(() => printed, { timeout: 120_000 }).toContain('outside');
  server.kill('SIGTERM');
  const [code] = (await once(server, 'exit')) as [number];
  expect(code).toBe(0);
  expect(JSON.parse(readFileSync(`${out}/report.json`, 'utf8'))).toMatchObject({ clock: 'wall' });
});

test('a port that is in use, or none, is a mistake with a hint', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const out = placeOf('refused');
  const used = await poolproof(['serve', '--port', port, '--inside-port', '0', '--out', out]);
  expect(used).toMatchObject({ code: 2 });
  expect(used.stderr).toContain('the port is in use\n  hint: port 0 takes any free one');
  const wrong = await poolproof(['serve', '--port', '70000', '--inside-port', 'x', '--out', out]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--port: not a port: `70000`');
  expect(wrong.stderr).toContain('--inside-port: not a port: `x`');
  const nowhere = await poolproof(['serve', '--host', '', '--port', port, '--out', out]);
  expect(nowhere).toMatchObject({ code: 2 });
  expect(nowhere.stderr).toContain('--host: is empty');
});

test('a server that is killed is known to be gone, and says nothing more', async () => {
  const options = { platform: 'reference', out: placeOf('killed') };
  const server = await startServer(STEADY, options, 0);
  expect((await fetch(`${server.outsideUrl}/healthz`)).status).toBe(200);
  await server.kill();
  expect(server.gone()).toBe(true);
  expect(await server.stop()).toBeUndefined();
});

test('a server whose input is wrong says so in the words of the command', async () => {
  const scenario = put('wrong/small.yaml', 'version: 1\n');
  const options = { platform: 'reference', out: placeOf('wrong-out') };
  await expect(startServer(scenario, options, 0)).rejects.toThrow('wrong/small.yaml:1:1');
});

test('a server whose parent is gone before it is open does not stay behind', async () => {
  const args = ['serve', STEADY, '--child', '--port', '0', '--inside-port', '0'];
  const child = fork(EXECUTABLE, [...args, '--out', placeOf('left')], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  child.disconnect();
  await once(child, 'exit', { signal: AbortSignal.timeout(60_000) });
  expect(child.exitCode).toBe(0);
});

test('Ctrl-C before anything is loaded leaves a partial report, too', async () => {
  const scenario = put('early/small.yaml', smallScenario());
  const out = placeOf('early-out');
  const asked = [EXECUTABLE, 'run', scenario, '--quiet', '--out', out];
  // Node itself needs a moment before it hears anything, on some machines a longer one.
  for (let waitMs = 100; ; waitMs *= 2) {
    const run = spawn(process.execPath, asked);
    onTestFinished(() => void run.kill('SIGKILL'));
    const ended = once(run, 'exit');
    setTimeout(() => run.kill('SIGINT'), waitMs);
    const [code, signal] = (await ended) as [number | null, string | null];
    if (signal === 'SIGINT') continue;
    expect(code).toBe(4);
    break;
  }
  const report = JSON.parse(readFileSync(`${out}/report.json`, 'utf8')) as Report;
  expect(report).toMatchObject({ partial: true, exitCode: 4 });
});
