// What must come back to a try: a refusal, the actor's own data, or nothing that is another's?

import type { ProbeFacts } from '../../domain/history.ts';
import type { MoveOperation, TryMove } from '../../scenario/move.ts';
import { partsOf, TAKES_CREDENTIALS } from './calls.ts';

type Expected = ProbeFacts['expects'];

/** Doors for other workloads only: whoever comes from the internet is refused. */
const INNER = new Set(['runtime', 'gateway', 'tools', 'credentials', 'sts']);

/** Doors that an agent itself goes through. */
const AGENTS_OWN = new Set(['gateway', 'credentials']);

/** Operations that no condition of IAM can scope to a user: the reference grants them to nobody. */
const UNSCOPED: ReadonlySet<MoveOperation> = new Set<MoveOperation>([
  'memory ListActors',
  'memory GetMemoryRecord',
  'memory DeleteMemoryRecord',
]);

/** Own data that its owner must get. Memory is written to, so that a read finds something. */
const SERVED: ReadonlySet<MoveOperation> = new Set<MoveOperation>([
  'table GetItem',
  'memory RetrieveMemoryRecords',
  'memory ListSessions',
  'memory CreateEvent',
]);

/** `own answer` is no promise in itself: what flows is judged by all checks. */
export const expectedOf = (move: TryMove, relation: ProbeFacts['relation']): Expected => {
  const { boundary } = partsOf(move.operation);
  if (relation === 'outsider' || boundary === 'identity' || isRepeated(move)) return 'refusal';
  if (move.presents !== 'own' && move.presents !== 'late') return 'refusal';
  if (INNER.has(boundary)) {
    return move.from === 'inside' && AGENTS_OWN.has(boundary) ? 'own answer' : 'refusal';
  }
  if (!TAKES_CREDENTIALS.has(boundary)) return 'own answer';
  if (UNSCOPED.has(move.operation)) return relation === 'same user' ? 'own answer' : 'refusal';
  if (relation === 'same user')
    return SERVED.has(move.operation) && move.presents === 'own' ? 'service' : 'own answer';
  // Within a tenant the table and the documents are for all whose role says so.
  return relation === 'other user' && boundary !== 'memory' ? 'own answer' : 'refusal';
};

/** Two bearer tokens, where one is taken at all. */
const isRepeated = ({ shadow, presents, operation }: TryMove): boolean =>
  shadow === 'repeated' &&
  presents !== 'none' &&
  !TAKES_CREDENTIALS.has(partsOf(operation).boundary);

/** How the history names the kind of try: bad tokens are a matter of identity. */
export const kindOf = (move: TryMove): string => {
  const { operation, presents } = move;
  if (operation === 'identity SignUp') return 'sign-up';
  if (operation === 'identity InitiateAuth') return 'guessed-bearer';
  if (isRepeated(move)) return 'repeated-header';
  if (presents === 'own' || presents === 'late') return `${presents} token`;
  return presents === 'none' ? 'no-bearer' : `${presents}-bearer`;
};
