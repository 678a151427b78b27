// Is every check able to fail? Platforms that each break one promise, and what must be said of them.

import { expect, test } from 'vitest';
import type { Verdict } from '../sim/domain/finding.ts';
import { ATTRIBUTION } from './broken/attribution.ts';
import type { Broken, Promised } from './broken/break.ts';
import { CREDENTIALS } from './broken/credentials.ts';
import { DETERMINISM } from './broken/determinism.ts';
import { FAILING } from './broken/failing-closed.ts';
import { IDENTITY } from './broken/identity.ts';
import { INTEGRITY } from './broken/integrity.ts';
import { verdictsOn, verdictsOnReference } from './broken/judge.ts';
import { LIMITS } from './broken/limits.ts';
import { MEDIATION } from './broken/mediation.ts';
import { FLOWS } from './broken/no-flow.ts';
import { SCENARIOS, type ScenarioName } from './broken/scenarios.ts';
import { SERVICE } from './broken/service.ts';

const CATALOGUE: Readonly<Record<Promised, readonly Broken[]>> = {
  I1: FLOWS,
  I3: MEDIATION,
  I4: CREDENTIALS,
  I5: ATTRIBUTION,
  I6: LIMITS,
  I7: IDENTITY,
  I8: FAILING,
  I9: INTEGRITY,
  I10: SERVICE,
  I11: DETERMINISM,
};

const promises = Object.keys(CATALOGUE) as readonly Promised[];
const cases = promises.flatMap((promise) =>
  CATALOGUE[promise].map((broken) => ({ promise, ...broken })),
);

const reporting = (verdicts: ReadonlyMap<string, Verdict>): readonly string[] =>
  [...verdicts.values()]
    .filter(({ findings }) => findings.length > 0)
    .map(({ promise }) => promise);

test.each(cases)(
  '$promise is found broken where $does',
  async ({ promise, make, under, implies = [] }) => {
    const found = reporting(await verdictsOn(make, under, promise === 'I11'));
    expect(found).toContain(promise);
    expect([promise, ...implies]).toEqual(expect.arrayContaining([...found]));
  },
);

test.each(Object.keys(SCENARIOS) as readonly ScenarioName[])(
  'the sound platform breaks no promise in the scenario %s',
  async (under) => {
    expect(reporting(await verdictsOnReference(under))).toEqual([]);
  },
);

test.each(promises)('%s meets evidence wherever it is to be found broken', async (promise) => {
  for (const under of new Set(CATALOGUE[promise].map((broken) => broken.under))) {
    const verdict = (await verdictsOnReference(under)).get(promise);
    expect(verdict?.evidence, under).toBeGreaterThan(0);
    expect(verdict?.controls, under).toBeGreaterThan(0);
  }
});

test.each(promises)(
  '%s is broken in three ways at least, each with a name of its own',
  (promise) => {
    const names = CATALOGUE[promise].map(({ does }) => does);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(promise === 'I1' ? 6 : 3);
  },
);
