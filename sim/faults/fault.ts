// What is a seeded fault: the smallest change to one service that breaks a promise, and what should see it.

import type { Make } from '../platforms/overriding.ts';
import type { Move } from '../scenario/move.ts';
import type { Observation, PromiseId } from '../scenario/schema.ts';

export const FAULT_CLASSES = [
  'tenant resolution',
  'header and argument trust',
  'policy',
  'mediation',
  'credentials',
  'identifiers and namespaces',
  'memory',
  'knowledge',
  'process state and concurrency',
  'limits and quotas',
  'telemetry and attribution',
  'caches and retries',
  'lifecycle and incarnation',
  'integrity',
  'failing open',
  'model and stream',
] as const;
export type FaultClass = (typeof FAULT_CLASSES)[number];

/** What makes a fault hard to see for the usual test. */
export const TRAITS = [
  'no canary shows it',
  'needs concurrency',
  'needs time or a life-cycle step',
  'only in telemetry or cost',
  'only under a service fault',
  'within one tenant',
] as const;
export type Trait = (typeof TRAITS)[number];

export interface SeededFault {
  /** Stable, in words: `runtime-trusts-payload`. */
  readonly id: string;
  readonly class: FaultClass;
  /** What the platform does wrong, in one sentence without a full stop. */
  readonly does: string;
  /** Where it was seen, e.g. `published sample, main.py:146` or `assumed`. */
  readonly source: string;
  /** The promise that it breaks, which is the check that should catch it. */
  readonly promise: PromiseId;
  /** Promises that the same change breaks as well. */
  readonly implies: readonly PromiseId[];
  /** The service that was changed, or the port. */
  readonly boundary: string;
  /** How, in a few words; no other fault has the same at the same boundary. */
  readonly mechanism: string;
  readonly traits: readonly Trait[];
  /** The platform that has it. */
  readonly make: Make;
  /** Moves that show the harm, in the world of `WORLD`. */
  readonly script: readonly Move[];
  /** Who feels the moves of others in the script: for what only two runs can show. */
  readonly observer?: Observation;
}
