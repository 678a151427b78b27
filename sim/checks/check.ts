// What does every check share: the facts that the harness knows, and the shape of a check.

import type { EntitlementLine } from '../domain/entitlement.ts';
import { FindingBook, type Recent, type Verdict, type Violation } from '../domain/finding.ts';
import type { HistoryEvent, Observer, RequestFacts } from '../domain/history.ts';
import type { Reader } from '../domain/label.ts';
import { OUTSIDER } from '../domain/label.ts';
import type { Ledger } from '../domain/ledger.ts';

/** What the harness knows and a check may hold a history against. */
export interface Known {
  readonly ledger: Ledger;
  readonly entitlements: readonly EntitlementLine[];
  /** The model that a tier has bought; undefined for an unknown tier. */
  readonly modelOf: (tier: string) => string | undefined;
  readonly recent: Recent;
}

/** A fold over the history that judges one promise. It never sees the running platform. */
export interface Check extends Observer {
  conclude(): Verdict;
}

/** Evidence, controls and findings of one promise. */
export class Tally {
  evidence = 0;
  controls = 0;
  /** Violations reported so far. */
  reported = 0;
  readonly #promise: string;
  readonly #book: FindingBook;

  constructor(promise: string, recent: Recent) {
    this.#promise = promise;
    this.#book = new FindingBook(recent);
  }

  report(violation: Omit<Violation, 'promise'>): void {
    this.reported += 1;
    this.#book.report({ promise: this.#promise, ...violation });
  }

  /** The same where denials are what holds: whoever denies everything has shown nothing. */
  concludeIf(served: boolean): Verdict {
    const verdict = this.conclude();
    return served ? verdict : { ...verdict, evidence: 0 };
  }

  conclude(): Verdict {
    const { evidence, controls } = this;
    return { promise: this.#promise, evidence, controls, findings: this.#book.findings() };
  }
}

/** Who reads what a request brings: by the authority of its bearer token, which lasts until it expires. */
export const readerOfRequest = (request: RequestFacts): Reader => {
  const { principal, bearer } = request;
  if (principal === undefined) return OUTSIDER;
  return {
    incarnation: principal.tenant.incarnation,
    membership: principal.membership,
    role: bearer?.standing === 'good' ? bearer.role : principal.role,
  };
};

/** `00:00.412`, with hours or days when there are any, since the beginning of the day. */
export const clockText = (atUs: number): string => {
  const ms = Math.floor(atUs / 1000) % 86_400_000;
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ];
  return `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(ms % 1000).padStart(3, '0')}`;
};

/** One line of a finding's *Let*. */
export const letLine = (name: string, event: HistoryEvent, what: string): string =>
  `${name} = ${clockText(event.atUs)}  ${what}`;

/** Probes whose refusal is a matter of identity: judged by I7, the others by I3. */
export const isIdentityProbe = (kind: string): boolean => IDENTITY_PROBE.test(kind);

const IDENTITY_PROBE = /bearer$|^sign-up$|^repeated-header$|^stranger-key$/;
