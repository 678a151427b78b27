// How is what a trace did wrong told: as findings whose events are the trace's own spans.

import { FindingBook, Recent, type Told, type Violation } from '../../domain/finding.ts';
import type { Emitted } from '../../domain/history.ts';
import { letLine } from '../check.ts';
import { redacted } from './content.ts';
import { type SeenSpan, serviceNamed, type TenantKeys } from './seen-span.ts';

/** What a finding is about: the span at fault, and others of its trace, those that matter most first. */
export interface Scene {
  readonly traceId: string;
  readonly span: SeenSpan;
  readonly others: readonly SeenSpan[];
}

export interface Fault {
  readonly promise: 'I1' | 'I5';
  readonly operation: string;
  readonly relation: string;
  readonly sink: string;
  readonly title: string;
  /** What is told of E1, the span at fault. */
  readonly did: string;
  readonly then: readonly string[];
}

/** Events of one scene are told together; those of different scenes are this far apart. */
const APART = 1_000;
/** Spans told before the one at fault. */
const OTHERS = 7;
/** Services that are told by their names; those of a sender that makes them up are told as one. */
const SERVICES_MAX = 256;

/** Findings about spans, by promise. */
export class TraceFindings {
  readonly #recent = new Recent();
  readonly #books = { I1: new FindingBook(this.#recent), I5: new FindingBook(this.#recent) };
  readonly #services = new Set<string>();
  readonly #keys: TenantKeys;
  #index = 0;

  constructor(keys: TenantKeys) {
    this.#keys = keys;
  }

  report(scene: Scene, fault: Fault): void {
    this.#index += APART;
    const others = [...new Set(scene.others)].filter((one) => one !== scene.span).slice(0, OTHERS);
    for (const other of others.sort((a, b) => a.startUs - b.startUs))
      this.#recent.see(this.#eventOf(scene.traceId, other));
    const event = this.#eventOf(scene.traceId, scene.span);
    this.#recent.see(event);
    const service = this.#serviceOf(scene.span);
    const { promise, operation, relation, sink, title, then, did } = fault;
    const violation: Violation = {
      ...{ promise, boundary: service, operation, relation, sink, service, title, event, then },
      let: [letLine('E1', event, `${service} wrote a span ${did}`)],
    };
    this.#books[promise].report(violation);
  }

  of(promise: Fault['promise']): readonly Told[] {
    return this.#books[promise].findings();
  }

  #serviceOf({ service }: SeenSpan): string {
    const name = redacted(service);
    if (this.#services.size >= SERVICES_MAX && !this.#services.has(name)) return 'other services';
    this.#services.add(name);
    return name;
  }

  /** The span as the history tells one; whom it names is all that is told of its attributes. */
  #eventOf(traceId: string, span: SeenSpan): Emitted {
    this.#index += 1;
    const named = this.#keys.flatMap((key, position) => {
      const name = span.names[position];
      return name === undefined ? [] : [[key, redacted(name)] as const];
    });
    return {
      kind: 'emitted',
      index: this.#index,
      atUs: span.startUs,
      request: undefined,
      hop: 0,
      service: serviceNamed(span.service) ?? 'internet',
      record: {
        kind: 'span',
        service: redacted(span.service),
        name: redacted(span.name),
        traceId,
        attributes: Object.fromEntries(named),
      },
    };
  }
}
