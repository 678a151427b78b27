// Are decisions of several front doors judged as one, and those of both clocks compared rightly? By hand-made decisions.

import { expect, test } from 'vitest';
import type { DoorDecision, FleetDoor } from '../sim/domain/fleet-report.ts';
import type { LimitContract } from '../sim/domain/limit.ts';
import { SECOND_US } from '../sim/kernel/clock.ts';
import { calibrate, judgeFleet } from '../sim/measures.ts';
import { fleetWords } from '../sim/report/fleet-text.ts';
import { START_US } from './measures/hand.ts';

/** Four at once, then one a second. */
const BASIC: LimitContract = { rate: { requestsPerSecond: 1, burst: 4 } };
const limitsOf = (tier: string): LimitContract | undefined =>
  tier === 'basic' ? BASIC : undefined;

interface Hand extends Partial<Omit<DoorDecision, 'askedUs' | 'plannedUs' | 'answeredUs'>> {
  /** Of the planned start, after the run's; asked at once unless given. */
  readonly at: number;
  readonly askedMs?: number;
  /** From question to answer. */
  readonly tookMs?: number;
}

const decision = ({ at, askedMs = at, tookMs = 1, ...said }: Hand): DoorDecision => ({
  ...{ tenant: 'clinic-a:1', tier: 'basic', membership: 'dr.lee', admitted: true },
  plannedUs: START_US + at * 1000,
  askedUs: START_US + askedMs * 1000,
  answeredUs: START_US + (askedMs + tookMs) * 1000,
  ...said,
  by: said.admitted === false ? (said.by ?? 'THROTTLED') : null,
});

const door = (...hands: readonly Hand[]): FleetDoor => ({
  decisions: hands.map(decision),
  undecided: [],
});

const judgedBy = (
  doors: Parameters<typeof judgeFleet>[0],
  limiter: 'local' | 'redis' = 'local',
  clockErrorUs = 0,
) => judgeFleet(doors, { limiter, limitsOf, clockErrorUs });

/** So many at even distances from the first second of the run on. */
const every = (ms: number, count: number, more: Partial<Hand> = {}): readonly Hand[] =>
  Array.from({ length: count }, (_, index) => ({ at: index * ms, ...more }));

test('three doors that each keep a bucket admit three bursts, and the worst stretch says so', () => {
  // Each is right by itself: four at once, at three doors.
  const doors = [0, 20, 40].map((fromMs) =>
    door(...every(5, 4).map(({ at }) => ({ at: at + fromMs }))),
  );
  for (const one of doors) expect(judgedBy([one]).wrongAdmissions).toBe(0);
  const fleet = judgedBy(doors);
  expect(fleet).toMatchObject({ replicas: 3, wrongAdmissions: 8, wrongRefusals: 0, silences: [] });
  expect(fleet.doors.map(({ decided }) => decided)).toEqual([4, 4, 4]);
  expect(fleet.tenants).toHaveLength(1);
  const { worstWindow, ...counts } = fleet.tenants[0] ?? {};
  expect(counts).toEqual({
    ...{ tenant: 'clinic-a:1', tier: 'basic', admitted: 12, refused: 0 },
    ...{ wrongAdmissions: 8, wrongRefusals: 0, couldBeWrong: 0, toleranceUs: 1000 },
  });
  expect(worstWindow).toMatchObject({
    ...{ admitted: 12, fromUs: START_US, toUs: START_US + 55_000 },
  });
  expect(Math.floor(worstWindow?.allowed ?? 0)).toBe(4);
});

test('doors that keep one bucket between them are right, whichever of them decides', () => {
  const right = [
    ...every(10, 4),
    { at: 500, admitted: false },
    { at: 1100 },
    { at: 1200, admitted: false },
    { at: 2100 },
  ];
  const [even, odd] = [0, 1].map((side) => door(...right.filter((_, at) => at % 2 === side)));
  if (even === undefined || odd === undefined) throw new Error('no doors');
  expect(judgedBy([even, odd], 'redis')).toMatchObject({
    ...{ limiter: 'redis', wrongAdmissions: 0, wrongRefusals: 0 },
    tenants: [{ admitted: 6, refused: 2 }],
  });
  // One that refuses what another has a permit for.
  const stingy = judgedBy([even, odd, door({ at: 9000, admitted: false })], 'redis');
  expect(stingy).toMatchObject({ wrongAdmissions: 0, wrongRefusals: 1 });
});

test('tenants are judged apart, each by the plan of its tier', () => {
  const mine = door(...every(5, 4));
  const theirs = door(...every(5, 4, { tenant: 'clinic-b:1' }));
  const free = door(...every(5, 9, { tenant: 'hospital-a:1', tier: 'premium' }));
  const fleet = judgedBy([mine, theirs, free]);
  expect(fleet.wrongAdmissions).toBe(0);
  expect(fleet.tenants.map(({ tenant, admitted }) => [tenant, admitted])).toEqual([
    ['clinic-a:1', 4],
    ['clinic-b:1', 4],
    ['hospital-a:1', 9],
  ]);
});

test('the tolerance is the widest span of a decision and the error of the clocks, and forgives no more', () => {
  // The fifth comes 40 ms before its permit has grown.
  const early = [...every(0, 4), { at: 960 }];
  expect(judgedBy([door(...early)])).toMatchObject({ toleranceUs: 1000, wrongAdmissions: 1 });
  const slow = early.map((hand, index) => (index === 0 ? { ...hand, tookMs: 45 } : hand));
  expect(judgedBy([door(...slow)])).toMatchObject({ toleranceUs: 45_000, wrongAdmissions: 0 });
  const apart = judgedBy([door(...early)], 'local', 50_000);
  expect(apart).toMatchObject({ toleranceUs: 51_000, wrongAdmissions: 0 });
  expect(judgedBy([door(...early, { at: 970 })], 'local', 50_000).wrongAdmissions).toBe(1);
});

test('what one slow answer excuses of its tenant is told as what could be wrong, and nobody else’s', () => {
  // Two come before their permits have grown, and one answer took five seconds.
  const early = [...every(0, 4), { at: 500 }, { at: 900 }];
  const slow = { at: 9000, tookMs: 5000 };
  const excused = judgedBy([door(...early, slow)]);
  expect(excused).toMatchObject({ wrongAdmissions: 0, couldBeWrong: 2, toleranceUs: 5_000_000 });
  expect(judgedBy([door(...early, { at: 9000 })])).toMatchObject({
    ...{ wrongAdmissions: 2, couldBeWrong: 0, toleranceUs: 1000 },
  });
  const others = early.map((hand) => ({ ...hand, tenant: 'clinic-b:1' }));
  const both = judgedBy([door(...early, slow), door(...others)]);
  expect(
    both.tenants.map(({ tenant, wrongAdmissions, couldBeWrong, toleranceUs }) => [
      ...[tenant, wrongAdmissions, couldBeWrong, toleranceUs],
    ]),
  ).toEqual([
    ['clinic-a:1', 0, 2, 5_000_000],
    ['clinic-b:1', 2, 0, 1000],
  ]);
  expect(fleetWords(both)).toContain('(± 5,000.0 ms, which excuses 2 that could be wrong)');
  // A slow answer on a plan that was kept excuses nothing.
  expect(judgedBy([door(...every(1000, 6), slow)])).toMatchObject({ couldBeWrong: 0 });
});

test('a refusal is forgiven within the tolerance alone, too', () => {
  const late = [...every(0, 4), { at: 1030, admitted: false }];
  expect(judgedBy([door(...late)]).wrongRefusals).toBe(1);
  expect(judgedBy([door(...late)], 'local', 50_000).wrongRefusals).toBe(0);
});

test('a limiter that could not say is told from the first failure to the last, of all doors together', () => {
  const failed = (...atMs: readonly number[]) =>
    atMs.map((ms) => ({ askedUs: START_US + ms * 1000, answeredUs: START_US + (ms + 2) * 1000 }));
  const one = { ...door({ at: 0 }, { at: 3000 }), undecided: failed(1000, 1400, 2000) };
  const other = { ...door({ at: 10 }, { at: 2900 }), undecided: failed(900, 1900) };
  const again = { ...door({ at: 20 }, { at: 2500 }), undecided: failed(5000) };
  const fleet = judgedBy([one, other, again], 'redis');
  expect(fleet.doors.map(({ undecided }) => undecided)).toEqual([3, 2, 1]);
  expect(fleet.silences).toEqual([
    { fromUs: START_US + 900_000, toUs: START_US + 2_002_000, failed: 5, isOver: true },
    { fromUs: START_US + 5_000_000, toUs: START_US + 5_002_000, failed: 1, isOver: false },
  ]);
});

test('of a fleet that lost a door no plan is judged', () => {
  const fleet = judgedBy([door(...every(5, 9)), { lostUs: START_US + SECOND_US }]);
  expect(fleet).toMatchObject({ replicas: 2, tenants: [], wrongAdmissions: 0, wrongRefusals: 0 });
  expect(fleet.doors).toEqual([
    { decided: 9, undecided: 0, lostUs: null },
    { decided: 0, undecided: 0, lostUs: START_US + SECOND_US },
  ]);
});

// ---- The same people on both clocks.

const decided = (...hands: readonly Hand[]): readonly DoorDecision[] => hands.map(decision);

test('the same decisions on both clocks find nothing', () => {
  const right = decided(...every(10, 4), { at: 500, admitted: false });
  expect(calibrate(right, right, limitsOf)).toEqual({
    ...{ paired: 5, unpaired: 0, differing: 0, apartUsP50: 0, apartUsMax: 0, wrong: 0 },
  });
});

test('the n-th question of a user is held against the n-th, in the order of their plans', () => {
  const simulated = decided(
    ...every(100, 3),
    ...every(100, 2, { membership: 'nurse.lee', tenant: 'clinic-b:1' }),
  );
  // Arrived in another order, each a little later, the last most of all.
  const wall = decided(
    { at: 200, askedMs: 260, membership: 'dr.lee' },
    { at: 0, askedMs: 5, membership: 'nurse.lee', tenant: 'clinic-b:1' },
    { at: 100, askedMs: 107, membership: 'dr.lee' },
    { at: 0, askedMs: 6, membership: 'dr.lee' },
    { at: 100, askedMs: 108, membership: 'nurse.lee', tenant: 'clinic-b:1' },
  );
  expect(calibrate(simulated, wall, limitsOf)).toEqual({
    ...{ paired: 5, unpaired: 0, differing: 0, apartUsP50: 7000, apartUsMax: 60_000, wrong: 0 },
  });
});

test('what only one clock decided is counted as unpaired, on either side', () => {
  const four = decided(...every(100, 4));
  expect(calibrate(four, four.slice(0, 3), limitsOf)).toMatchObject({ paired: 3, unpaired: 1 });
  expect(calibrate(four.slice(0, 1), four, limitsOf)).toMatchObject({ paired: 1, unpaired: 3 });
  const stranger = decided({ at: 0, membership: 'dr.foster' });
  expect(calibrate(four, stranger, limitsOf)).toMatchObject({ paired: 0, unpaired: 5 });
});

test('decisions that differ by their instants alone are counted, and none is wrong', () => {
  const simulated = decided(...every(0, 4), { at: 990, admitted: false });
  const wall = decided(...every(0, 4), { at: 990, askedMs: 1010 });
  const found = calibrate(simulated, wall, limitsOf);
  expect(found).toMatchObject({ paired: 5, differing: 1, apartUsMax: 20_000, wrong: 0 });
});

test('a decision that is wrong at its own instant is wrong, on either clock', () => {
  const right = decided(...every(0, 4), { at: 500, admitted: false });
  const generous = decided(...every(0, 4), { at: 500 });
  const stingy = decided(...every(0, 3), { at: 0, admitted: false }, { at: 500, admitted: false });
  expect(calibrate(right, generous, limitsOf)).toMatchObject({ differing: 1, wrong: 1 });
  expect(calibrate(generous, right, limitsOf)).toMatchObject({ differing: 1, wrong: 1 });
  expect(calibrate(right, stingy, limitsOf)).toMatchObject({ differing: 1, wrong: 2 });
});
