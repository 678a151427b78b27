// How far may the heap outgrow what lives in it: of the command alone, for a user's own process is the user's.

import { setFlagsFromString } from 'node:v8';

/**
 * In percent of what lives; V8 then looks for garbage. Left to itself it lets a long run grow to
 * four times that: a day of a thousand tenants to 1.5 GiB. Read at every collection.
 */
setFlagsFromString('--heap-growing-percent=25');
