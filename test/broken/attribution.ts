// Which platforms name the wrong one, or charge what was not used?

import { type Broken, seeded } from './break.ts';

export const ATTRIBUTION: readonly Broken[] = [
  seeded('runtime-charges-previous', 'day'),
  seeded('runtime-loses-charges', 'day'),
  seeded('runtime-rounds-charges', 'day'),
  seeded('runtime-charges-wrong-tier', 'day'),
  seeded('gateway-spans-of-previous', 'day'),
  seeded('gateway-spans-of-nobody', 'day'),
  seeded('front-door-logs-previous', 'day'),
  seeded('tools-baggage-to-web', 'day'),
  seeded('runtime-trace-to-model', 'day'),
  seeded('runtime-baggage-of-previous', 'day'),
];
