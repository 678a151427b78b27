// I2: does an observer see the same when the others do something else? The same moves, played twice.

import { withoutCanaries } from '../domain/canary.ts';
import { findingId, nameOf, type Told, type Verdict, type Violation } from '../domain/finding.ts';
import type { Ended, HistoryEvent, Observer } from '../domain/history.ts';
import type { Move } from '../scenario/move.ts';
import type { Scenario } from '../scenario/schema.ts';
import type { RunSurroundings } from './run.ts';

/** Plays a scenario under an observer, none of its moves before its instant. */
export type PlayWith = (
  scenario: Scenario,
  how: Pick<RunSurroundings, 'notBeforeUs'>,
  view: Observer,
) => Promise<unknown>;

/** Watches the run of a scenario, to hold another beside it. */
export interface Watched {
  /** To be among the observers of the run. */
  readonly view: Observer;
  /** To be told of each move of the run as it begins. */
  readonly onMove: (index: number, atUs: number) => void;
  /** Plays the moves again without those of the others, and compares. */
  readonly withoutOthers: (play: PlayWith) => Promise<Verdict>;
}

/**
 * Watches what the observer of a scenario sees; nothing when it names none. In the second run each of
 * the observer's moves begins no earlier than it did. Every request of the observer's users must end
 * alike, up to the first declared outcome of a shared resource (503 busy, 504 timed out) in either
 * run. The services' copies of the key set are one for all by declaration: a program that changes
 * the keys, or keeps them from being fetched, shows what they share.
 */
export const watchObserver = (scenario: Scenario): Watched | undefined => {
  const { observer, moves } = scenario;
  if (observer === undefined) return undefined;
  const begins: number[] = [];
  const crowded = new View(observer);
  return {
    view: crowded,
    onMove: (index, atUs) => {
      begins[index] = atUs;
    },
    withoutOthers: async (play) => {
      const alone = new View(observer);
      const own = ownMoves(moves, observer, begins);
      await play({ ...scenario, moves: own.moves }, { notBeforeUs: own.notBeforeUs }, alone);
      return compared(crowded, alone);
    },
  };
};

/** The observer's own moves and those of the operator that concern it, none before its old instant. */
const ownMoves = (
  moves: readonly Move[],
  observer: string,
  begins: readonly number[],
): { readonly moves: readonly Move[]; readonly notBeforeUs: readonly number[] } => {
  const newcomers = newcomersTo(observer, moves);
  const own: Move[] = [];
  const notBeforeUs: number[] = [];
  let together = true;
  for (const [index, move] of moves.entries()) {
    // Two moves go on beside each other only if everything between them did.
    together &&= move.together;
    const beganUs = begins[index];
    if (beganUs === undefined || !concerns(move, observer, newcomers)) continue;
    own.push({ ...move, afterUs: 0, together });
    notBeforeUs.push(beganUs);
    together = true;
  }
  return { moves: own, notBeforeUs };
};

/** `newcomers` are users who move to the observer at some time: what befalls them before is theirs. */
const concerns = (move: Move, observer: string, newcomers: ReadonlySet<string>): boolean => {
  switch (move.do) {
    case 'ask':
      return move.by.tenant === observer;
    case 'try':
      return move.by?.tenant === observer;
    case 'break':
      return true;
    case 'change': {
      const { change } = move;
      if (change.kind === 'rotate-keys') return true;
      if ('user' in change && newcomers.has(change.user)) return true;
      return 'tenant' in change && change.tenant === observer;
    }
  }
};

const newcomersTo = (observer: string, moves: readonly Move[]): ReadonlySet<string> =>
  new Set(
    moves.flatMap((move) =>
      move.do === 'change' && move.change.kind === 'move-user' && move.change.to === observer
        ? [move.change.user]
        : [],
    ),
  );

interface Seen {
  /** What was asked: a try names others by ids that may have changed with them. */
  readonly sent: string;
  readonly status: number;
  readonly body: string;
  readonly event: Ended;
  /** True when another request of the same user ran at the same time: their order is a race of their own. */
  readonly raced: boolean;
  /** True when another request of the same tenant did. */
  readonly crowded: boolean;
}

/** What the users of a tenant see: how each of their moves ended, in the order of the endings. */
class View implements Observer {
  readonly seen = new Map<string, Seen>();
  readonly #tenant: string;
  readonly #running = new Map<number, Race>();
  readonly #sent = new Map<number, string>();

  constructor(tenant: string) {
    this.#tenant = tenant;
  }

  see(event: HistoryEvent): void {
    const { request } = event;
    if (request?.move === undefined || request.principal?.tenant.id !== this.#tenant) return;
    const { membership } = request.principal;
    if (event.kind === 'arrived') this.#begin(request.number, membership);
    if (event.kind === 'exchange' && event.parent === 0)
      this.#sent.set(request.number, comparable(`${event.call.path} ${event.call.body}`));
    if (event.kind !== 'ended') return;
    const { raced = false, crowded = false } = this.#running.get(request.number) ?? {};
    this.#running.delete(request.number);
    const { status, reply } = event;
    const sent = this.#sent.get(request.number) ?? '';
    this.#sent.delete(request.number);
    const seen = { sent, status, body: comparable(reply.body), event, raced, crowded };
    this.seen.set(`${membership} ${request.move}`, seen);
  }

  #begin(number: number, user: string): void {
    const others = [...this.#running.values()];
    const race: Race = { user, raced: false, crowded: others.length > 0 };
    for (const other of others) {
      other.crowded = true;
      if (other.user === user) other.raced = race.raced = true;
    }
    this.#running.set(number, race);
  }
}

interface Race {
  readonly user: string;
  raced: boolean;
  crowded: boolean;
}

/** Canaries are numbered over all tenants, and a clock may be read out: neither is the platform's word. */
const comparable = (body: string): string =>
  withoutCanaries(body)
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, 'instant')
    // Ids that are drawn at an instant, and instants in microseconds.
    .replace(/IQoJ[0-9a-f]{60}\w*|mem-[0-9a-f]{40}|\b\d{16}(?:#[0-9a-f]{8})?\b/g, 'drawn');

/** Outcomes that a shared resource declares: the model host is busy, the front door timed out. */
const DECLARED = new Set([503, 504]);

const compared = (crowded: View, alone: View): Verdict => {
  let evidence = 0;
  let controls = 0;
  const found = new Map<string, Told>();
  // Users whose pasts are no longer the same: after a race, a declared outcome, or a difference.
  const parted = new Set<string | undefined>([
    ...unmatched(crowded.seen, alone.seen),
    ...unmatched(alone.seen, crowded.seen),
  ]);
  // Users of whom an earlier answer came at another instant, as it may where keys are fetched first:
  // what follows from its time alone, such as what memory holds by then, is no difference.
  const shifted = new Set<string | undefined>();
  for (const [move, one] of crowded.seen) {
    const other = alone.seen.get(move);
    if (other === undefined) continue;
    // Which of a tenant's own simultaneous requests is over its limit is a race of its own.
    if (isLimited(one) || isLimited(other)) break;
    const user = one.event.request?.principal?.membership;
    if (parted.has(user)) continue;
    if (one.sent !== other.sent) {
      parted.add(user);
      continue;
    }
    const isEqual = one.status === other.status && one.body === other.body;
    const isLate = shifted.has(user);
    if (one.event.atUs !== other.event.atUs) shifted.add(user);
    const isDeclared = DECLARED.has(one.status) || DECLARED.has(other.status);
    if (!isEqual || isDeclared || one.raced || other.raced) parted.add(user);
    if (isDeclared || one.raced || other.raced || (isLate && !isEqual)) continue;
    evidence += 1;
    if (isEqual) controls += 1;
    else {
      const told = difference(one, other);
      if (!found.has(told.id)) found.set(told.id, told);
    }
  }
  return { promise: 'I2', evidence, controls, findings: [...found.values()] };
};

/** Users who could not make a move of theirs in both runs: whom it was about was not there in one. */
const unmatched = (
  one: ReadonlyMap<string, Seen>,
  other: ReadonlyMap<string, Seen>,
): readonly (string | undefined)[] =>
  [...one].flatMap(([move, { event }]) =>
    other.has(move) ? [] : [event.request?.principal?.membership],
  );

const isLimited = ({ status, crowded }: Seen): boolean => status === 429 && crowded;

const difference = (one: Seen, other: Seen): Told => {
  const { event } = one;
  const { probe, asks, principal } = event.request ?? {};
  const boundary = probe?.boundary ?? 'front-door';
  const operation = probe?.operation ?? asks?.tool ?? 'talk';
  const sink = one.status === other.status ? 'content' : 'status';
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
      `E1 = with others     ${nameOf(principal)} called ${boundary} ${operation} and got ${one.status} ${shown(one.body, other.body)}`,
      `E2 = without others  ${nameOf(principal)} called ${boundary} ${operation} and got ${other.status} ${shown(other.body, one.body)}`,
    ],
    then: [
      'E1 and E2 answer the same request of the same user, at the same instant, after the same own past.',
      'However, they differ, and only the moves of other tenants were left out: a contradiction.',
    ],
  };
  return { id: findingId(violation), violation, count: 1, neighbourhood: [] };
};

const SHOWN = 120;

/** The text from a little before the first difference on. */
const shown = (text: string, other: string): string => {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return JSON.stringify(text.slice(Math.max(0, at - SHOWN / 4), at + SHOWN));
};
