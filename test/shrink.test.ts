// Is a shrunk program still one that fails, and is it small? Judged by failures that need no platform.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentOf, type Program, scenarioOfProgram, TENANTS } from '../sim/engines/programs.ts';
import { programs, shrink } from '../sim/engines/verify.ts';
import type { AskMove, ChangeMove, Move } from '../sim/scenario/move.ts';
import { loadScenario, scenarioText } from '../sim/scenario.ts';

const MINUTE_US = 60_000_000;

const AT_ONCE = { afterUs: 0, together: false };

const ask = (tenant: string, user: string, more: Partial<Move & AskMove> = {}): Move => ({
  ...AT_ONCE,
  do: 'ask',
  by: { tenant, user },
  use: 'talk',
  session: 's1',
  say: undefined,
  times: 1,
  everyUs: 0,
  ...more,
});

const order = (change: ChangeMove['change'], more: Partial<Move> = {}): Move =>
  ({ ...AT_ONCE, do: 'change', change, ...more }) as Move;

const programOf = (moves: readonly Move[]): Program => ({
  seed: 1,
  hosting: 'microvm',
  limits: 'usual',
  tenants: TENANTS,
  moves,
});

const asksIn = ({ moves }: Program) => moves.filter((move) => move.do === 'ask');
const askedIn = (program: Program): number =>
  asksIn(program).reduce((sum, { times }) => sum + times, 0);

/** Failures that a platform could show, each true of many programs. */
const FAILURES: readonly ((program: Program) => boolean)[] = [
  ({ moves }) => moves.some((move) => move.do === 'try'),
  ({ moves }) => moves.filter((move) => move.do === 'try' && move.shadow !== 'none').length > 2,
  (program) => askedIn(program) > 4,
  (program) => new Set(asksIn(program).map(({ by }) => by.tenant)).size > 1,
  ({ moves }) => moves.reduce((sum, { afterUs }) => sum + afterUs, 0) > 10 * MINUTE_US,
];

test('a shrunk program still fails, is no larger, is a scenario, and is the same each time', async () => {
  await fc.assert(
    fc.asyncProperty(programs(), fc.constantFrom(...FAILURES), async (program, isFailing) => {
      fc.pre(isFailing(program));
      const fails = async (smaller: Program): Promise<boolean> => {
        scenarioOfProgram(smaller);
        return isFailing(smaller);
      };
      const { program: least } = await shrink(program, fails);
      expect(isFailing(least)).toBe(true);
      expect(least.moves.length).toBeLessThanOrEqual(program.moves.length);
      expect(least.tenants.length).toBeLessThanOrEqual(program.tenants.length);
      const written = scenarioText(documentOf(least, 'least', 'A small program.'));
      expect(loadScenario(written, 'x').moves).toEqual(least.moves);
      expect((await shrink(program, fails)).program).toEqual(least);
    }),
    { numRuns: 20 },
  );
});

test('shrinking ends, however little can be left out', async () => {
  const moves = Array.from({ length: 80 }, () => ask('clinic-a', 'dr.smith', { afterUs: 1 }));
  const program = programOf(moves);
  const { plays, program: least } = await shrink(program, async () => false);
  expect(plays).toBeLessThanOrEqual(600);
  expect(least).toBe(program);
});

test('no program is played twice', async () => {
  const played: string[] = [];
  const [first = 'clinic-a', second = 'clinic-b'] = TENANTS.map(({ id }) => id);
  await shrink(
    programOf([ask(first, 'dr.smith'), ask(second, 'dr.chen'), ask(first, 'dr.jones')]),
    async (smaller) => {
      played.push(JSON.stringify(smaller));
      return asksIn(smaller).length > 1;
    },
  );
  expect(new Set(played).size).toBe(played.length);
});

test('what several users ask over an hour becomes one move of one user', async () => {
  const users = ['dr.smith', 'dr.jones', 'nurse.lee'];
  const moves = Array.from({ length: 9 }, (_, index) =>
    ask('clinic-a', users[index % users.length] ?? '', { afterUs: 6 * MINUTE_US }),
  );
  // Five questions of a tenant, none sooner than a minute after the one before.
  const { program } = await shrink(programOf(moves), async (smaller) => {
    const slowly = asksIn(smaller).filter(
      ({ times, everyUs, afterUs }) => Math.max(everyUs, times > 1 ? 0 : afterUs) >= MINUTE_US,
    );
    return slowly.reduce((sum, { times }) => sum + times, 0) >= 5;
  });
  expect(program.moves).toMatchObject([{ do: 'ask', times: 5, everyUs: MINUTE_US }]);
  expect(program.tenants).toHaveLength(1);
});

test('two moves that undo each other are left out together', async () => {
  const away = order({ kind: 'suspend', tenant: 'clinic-a' });
  const back = order({ kind: 'resume', tenant: 'clinic-a' });
  const moves = [away, ask('clinic-a', 'dr.smith'), back, ask('clinic-b', 'dr.chen')];
  const { program } = await shrink(programOf(moves), async (smaller) => {
    const changes = smaller.moves.filter((move) => move.do === 'change');
    return changes.length % 2 === 0 && asksIn(smaller).length === 2;
  });
  expect(program.moves.map((move) => move.do)).toEqual(['ask', 'ask']);
});

test('of three tenants one is played by people of the others, if that is enough', async () => {
  const moves = [
    ask('clinic-a', 'dr.smith', { say: 'use clinic_config {"clinic_id":"clinic-a"}' }),
    ask('clinic-b', 'dr.chen'),
    ask('hospital-a', 'dr.foster'),
  ];
  const { program } = await shrink(programOf(moves), async (smaller) => {
    const people = asksIn(smaller).map(({ by }) => JSON.stringify(by));
    const says = asksIn(smaller).map(({ by, say }) => say?.includes(`"${by.tenant}"`) ?? true);
    return askedIn(smaller) === 3 && new Set(people).size === 3 && says.every(Boolean);
  });
  expect(program.tenants.length).toBeLessThanOrEqual(2);
});
