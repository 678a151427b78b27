// What is a seeded fault: a limiter that goes wrong in one way, and the contract that shows it?

import type { Contract } from '../domain/contract.ts';
import type { SimulatedLimiter } from './limiter.ts';

/** What a fault must be caught at: wrong admissions, wrong refusals, or one of the two. */
export type Harm = 'admits' | 'refuses' | 'either';

export interface LimiterFault {
  readonly id: string;
  readonly harm: Harm;
  readonly does: string;
  readonly contract: Contract;
  readonly make: () => SimulatedLimiter;
}

/** A fault as the tables write it. */
export type FaultRow = readonly [
  id: string,
  harm: Harm,
  does: string,
  contract: Contract,
  make: () => SimulatedLimiter,
];
