// Which platforms take a bad bearer token for a good one, or one tenant for another?

import { type Broken, seeded } from './break.ts';

export const IDENTITY: readonly Broken[] = [
  seeded('front-door-takes-unsigned', 'day'),
  seeded('front-door-ignores-audience', 'day'),
  seeded('front-door-ignores-issuer', 'day'),
  seeded('front-door-demo-tenant', 'day'),
  seeded('front-door-serves-as-last', 'day'),
  seeded('gateway-lists-without-token', 'day'),
  seeded('tools-tell-time-to-all', 'day'),
  seeded('vending-ignores-expiry', 'day'),
  seeded('identity-publishes-old-keys', 'day'),
  seeded('identity-open-sign-up', 'day'),
  seeded('front-door-first-of-two-tokens', 'day'),
  seeded('control-plane-reuses-names', 'lives'),
];
