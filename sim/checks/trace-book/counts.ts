// How many spans and traces were seen, and how did each trace end?

import type { TraceCounts } from '../../domain/trace-counts.ts';
import { redacted } from './content.ts';
import type { SeenSpan } from './seen-span.ts';
import { isComplete, type TraceShape } from './shape.ts';

/** Places where traces began that are told apart; the rest of a sender that makes them up is one. */
const BEGINNINGS_MAX = 64;

export class Counts {
  spans = 0;
  repeated = 0;
  late = 0;
  nameless = 0;
  readonly unfinished = { beginningMissing: 0, parentMissing: 0, tooLarge: 0, crowdedOut: 0 };
  #complete = 0;
  #contradictory = 0;
  readonly #beginnings = new Map<string, number>();

  /** Counts a trace that was quiet for long enough, complete or not. */
  ended(shape: TraceShape): void {
    const [root] = shape.roots;
    if (root !== undefined) this.#began(root);
    if (isComplete(shape)) this.#complete += 1;
    else if (shape.roots.length > 1 || shape.circular !== undefined) this.#contradictory += 1;
    else if (root === undefined) this.unfinished.beginningMissing += 1;
    else this.unfinished.parentMissing += 1;
  }

  told(): TraceCounts {
    const { spans, repeated, late, nameless } = this;
    return {
      ...{ spans, repeated, late, nameless },
      complete: this.#complete,
      contradictory: this.#contradictory,
      unfinished: { ...this.unfinished },
      beginnings: [...this.#beginnings].sort(([, one], [, other]) => other - one),
    };
  }

  #began({ service, name }: SeenSpan): void {
    const begins = redacted(name.startsWith(`${service} `) ? name : `${service} ${name}`);
    const isKnown = this.#beginnings.has(begins) || this.#beginnings.size < BEGINNINGS_MAX;
    const place = isKnown ? begins : 'elsewhere';
    this.#beginnings.set(place, (this.#beginnings.get(place) ?? 0) + 1);
  }
}
