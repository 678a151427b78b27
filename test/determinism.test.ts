// Is a run a function of scenario, platform, policies and seed, wherever it runs, and is it told where not?

import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { readInputs } from '../sim/cli/inputs.ts';
import { runCommand } from '../sim/cli/run.ts';
import type { secondRun } from '../sim/cli/second-run.ts';
import type { Report } from '../sim/domain/report.ts';
import { fold } from '../sim/engines/run.ts';
import { differentHistory } from '../sim/engines/twice.ts';
import {
  EXECUTABLE,
  platformModule,
  poolproof,
  put,
  type Settings,
  smallScenario,
  spawned,
} from './command-line.ts';
import { placeOf } from './room.ts';

// Every source of chance and time takes part: several arrivals, conversations, probes, faults, changes.
const BUSY = smallScenario({
  duration: '1h',
  more: `probes: { every: 20m, kinds: [forged-bearer, stranger-session, stranger-key, direct-table] }
changes:
  - { at: 30m, kind: rotate-keys }
  - { at: 40m, kind: upgrade, tenant: clinic-a, tier: premium }
faults:
  - { service: knowledge, kind: slow, factor: 3, at: 10m, for: 10m }
  - { service: table, kind: failing, share: 0.3, at: 20m, for: 5m }
`,
});
const busy = put('busy.yaml', BUSY);

const foldOf = async (platform = 'reference') => {
  const { inputs } = await readInputs(busy, { platform });
  return fold(inputs, { wallMs: () => 0 });
};

/** The digest and checkpoints as the hidden command `digest` prints them. */
const digestAt = async (settings: Settings) => {
  const { code, stdout, stderr } = await spawned(['digest', busy], settings);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as { readonly digest: string; readonly checkpoints: readonly string[] };
};

test('one seed gives one history: twice in a process, in children elsewhere, in a worker thread', async () => {
  const first = await foldOf();
  const second = await foldOf();
  expect(first.played.events).toBeGreaterThan(3000);
  expect(second.digest).toBe(first.digest);

  const elsewhere = await Promise.all([
    digestAt({ cwd: tmpdir(), env: { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8' } }),
    digestInWorker(),
  ]);
  for (const { digest, checkpoints } of elsewhere) {
    expect(digest).toBe(first.digest);
    expect(checkpoints).toEqual(first.checkpoints);
  }
});

const digestInWorker = (): ReturnType<typeof digestAt> =>
  new Promise((done, failed) => {
    const argv = ['digest', busy];
    const worker = new Worker(pathToFileURL(EXECUTABLE), { argv, execArgv: [], stdout: true });
    let text = '';
    worker.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    worker.on('error', failed).on('exit', () => done(JSON.parse(text)));
  });

test('another seed, and a scenario that differs in one word, give another history', async () => {
  const { inputs } = await readInputs(busy, { platform: 'reference' });
  const digestOf = async (given: typeof inputs): Promise<string> =>
    (await fold(given, { wallMs: () => 0 })).digest;
  const other = await readInputs(put('verbose.yaml', `${BUSY}behaviour: verbose\n`), {
    platform: 'reference',
  });
  const digests = [inputs, { ...inputs, seed: 2 }, other.inputs].map(digestOf);
  expect(new Set(await Promise.all(digests)).size).toBe(3);
});

test('what outlives a run shows in the second run of the same process', async () => {
  const counting = platformModule(
    'counting.ts',
    `'front-door': async (call, hop) => {
      requests += 1;
      const reply = await base.services['front-door'](call, hop);
      return { ...reply, headers: [...reply.headers, ['x-request-number', String(requests)]] };
    }`,
    'let requests = 0;',
  );
  const [first, second] = [await foldOf(counting), await foldOf(counting)];
  expect(second.digest).not.toBe(first.digest);
});

const small = put('small.yaml', smallScenario({ requestsPerHour: 15 }));

/** The second run within this process, where that shows as much as a process of its own. */
const within: typeof secondRun = async ({ scenario, seed, platform }, { lines } = {}) => {
  const range = lines === undefined ? [] : ['--lines', `${lines.from}:${lines.to}`];
  const given = ['digest', scenario, '--seed', String(seed), '--platform', platform, ...range];
  const { code, stdout, stderr } = await poolproof(given);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

/** As `run --twice --quiet` does it; the second run is a child process unless it is said otherwise. */
const twice = async (name: string, platform: string, again?: typeof secondRun) => {
  const out = placeOf(name);
  const flags = { platform, twice: true, out, quiet: true, format: 'json', cache: true };
  let complaints = '';
  const voice = {
    out: () => {},
    err: (text: string) => {
      complaints += text;
    },
    ...{ columns: 100, colour: false, lively: false, stopped: () => false, version: '0.0.0' },
  };
  const code = await runCommand(small, flags, voice, again);
  expect(complaints).toBe('');
  return { code, report: JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report };
};

/** A platform whose front door sends `value` along with each answer, in a header. */
const planted = (name: string, value: string): string =>
  platformModule(
    `${name}.ts`,
    `'front-door': async (call, hop) => {
      const reply = await base.services['front-door'](call, hop);
      return { ...reply, headers: [...reply.headers, ['x-planted', String(${value})]] };
    }`,
  );

test.each([
  ['chance of the machine', 'Math.random()'],
  ['the real clock', 'Date.now()'],
] as const)(
  '`--twice` finds a platform that depends on %s, and names the first event',
  async (what, value) => {
    const name = what.replaceAll(' ', '-');
    const { code, report } = await twice(name, planted(name, value), within);
    expect(code).toBe(4);
    expect(report).toMatchObject({ exitCode: 4, verdict: 'inconclusive' });
    expect(report.promises.find(({ id }) => id === 'I11')).toMatchObject({ verdict: 'broken' });
    const [finding, ...others] = report.findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ promise: 'I11', title: 'two runs of one seed differ' });

    // The first answer of the front door is where they part, and no event before it.
    const [mine = '', theirs = ''] = finding?.let ?? [];
    for (const line of [mine, theirs]) expect(line).toMatch(/^E[12] = \d+\|.*internet>front-door/);
    expect(indexOf(mine)).toBe(indexOf(theirs));
    expect(finding?.neighbourhood.at(-1)).toContain('internet → front-door');
    expect(
      finding?.neighbourhood.filter((line) => line.includes('internet → front-door')),
    ).toHaveLength(1);
  },
);

const indexOf = (line: string): string | undefined => /^E[12] = (\d+)\|/.exec(line)?.[1];

test('the two events of a finding are shown where they differ', async () => {
  const { code, report } = await twice('shown', planted('shown', 'process.cwd()'));
  expect(code).toBe(4);
  const [mine = '', theirs = ''] = report.findings[0]?.let ?? [];
  expect(mine.slice('E1'.length)).not.toBe(theirs.slice('E2'.length));
});

test('`--twice` lets a platform pass that depends on nothing else', async () => {
  const { code, report } = await twice('clean', planted('clean', 'hop.nowUs()'), within);
  expect(code).toBe(0);
  expect(report.promises.find(({ id }) => id === 'I11')).toMatchObject({
    verdict: 'held',
    evidence: report.speed.events,
  });
});

test('a second run that only goes on for longer is a difference, too', async () => {
  const folded = await foldOf();
  // The first run ended with a checkpoint: of the range that differs it has no event.
  const { findings } = differentHistory(folded, [], ['one event more']);
  expect(findings).toHaveLength(1);
});
