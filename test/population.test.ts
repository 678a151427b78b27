// Do generated tenants ask as much as a scenario says, whatever their number?

import { expect, test } from 'vitest';
import { tenantPlans } from '../sim/engines/population.ts';
import { loadScenario } from '../sim/scenario.ts';
import { smallScenario } from './command-line.ts';

test.each([
  [0, 200],
  [1.05, 40],
])('with a skew of %d, %d generated tenants weigh 1 in the mean', (skew, tenants) => {
  const scenario = loadScenario(smallScenario(), 'small.yaml');
  const population = {
    ...{ tenants, tiers: { basic: 1 }, zones: ['UTC'], users: { nurse: 1 } },
    ...{ skew, patients: 1, documents: 1 },
  };
  const plans = tenantPlans({ ...scenario, tenants: [], population } as typeof scenario);
  const weights = plans.map(({ weight }) => weight);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  expect(sum / weights.length).toBeCloseTo(1, 9);
  expect(Math.max(...weights) / Math.min(...weights)).toBeCloseTo(
    Math.exp(Math.log(tenants) * skew),
    6,
  );
});
