// Whose move is it, and who is named in a list of moves?

import type { Move, Person } from '../../scenario/move.ts';

/** Everyone who acts or is acted on, once. */
export const peopleIn = (moves: readonly Move[]): readonly Person[] =>
  once(
    moves.flatMap((move) => {
      const named = move.do === 'ask' ? [move.by] : move.do === 'try' ? [move.by, move.of] : [];
      return named.filter((person) => person !== undefined);
    }),
  );

export const once = (people: readonly Person[]): readonly Person[] => [
  ...new Map(people.map((person) => [keyOf(person), person])).values(),
];

/** A text for each person, and `` for an outsider. */
export const keyOf = (person: Person | undefined): string =>
  person === undefined ? '' : JSON.stringify([person.tenant, person.user]);

/** Whose move it is: a person's, an outsider's, or the operator's at a tenant. */
export const actorOf = (move: Move): string => {
  switch (move.do) {
    case 'ask':
    case 'try':
      return keyOf(move.by);
    case 'change':
      return 'tenant' in move.change ? move.change.tenant : 'operator';
    case 'break':
      return 'operator';
  }
};
