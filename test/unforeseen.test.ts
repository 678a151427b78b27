// Do the checks see faults that nobody had in mind when they were written?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT, readCedar, readIam } from '../sim/cli/files.ts';
import { playScript } from '../sim/engines/kill.ts';
import { FAULTS, UNFORESEEN } from '../sim/faults.ts';
import { reference } from '../sim/platforms/reference.ts';

const FOLDER = join(PACKAGE_ROOT, 'policies');
const POLICIES = { cedarFiles: readCedar(FOLDER), iamDocuments: readIam(FOLDER) };

/** What really is reported of each script: the promise that was meant, another one, or nothing. */
const REPORTED: Readonly<Record<string, readonly string[]>> = {
  // Missed: a script names no observer, so I2 is not judged; generated programs find it.
  'runtime-breaker-for-all': [],
  // Missed: another model answers than the one that is charged, for equally many tokens.
  'runtime-experiment-on-models': [],
  'runtime-queue-of-events': ['I1'],
  // Missed: a list of patients that is cut because somebody else asked for a shorter one.
  'tools-one-default': [],
  'front-door-answers-one-late': ['I1'],
  'gateway-lends-rights': ['I3'],
  // Caught as a silent absence (I10), and not as the loss that it is (I9).
  'control-plane-purges-by-file-name': ['I10'],
  // Caught as a false sign-in (I7), and not as the token in the wrong hands that it gives (I1).
  'identity-repeats-sign-in': ['I7'],
  // Missed: what its owner deleted is shown again.
  'memory-deletes-softly': [],
  'control-plane-migrates-previous': ['I1', 'I10', 'I9'],
  'control-plane-suspends-on-the-hour': ['I4'],
  'limiter-day-of-first-request': ['I6'],
};

test('twelve faults that the catalogue does not hold', () => {
  const ids = UNFORESEEN.map(({ id }) => id);
  expect([...ids].sort()).toEqual(Object.keys(REPORTED).sort());
  expect(new Set(ids).size).toBe(12);
  const known = new Set(FAULTS.flatMap(({ id, does }) => [id, does]));
  expect(UNFORESEEN.filter(({ id, does }) => known.has(id) || known.has(does))).toEqual([]);
});

test.each(UNFORESEEN)(
  'what is reported of the script of $id, meant for $promise',
  async (fault) => {
    const found = await playScript(fault, { platform: fault.make, ...POLICIES });
    expect([...found].sort()).toEqual(REPORTED[fault.id]);
  },
);

test.each(UNFORESEEN)(
  'nothing is reported of the script of $id on the reference',
  async (fault) => {
    const found = await playScript(fault, { platform: reference, ...POLICIES });
    expect([...found]).toEqual([]);
  },
);
