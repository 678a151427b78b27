// Which platforms use credentials that are another's, or serve somebody past their end?

import { type Broken, seeded } from './break.ts';

export const CREDENTIALS: readonly Broken[] = [
  seeded('tools-credentials-by-role', 'day'),
  seeded('vending-shared-by-colleagues', 'day'),
  seeded('vending-for-twelve-hours', 'day'),
  seeded('vending-past-the-token', 'day'),
  seeded('control-plane-forgets-to-suspend', 'day'),
  seeded('front-door-greets-suspended', 'day'),
];
