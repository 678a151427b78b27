// Which platforms open where they should close: when something that authorization rests on fails?

import { type Broken, seeded } from './break.ts';

export const FAILING: readonly Broken[] = [
  seeded('runtime-old-credentials', 'faults'),
  seeded('tools-old-credentials', 'faults'),
  seeded('vending-old-sessions', 'faults'),
  seeded('gateway-open-without-policy', 'faults'),
  seeded('gateway-repeats-decision', 'faults'),
];
