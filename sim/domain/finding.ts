// What was found, and how is it told: a violation with its events, as a finding with a stable id.

import { createHash } from 'node:crypto';
import type { HistoryEvent } from './history.ts';
import type { Label } from './label.ts';
import type { Principal } from './principal.ts';

/** What a check saw. The first six fields name the finding; the rest tells its first occurrence. */
export interface Violation {
  readonly promise: string;
  /** The service at whose door it showed. */
  readonly boundary: string;
  readonly operation: string;
  /** How the one who got it stands to the owner. */
  readonly relation: string;
  /** Where it went, e.g. `answer`, `log`, `store`. */
  readonly sink: string;
  /** The first service that diverged. */
  readonly service: string;
  readonly title: string;
  readonly event: HistoryEvent;
  /** One line an event: who did what. The violating event is told last. */
  readonly let: readonly string[];
  /** One inference a line; the last is the contradiction. */
  readonly then: readonly string[];
}

export interface Told {
  readonly id: string;
  readonly violation: Violation;
  readonly count: number;
  /** Events of the same request before the first occurrence, and it. */
  readonly neighbourhood: readonly HistoryEvent[];
}

/** What a check concluded. `evidence` counts what it judged, `controls` the positive among it. */
export interface Verdict {
  readonly promise: string;
  readonly evidence: number;
  readonly controls: number;
  readonly findings: readonly Told[];
}

const NEIGHBOURS = 8;
const RECENT = 256;

/** The last events of a run, for the neighbourhood of findings. Fed before the checks are. */
export class Recent {
  readonly #events: (HistoryEvent | undefined)[] = Array.from({ length: RECENT });

  see(event: HistoryEvent): void {
    this.#events[event.index % RECENT] = event;
  }

  /** The last events of the request of `event`, oldest first, `event` last. */
  around(event: HistoryEvent): readonly HistoryEvent[] {
    const near: HistoryEvent[] = [];
    for (
      let index = event.index;
      index > event.index - RECENT && near.length < NEIGHBOURS;
      index -= 1
    ) {
      const other = this.#events[((index % RECENT) + RECENT) % RECENT];
      if (other !== undefined && other.index === index && other.request === event.request)
        near.unshift(other);
    }
    return near;
  }
}

/** Collects violations; those of one id are one finding, told by its first occurrence. */
export class FindingBook {
  readonly #recent: Recent;
  readonly #told = new Map<
    string,
    { violation: Violation; count: number; neighbourhood: readonly HistoryEvent[] }
  >();

  constructor(recent: Recent) {
    this.#recent = recent;
  }

  report(violation: Violation): void {
    const id = findingId(violation);
    const known = this.#told.get(id);
    if (known !== undefined) known.count += 1;
    else
      this.#told.set(id, {
        violation,
        count: 1,
        neighbourhood: this.#recent.around(violation.event),
      });
  }

  findings(): readonly Told[] {
    return [...this.#told].map(([id, told]) => ({ id, ...told }));
  }
}

/** A hash of what a finding is, without seed, ids or times: stable over runs. */
export const findingId = (
  violation: Pick<
    Violation,
    'promise' | 'boundary' | 'operation' | 'relation' | 'sink' | 'service'
  >,
): string => {
  const { promise, boundary, operation, relation, sink, service } = violation;
  const text = [promise, boundary, operation, relation, sink, service].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
};

/** `dr.lee (basic/clinic-a)`, or `a stranger`. */
export const nameOf = (principal: Principal | undefined): string =>
  principal === undefined
    ? 'a stranger'
    : `${principal.user} (${principal.tenant.tier}/${principal.tenant.incarnation.replace(/:1$/, '')})`;

export const nameOfLabel = (label: Label | undefined): string => {
  if (label === undefined) return 'nobody known';
  if (label.kind === 'public') return 'everyone';
  if (label.kind === 'user') return label.membership.replace(':1/', '/');
  const tenant = label.incarnation.replace(/:1$/, '');
  return label.roles === undefined
    ? `everyone in ${tenant}`
    : `${label.roles.join(' and ')} of ${tenant}`;
};

/** How a principal stands to the owner of a label. */
export const relationOf = (principal: Principal | undefined, label: Label | undefined): string => {
  if (principal === undefined) return 'outsider';
  if (label === undefined || label.kind === 'public') return 'unknown';
  if (label.incarnation === principal.tenant.incarnation) {
    if (label.kind === 'tenant') return 'other role';
    return label.membership === principal.membership ? 'same user' : 'other user';
  }
  return label.incarnation.replace(/:\d+$/, '') === principal.tenant.id
    ? 'other incarnation'
    : 'other tenant';
};
