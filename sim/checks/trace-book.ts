// I5 and I1 on received traces: is each whole, of one tenant from hop to hop, and free of content?

import type { Verdict } from '../domain/finding.ts';
import type { ReceivedSpan } from '../domain/received-span.ts';
import type { TraceCounts } from '../domain/trace-counts.ts';
import { MINUTE_US, SECOND_US } from '../kernel/clock.ts';
import { sightsIn, sightsInResource } from './trace-book/content.ts';
import { Counts } from './trace-book/counts.ts';
import {
  CIRCLE,
  contentFault,
  NAMELESS,
  namingFault,
  TWINS,
  TWO_ROOTS,
} from './trace-book/faults.ts';
import { namingOf } from './trace-book/naming.ts';
import { kept, namesIn, type SeenSpan, type TenantKeys, writerOf } from './trace-book/seen-span.ts';
import { isComplete, shapeOf, type TraceShape } from './trace-book/shape.ts';
import { type Fault, TraceFindings } from './trace-book/telling.ts';

export interface TraceSettings {
  /** The attributes that name the caller; `tenant.id`, `tenant.tier`, `tenant.scope` unless given. */
  readonly keys?: TenantKeys;
  /** A complete trace that was quiet for so long is judged, and let go of. */
  readonly quietUs?: number;
  /** An incomplete one is let go of when it was quiet for so long. */
  readonly patienceUs?: number;
  /** Spans kept at a time, at most, and as many traces remembered that were let go of. */
  readonly heldMax?: number;
  /** Spans kept of one trace, at most. */
  readonly spansMax?: number;
  /** True for a parent that is the asker's own, of which no span will come. */
  readonly isSent?: (traceId: string, parentSpanId: string) => boolean;
  /** True for a span that comes before anybody is verified, such as the fetch of a key set. */
  readonly isEarly?: (span: ReceivedSpan) => boolean;
  /** True for the root of a trace in which somebody must be named, such as an answered request's. */
  readonly mustName?: (root: ReceivedSpan) => boolean;
  /** The same of a trace, asked as it is let go of: what its root told too early to be known then. */
  readonly isOwed?: (traceId: string) => boolean;
  /** How findings tell the owner of a canary, by the number of its label. */
  readonly ownerName?: (owner: number) => string;
}

export interface TraceJudgement {
  /** On I1 and on I5. */
  readonly verdicts: readonly Verdict[];
  readonly counts: TraceCounts;
}

/**
 * Twice the 5 s after which OpenTelemetry's batches leave at the latest, by default; the other
 * others are assumed.
 */
const DEFAULTS = {
  keys: ['tenant.id', 'tenant.tier', 'tenant.scope'],
  quietUs: 10 * SECOND_US,
  patienceUs: MINUTE_US,
  heldMax: 200_000,
  spansMax: 1_000,
  isSent: () => false,
  isEarly: () => false,
  mustName: () => false,
  isOwed: () => false,
  ownerName: (owner: number) => `owner ${owner}`,
} as const satisfies TraceSettings;

interface OpenTrace {
  readonly id: string;
  readonly spans: Map<string, SeenSpan>;
  /** Roots, by span id, of which `mustName` was said. */
  readonly owing: Set<string>;
  touchedUs: number;
}

/** Whether two spans of one id are one that was sent twice. */
const isSame = (one: SeenSpan, other: SeenSpan): boolean =>
  one.name === other.name &&
  one.startUs === other.startUs &&
  one.parentSpanId === other.parentSpanId;

/**
 * Takes spans in any order and in any batches. Content is judged as spans come; whose a trace is,
 * and whether it is whole, when it has been quiet. What it keeps is bounded by its settings.
 */
export class TraceBook {
  readonly #settings: Required<TraceSettings>;
  readonly #findings: TraceFindings;
  readonly #counts = new Counts();
  /** In the order in which they were last touched. */
  readonly #open = new Map<string, OpenTrace>();
  /** Quiet and not complete, in the same order: waiting for what is missing. */
  readonly #waiting = new Map<string, OpenTrace>();
  /** Who was named by traces that were let go of, the oldest first. */
  readonly #gone = new Map<string, SeenSpan | undefined>();
  readonly #scanned = new WeakSet<object>();
  #held = 0;
  #named = 0;
  #right = 0;

  constructor(settings: TraceSettings = {}) {
    this.#settings = { ...DEFAULTS, ...settings };
    this.#findings = new TraceFindings(this.#settings.keys);
  }

  /** Takes spans that arrived at `nowUs`, by one clock for all calls. */
  see(spans: readonly ReceivedSpan[], nowUs: number): void {
    for (const span of spans) this.#take(span, nowUs);
    this.tick(nowUs);
  }

  /** Lets go of the traces that have been quiet for long enough at `nowUs`. */
  tick(nowUs: number): void {
    for (const [id, open] of this.#open) {
      if (nowUs - open.touchedUs < this.#settings.quietUs) break;
      this.#open.delete(id);
      const shape = this.#shapeOf(open);
      if (isComplete(shape)) this.#close(open, shape);
      else this.#waiting.set(id, open);
    }
    for (const open of this.#waiting.values()) {
      if (nowUs - open.touchedUs < this.#settings.patienceUs) break;
      this.#close(open, this.#shapeOf(open));
    }
    this.#crowd();
  }

  /** Judges everything that is still open, too. */
  conclude(): TraceJudgement {
    for (const open of [...this.#waiting.values(), ...this.#open.values()])
      this.#close(open, this.#shapeOf(open));
    const spans = this.#counts.spans;
    const [content, naming] = [this.#findings.of('I1'), this.#findings.of('I5')];
    return {
      verdicts: [
        { promise: 'I1', evidence: spans, controls: 0, findings: content },
        { promise: 'I5', evidence: this.#named, controls: this.#right, findings: naming },
      ],
      counts: this.#counts.told(),
    };
  }

  #take(span: ReceivedSpan, nowUs: number): void {
    const { keys, isEarly, mustName, spansMax } = this.#settings;
    const seen: SeenSpan = {
      ...{ spanId: span.spanId, parentSpanId: span.parentSpanId, name: kept(span.name) },
      ...{ startUs: span.startUs, service: writerOf(span) },
      names: namesIn(span, keys),
      early: isEarly(span),
    };
    const known = this.#open.get(span.traceId) ?? this.#waiting.get(span.traceId);
    const twin = known?.spans.get(span.spanId);
    if (twin !== undefined && isSame(twin, seen)) {
      this.#counts.repeated += 1;
      return;
    }
    this.#counts.spans += 1;
    this.#scan(span, seen);
    if (known === undefined && this.#gone.has(span.traceId)) return this.#late(span.traceId, seen);
    const open = known ?? {
      ...{ id: span.traceId, spans: new Map(), owing: new Set(), touchedUs: nowUs },
    };
    if (twin !== undefined) return this.#fault(open.id, seen, [twin], TWINS);
    open.spans.set(span.spanId, seen);
    this.#held += 1;
    if (this.#isRoot(open.id, seen) && mustName(span)) open.owing.add(seen.spanId);
    open.touchedUs = nowUs;
    this.#waiting.delete(open.id);
    this.#open.delete(open.id);
    this.#open.set(open.id, open);
    if (open.spans.size >= spansMax) this.#abandon(open, 'tooLarge');
  }

  #scan(span: ReceivedSpan, seen: SeenSpan): void {
    const isNew = !this.#scanned.has(span.resource);
    this.#scanned.add(span.resource);
    for (const sight of [...sightsIn(span), ...(isNew ? sightsInResource(span.resource) : [])])
      this.#fault(span.traceId, seen, [], contentFault(sight, this.#settings.ownerName));
  }

  /** What comes after its trace was let go of is held against the one whom the trace named. */
  #late(traceId: string, span: SeenSpan): void {
    this.#counts.late += 1;
    const first = this.#gone.get(traceId);
    const spans = [...(first === undefined ? [] : [first]), span];
    this.#judgeNaming(traceId, new Map(spans.map((one) => [one.spanId, one])), [span]);
  }

  #close(open: OpenTrace, shape: TraceShape): void {
    const spans = [...open.spans.values()];
    if (shape.roots.length > 1) this.#fault(open.id, shape.roots[1], spans, TWO_ROOTS);
    if (shape.circular !== undefined) this.#fault(open.id, shape.circular, spans, CIRCLE);
    this.#counts.ended(shape);
    this.#letGo(open, spans);
  }

  #abandon(open: OpenTrace, why: 'tooLarge' | 'crowdedOut'): void {
    this.#counts.unfinished[why] += 1;
    this.#letGo(open, [...open.spans.values()]);
  }

  #letGo(open: OpenTrace, spans: readonly SeenSpan[]): void {
    this.#open.delete(open.id);
    this.#waiting.delete(open.id);
    this.#held -= spans.length;
    const first = this.#judgeNaming(open.id, open.spans, spans);
    if (first === undefined) {
      this.#counts.nameless += 1;
      const isOwed = this.#settings.isOwed(open.id);
      const owing = spans.find(
        (span) => open.owing.has(span.spanId) || (isOwed && this.#isRoot(open.id, span)),
      );
      if (owing !== undefined) this.#fault(open.id, owing, spans, NAMELESS);
    }
    this.#gone.set(open.id, first);
    for (const [oldest] of this.#gone) {
      if (this.#gone.size <= this.#settings.heldMax) break;
      this.#gone.delete(oldest);
    }
  }

  /** Judges `judged` among the trace's spans; gives the first that names somebody. */
  #judgeNaming(
    traceId: string,
    spans: ReadonlyMap<string, SeenSpan>,
    judged: readonly SeenSpan[],
  ): SeenSpan | undefined {
    const { firsts, named, right, faults } = namingOf(spans, this.#settings.keys.length);
    const isLate = judged.length < spans.size;
    this.#named += isLate ? 1 : named;
    this.#right += isLate ? Number(faults.length === 0) : right;
    for (const fault of faults)
      this.#fault(
        traceId,
        fault.span,
        [fault.first, ...judged],
        namingFault(fault, this.#settings.keys),
      );
    return firsts.find((span) => span !== undefined);
  }

  /** The longest quiet go first, those that wait for something before all others. */
  #crowd(): void {
    for (const traces of [this.#waiting, this.#open]) {
      for (const open of traces.values()) {
        if (this.#held <= this.#settings.heldMax) return;
        this.#abandon(open, 'crowdedOut');
      }
    }
  }

  #shapeOf({ id, spans }: OpenTrace): TraceShape {
    return shapeOf(spans, (span) => this.#isRoot(id, span));
  }

  #isRoot(traceId: string, { parentSpanId }: SeenSpan): boolean {
    return parentSpanId === undefined || this.#settings.isSent(traceId, parentSpanId);
  }

  #fault(
    traceId: string,
    span: SeenSpan | undefined,
    others: readonly SeenSpan[],
    fault: Fault,
  ): void {
    if (span !== undefined) this.#findings.report({ traceId, span, others }, fault);
  }
}
