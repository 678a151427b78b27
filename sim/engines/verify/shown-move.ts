// Which move of a program showed a finding: the one whose request the violating event belongs to.

import type { Told } from '../../domain/finding.ts';
import type { Move } from '../../scenario.ts';
import { actorOf, keyOf } from '../moves.ts';

/** Its index; undefined when the event is of no request, or of one that no move made. */
export const shownMove = (moves: readonly Move[], { violation }: Told): number | undefined => {
  const { principal, move: number } = violation.event.request ?? {};
  if (number === undefined) return undefined;
  const actor = keyOf(principal && { tenant: principal.tenant.id, user: principal.user });
  let made = 0;
  const index = moves.findIndex((move) => {
    if (actorOf(move) !== actor) return false;
    made += move.do === 'ask' ? move.times : 1;
    return made >= number;
  });
  return index === -1 ? undefined : index;
};
