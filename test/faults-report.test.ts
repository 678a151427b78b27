// Does `faults` fail when a check is missing, even where other checks see the same faults?

import { expect, test } from 'vitest';
import type { JudgedFault } from '../sim/domain/faults-report.ts';
import { judgedOf, kill } from '../sim/engines/kill.ts';
import { type Judge, judgeOf, type Trial } from '../sim/engines/verify.ts';
import { faultOf } from '../sim/faults.ts';
import { readTrial } from '../sim/index.ts';
import { type FaultsTerms, faultsReport, faultsText } from '../sim/report.ts';
import { placeOf } from './room.ts';

const TERMS: FaultsTerms = {
  version: '0.0.0',
  control: { programs: 10, findings: 0 },
  partial: false,
  seeds: [1, 2],
  budget: 50,
  replay: 'npx poolproof faults',
};

/** A fault that was found in every search, by the check meant for it unless it is said otherwise. */
const judged = (id: string, changes: Partial<JudgedFault> = {}): JudgedFault => ({
  id,
  class: 'policy',
  does: 'something that is wrong',
  promise: 'I3',
  boundary: 'gateway',
  mechanism: id,
  caughtBy: ['I3'],
  caught: true,
  attributed: true,
  executions: { median: 2, max: 3 },
  moves: 1,
  tenants: 1,
  usualTest: false,
  ...changes,
});

test('what the meant check reported in every search passes, and says nothing of silence', () => {
  const report = faultsReport(
    [judged('a'), judged('b', { promise: 'I1', caughtBy: ['I1'] })],
    TERMS,
  );
  expect(report).toMatchObject({ exitCode: 0, verdict: 'pass', unattributed: [], silent: [] });
  expect(report.sentence).toBe(
    '2 of 2 seeded faults caught, 2 by the check meant for them, found after 2 executions ' +
      '(median); the usual test catches 0; 0 findings on the sound platform in 10 programs.',
  );
});

test('a fault that only other checks reported is a failure, and is told', () => {
  const astray = judged('b', { caughtBy: ['I1', 'I9'], attributed: false });
  const report = faultsReport([judged('a'), astray], TERMS);
  expect(report).toMatchObject({ exitCode: 1, caught: 2, unattributed: ['b'], silent: [] });
  expect(report.sentence).toContain('; 1 never reported by that check; ');
  expect(faultsText(report, 100)).toContain(
    'Not reported by the check meant for it\n  b: meant for I3, caught by I1 I9\n',
  );
});

test('a check that reported nothing meant for it in every search is silent, and a failure', () => {
  const once = judged('b', { promise: 'I9', caughtBy: ['I1', 'I9'], attributed: false });
  const report = faultsReport([judged('a'), once], TERMS);
  expect(report).toMatchObject({ exitCode: 1, caught: 2, unattributed: [], silent: ['I9'] });
  expect(report.sentence).toContain('; silent: the check of I9; ');
  const twice = faultsReport([once, { ...once, id: 'c', attributed: true }], TERMS);
  expect(twice).toMatchObject({ exitCode: 0, silent: [] });
});

test('a fault that escapes, a finding on the sound platform and an early end do not pass either', () => {
  const escaped = judged('a', { caughtBy: [], caught: false, attributed: false });
  expect(faultsReport([escaped, judged('b')], TERMS).exitCode).toBe(1);
  const control = { programs: 10, findings: 1 };
  expect(faultsReport([judged('a')], { ...TERMS, control }).exitCode).toBe(1);
  expect(faultsReport([judged('a')], { ...TERMS, partial: true }).exitCode).toBe(4);
});

/** All checks but that of one promise. */
const without =
  (missing: string) =>
  (trial: Trial): Judge => {
    const judge = judgeOf(trial);
    return async (...asked) => (await judge(...asked)).filter(({ promise }) => promise !== missing);
  };

/** Each is reported by I3, and by other checks as well. */
const SEEN_TWICE = ['identity-actor-without-tenant', 'gateway-changes-input-after-allow'].map(
  faultOf,
);

test.each(['I11', 'I3'])('a search for faults with all checks but that of %s', async (missing) => {
  const { trial } = await readTrial({ platform: 'reference' }, placeOf('faults-report'));
  const effort = { seeds: [1], executionsMax: 8, judges: without(missing) };
  const found: JudgedFault[] = [];
  for (const fault of SEEN_TWICE) found.push(judgedOf(await kill(fault, trial, effort)));
  const report = faultsReport(found, TERMS);
  const meant = missing === 'I3' ? SEEN_TWICE.map(({ id }) => id) : [];
  expect(report).toMatchObject({ caught: 2, unattributed: meant });
  expect(report.silent).toEqual(missing === 'I3' ? ['I3'] : []);
  expect(report.exitCode).toBe(missing === 'I3' ? 1 : 0);
});
