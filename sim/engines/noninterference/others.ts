// What do the others do in the second run: the moves of a program, parted and varied.

import { SECOND_US } from '../../kernel/clock.ts';
import type { AskMove, Move, Person, TryMove } from '../../scenario/move.ts';
import type { Observation, Scenario, TenantPlan, Variation } from '../../scenario/schema.ts';
import type { TimedMove } from '../moves.ts';

/** The world of a second run, the moves in it, and what its names are in the first. */
export interface Second {
  readonly scenario: Scenario;
  readonly own: readonly TimedMove[];
  readonly others: readonly TimedMove[];
  readonly plain: (text: string) => string;
}

/** The second run of a scenario whose moves began at `begins`; moves that never began are left out. */
export const secondRun = (
  scenario: Scenario,
  observation: Observation,
  begins: readonly (number | undefined)[],
): Second => {
  const { own, others } = parted(scenario.moves, observation, begins);
  const same: Second = { scenario, own, others, plain: (text) => text };
  const second = VARIED[observation.others](same, observation);
  return { ...second, others: second.others.toSorted((one, other) => one.atUs - other.atUs) };
};

/** The observer's own moves and the operator's that concern it; and those of everybody else. */
const parted = (
  moves: readonly Move[],
  observation: Observation,
  begins: readonly (number | undefined)[],
): { readonly own: readonly TimedMove[]; readonly others: readonly TimedMove[] } => {
  const newcomers = newcomersTo(observation, moves);
  const own: TimedMove[] = [];
  const others: TimedMove[] = [];
  let together = true;
  for (const [index, move] of moves.entries()) {
    // Two moves go on beside each other only if everything between them did.
    together &&= move.together;
    const atUs = begins[index];
    if (atUs === undefined) continue;
    const timed = { ...move, afterUs: 0, together };
    if (concerns(move, observation, newcomers)) {
      own.push({ move: timed, atUs });
      together = true;
    } else others.push({ move: timed, atUs });
  }
  return { own, others };
};

/** `newcomers` are users who move to the observer at some time: what befalls them before is theirs. */
const concerns = (
  move: Move,
  { tenants, user }: Observation,
  newcomers: ReadonlySet<string>,
): boolean => {
  switch (move.do) {
    case 'ask':
    case 'try': {
      const { by } = move;
      return by !== undefined && tenants.includes(by.tenant) && (user ?? by.user) === by.user;
    }
    case 'break':
      return true;
    case 'change': {
      const { change } = move;
      if (change.kind === 'rotate-keys' || change.kind === 'swap-policies') return true;
      if ('user' in change && newcomers.has(change.user)) return true;
      return tenants.includes(change.tenant);
    }
  }
};

const newcomersTo = ({ tenants }: Observation, moves: readonly Move[]): ReadonlySet<string> =>
  new Set(
    moves.flatMap((move) =>
      move.do === 'change' && move.change.kind === 'move-user' && tenants.includes(move.change.to)
        ? [move.change.user]
        : [],
    ),
  );

type Vary = (same: Second, observation: Observation) => Second;

const VARIED: Readonly<Record<Variation, Vary>> = {
  removed: (same) => ({ ...same, others: [] }),
  multiplied: (same) => ({
    ...same,
    others: same.others.flatMap((timed) => (isMade(timed.move) ? [timed, timed, timed] : [timed])),
  }),
  reworded: (same, observation) => ({
    ...same,
    scenario: richer(same.scenario, observation),
    others: same.others.map(({ move, atUs }, index) => ({ move: reworded(move, index), atUs })),
  }),
  alike: (same, observation) => ({ ...same, others: alike(same, observation) }),
  renamed: (same, observation) => renamed(same, observation),
  reborn: (same, observation) => ({
    ...same,
    others: same.others.flatMap((timed, index) =>
      index % REBORN_EVERY === 0 ? [...reborn(same.scenario, observation, timed), timed] : [timed],
    ),
  }),
  refused: (same) => ({
    ...same,
    others: same.others.map(({ move, atUs }, index) => ({ move: refused(move, index), atUs })),
  }),
};

const REBORN_EVERY = 3;

type Made = Extract<Move, AskMove | TryMove>;
const isMade = (move: Move): move is Made => move.do === 'ask' || move.do === 'try';

/** More of everything that the others own. */
const richer = (scenario: Scenario, { tenants, user }: Observation): Scenario => {
  if (user !== undefined) return scenario;
  const plans = scenario.tenants.map(
    (plan): TenantPlan =>
      tenants.includes(plan.id)
        ? plan
        : { ...plan, patients: plan.patients + 2, documents: plan.documents + 3 },
  );
  return { ...scenario, tenants: plans };
};

const reworded = (move: Move, index: number): Move =>
  move.do === 'ask' ? { ...move, say: 'the knee hurts less today '.repeat(1 + (index % 4)) } : move;

/** Whatever the observer does, others do at the same instant, or a second before. */
const alike = (
  { scenario, own, others }: Second,
  { tenants }: Observation,
): readonly TimedMove[] => {
  const people = scenario.tenants.flatMap(({ id, tier, users }) =>
    users.map((user) => ({ tenant: id, user: user.id, is: `${tier} ${user.role}` })),
  );
  const copied = own.flatMap(({ move, atUs }, index): TimedMove[] => {
    if (!isMade(move) || move.by === undefined) return [];
    const { tenant, user } = move.by;
    const one = people.find((person) => person.tenant === tenant && person.user === user);
    // Whoever may do the same, if there is anybody.
    const strangers = people.filter((person) => !tenants.includes(person.tenant));
    const peers = strangers.filter(({ is }) => is === one?.is);
    const other = (peers.length > 0 ? peers : strangers)[
      index % (peers.length || strangers.length)
    ];
    if (other === undefined) return [];
    const by: Person = { tenant: other.tenant, user: other.user };
    // With their own tokens: a forged one may be the very same, whoever shows it.
    const copy: Move = move.do === 'ask' ? { ...move, by } : { ...move, by, presents: 'own' };
    return [{ move: copy, atUs: index % 2 === 0 ? atUs : atUs - SECOND_US }];
  });
  return [...others.filter(({ move }) => !isMade(move)), ...copied];
};

/** Names shorter than this stay as they are: another of the same length might be one of the others. */
const NAME_MIN = 4;

/** Names of the same lengths, for prompts are paid by their length; what is seen gets the old ones. */
const renamed = (same: Second, { tenants }: Observation): Second => {
  const { scenario } = same;
  const names = new Map(
    scenario.tenants
      .filter(({ id }) => !tenants.includes(id))
      .filter(({ id }) => id.length >= NAME_MIN)
      .map(({ id }, index) => [id, `q${index}`.padEnd(id.length, 'z')]),
  );
  const name = (id: string): string => names.get(id) ?? id;
  const person = <P extends Person | undefined>(one: P): P =>
    one === undefined ? one : { ...one, tenant: name(one.tenant) };
  const move = (one: Move): Move => {
    if (one.do === 'ask') return { ...one, by: person(one.by) };
    if (one.do === 'try') return { ...one, by: person(one.by), of: person(one.of) };
    if (one.do === 'break' || !('tenant' in one.change)) return one;
    const change = { ...one.change, tenant: name(one.change.tenant) };
    if (change.kind === 'move-user') return { ...one, change: { ...change, to: name(change.to) } };
    if (change.kind !== 'onboard') return { ...one, change };
    return { ...one, change: { ...change, plan: { ...change.plan, id: name(change.plan.id) } } };
  };
  const timed = (one: TimedMove): TimedMove => ({ ...one, move: move(one.move) });
  return {
    scenario: {
      ...scenario,
      tenants: scenario.tenants.map((plan) => ({ ...plan, id: name(plan.id) })),
    },
    own: same.own.map(timed),
    others: same.others.map(timed),
    plain: (text) =>
      [...names].reduce((plain, [first, second]) => plain.replaceAll(second, first), text),
  };
};

/** The tenant of a move leaves a second before it, and another comes under its id at once. */
const reborn = (
  scenario: Scenario,
  { tenants }: Observation,
  { move, atUs }: TimedMove,
): readonly TimedMove[] => {
  const tenant = isMade(move) ? move.by?.tenant : undefined;
  const plan = scenario.tenants.find(({ id }) => id === tenant);
  if (plan === undefined || tenants.includes(plan.id)) return [];
  const when = { afterUs: 0, together: true };
  const leaves: Move = { ...when, do: 'change', change: { kind: 'offboard', tenant: plan.id } };
  const comes: Move = { ...when, do: 'change', change: { kind: 'onboard', tenant: plan.id, plan } };
  return [
    { move: leaves, atUs: atUs - SECOND_US },
    { move: comes, atUs: atUs - SECOND_US / 2 },
  ];
};

const BAD = ['forged', 'expired', 'wrong-audience', 'claimless'] as const;

/** The same door and object with a token that is no good; a question at the front door. */
const refused = (move: Move, index: number): Move => {
  if (!isMade(move) || move.by === undefined) return move;
  const presents = BAD[index % BAD.length] ?? 'forged';
  if (move.do === 'try') return { ...move, presents };
  const { afterUs, together, by, session } = move;
  const operation = move.use === 'recall' ? 'talk' : move.use;
  return {
    ...{ afterUs, together, do: 'try', by, of: by, session },
    ...{ operation: `front-door ${operation}`, from: 'internet', presents, shadow: 'none' },
  };
};
