// Which platforms let a secret flow to one who is not among its readers?

import { type Broken, seeded } from './break.ts';

export const FLOWS: readonly Broken[] = [
  seeded('front-door-answers-by-patient', 'day'),
  seeded('knowledge-searches-all', 'day'),
  seeded('tools-documents-by-query', 'day'),
  seeded('table-ignores-iam', 'day'),
  seeded('table-error-shows-item', 'day'),
  seeded('runtime-session-by-id-prefix', 'day'),
  seeded('runtime-session-by-client-id', 'day'),
  seeded('memory-one-namespace', 'talk'),
  seeded('runtime-stream-left-over', 'day'),
  seeded('front-door-streams-previous', 'day'),
  seeded('tools-search-with-record', 'day'),
  seeded('gateway-logs-headers', 'day'),
  seeded('memory-logs-credentials', 'day'),
  seeded('front-door-echoes-token', 'day'),
  seeded('front-door-cookie-of-previous', 'day'),
  seeded('tools-token-to-web', 'day'),
  seeded('runtime-span-holds-prompt', 'day'),
  seeded('runtime-span-lists-prompt', 'day'),
  seeded('runtime-span-named-by-prompt', 'day'),
  seeded('runtime-baggage-holds-prompt', 'day'),
  seeded('tools-log-answers', 'day'),
];
