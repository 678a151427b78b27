// Did two runs of one seed see the same history: the verdict on I11, with the first event that differs.

import type { Told, Verdict } from '../domain/finding.ts';
import { findingId } from '../domain/finding.ts';
import { eventText } from '../domain/event-text.ts';
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
  promise: 'I11', evidence: folded.played.events, controls: folded.played.events, findings: [],
});

/** The range of events in which the two differ, or `undefined` when they are equal. */
export const differingRange = (
  one: Retold, other: Retold,
): { readonly from: number; readonly to: number } | undefined =>
  one.digest === other.digest ? undefined : firstDifference(one.checkpoints, other.checkpoints);

/** The verdict on two runs that differ: `excerpt` of this one, `lines` of the other, of the same range. */
export const differentHistory = (
  folded: Folded, excerpt: readonly HistoryEvent[], lines: readonly string[],
): Verdict => {
  const place = excerpt.findIndex((event, index) => eventText(event) !== lines[index]);
  const event = excerpt[place] ?? excerpt.at(-1);
  if (event === undefined) return sameHistory(folded);
  const violation = {
    promise: 'I11', boundary: event.kind, operation: 'replay', relation: 'same seed', sink: 'history',
    service: event.kind === 'exchange' ? event.to : event.kind, event,
    title: 'two runs of one seed differ',
    let: [
      `E1 = ${eventText(event).slice(0, 300)}`,
      `E2 = ${(lines[place] ?? 'the other run has no such event').slice(0, 300)}`,
    ],
    // biome-ignore lint/suspicious/noThenProperty: a finding's inferences, a list and no function
    then: [
      `E1 and E2 both stand at ${event.index} in the history of the same scenario, platform, policies and seed.`,
      'However, they are not equal, so something outside those decides: a contradiction.',
    ],
  };
  const told: Told = { id: findingId(violation), violation, count: 1, neighbourhood: excerpt.slice(Math.max(0, place - 3), place + 1) };
  return { promise: 'I11', evidence: folded.played.events, controls: event.index, findings: [told] };
};
