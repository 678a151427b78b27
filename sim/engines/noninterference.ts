// I2: does an observer see the same when the others do something else? The same moves, played twice.

import { findingId, nameOf, type Told, type Verdict, type Violation } from '../domain/finding.ts';
import type { Observer } from '../domain/history.ts';
import type { Observation, Scenario, Variation } from '../scenario/schema.ts';
import type { MemoryIds, MovesWatch, SecondRun } from './moves.ts';
import { secondRun } from './noninterference/others.ts';
import { type Seen, View } from './noninterference/view.ts';

/** Plays a second run under an observer. */
export type PlaySecond = (
  scenario: Scenario,
  second: SecondRun,
  view: Observer,
) => Promise<unknown>;

/** Watches the run of a scenario, to hold another beside it. */
export interface Watched {
  /** To be among the observers of the run. */
  readonly view: Observer;
  /** To be told of the run's moves. */
  readonly watch: MovesWatch;
  /** Plays the moves again, with the others as the scenario varies them, and compares. */
  readonly withOthersVaried: (play: PlaySecond) => Promise<Comparison>;
}

/** What came of two runs. */
export interface Comparison {
  readonly verdict: Verdict;
  readonly observation: Observation;
  /** Requests of the observer in the first run. */
  readonly requests: number;
  /** Those of them that had an equal past in both runs, and were compared. */
  readonly compared: number;
  /** How much longer each of these took in the first run, in microseconds. */
  readonly delaysUs: readonly number[];
}

/**
 * Watches what the observer of a scenario sees; nothing when it names none. In the second run each of
 * the observer's moves begins no earlier than it did, and those of the others are varied.
 *
 * With resources replicated every request of the observer must end alike to the bit and the
 * microsecond. With resources shared the content must be equal up to the first declared outcome of a
 * shared resource (503 busy, 504 timed out) in either run, and what was felt of others is a number.
 */
export const watchObserver = (scenario: Scenario): Watched | undefined => {
  const { observer } = scenario;
  if (observer === undefined) return undefined;
  const begins: (number | undefined)[] = [];
  const knew = new Map<string, MemoryIds>();
  const first = new View(observer);
  return {
    view: first,
    watch: {
      began: (index, atUs) => {
        begins[index] = atUs;
      },
      knew: (place, ids) => knew.set(place, ids),
    },
    withOthersVaried: async (play) => {
      const { own, others, plain, scenario: world } = secondRun(scenario, observer, begins);
      const second = new View(observer, plain);
      await play(world, { own, others, knew }, second);
      return compare(observer, first, second);
    },
  };
};

/** Outcomes that a shared resource declares: the model host is busy, the front door timed out. */
const DECLARED = new Set([503, 504]);

const compare = (observation: Observation, first: View, second: View): Comparison => {
  // As long as nothing of the observer's came at another instant, there is nothing to make allowance for.
  const isShifted = observation.resources === 'shared' && hasShifted(first, second);
  let evidence = 0;
  let controls = 0;
  const delaysUs: number[] = [];
  const found = new Map<string, Told>();
  // Tenants that made a request in one run only: their limits are used otherwise from then on.
  const uneven = new Set([
    ...unmatched(first.seen, second.seen),
    ...unmatched(second.seen, first.seen),
  ]);
  // Users whose pasts are no longer the same: after a race, a declared outcome, or a difference.
  const parted = new Set<string | undefined>();
  // Users of whom an answer came at another instant, as it may where keys are fetched first: what
  // follows from its time alone, such as what memory holds by then, is no difference.
  const shifted = new Set<string | undefined>();
  for (const [move, one] of first.seen) {
    const other = second.seen.get(move);
    if (other === undefined) continue;
    // Which of a tenant's own simultaneous requests is over its limit is a race of its own.
    if (isShifted && (isLimited(one) || isLimited(other))) break;
    const user = one.event.request?.principal?.membership;
    if (parted.has(user) || uneven.has(tenantOf(one))) continue;
    if (one.sent !== other.sent) {
      // A direct call names an actor by what the platform made of a name: so it is another call.
      if (observation.others !== 'renamed') parted.add(user);
      continue;
    }
    // Where all is replicated only the observer's own past moves a beginning, and that was compared or
    // parted there: what is asked at another instant is another question.
    if (observation.resources === 'replicated' && one.beganUs !== other.beganUs) {
      parted.add(user);
      continue;
    }
    const isTimed = observation.resources === 'replicated' && !isTheirs(one, first, other, second);
    const sink = differing(one, other, isTimed);
    if (one.event.atUs !== other.event.atUs) shifted.add(user);
    const isLate = shifted.has(user);
    const isOver = isShifted && (isDeclared(one) || isDeclared(other) || one.raced || other.raced);
    if (sink !== undefined || isOver) parted.add(user);
    if (isOver || (isShifted && isLate && sink !== undefined)) continue;
    evidence += 1;
    delaysUs.push(one.tookUs - other.tookUs);
    if (sink === undefined) controls += 1;
    else {
      const told = difference(one, other, sink, observation.others);
      if (!found.has(told.id)) found.set(told.id, told);
    }
  }
  const verdict = { promise: 'I2', evidence, controls, findings: [...found.values()] } as const;
  return { verdict, observation, requests: first.seen.size, compared: evidence, delaysUs };
};

const hasShifted = (first: View, second: View): boolean =>
  [...first.seen].some(([move, { event }]) => {
    const other = second.seen.get(move);
    return other !== undefined && other.event.atUs !== event.atUs;
  });

const isDeclared = ({ status }: Seen): boolean => DECLARED.has(status);

type Sink = 'status' | 'content' | 'time';

/** A token that others present, too, shares with them the copies of the key set that it is checked by. */
const isTheirs = (one: Seen, first: View, other: Seen, second: View): boolean =>
  first.presentedByOthers.has(one.presented) || second.presentedByOthers.has(other.presented);

/** In what two answers differ: a time counts only where nothing that takes time is shared. */
const differing = (one: Seen, other: Seen, isTimed: boolean): Sink | undefined => {
  if (one.status !== other.status) return 'status';
  if (one.body !== other.body) return 'content';
  return isTimed && one.tookUs !== other.tookUs ? 'time' : undefined;
};

const tenantOf = ({ event }: Seen): string | undefined =>
  event.request?.principal?.tenant.incarnation;

/** Whose move could not be made in both runs: whom it was about was not there in one. */
const unmatched = (
  one: ReadonlyMap<string, Seen>,
  other: ReadonlyMap<string, Seen>,
): readonly (string | undefined)[] =>
  [...one].flatMap(([move, seen]) => (other.has(move) ? [] : [tenantOf(seen)]));

const isLimited = ({ status, crowded }: Seen): boolean => status === 429 && crowded;

const difference = (one: Seen, other: Seen, sink: Sink, others: Variation): Told => {
  const { event } = one;
  const { probe, asks, principal } = event.request ?? {};
  const boundary = probe?.boundary ?? 'front-door';
  const operation = probe?.operation ?? asks?.tool ?? 'talk';
  const violation: Violation = {
    promise: 'I2',
    boundary,
    operation,
    relation: 'others',
    sink,
    service: boundary,
    event,
    title: `the ${sink} of an answer depends on what others do`,
    let: [
      `E1 = first run   ${nameOf(principal)} called ${boundary} ${operation} and got ${told(one, other)}`,
      `E2 = second run  ${nameOf(principal)} called ${boundary} ${operation} and got ${told(other, one)}`,
    ],
    then: [
      'E1 and E2 answer the same request of the same user, at the same instant, after the same own past.',
      `However, they differ, and in the second run only the others did something else (${DONE[others]}): a contradiction.`,
    ],
  };
  return { id: findingId(violation), violation, count: 1, neighbourhood: [] };
};

const DONE: Readonly<Record<Variation, string>> = {
  removed: 'nothing at all',
  multiplied: 'everything three times',
  reworded: 'they said other words and owned more',
  alike: 'what the observer did, word for word',
  renamed: 'the same under other names',
  reborn: 'they left and came back under the same ids',
  refused: 'the same with bad tokens',
};

const told = (one: Seen, other: Seen): string =>
  `${one.status} ${shown(one.body, other.body)} after ${one.tookUs} us`;

const SHOWN = 120;

/** The text from a little before the first difference on. */
const shown = (text: string, other: string): string => {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return JSON.stringify(text.slice(Math.max(0, at - SHOWN / 4), at + SHOWN));
};
