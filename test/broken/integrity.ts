// Which platforms alter what somebody wrote, or let another destroy it?

import { type Broken, seeded } from './break.ts';

export const INTEGRITY: readonly Broken[] = [
  seeded('table-alters-records', 'day'),
  seeded('knowledge-alters-words', 'day'),
  seeded('memory-cuts-records', 'talk'),
  seeded('memory-one-record', 'talk'),
  seeded('memory-one-event', 'talk'),
  seeded('memory-evicts-oldest', 'day'),
  seeded('knowledge-search-writes', 'day'),
];
