// Do several front doors keep one plan between them, and what is told of a Redis or a door that goes away?

import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { startServer } from '../sim/cli/server-process.ts';
import { loadText } from '../sim/report.ts';
import { put } from './command-line.ts';
import { fleetOf, ofFleet, withinThis } from './load/fleet.ts';
import { type Loading, loaded } from './load/in-process.ts';
import { shortAnswers } from './load/scenario.ts';
import { needsRedis, ownRedis } from './own-redis.ts';

/** Each tenant asks five times a second, and may ask so often in a minute. */
const file = (name: string, burst = 4): string =>
  put(
    `${name}.yaml`,
    shortAnswers()
      .replace(/rate: .*/g, `rate: { requestsPerSecond: ${burst / 60}, burst: ${burst} }`)
      .replace('{ clinic_config: 1, talk: 1 }', '{ talk: 1 }')
      .replace('maxOutputTokens: 48', 'maxOutputTokens: 16'),
  );

const text = (report: Parameters<typeof loadText>[0]): string => loadText(report, { columns: 400 });

/** Redis of the test's own, named as a user names theirs. */
const namedRedis = async (context: TestContext) => {
  const redis = await ownRedis(context);
  const before = process.env['POOLPROOF_REDIS_URL'];
  process.env['POOLPROOF_REDIS_URL'] = redis.url;
  onTestFinished(async () => {
    if (before === undefined) delete process.env['POOLPROOF_REDIS_URL'];
    else process.env['POOLPROOF_REDIS_URL'] = before;
    await redis.end();
  });
  return redis;
};

const fleetLoad = (scenario: string, fleet: Parameters<typeof fleetOf>[1], loading: Loading = {}) =>
  loaded(scenario, {
    ...loading,
    fleet: { limiter: fleet.limiter, start: fleetOf(scenario, fleet) },
  });

/** Each front door in a process of its own; test/load-process.test.ts has the runtime in one, too. */
const doorsElsewhere: typeof startServer = (file, options, shiftUs, given) =>
  (given?.door === undefined ? withinThis : startServer)(file, options, shiftUs, given);

test('two doors that count for themselves admit up to two plans, and the load fails by it', async () => {
  const { code, report } = await fleetLoad(file('local'), { limiter: 'local', start: withinThis });
  expect(code).toBe(1);
  const { fleet } = report;
  expect(fleet).toMatchObject({ limiter: 'local', replicas: 2, wrongRefusals: 0, silences: [] });
  expect(fleet?.wrongAdmissions).toBeGreaterThan(0);
  for (const { worstWindow, admitted } of fleet?.tenants ?? []) {
    expect(admitted).toBeLessThanOrEqual(8);
    expect(worstWindow?.admitted).toBe(admitted);
  }
  expect(report.server?.promises.find(({ id }) => id === 'I6')?.verdict).toBe('broken');
  expect(report.agreement.filter(({ isEqual }) => !isEqual)).toEqual([]);
  expect(report.sentence).toContain('2 front doors each counting for itself: ');
});

test('two doors that count in one Redis admit one plan between them and no request more', async (context) => {
  const redis = await namedRedis(context);
  const { report } = await fleetLoad(file('redis'), { limiter: 'redis', start: withinThis });
  const { fleet } = report;
  expect(fleet).toMatchObject({ limiter: 'redis', replicas: 2, wrongAdmissions: 0, silences: [] });
  expect(fleet?.doors.every(({ decided }) => decided > 0)).toBe(true);
  expect(fleet?.tenants.map(({ admitted }) => admitted)).toEqual([4, 4, 4]);
  expect(report.load.requests).toMatchObject({ completed: 12, failed: 0 });
  // A Redis that somebody named is left as it was.
  expect(await redis.keys()).toBe(0);
  expect(report.agreement.filter(({ isEqual }) => !isEqual)).toEqual([]);
});

test('while Redis is gone requests fail closed, it is told from when to when, and then they are served again', async (context) => {
  const redis = await namedRedis(context);
  const away = async (): Promise<void> => {
    await redis.counted();
    await redis.end();
    await new Promise((resolve) => setTimeout(resolve, 600));
    await redis.start();
  };
  const gone: Promise<void>[] = [];
  // Nobody is refused: what is counted anew after the restart breaks no plan.
  const { code, report } = await fleetLoad(
    file('away', 100),
    {
      ...{ limiter: 'redis', start: withinThis },
      opened: () => void gone.push(away()),
    },
    // Time enough to find it again, on a busy machine too.
    { duration: '8s' },
  );
  await Promise.all(gone);
  const { fleet, load } = report;
  const failed = fleet?.doors.reduce((sum, { undecided }) => sum + undecided, 0) ?? 0;
  expect(failed).toBeGreaterThan(0);
  expect(load.failures).toEqual([{ reason: 'status 503', count: failed }]);
  expect(load.requests).toMatchObject({ failed, refused: 0, unanswered: 0 });
  expect(fleet?.silences.map((silence) => silence.isOver)).toEqual([true]);
  expect(fleet?.silences.reduce((sum, silence) => sum + silence.failed, 0)).toBe(failed);
  // It went on: more was admitted than before it.
  expect(load.requests.completed).toBeGreaterThan(failed);
  expect(report.agreement.filter(({ isEqual }) => !isEqual)).toEqual([]);
  expect(text(report)).toMatch(
    new RegExp(
      `Redis did not answer from 15:\\S+ to 15:\\S+ \\(\\d\\.\\d s\\): ${failed} requests? failed closed`,
    ),
  );
  expect(report.sentence).toContain('failed closed while Redis did not answer');
  expect([0, 5]).toContain(code);
});

test('a door that is killed is told by its number and time, the other serves on, and nothing is left behind', async (context) => {
  needsRedis(context);
  let seen: readonly string[] = [];
  const { code, report } = await fleetLoad(
    file('killed'),
    {
      limiter: 'redis',
      start: doorsElsewhere,
      opened: (processes) => {
        seen = ofFleet();
        const door = processes.at(-1);
        setTimeout(() => process.kill(door?.pid ?? 0, 'SIGKILL'), 1000);
      },
    },
    { duration: '2s' },
  );
  expect(seen.filter((called) => called.includes(' serve '))).toHaveLength(2);
  expect(seen.filter((called) => called.includes('redis-server'))).toHaveLength(1);
  expect(ofFleet()).toEqual([]);
  expect(code).toBe(4);
  const lost = report.fleet?.doors.filter(({ lostUs }) => lostUs !== null);
  expect(lost).toHaveLength(1);
  expect(report.fleet?.tenants).toEqual([]);
  const said = /front door [12] of 2 died at 15:\d\d:\d\d\.\d{3}: what it decided is lost/;
  expect(report.sentence).toMatch(said);
  expect(
    text(report)
      .split('\n')
      .filter((line) => said.test(line)).length,
  ).toBe(2);
  expect(report.load.failures.map(({ reason }) => reason).join()).toMatch(/refused|reset|closed/);
  expect(report.load.requests.sent).toBe(report.load.planned);
  expect(report.server?.findings).toEqual([]);
});

test('Ctrl-C while the doors open leaves a report marked partial, and no process', async (context) => {
  needsRedis(context);
  let most = 0;
  const { code, report } = await fleetLoad(
    file('early'),
    {
      limiter: 'redis',
      start: doorsElsewhere,
    },
    {
      stopped: () => {
        const doors = ofFleet().filter((called) => called.includes('--front-door-of')).length;
        most = Math.max(most, doors);
        return most > 0;
      },
    },
  );
  expect(most).toBeGreaterThan(0);
  expect(ofFleet()).toEqual([]);
  expect(code).toBe(4);
  expect(report).toMatchObject({ partial: true, stage: 'opening', server: null });
});
