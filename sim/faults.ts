// Which faults can a platform have that all these checks are for: the catalogue, by class.

import { BY_WAYS } from './faults/by-ways.ts';
import { CACHES } from './faults/caches.ts';
import { CHARGES } from './faults/charges.ts';
import { CONTENT_IN_TELEMETRY } from './faults/content-in-telemetry.ts';
import { CREDENTIALS } from './faults/credentials.ts';
import { FAILING_OPEN } from './faults/failing-open.ts';
import type { SeededFault } from './faults/fault.ts';
import { HEADER_TRUST } from './faults/header-trust.ts';
import { IDENTIFIERS } from './faults/identifiers.ts';
import { INTEGRITY } from './faults/integrity.ts';
import { INTERFERENCE } from './faults/interference.ts';
import { JOINED_FLIGHTS } from './faults/joined-flights.ts';
import { KNOWLEDGE } from './faults/knowledge.ts';
import { LIFECYCLE } from './faults/lifecycle.ts';
import { LIMITS } from './faults/limits.ts';
import { MEDIATION } from './faults/mediation.ts';
import { MEMORY } from './faults/memory.ts';
import { MODEL_AND_STREAM } from './faults/model-and-stream.ts';
import { POLICY } from './faults/policy.ts';
import { SHARED_STATE } from './faults/shared-state.ts';
import { STALE_ANSWERS } from './faults/stale-answers.ts';
import { TELEMETRY } from './faults/telemetry.ts';
import { TENANT_RESOLUTION } from './faults/tenant-resolution.ts';

export {
  FAULT_CLASSES,
  type FaultClass,
  type SeededFault,
  TRAITS,
  type Trait,
} from './faults/fault.ts';
export { UNFORESEEN } from './faults/unforeseen.ts';

/** Every seeded fault, in the order of the classes. */
export const FAULTS: readonly SeededFault[] = [
  ...TENANT_RESOLUTION,
  ...HEADER_TRUST,
  ...BY_WAYS,
  ...POLICY,
  ...MEDIATION,
  ...CREDENTIALS,
  ...IDENTIFIERS,
  ...MEMORY,
  ...KNOWLEDGE,
  ...SHARED_STATE,
  ...JOINED_FLIGHTS,
  ...INTERFERENCE,
  ...LIMITS,
  ...CHARGES,
  ...TELEMETRY,
  ...CONTENT_IN_TELEMETRY,
  ...CACHES,
  ...LIFECYCLE,
  ...INTEGRITY,
  ...FAILING_OPEN,
  ...STALE_ANSWERS,
  ...MODEL_AND_STREAM,
];

const BY_ID: ReadonlyMap<string, SeededFault> = new Map(FAULTS.map((fault) => [fault.id, fault]));

/** The fault of an id. Throws a RangeError when there is none. */
export const faultOf = (id: string): SeededFault => {
  const fault = BY_ID.get(id);
  if (fault === undefined) throw new RangeError(`no fault is called \`${id}\``);
  return fault;
};
