// Which platforms keep from an owner what is its own, and say nothing?

import { type Broken, seeded } from './break.ts';

export const SERVICE: readonly Broken[] = [
  seeded('front-door-answers-nothing', 'day'),
  seeded('tools-no-documents-on-failure', 'faults'),
  seeded('memory-forgets-silently', 'talk'),
  seeded('front-door-cuts-answers', 'day'),
  seeded('tools-mask-secrets', 'day'),
  seeded('knowledge-finds-one', 'day'),
  seeded('iam-table-for-nobody', 'day'),
];
