// Does an observer feel nothing of others on the sound platform, and is it told when it does elsewhere?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT, readCedar, readIam } from '../sim/cli/files.ts';
import { type Second, secondRun } from '../sim/engines/noninterference/others.ts';
import type { Comparison } from '../sim/engines/noninterference.ts';
import { type Program, scenarioOfProgram, TENANTS } from '../sim/engines/programs.ts';
import { Interference } from '../sim/engines/verify/interference.ts';
import { judgeOf, type Trial } from '../sim/engines/verify.ts';
import {
  ask,
  attempt,
  beside,
  CHEN,
  crowd,
  FOSTER,
  JONES,
  NOVAK,
  order,
  SMITH,
  wait,
} from '../sim/faults/scripting.ts';
import { faultOf } from '../sim/faults.ts';
import { reference } from '../sim/platforms/reference.ts';
import type { Move, Observation, Variation } from '../sim/scenario.ts';
import { VARIATIONS } from '../sim/scenario.ts';

const FOLDER = join(PACKAGE_ROOT, 'policies');
const POLICIES = { cedarFiles: readCedar(FOLDER), iamDocuments: readIam(FOLDER) };
const SOUND: Trial = { platform: reference, ...POLICIES };

const observing = (others: Variation, more: Partial<Observation> = {}): Observation => ({
  ...{ tenants: ['clinic-a'], user: undefined, others, resources: 'replicated' },
  ...more,
});

const programWith = (moves: readonly Move[], observer: Observation): Program => ({
  ...{ seed: 1, hosting: 'microvm', limits: 'usual', tenants: TENANTS, moves, observer },
});

const compared = async (trial: Trial, program: Program): Promise<Comparison> => {
  const comparisons: Comparison[] = [];
  await judgeOf(trial, (_, comparison) => comparisons.push(comparison))(program);
  const [comparison] = comparisons;
  if (comparison === undefined || comparisons.length > 1) throw new Error('not one comparison');
  return comparison;
};

/** Two tenants who talk, search and try one another, beside each other and in turn. */
const BUSY: readonly Move[] = [
  ask(CHEN, 'talk'),
  beside(ask(SMITH, 'patient_context')),
  beside(ask(FOSTER, 'web_search')),
  attempt(SMITH, CHEN, 'memory ListEvents'),
  order({ kind: 'plant-document', tenant: 'clinic-b', text: 'guideline' }),
  ask(SMITH, 'retrieve_clinic_documents'),
  beside(ask(JONES, 'talk')),
  wait(30_000_000, ask(SMITH, 'recall')),
];

test.each(VARIATIONS)(
  'whatever others do (%s), an observer with resources of its own sees the same bits at the same instants',
  async (others) => {
    const {
      verdict,
      requests,
      compared: judged,
      delaysUs,
    } = await compared(SOUND, programWith(BUSY, observing(others)));
    expect(requests).toBe(5);
    // A direct call to somebody's memory says what the platform made of their name.
    const comparable = others === 'renamed' ? 4 : 5;
    expect(judged).toBe(comparable);
    expect(delaysUs).toEqual(Array(comparable).fill(0));
    expect(verdict).toMatchObject({ promise: 'I2', evidence: comparable, findings: [] });
  },
);

const playedSecond = (moves: readonly Move[], observer: Observation): Second => {
  const scenario = scenarioOfProgram(programWith(moves, observer));
  const begins = scenario.moves.map((_, index) => scenario.startUs + index * 10_000_000);
  return secondRun(scenario, observer, begins);
};

const othersOf = (second: Second): readonly string[] =>
  second.others.map(({ move }) => {
    if (move.do === 'ask')
      return `${move.by.user} ${move.use}${move.say === undefined ? '' : ' says'}`;
    if (move.do === 'try') return `${move.by?.user} ${move.operation} ${move.presents}`;
    return move.do === 'change' ? move.change.kind : move.do;
  });

const TWO: readonly Move[] = [ask(CHEN, 'talk'), ask(SMITH, 'clinic_config')];

test.each<readonly [Variation, readonly string[]]>([
  ['removed', []],
  ['multiplied', ['dr.chen talk', 'dr.chen talk', 'dr.chen talk']],
  ['reworded', ['dr.chen talk says']],
  ['alike', ['dr.chen clinic_config']],
  ['renamed', ['dr.chen talk']],
  ['reborn', ['offboard', 'onboard', 'dr.chen talk']],
  ['refused', ['dr.chen front-door talk forged']],
])('in a second run with the others %s they do %j', (others, done) => {
  const second = playedSecond(TWO, observing(others));
  expect(othersOf(second)).toEqual(done);
  expect(second.own.map(({ move }) => move.do === 'ask' && move.by.user)).toEqual(['dr.smith']);
});

test('who is renamed has another name of the same length, which is turned back in what is seen', () => {
  const second = playedSecond([...TWO, attempt(SMITH, CHEN, 'table Query')], observing('renamed'));
  const ids = second.scenario.tenants.map(({ id }) => id);
  expect(ids).toContain('clinic-a');
  expect(ids).not.toContain('clinic-b');
  expect(ids.map((id) => id.length)).toEqual(TENANTS.map(({ id }) => id.length));
  const renamed = ids[TENANTS.findIndex(({ id }) => id === 'clinic-b')] ?? '';
  expect(second.plain(`of ${renamed}`)).toBe('of clinic-b');
  expect(second.own.map(({ move }) => (move.do === 'try' ? move.of.tenant : ''))).toEqual([
    '',
    renamed,
  ]);
});

test('others who are reworded own more of everything, and a colleague only says something else', () => {
  const plansOf = ({ scenario }: Second) => scenario.tenants.map(({ patients }) => patients);
  const before = scenarioOfProgram(programWith(TWO, observing('reworded'))).tenants;
  const more = before.map(({ id, patients }) => (id === 'clinic-a' ? patients : patients + 2));
  expect(plansOf(playedSecond(TWO, observing('reworded')))).toEqual(more);
  const one = observing('reworded', { user: 'dr.smith' });
  const second = playedSecond([ask(JONES, 'talk'), ask(SMITH, 'talk')], one);
  expect(plansOf(second)).toEqual(before.map(({ patients }) => patients));
  expect(othersOf(second)).toEqual(['dr.jones talk says']);
});

test('a tenant that moves in, a user who comes, a failing service are of both runs', () => {
  const moves: readonly Move[] = [
    order({ kind: 'move-user', tenant: 'clinic-b', user: 'dr.chen', to: 'clinic-a' }),
    order({ kind: 'suspend', tenant: 'clinic-b' }),
    { afterUs: 0, together: false, do: 'break', service: 'memory', how: 'gone', forUs: 1_000_000 },
  ];
  const { own } = playedSecond(moves, observing('removed'));
  expect(own.map(({ move }) => (move.do === 'change' ? move.change.kind : move.do))).toEqual([
    'move-user',
    'break',
  ]);
});

test('what is felt by its time alone is found where nothing is shared, and told with both times', async () => {
  const { make, script, observer } = faultOf('runtime-keeps-tool-lists');
  if (observer === undefined) throw new Error('the fault names no observer');
  const broken: Trial = { platform: make, ...POLICIES };
  const { verdict } = await compared(broken, programWith(script, observer));
  const [told] = verdict.findings;
  expect(told?.violation.sink).toBe('time');
  expect(told?.violation.let[0]).toMatch(/^E1 = first run .* after \d+ us$/);
  const shared = await compared(broken, programWith(script, { ...observer, resources: 'shared' }));
  expect(shared.verdict.findings).toEqual([]);
  expect(shared.delaysUs.some((delayUs) => delayUs < 0)).toBe(true);
});

test('a coalition sees what each of its tenants sees', async () => {
  const { requests } = await compared(
    SOUND,
    programWith(BUSY, observing('removed', { tenants: ['clinic-a', 'hospital-a'] })),
  );
  expect(requests).toBe(6);
});

test('how much a tenant feels of another is summed up for each pair, and only where it is known whom', async () => {
  const interference = new Interference();
  const tenants = TENANTS.filter(({ id }) => id === 'clinic-a' || id === 'clinic-b');
  const add = async (observer: Observation, who = tenants): Promise<void> => {
    const program = {
      ...programWith([...TWO, ...crowd(2, ask(SMITH, 'talk'))], observer),
      tenants: who,
    };
    interference.add(program, await compared(SOUND, program));
  };
  await add(observing('removed', { resources: 'shared' }));
  await add(observing('removed', { resources: 'shared' }), [...TENANTS]);
  await add(observing('multiplied', { resources: 'shared' }));
  const told = interference.told();
  expect(told).toMatchObject({ pairs: 3, comparable: 3 });
  expect(told.felt.map(({ observer, other }) => [observer, other])).toEqual([
    ['clinic-a', 'clinic-b'],
  ]);
  // The other fetched the keys for both.
  expect(told.felt[0]?.meanMs).toBeLessThan(0);
});

test('the model host and the copies of the keys are felt where they are shared', async () => {
  const moves = [ask(NOVAK, 'talk'), ask(FOSTER, 'talk')];
  const delays = async (resources: Observation['resources']): Promise<readonly number[]> =>
    (
      await compared(
        SOUND,
        programWith(moves, observing('removed', { tenants: ['hospital-a'], resources })),
      )
    ).delaysUs;
  expect(await delays('replicated')).toEqual([0]);
  expect((await delays('shared'))[0]).toBeLessThan(0);
});
