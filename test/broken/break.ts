// What is a broken platform here: one fault, the check meant for it, and where it is tried.

import { faultOf } from '../../sim/faults.ts';
import type { Make } from '../../sim/platforms/overriding.ts';
import type { PromiseId } from '../../sim/scenario/schema.ts';
import type { ScenarioName } from './scenarios.ts';

/** Every promise that a broken platform can break here. */
export type Promised = 'I1' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11';

/** A platform with one fault: the check meant for it, and what else may rightly report. */
export interface Broken {
  /** What the platform does wrong. */
  readonly does: string;
  readonly under: ScenarioName;
  readonly make: Make;
  /** Promises that the same fault breaks as well, here or in a longer run. */
  readonly implies?: readonly PromiseId[];
}

/** A platform with a fault of the catalogue, tried in a scenario that gives it occasion. */
export const seeded = (id: string, under: ScenarioName): Broken => {
  const { does, make, implies } = faultOf(id);
  return { does, under, make, implies };
};
