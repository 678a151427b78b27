// Which platforms admit more than was promised, or less?

import { type Broken, seeded } from './break.ts';

export const LIMITS: readonly Broken[] = [
  seeded('limiter-admits-everybody', 'flood'),
  seeded('front-door-ignores-limiter', 'flood'),
  seeded('limiter-by-tier', 'flood'),
  seeded('limiter-two-replicas', 'flood'),
  seeded('limiter-fixed-window', 'flood'),
  seeded('limiter-quota-one-short', 'flood'),
  seeded('limiter-counts-refusals', 'flood'),
];
