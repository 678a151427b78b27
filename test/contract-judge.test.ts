// Does the judge of every kind of limit say what the definitions say?

import { expect, test } from 'vitest';
import { tryJudge } from '../sim/engines/judge-trial.ts';

test('a million decisions on every kind of limit are judged as the definitions say', () => {
  const trial = tryJudge(1_000_000, 1);
  expect(trial.first).toBeUndefined();
  expect(trial).toMatchObject({ decisions: 1_000_000, disagreements: 0 });
  expect(trial.wrongAdmissions).toBeGreaterThan(100_000);
  expect(trial.wrongRefusals).toBeGreaterThan(100_000);
});
