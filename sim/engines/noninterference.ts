// I2: does an observer see the same when the others do something else? The same moves, played twice.

import { findingId, nameOf, type Told, type Verdict, type Violation } from '../domain/finding.ts';
import type { Ended, HistoryEvent, Observer } from '../domain/history.ts';
import type { Move } from '../scenario/move.ts';
import type { Scenario } from '../scenario/schema.ts';
import type { RunSurroundings } from './run.ts';

/** Plays a scenario under an observer. */
export type PlayWith = (
  scenario: Scenario,
  more: Pick<RunSurroundings, 'onMove' | 'notBeforeUs'>,
  observer: Observer,
) => Promise<unknown>;

/**
 * Plays the moves as they are, and again without those of the others, each of the observer's at the
 * instant at which it began before. Every request of the observer's users must end alike, up to the
 * first declared outcome of a shared resource (503 busy, 504 timed out) in either run.
 */
export const noninterference = async (scenario: Scenario, play: PlayWith): Promise<Verdict> => {
  const { observer } = scenario;
  if (observer === undefined) throw new Error('nobody observes');
  const begins: number[] = [];
  const crowded = new View(observer);
  const onMove = (index: number, atUs: number): void => {
    begins[index] = atUs;
  };
  await play(withoutSharedKeys(scenario), { onMove }, crowded);
  const alone = new View(observer);
  const { moves, notBeforeUs } = ownMoves(withoutSharedKeys(scenario).moves, observer, begins);
  await play({ ...scenario, moves }, { notBeforeUs }, alone);
  return compared(crowded, alone);
};

/**
 * The signing key is one for all by declaration, and so are the services' copies of it: that they
 * are fetched for one caller and serve the next is no doing of another tenant.
 */
const withoutSharedKeys = (scenario: Scenario): Scenario => ({
  ...scenario,
  moves: scenario.moves.filter(
    (move) =>
      !(move.do === 'change' && move.change.kind === 'rotate-keys') &&
      !(move.do === 'break' && move.service === 'identity'),
  ),
});

/** The observer's own moves and those of the operator that concern it, none before its old instant. */
const ownMoves = (
  moves: readonly Move[],
  observer: string,
  begins: readonly number[],
): { readonly moves: readonly Move[]; readonly notBeforeUs: readonly number[] } => {
  const own: Move[] = [];
  const notBeforeUs: number[] = [];
  let together = true;
  for (const [index, move] of moves.entries()) {
    // Two moves go on beside each other only if everything between them did.
    together &&= move.together;
    const beganUs = begins[index];
    if (beganUs === undefined || !concerns(move, observer)) continue;
    own.push({ ...move, afterUs: 0, together });
    notBeforeUs.push(beganUs);
    together = true;
  }
  return { moves: own, notBeforeUs };
};

const concerns = (move: Move, observer: string): boolean => {
  switch (move.do) {
    case 'ask':
      return move.by.tenant === observer;
    case 'try':
      return move.by?.tenant === observer;
    case 'break':
      return true;
    case 'change':
      return (
        ('tenant' in move.change && move.change.tenant === observer) ||
        ('to' in move.change && move.change.to === observer)
      );
  }
};

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
  body
    // An answer may be cut in the middle of one.
    .replace(/460937[A-Za-z]{0,24}/g, 'canary')
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
    const isDeclared = DECLARED.has(one.status) || DECLARED.has(other.status);
    if (!isEqual || isDeclared || one.raced || other.raced) parted.add(user);
    if (isDeclared || one.raced || other.raced) continue;
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
