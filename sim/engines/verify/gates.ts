// Which operations stand at one door: so that a story chooses a door first, however many operations it has.

import fc from 'fast-check';
import { MOVE_OPERATIONS, type MoveOperation, PRESENTED } from '../../scenario.ts';

type Gate = readonly MoveOperation[];

const at = (boundary: string): Gate =>
  MOVE_OPERATIONS.filter((operation) => operation.startsWith(`${boundary} `));

/** Doors that take a bearer token. */
export const TOKEN_GATES = ['front-door', 'runtime', 'gateway', 'tools', 'credentials'].map(at);

/** Doors for other workloads only. */
export const INNER_GATES = ['runtime', 'gateway', 'tools', 'credentials', 'sts'].map(at);

/** One operation at each of so many doors. */
export const through = (
  gates: readonly Gate[],
  bounds: { readonly minLength: number; readonly maxLength: number },
): fc.Arbitrary<readonly MoveOperation[]> =>
  fc
    .shuffledSubarray([...gates], bounds)
    .chain((some) => fc.tuple(...some.map((operations) => fc.constantFrom(...operations))));

/** Where data is, behind credentials. */
export const DATA: readonly MoveOperation[] = ['table', 'memory', 'knowledge'].flatMap(at);

/** What is no good bearer token of the actor. */
export const BAD = PRESENTED.filter((presents) => presents !== 'own' && presents !== 'late');
