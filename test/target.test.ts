// Is a gateway that a user deployed driven safely, judged rightly from outside, and left clean?

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintCanary } from '../sim/domain/canary.ts';
import { WallClock } from '../sim/kernel/wall-clock.ts';
import { loadTarget, runTarget, type TargetRun, targetScenario } from '../sim/load.ts';
import { loadScenario } from '../sim/scenario.ts';
import { smallScenario } from './command-line.ts';
import { type Defect, type Gateway, type GatewaySettings, openGateway } from './target/gateway.ts';
import { ENVIRONMENT, EVENTS, targetYaml } from './target/yaml.ts';

const open: Gateway[] = [];
afterAll(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

const deployed = async (settings: GatewaySettings = {}): Promise<Gateway> => {
  const gateway = await openGateway(settings);
  open.push(gateway);
  return gateway;
};

interface Driving {
  readonly yaml?: Parameters<typeof targetYaml>[1];
  /** Of each tenant. */
  readonly requestsPerSecond?: number;
  readonly seconds?: number;
  readonly stopped?: () => boolean;
  readonly maxRate?: number;
}

const driven = async (gateway: Gateway, driving: Driving = {}): Promise<TargetRun> => {
  const { requestsPerSecond = 4, seconds = 1.5 } = driving;
  const loaded = loadTarget(targetYaml(gateway.url, driving.yaml), 'small.yaml', ENVIRONMENT);
  const text = smallScenario({ requestsPerHour: requestsPerSecond * 3600 });
  const { scenario } = targetScenario(loadScenario(text, 's.yaml'), loaded.target, 's.yaml');
  const clock = new WallClock();
  try {
    return await runTarget({ scenario, seed: 1, traces: new Map() }, seconds * 1e6, loaded, {
      ...{
        clock,
        shiftUs: 0,
        hosts: [],
        maxRate: driving.maxRate,
        run: '5eed',
        hash: '',
        replay: '',
      },
      stopped: driving.stopped ?? (() => false),
    });
  } finally {
    clock.close();
  }
};

const findingsOf = ({ generated, target }: TargetRun): readonly string[] => [
  ...generated.verdict.findings.map(({ violation }) => `${violation.promise} ${violation.title}`),
  ...target.findings.map(({ promise, title }) => `${promise} ${title}`),
];

test.each([false, true])(
  'a gateway that does right is found to, and is left clean (streams: %s)',
  async (streams) => {
    const gateway = await deployed({ streams });
    const run = await driven(gateway, {
      requestsPerSecond: 8,
      ...(streams ? { yaml: { answer: EVENTS } } : {}),
    });
    const { generated, target } = run;
    expect(findingsOf(run)).toEqual([]);
    expect(generated.tally.all.completed).toBe(target.answered);
    expect(target.answered).toBeGreaterThan(10);
    expect(generated.tally.all.refused).toBeGreaterThan(0);
    expect(target.usage).toEqual({
      inputTokens: 7 * target.answered,
      outputTokens: 11 * target.answered,
    });
    // Own canaries, of prompts and of documents, were met: a scan that sees nothing proves nothing.
    expect(target.ownCanaries).toBeGreaterThanOrEqual(2 * target.answered);
    // On a slow machine answers may take too long to tell; nobody is accused then, either.
    for (const { verdict } of target.limits) expect(['held', 'inconclusive']).toContain(verdict);
    expect(target.canaries).toEqual({ planted: 2, cleaned: 2, left: [], failed: [] });
    expect(gateway.documents.size).toBe(0);
    expect(target.inconclusive.filter((doubt) => !doubt.startsWith('I6 of'))).toEqual([]);
  },
);

/** Those that tests of their own are about. */
type Elsewhere = TraceDefect | 'never quotes';
type TraceDefect =
  | 'sends no traces'
  | 'loses spans'
  | 'names another in spans'
  | 'writes prompts into spans';

/** What each defect is driven with, and what is then found or told. */
const BROKEN: Readonly<
  Record<
    Exclude<Defect, Elsewhere>,
    Driving & {
      readonly streams?: boolean;
      readonly finds?: string;
      readonly fails?: string;
    }
  >
> = {
  'crosses streams': {
    ...{ streams: true, yaml: { answer: EVENTS } },
    finds: 'I1 a prompt reached a answer of one who is other tenant',
  },
  'leaks documents': { finds: 'I1 a document reached a answer of one who is other tenant' },
  'echoes tokens': { finds: 'I1 a bearer token in an answer' },
  'admits too much': {
    // So far beyond its promise that even slow answers show it.
    ...{ requestsPerSecond: 30, yaml: { limit: '{ requestsPerSecond: 1, burst: 2 }' } },
    finds: 'I6 basic was admitted more than it is promised',
  },
  'answers 500': { fails: 'status 500' },
  hangs: { yaml: { timeout: '500ms' }, fails: 'time limit' },
  'hangs in the middle': {
    ...{ streams: true, yaml: { answer: EVENTS, timeout: '500ms' } },
    fails: 'time limit',
  },
  redirects: { fails: 'redirected to another host, `127.0.0.1:9`, and not followed' },
  'sends malformed JSON': { fails: 'malformed answer: no JSON' },
  'closes connections': { fails: 'the connection was closed' },
  'keeps documents': {},
};
type Broken = keyof typeof BROKEN;
const defects = Object.keys(BROKEN) as readonly Broken[];
const runs = new Map<Broken, TargetRun>();

beforeAll(async () => {
  const drive = async (defect: Broken): Promise<void> => {
    const { streams = false, ...driving } = BROKEN[defect];
    const gateway = await deployed({ defect, streams, elsewhere: 'http://127.0.0.1:9' });
    runs.set(defect, await driven(gateway, driving));
  };
  const isTimed = (defect: Broken): boolean => BROKEN[defect].finds?.startsWith('I6') === true;
  // What is judged by time goes alone: others at the same time would widen its tolerance.
  for (const defect of defects.filter(isTimed)) await drive(defect);
  await Promise.all(defects.filter((defect) => !isTimed(defect)).map(drive));
}, 30_000);

const runOf = (defect: Broken): TargetRun => {
  const run = runs.get(defect);
  if (run === undefined) throw new Error(`${defect} was not driven`);
  return run;
};

test.each(defects.filter((defect) => BROKEN[defect].finds !== undefined))(
  'a gateway that %s is found out',
  (defect) => {
    const run = runOf(defect);
    expect(findingsOf(run)).toContain(BROKEN[defect].finds);
    const promise = BROKEN[defect].finds?.slice(0, 2) ?? '';
    expect(findingsOf(run).filter((each) => !each.startsWith(promise))).toEqual([]);
  },
);

test.each(defects.filter((defect) => BROKEN[defect].fails !== undefined))(
  'of a gateway that %s the report says so, and accuses it of nothing',
  (defect) => {
    const { generated, target } = runOf(defect);
    const why = BROKEN[defect].fails ?? '';
    expect(findingsOf(runOf(defect))).toEqual([]);
    expect(target.failures.filter((failure) => !failure.why.includes(why))).toEqual([]);
    const counted = target.failures.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(generated.tally.all.failed);
    expect(counted).toBeGreaterThan(0);
    expect(target.answered).toBe(0);
    expect(target.inconclusive).toContain('no ask was answered with a text');
    expect(generated.partial).toBe(false);
  },
);

test('what cannot be taken away again is listed, with the reason', () => {
  const { target } = runOf('keeps documents');
  expect(target.canaries.cleaned).toBe(0);
  const left = target.canaries.left.map(({ tenant, why }) => `${tenant} ${why}`);
  expect(left.sort()).toEqual(['clinic-a status 500', 'clinic-b status 500']);
  expect(target.notes.filter((note) => note.startsWith('left at the target'))).toHaveLength(2);
});

test('no report holds a secret, and evidence is cut to what is around a canary', () => {
  for (const run of runs.values()) {
    const text = JSON.stringify(run.target) + JSON.stringify(run.generated.verdict);
    for (const secret of Object.values(ENVIRONMENT)) expect(text).not.toContain(secret);
    expect(text).not.toContain('bearer-');
  }
  const { excerpts } = runOf('leaks documents').target;
  expect(excerpts.length).toBeGreaterThan(0);
  expect(excerpts.join()).toMatch(/got a document of everyone in clinic-[ab]: .*460937/);
  for (const excerpt of excerpts) expect(excerpt.length).toBeLessThan(300);
});

test('Ctrl-C during the load still takes away what was planted', async () => {
  const gateway = await deployed();
  const until = performance.now() + 700;
  const run = await driven(gateway, { seconds: 20, stopped: () => performance.now() > until });
  expect(run.generated.partial).toBe(true);
  expect(run.target.canaries).toMatchObject({ planted: 2, cleaned: 2, left: [] });
  expect(gateway.documents.size).toBe(0);
});

/** A port that nobody listens on, in the next moments. */
const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
};

const traced = async (defect?: TraceDefect): Promise<TargetRun> => {
  const port = await freePort();
  const collector = `http://127.0.0.1:${port}`;
  const gateway = await deployed({ collector, ...(defect === undefined ? {} : { defect }) });
  return driven(gateway, {
    seconds: 1,
    requestsPerSecond: 8,
    yaml: { more: `traces: { port: ${port} }\n` },
  });
};

test('traces of a target are received, joined to their asks, whole and of one tenant', async () => {
  const run = await traced();
  const { traces } = run.target;
  expect(findingsOf(run)).toEqual([]);
  expect(run.traced.find(({ promise }) => promise === 'I5')?.evidence).toBeGreaterThan(10);
  expect(traces?.received).toBe(traces?.begun);
  expect(traces?.counts).toMatchObject({
    complete: traces?.begun,
    spans: 2 * (traces?.begun ?? 0),
  });
  expect(run.target.inconclusive).toEqual([]);
});

test('traces that name another, hold a prompt or lose their beginning are found or told', async () => {
  const [another, prompts, lost] = await Promise.all(
    (['names another in spans', 'writes prompts into spans', 'loses spans'] as const).map(traced),
  );
  expect(another?.target.findings.map(({ title }) => title)).toEqual([
    'a span of gateway names another tenant than asked',
  ]);
  const content = prompts?.traced.find(({ promise }) => promise === 'I1')?.findings ?? [];
  expect(content.length).toBeGreaterThan(0);
  expect(JSON.stringify(prompts?.target)).not.toContain('patient rests');
  const { counts } = lost?.target.traces ?? {};
  expect(counts?.complete).toBe(0);
  expect(counts?.unfinished.beginningMissing).toBeGreaterThan(0);
  expect(lost?.target.inconclusive.join()).toContain('never were whole');
});

test('where nothing is quoted back, it is said that a leak might not have shown', async () => {
  const run = await driven(await deployed({ defect: 'never quotes' }), { seconds: 0.5 });
  expect(findingsOf(run)).toEqual([]);
  expect(run.target.answered).toBeGreaterThan(0);
  expect(run.target.inconclusive.join()).toContain('I1: no answer held what its asker had said');
});

test('canaries that an earlier run left accuse nobody, and are told of', async () => {
  const gateway = await deployed({ defect: 'leaks documents' });
  const text = mintCanary({ owner: 3, kind: 'document', serial: 5 });
  gateway.documents.set('old', { tenant: 'clinic-b', text });
  const run = await driven(gateway, { seconds: 0.5, yaml: { more: '' } });
  expect(findingsOf(run)).toEqual([]);
  expect(run.target.answered).toBeGreaterThan(0);
  expect(run.target.notes.join()).toContain('canaries of other runs came back');
});
