// What is a program: tenants and moves in a small world, which a scenario file can hold as it is.

import {
  type Move,
  moveForm,
  type Observation,
  type Scenario,
  scenarioOfData,
} from '../scenario.ts';
import { type Limits, type Tenant, worldDocument } from './programs/world.ts';

export { type Limits, peopleOf, TENANTS, type Tenant } from './programs/world.ts';

export interface Program {
  readonly seed: number;
  readonly hosting: Scenario['hosting'];
  readonly limits: Limits;
  readonly tenants: readonly Tenant[];
  readonly moves: readonly Move[];
  /** Who must notice nothing of the others (I2); undefined when that is not tried. */
  readonly observer?: Observation | undefined;
}

/** The scenario document of a program: what is written down is what is played. */
export const documentOf = (
  program: Program,
  name: string,
  title: string,
): Readonly<Record<string, unknown>> => {
  const { version, ...world } = worldDocument(program.limits);
  return {
    version,
    name,
    title,
    seed: program.seed,
    hosting: program.hosting,
    ...world,
    tenants: program.tenants,
    moves: program.moves.map(moveForm),
    ...(program.observer === undefined ? {} : { observer: program.observer }),
  };
};

export const scenarioOfProgram = (program: Program): Scenario =>
  scenarioOfData(documentOf(program, 'program', 'A generated program.'), 'program');
