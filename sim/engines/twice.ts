// Did two runs of one seed see the same history: the verdict on I11, with the first event that differs.

import { eventText } from '../domain/event-text.ts';
import type { Told, Verdict } from '../domain/finding.ts';
import { findingId } from '../domain/finding.ts';
import type { HistoryEvent, Observer } from '../domain/history.ts';
import { firstDifference } from '../kernel/digest.ts';
import type { Folded } from './run.ts';

/** A run as another process tells of it. */
export interface Retold {
  readonly digest: string;
  readonly checkpoints: readonly string[];
}

/** Keeps the events of a range of the history, by index. */
export class Excerpt implements Observer {
  readonly events: HistoryEvent[] = [];
  readonly lines: string[] = [];
  readonly #from: number;
  readonly #to: number;

  constructor(range: { readonly from: number; readonly to: number }) {
    this.#from = range.from;
    this.#to = range.to;
  }

  see(event: HistoryEvent): void {
    if (event.index < this.#from || event.index >= this.#to) return;
    this.events.push(event);
    this.lines.push(eventText(event));
  }
}

/** Held when the digests are equal. */
export const sameHistory = (folded: Folded): Verdict => ({
  promise: 'I11',
  evidence: folded.played.events,
  controls: folded.played.events,
  findings: [],
});

/** The range of events in which the two differ, or `undefined` when they are equal. */
export const differingRange = (
  one: Retold,
  other: Retold,
): { readonly from: number; readonly to: number } | undefined =>
  one.digest === other.digest ? undefined : firstDifference(one.checkpoints, other.checkpoints);

/** The verdict on two runs that differ: `excerpt` of this one, `lines` of the other, of the same range. */
export const differentHistory = (
  folded: Folded,
  excerpt: readonly HistoryEvent[],
  lines: readonly string[],
): Verdict => {
  const place = excerpt.findIndex((event, index) => eventText(event) !== lines[index]);
  const event = excerpt[place] ?? excerpt.at(-1) ?? end(folded);
  const recurs = place >= 0 || lines.length !== excerpt.length;
  const [one, other] = apart(
    eventText(event),
    recurs ? (lines[place] ?? 'the other history has no such event') : NOT_AGAIN,
  );
  const violation = {
    promise: 'I11',
    boundary: event.kind,
    operation: 'replay',
    relation: 'same seed',
    sink: 'history',
    service: event.kind === 'exchange' ? event.to : event.kind,
    event,
    title: 'two runs of one seed differ',
    let: [`E1 = ${one}`, `E2 = ${other}`],
    then: [
      `E1 and E2 both stand at ${event.index} in the history of the same scenario, platform, policies and seed.`,
      'However, they are not equal, so something outside those decides: a contradiction.',
    ],
  };
  const told: Told = {
    id: findingId(violation),
    violation,
    count: 1,
    neighbourhood: excerpt.slice(Math.max(0, place - 3), place + 1),
  };
  return {
    promise: 'I11',
    evidence: folded.played.events,
    controls: event.index,
    findings: [told],
  };
};

/** Something that only the first of all runs meets, such as a file that is not there yet. */
const NOT_AGAIN = 'the same here, when both were played once more: the difference did not recur';

/** Stands for the end of a history that is shorter or longer than the other. */
const end = ({ played }: Folded): HistoryEvent => ({
  kind: 'changed',
  index: played.events,
  atUs: 0,
  request: undefined,
  change: 'the history ends',
  tenant: undefined,
});

const BEFORE = 80;
const SHOWN = 200;
const BEARER = /eyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** Two lines from a little before their first difference on, without bearer tokens. */
const apart = (one: string, other: string): readonly [string, string] => {
  const [left, right] = [one, other].map((text) => text.replace(BEARER, 'a bearer token'));
  if (left === undefined || right === undefined) return [one, other];
  // Tokens alone differ: the places of the tokens are where to look.
  if (left === right) return [`${left.slice(0, SHOWN)} …`, 'the same but for a bearer token'];
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  const from = Math.max(0, at - BEFORE);
  const head = left.slice(0, Math.min(from, BEFORE));
  const cut = (text: string): string =>
    `${head}${from > BEFORE ? ' … ' : ''}${text.slice(Math.max(from, head.length), at + SHOWN)}`;
  return [cut(left), cut(right)];
};
