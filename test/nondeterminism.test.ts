// Is everything outside scenario, platform, policies and seed that may move a run noticed by `--twice`?

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { secondRun } from '../sim/cli/second-run.ts';
import type { Verdict } from '../sim/domain/finding.ts';
import { reference } from '../sim/platforms/reference.ts';
import { put, smallScenario } from './command-line.ts';
import { ALWAYS, CATALOGUE, CLEAN, ELSEWHERE, HERE, NOWHERE } from './nondeterminism/catalogue.ts';
import { type History, type Played, play, verdictOn } from './nondeterminism/history.ts';
import { planted, type Source } from './nondeterminism/plant.ts';
import { HISTORIES, ROOM, SCENARIO } from './nondeterminism/room.ts';
import { ROOT } from './tidy/house.ts';

const scenario = put(SCENARIO, smallScenario({ requestsPerHour: 6 }));
let elsewhere: Readonly<Record<string, History>> = {};
let own: History;

beforeAll(async () => {
  vi.stubEnv(ROOM, dirname(scenario));
  // Whoever works in the zone of the second run would see nothing of zones.
  vi.stubEnv('TZ', 'UTC');
  const platform = join(ROOT, 'test', 'nondeterminism', 'elsewhere.ts');
  const lines = { from: 0, to: Number.POSITIVE_INFINITY };
  own = await secondRun({ scenario, seed: 1, platform }, { lines });
  elsewhere = JSON.parse(readFileSync(join(dirname(scenario), HISTORIES), 'utf8'));
});

/** The same source as the child of `--twice` has seen it. */
const told = ({ what }: Source): History => {
  const history = elsewhere[what];
  if (history === undefined) throw new Error(`the second run has not played ${what}`);
  return history;
};

const expectHeld = (verdict: Verdict): void => {
  expect(verdict).toMatchObject({ promise: 'I11', findings: [] });
  expect(verdict.evidence).toBeGreaterThan(100);
};

/** One finding, which shows the first event that differs as either run has seen it. */
const expectBroken = (one: Played, other: History): void => {
  const { promise, findings, controls } = verdictOn(one, other);
  expect(promise).toBe('I11');
  expect(findings.map(({ violation }) => violation.title)).toEqual(['two runs of one seed differ']);
  const [mine = '', theirs = ''] = findings[0]?.violation.let ?? [];
  expect(mine).toMatch(/^E1 = /);
  expect(theirs).toMatch(/^E2 = /);
  expect(mine.slice('E1'.length)).not.toBe(theirs.slice('E2'.length));
  expect(one.lines.slice(0, controls)).toEqual(other.lines.slice(0, controls));
  expect(one.lines[controls]).not.toBe(other.lines[controls]);
};

test.each(ALWAYS)('`--twice` finds a platform moved by $what', async (source) => {
  const first = await play(planted(source));
  expectBroken(first, told(source));
  expectBroken(first, await play(planted(source)));
});

test.each(ELSEWHERE)(
  '`--twice` finds a platform moved by $what, which one process alone does not show',
  async (source) => {
    const first = await play(planted(source));
    expectBroken(first, told(source));
    expectHeld(verdictOn(first, await play(planted(source))));
  },
);

test.each(HERE)(
  'a second run in the same process finds a platform moved by $what, which `--twice` does not',
  async (source) => {
    const first = await play(planted(source));
    expectHeld(verdictOn(first, told(source)));
    expectBroken(first, await play(planted(source)));
  },
);

test.each(NOWHERE)('`--twice` cannot see $what, which both runs share', async (source) => {
  const first = await play(planted(source));
  expect(first.digest).not.toBe(own.digest);
  expectHeld(verdictOn(first, told(source)));
});

test.each(CLEAN)('the module $what is clean with no source planted in it', async (source) => {
  expectHeld(verdictOn(await play(planted(source)), told(source)));
});

test('what one child plays for all sources is what a child of `--twice` tells of its own run', async () => {
  const { digest, checkpoints, lines } = await play(reference);
  expect(own).toEqual({ digest, checkpoints, lines });
});

test('the catalogue has 22 sources at least that `--twice` finds, each of its own', () => {
  expect(new Set(CATALOGUE.map(({ what }) => what)).size).toBe(CATALOGUE.length);
  expect(ALWAYS.length + ELSEWHERE.length).toBeGreaterThanOrEqual(22);
});
