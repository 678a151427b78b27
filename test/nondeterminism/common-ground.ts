// What do the two runs of `--twice` share, so that it cannot see who depends on it?

import { homedir, hostname, tmpdir } from 'node:os';
import { answering, logging, type Source } from './plant.ts';

/**
 * Both runs take place on one machine, as one user, by one Node, from one copy of the module. Of
 * these, CI sees the Node alone, by comparing digests of Node 20 and 24. Two more are left out for
 * want of a fair trial: the text of `Error#stack`, which the test runner rewrites in one of the two
 * runs, and what the garbage collector has freed (`WeakRef`), which differs too seldom to be seen.
 */
export const COMMON_GROUND: readonly Source[] = [
  { what: 'os.hostname', way: answering, service: 'front-door', value: () => hostname },
  { what: 'os.homedir', way: logging, service: 'gateway', value: () => homedir },
  { what: 'os.tmpdir', way: logging, service: 'tools', value: () => tmpdir },
  {
    what: 'process.version',
    way: answering,
    service: 'runtime',
    value: () => () => process.version,
  },
  { what: 'import.meta.url', way: answering, service: 'model', value: () => () => import.meta.url },
];
