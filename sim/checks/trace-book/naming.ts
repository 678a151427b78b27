// Whom does a trace name, and does every span that should name the same one?

import { namesSomebody, type SeenSpan } from './seen-span.ts';

export interface Naming {
  /** The first spans to say each key: whom the trace is for. */
  readonly firsts: readonly (SeenSpan | undefined)[];
  /** Spans that had to name somebody, or did. */
  readonly named: number;
  /** Of them, those that name all whom the trace is for. */
  readonly right: number;
  readonly faults: readonly NamingFault[];
}

export interface NamingFault {
  readonly kind: 'another' | 'nobody';
  readonly span: SeenSpan;
  /** The span that named first what this one does not. */
  readonly first: SeenSpan;
  /** Position of the key. */
  readonly key: number;
}

/**
 * A span that names another than the trace's first is at fault wherever it stands; one that names
 * nobody is when an ancestor names somebody, or when it began after the first that does.
 */
export const namingOf = (spans: ReadonlyMap<string, SeenSpan>, keys: number): Naming => {
  const ordered = [...spans.values()].sort((one, other) => one.startUs - other.startUs);
  const firsts = Array.from({ length: keys }, (_, key) =>
    ordered.find(({ names }) => names[key] !== undefined),
  );
  const isBelow = belowNaming(spans);
  const first = firsts.find((span) => span !== undefined);
  let named = 0;
  const faults: NamingFault[] = [];
  for (const span of ordered) {
    const isAfter = first !== undefined && span.startUs > first.startUs;
    const owes = !span.early && (isAfter || isBelow(span));
    if (!owes && !namesSomebody(span.names)) continue;
    named += 1;
    const fault = faultOf(span, firsts, owes);
    if (fault !== undefined) faults.push(fault);
  }
  return { firsts, named, right: named - faults.length, faults };
};

const faultOf = (
  span: SeenSpan,
  firsts: Naming['firsts'],
  owes: boolean,
): NamingFault | undefined => {
  for (const [key, first] of firsts.entries()) {
    const said = span.names[key];
    if (first === undefined || said === first.names[key]) continue;
    if (said !== undefined) return { kind: 'another', span, first, key };
    if (owes) return { kind: 'nobody', span, first, key };
  }
  return undefined;
};

/** Whether an ancestor of a span names somebody; each span is looked at once, whatever the depth. */
const belowNaming = (spans: ReadonlyMap<string, SeenSpan>): ((span: SeenSpan) => boolean) => {
  const known = new Map<SeenSpan, boolean>();
  const parentOf = ({ parentSpanId }: SeenSpan): SeenSpan | undefined =>
    parentSpanId === undefined ? undefined : spans.get(parentSpanId);
  return (asked) => {
    const way: SeenSpan[] = [];
    let span: SeenSpan | undefined = asked;
    while (span !== undefined && !known.has(span)) {
      // Until its ancestors are known, which also ends a walk in a circle.
      known.set(span, false);
      way.push(span);
      span = parentOf(span);
    }
    for (const one of way.reverse()) {
      const parent = parentOf(one);
      if (parent !== undefined)
        known.set(one, namesSomebody(parent.names) || known.get(parent) === true);
    }
    return known.get(asked) === true;
  };
};
