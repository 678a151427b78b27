// Is a trace whole: one beginning, every parent there, and no span its own ancestor?

import type { SeenSpan } from './seen-span.ts';

export interface TraceShape {
  /** Spans where the trace begins, in the order in which they began. */
  readonly roots: readonly SeenSpan[];
  /** Spans whose parent is not there. */
  readonly orphans: readonly SeenSpan[];
  /** A span that is its own ancestor, if there is one. */
  readonly circular: SeenSpan | undefined;
}

/** `isRoot` says of a span with a parent that the parent was the asker's own, and will not come. */
export const shapeOf = (
  spans: ReadonlyMap<string, SeenSpan>,
  isRoot: (span: SeenSpan) => boolean,
): TraceShape => {
  const all = [...spans.values()];
  const roots = all.filter(isRoot).sort((one, other) => one.startUs - other.startUs);
  const orphans = all.filter(
    (span) => span.parentSpanId !== undefined && !spans.has(span.parentSpanId) && !isRoot(span),
  );
  return { roots, orphans, circular: circularIn(spans) };
};

export const isComplete = ({ roots, orphans, circular }: TraceShape): boolean =>
  roots.length === 1 && orphans.length === 0 && circular === undefined;

/** Goes up from each span to where an earlier walk has been; each span is walked over once. */
const circularIn = (spans: ReadonlyMap<string, SeenSpan>): SeenSpan | undefined => {
  const walks = new Map<SeenSpan, number>();
  let walk = 0;
  for (const start of spans.values()) {
    walk += 1;
    let span: SeenSpan | undefined = start;
    while (span !== undefined && !walks.has(span)) {
      walks.set(span, walk);
      span = span.parentSpanId === undefined ? undefined : spans.get(span.parentSpanId);
    }
    if (span !== undefined && walks.get(span) === walk) return span;
  }
  return undefined;
};
