// What platform does the generator have? None: every call leaves by the wire.

import { type Platform, SERVICE_NAMES, type ServiceName } from '../domain/ports.ts';
import type { Outside } from '../engines/outside.ts';

const unreachable = (): never => {
  throw new Error('the platform is elsewhere: it is reached by the wire alone');
};

const services = Object.fromEntries(SERVICE_NAMES.map((name) => [name, unreachable])) as Record<
  ServiceName,
  () => never
>;

export const ELSEWHERE: Platform = {
  name: 'elsewhere',
  services,
  policy: { decide: unreachable, mayList: unreachable },
  access: { authorize: unreachable },
  limiters: { 'front-door': { admit: unreachable }, gateway: { admit: unreachable } },
  operate: unreachable,
  rules: [],
};

/** No model is called from here, so nothing is metered. */
export const NOTHING_OUTSIDE: Outside = {
  model: unreachable,
  web: unreachable,
  take: () => undefined,
};
