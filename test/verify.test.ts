// Do generated programs find what is broken, leave alone what is sound, and end in a file that shows it again?

import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT, readCedar, readIam } from '../sim/cli/files.ts';
import type { Observer } from '../sim/domain/history.ts';
import { usualTest } from '../sim/engines/kill/usual-test.ts';
import { kill } from '../sim/engines/kill.ts';
import { documentOf, scenarioOfProgram, TENANTS } from '../sim/engines/programs.ts';
import {
  judgeOf,
  player,
  programOf,
  programs,
  type Trial,
  tenantIds,
  type Verified,
  verify,
} from '../sim/engines/verify.ts';
import { faultOf } from '../sim/faults.ts';
import { breaking } from '../sim/platforms/overriding.ts';
import { reference } from '../sim/platforms/reference.ts';
import { loadScenario, scenarioText } from '../sim/scenario.ts';

const FOLDER = join(PACKAGE_ROOT, 'policies');
const SOUND: Trial = {
  platform: reference,
  cedarFiles: readCedar(FOLDER),
  iamDocuments: readIam(FOLDER),
};

const titles = ({ caught }: Verified): readonly string[] =>
  caught.map(({ promise, told }) => `${promise} ${told.violation.title}`);

test('the reference keeps every promise in 20,000 generated moves, in both hosting modes, in every cell', async () => {
  const microvm = await verify(SOUND, { seed: 11, runs: 320, hosting: 'microvm' });
  const pooled = await verify(SOUND, { seed: 12, runs: 320, hosting: 'pooled' });
  expect([...titles(microvm), ...titles(pooled)]).toEqual([]);
  expect(microvm.moves + pooled.moves).toBeGreaterThan(20_000);
  const visited = [microvm, pooled].map(({ coverage }) => coverage.cells());
  const unvisited = visited[0]?.filter(
    ({ visits }, index) => visits + (visited[1]?.[index]?.visits ?? 0) === 0,
  );
  expect(unvisited).toEqual([]);
  // Nearly every pair of runs can be compared by construction.
  for (const { pairs, comparable } of [microvm.interference, pooled.interference])
    expect(comparable).toBeGreaterThanOrEqual(0.99 * pairs);
  for (const promise of ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10', 'I11'])
    expect(microvm.evidence.get(promise), promise).toBeGreaterThan(0);
}, 900_000);

/** Tells every asker how many have asked before, whoever they were: no secret, and yet a channel. */
const counting = breaking('front-door', (sound) => {
  let asked = 0;
  return async (call, hop) => {
    const reply = await sound(call, hop);
    asked += 1;
    if (reply.status !== 200) return reply;
    const body = reply.body.replace('{"answer":"', `{"answer":"request ${asked} of today: `);
    return { status: reply.status, headers: reply.headers, body };
  };
});

test('a platform that counts aloud over all tenants interferes, though no secret flows', async () => {
  const verified = await verify({ ...SOUND, platform: counting }, { seed: 1, runs: 12 });
  expect(titles(verified)).toEqual([
    'I2 the content of an answer depends on what others do',
    ...titles(verified).slice(1),
  ]);
  expect(new Set(verified.caught.map(({ promise }) => promise))).toEqual(new Set(['I2']));
  const [hole] = verified.caught;
  expect(hole?.shrunk.tenants.length).toBeLessThanOrEqual(2);
  expect(hole?.shrunk.moves.length).toBeLessThanOrEqual(3);
});

test('what is found is written as a scenario that shows it again, at the same event', async () => {
  const broken: Trial = { ...SOUND, platform: faultOf('memory-one-namespace').make };
  // What two runs show is shown again by two: here one of each program is played.
  const only = new Set(['I1', 'I3', 'I9', 'I10']);
  const { caught } = await verify(broken, { seed: 3, runs: 3, only });
  expect(caught.length).toBeGreaterThan(0);
  for (const { promise, told, shrunk } of caught) {
    const written = scenarioText(documentOf(shrunk, 'found-again', told.violation.title));
    const scenario = loadScenario(written, 'found.yaml');
    const { verdicts } = await player(broken)(scenario, {});
    const again = verdicts
      .find((verdict) => verdict.promise === promise)
      ?.findings.find(({ id }) => id === told.id);
    expect(again?.violation.event.index).toBe(told.violation.event.index);
    expect(again?.violation.let).toEqual(told.violation.let);
  }
});

test.each([
  'memory-one-namespace',
  'limiter-burst-off-by-one',
  // Reached slowly, by people of several tenants, under a tenant's second name, or between two tiers.
  'limiter-quota-one-short',
  'limiter-by-tier',
  'control-plane-reuses-names',
  'limiter-forgets-on-tier-change',
])('the smallest program of %s has at most three moves and two tenants', async (id) => {
  const { shrunk } = await kill(faultOf(id), SOUND, { seeds: [1], executionsMax: 150 });
  expect(shrunk?.moves.length).toBeLessThanOrEqual(3);
  expect(shrunk?.tenants.length).toBeLessThanOrEqual(2);
});

test('questions at a distance are one move, and are asked at that distance', async () => {
  const [tenant] = TENANTS;
  const by = { tenant: tenant?.id ?? '', user: tenant?.users[0]?.id ?? '' };
  const asked: number[] = [];
  const watching: Observer = {
    see: (event) => {
      if (event.kind === 'arrived' && event.request?.kind === 'ask') asked.push(event.atUs);
    },
  };
  const program = programOf(1, 1);
  const often = { do: 'ask', by, use: 'current_time', session: 's1', say: undefined } as const;
  const move = { ...often, afterUs: 0, together: false, times: 3, everyUs: 600_000_000 };
  await judgeOf(SOUND)({ ...program, tenants: TENANTS, moves: [move] }, false, watching);
  expect(asked.map((us) => us - (asked[0] ?? 0))).toEqual([0, 600_000_000, 1_200_000_000]);
});

test('the usual test finds what is plain, and nothing where nothing is', async () => {
  const effort = { seed: 1, executions: 40 };
  const plain: Trial = { ...SOUND, platform: faultOf('knowledge-ignores-iam').make };
  expect(await usualTest(plain, effort)).toBe(true);
  expect(await usualTest(SOUND, effort)).toBe(false);
});

test('a program is a function of its seed and number, and is the same once written and read', async () => {
  for (const number of [1, 2, 3, 30]) {
    const program = programOf(5, number);
    expect(programOf(5, number)).toEqual(program);
    const written = scenarioText(documentOf(program, 'program', 'A generated program.'));
    expect(loadScenario(written, 'x')).toEqual(scenarioOfProgram(program));
  }
  expect(programOf(6, 1)).not.toEqual(programOf(5, 1));
});

test('any program that can be generated is a scenario that can be written', () => {
  fc.assert(
    fc.property(programs(), (program) => {
      expect(scenarioOfProgram(program).moves).toEqual(program.moves);
    }),
    { numRuns: 60 },
  );
});

test('ids of tenants are different, and yet easily taken for one another', () => {
  fc.assert(
    fc.property(tenantIds, (ids) => {
      expect(new Set(ids).size).toBe(4);
      expect(ids.every((id) => id.length > 0 && id.length <= 128 && id === id.trim())).toBe(true);
    }),
  );
});

test('two runs of which one leaves out the others are judged for an observer only', async () => {
  const program = programOf(1, 3);
  expect(program.observer).toBeDefined();
  const seen = (await judgeOf(SOUND)(program)).map(({ promise }) => promise);
  expect(seen).toContain('I2');
  const unseen = await judgeOf(SOUND)({ ...program, observer: undefined });
  expect(unseen.map(({ promise }) => promise)).not.toContain('I2');
});
