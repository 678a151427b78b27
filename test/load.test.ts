// A load over HTTP tells what both sides saw, and what went wrong meanwhile.

import { expect, test } from 'vitest';
import type { Platform, PlatformKit, Service } from '../sim/domain/ports.ts';
import { json } from '../sim/domain/wire.ts';
import { FAULTS } from '../sim/faults.ts';
import { reference } from '../sim/platforms/reference.ts';
import { poolproof, put, smallScenario } from './command-line.ts';
import { loaded } from './load/in-process.ts';
import { shortAnswers } from './load/scenario.ts';

const outcomes = (requests: {
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
  readonly unanswered: number;
}): number => requests.completed + requests.refused + requests.failed + requests.unanswered;

/** The machine may be too busy for the generator's plan: that is code 5, and no mistake of the platform's. */
const SOUND = [0, 5];

test('both sides of a sound load count the same requests and tokens, and find nothing', async () => {
  const { code, report } = await loaded(put('sound.yaml', shortAnswers()));
  const { load, server, agreement } = report;
  expect(SOUND).toContain(code);
  expect(report.findings).toEqual([]);
  expect(load.requests.sent).toBe(load.planned);
  expect(load.requests.completed).toBeGreaterThan(5);
  expect(load.requests.refused).toBeGreaterThan(0);
  expect(outcomes(load.requests)).toBe(load.requests.sent);
  expect(load.streamed).toBeGreaterThan(0);
  expect(agreement.map(({ what }) => what)).toHaveLength(6);
  expect(agreement.filter(({ isEqual }) => !isEqual)).toEqual([]);
  expect(agreement.at(-1)?.one.count).toBeGreaterThan(0);
  expect(report.scanned.answers).toBeGreaterThanOrEqual(load.requests.sent);
  expect(report.scanned.ownCanaries).toBeGreaterThan(0);
  const wrong = (server?.limiter ?? []).map((row) => row.wrongAdmissions + row.wrongRefusals);
  expect(wrong).toEqual([0, 0, 0]);
  expect(load.tenants.map(({ id }) => id).toSorted()).toEqual([
    'clinic-a:1',
    'clinic-b:1',
    'hospital-a:1',
  ]);
  const sent = load.tiers.reduce((sum, tier) => sum + tier.requests.sent, 0);
  expect(sent).toBe(load.requests.sent);
  expect(report.sentence).toContain('usage equal on both sides to the token and the request');
});

test('a threshold on the times of Cedar may name every aggregation', async () => {
  const names = ['p50', 'p90', 'p95', 'p99', 'max', 'min', 'mean', 'count'];
  const bounds = names.map((name) => `"${name} > 0"`).join(', ');
  const file = put('timed.yaml', shortAnswers(`thresholds: { policy_latency_us: [${bounds}] }`));
  const { report } = await loaded(file, { duration: '1s' });
  expect(report.thresholds).toHaveLength(names.length);
  expect(report.thresholds.filter(({ holds }) => !holds)).toEqual([]);
  const { min, p50, p95, mean, max } = report.server?.policy.latencyUs ?? {};
  for (const each of [p50, p95, mean]) {
    expect(each).toBeGreaterThanOrEqual(min ?? Number.POSITIVE_INFINITY);
    expect(each).toBeLessThanOrEqual(max ?? 0);
  }
});

test('a canary that was only sent is none that came back', async () => {
  const platform = (kit: PlatformKit): Platform => {
    const base = reference(kit);
    const silent: Service = async () => json(200, { answer: 'noted' });
    return { ...base, services: { ...base.services, 'front-door': silent } };
  };
  const { report } = await loaded(put('silent.yaml', shortAnswers()), { platform, duration: '1s' });
  expect(report.load.requests.completed).toBeGreaterThan(0);
  expect(report.scanned.answers).toBeGreaterThanOrEqual(report.load.requests.completed);
  expect(report.scanned.ownCanaries).toBe(0);
});

test('one buffer for two answers under way is found by the generator and by the server', async () => {
  const fault = FAULTS.find(({ id }) => id === 'front-door-one-buffer');
  if (fault === undefined) throw new Error('no such fault');
  const { code, report } = await loaded(put('crossed.yaml', shortAnswers()), {
    platform: fault.make,
  });
  expect(code).toBe(1);
  const leaks = report.findings.filter(({ promise }) => promise === 'I1');
  expect(leaks.map(({ seenBy }) => seenBy)).toContain('generator');
  expect(leaks.map(({ seenBy }) => seenBy)).toContain('server');
  expect(leaks.at(0)?.replay).toContain('npx poolproof load');
});

test('a server that dies is told by when nobody answered, and nothing hangs', async () => {
  const { code, report } = await loaded(put('dies.yaml', shortAnswers()), {
    duration: '3s',
    diesAfterMs: 1500,
  });
  expect(code).toBe(4);
  const { load } = report;
  expect(outcomes(load.requests)).toBe(load.requests.sent);
  expect(load.requests.failed).toBeGreaterThan(0);
  expect(load.outages.length).toBeGreaterThan(0);
  expect(load.outages.at(-1)?.isOver).toBe(false);
  expect(load.failures.map(({ reason }) => reason).join()).toMatch(/refused|reset|closed/);
  expect(report.server).toBe(null);
  expect(report.notes.join()).toContain('the server died');
  expect(report.sentence).toContain('the server died');
});

test('a start beyond what may be under way is dropped, counted and said', async () => {
  const { code, report } = await loaded(put('dropped.yaml', shortAnswers()), {
    duration: '1s',
    inFlight: '2',
  });
  const { load } = report;
  expect(code).toBe(5);
  expect(load.dropped).toBeGreaterThan(0);
  expect(load.inFlightMax).toBeLessThanOrEqual(2);
  expect(load.requests.sent + load.dropped).toBe(load.planned);
  expect(report.sentence).toContain(`${load.dropped} start`);
});

for (const [stage, stopAfterMs] of [
  ['opening', 0],
  ['signing in', 1],
  ['load', 900],
] as const) {
  test(`stopped in its stage \`${stage}\`, a load leaves a valid report marked partial`, async () => {
    const { code, report } = await loaded(put(`${stage}.yaml`, shortAnswers()), {
      duration: '3s',
      stopAfterMs,
    });
    expect(code).toBe(4);
    expect(report.partial).toBe(true);
    expect(report.stage).toBe(stage);
    expect(outcomes(report.load.requests)).toBe(report.load.requests.sent);
    expect(report.sentence).toContain('partial');
  });
}

test('a load in which nobody was served proves nothing, whatever was scanned', async () => {
  const { code, report } = await loaded(put('closed.yaml', shortAnswers()), {
    platform: (kit) => {
      const base = reference(kit);
      const closed: Service = async () => json(403, { message: 'Forbidden' });
      return { ...base, services: { ...base.services, 'front-door': closed } };
    },
  });
  expect(report.load.requests.sent).toBeGreaterThan(0);
  expect(report.load.requests.completed).toBe(0);
  expect(code).toBe(4);
  expect(report.sentence).toContain('inconclusive: no request was completed');
});

test('every mistake in what is typed is told at once', async () => {
  const file = put('typed.yaml', smallScenario());
  const { code, stderr } = await poolproof([
    ...['load', file, '--duration', 'soon', '--in-flight', '0', '--stdout', 'xml'],
    ...['--seed', 'x', '--limiter', 'redis'],
  ]);
  expect(code).toBe(2);
  for (const option of ['--duration', '--in-flight', '--stdout', '--seed', '--limiter'])
    expect(stderr).toContain(option);
});

test('what of a scenario is not played is listed by name', async () => {
  const more = `changes:
  - { at: 10m, kind: upgrade, tenant: clinic-a, tier: premium }
faults:
  - { at: 20m, for: 1m, service: memory, kind: gone }
`;
  const { report } = await loaded(put('more.yaml', shortAnswers(more)), {
    duration: '1s',
    stopAfterMs: 100,
  });
  expect(report.notPlayed).toEqual([
    'the last 59m59s of 1h',
    'fault `memory gone`, which begins later',
    'change `upgrade`',
  ]);
});

test('one endpoint is saturated by autocannon and by the open loop, and their rates are set beside each other', async () => {
  const { report } = await loaded(put('saturated.yaml', shortAnswers()), {
    duration: '1s',
    saturate: '2s',
  });
  const { saturation } = report;
  expect(saturation?.closed.requestsPerSecond).toBeGreaterThan(0);
  expect(saturation?.open.steps.length).toBeGreaterThan(0);
  // Both are refused in the same ways, so both took the same way.
  expect(Object.keys(saturation?.closed.statuses ?? {})).toEqual(['400', '429']);
  expect(Object.keys(saturation?.open.statuses ?? {})).toContain('429');
  const { closed, open } = saturation ?? {};
  // How large it is, `npm run bench -- limits` measures, with the server in a process of its own.
  expect(saturation?.ratio).toBeCloseTo(
    (open?.requestsPerSecond ?? 0) / (closed?.requestsPerSecond ?? 1),
    6,
  );
  expect(report.agreement.filter(({ isEqual }) => !isEqual)).toEqual([]);
});
