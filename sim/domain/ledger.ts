// Who owns what: every identity, bearer token, credential and secret that the harness issued or planted.

import { type CanaryKind, mintCanary } from './canary.ts';
import { type Label, mayRead, type Reader } from './label.ts';
import { type Principal, readerOf, userLabel } from './principal.ts';

/** A bearer token as the harness saw it come out of the identity service, or as it forged it. */
export interface BearerFacts {
  readonly text: string;
  readonly owner: Principal | undefined;
  /** `good` came from the identity service for its owner; all others must be refused everywhere. */
  readonly standing: 'good' | 'forged';
  /** What the population said when it was issued: the authority that it carries until `expiresUs`. */
  readonly tier: string;
  readonly tenant: string;
  readonly role: string;
  /** What the platform calls the owner's tenant and the owner, as its own token says. */
  readonly clinic: string;
  readonly sub: string;
  readonly issuedUs: number;
  readonly expiresUs: number;
}

/** Credentials as the harness saw them leave the token vending machine. */
export interface CredentialFacts {
  readonly owner: Principal | undefined;
  /** What the bearer token said that they were vended for; undefined where it was none of the pool's. */
  readonly tier: string | undefined;
  readonly role: string | undefined;
  readonly issuedUs: number;
  /** The earlier of 900 s after issue and the bearer token's expiry. */
  readonly dueUs: number;
}

/** The harness's own record of ownership; no service can write it. */
export class Ledger {
  readonly #labels: Label[] = [{ kind: 'public' }];
  readonly #indexes = new Map<string, number>([['{"kind":"public"}', 0]]);
  readonly #bearers = new Map<string, BearerFacts>();
  readonly #credentials = new Map<string, CredentialFacts>();
  readonly #offset: number;
  #serial = 0;
  #rotatedUs = Number.NEGATIVE_INFINITY;

  /** Indexes of labels, but for the public one, begin above `offset`: so two ledgers share none. */
  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** The signing key was replaced: what the old one signed counts no longer. */
  keysRotated(nowUs: number): void {
    this.#rotatedUs = nowUs;
  }

  /** True when the key that signed the token had left the set `delayUs` before `atUs`. */
  isRevoked(bearer: BearerFacts, atUs: number, delayUs: number): boolean {
    return bearer.issuedUs < this.#rotatedUs && atUs >= this.#rotatedUs + delayUs;
  }

  /** True when less than `settlingUs` passed since the signing key was replaced. */
  isRotating(atUs: number, settlingUs: number): boolean {
    return atUs >= this.#rotatedUs && atUs < this.#rotatedUs + settlingUs;
  }

  /** The index of a label; equal labels share one. */
  label(label: Label): number {
    const key = JSON.stringify(label);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const index = this.#labels.push(label) - 1 + this.#offset;
    this.#indexes.set(key, index);
    return index;
  }

  labelOf(index: number): Label | undefined {
    return index === 0 ? this.#labels[0] : this.#labels[this.#place(index)];
  }

  /** True when the reader is among the readers of the label with that index; an unknown label has none. */
  mayRead(index: number, reader: Reader): boolean {
    const label = this.labelOf(index);
    return label !== undefined && mayRead(label, reader);
  }

  /** Of a label that is not the public one; -1 for an index below those given out here. */
  #place(index: number): number {
    return index > this.#offset ? index - this.#offset : -1;
  }

  /** A new canary for one write under the label, and its serial. */
  plant(owner: number, kind: CanaryKind): { readonly text: string; readonly serial: number } {
    this.#serial += 1;
    return { text: mintCanary({ owner, kind, serial: this.#serial }), serial: this.#serial };
  }

  recordBearer(facts: BearerFacts): BearerFacts {
    this.#bearers.set(facts.text, facts);
    return facts;
  }

  bearer(text: string): BearerFacts | undefined {
    return this.#bearers.get(text);
  }

  recordCredentials(sessionToken: string, facts: CredentialFacts): void {
    this.#credentials.set(sessionToken, facts);
  }

  credentials(sessionToken: string): CredentialFacts | undefined {
    return this.#credentials.get(sessionToken);
  }

  /** Lets go of what expired before `beforeUs`; what is unknown afterwards is treated as forged. */
  forget(beforeUs: number): void {
    for (const [text, facts] of this.#bearers)
      if (facts.expiresUs < beforeUs) this.#bearers.delete(text);
    for (const [text, facts] of this.#credentials)
      if (facts.dueUs < beforeUs) this.#credentials.delete(text);
  }
}

/** The label index under which a principal's own writes stand. */
export const ownLabel = (ledger: Ledger, principal: Principal): number =>
  ledger.label(userLabel(principal));

export const readsLabel = (ledger: Ledger, label: number, principal: Principal): boolean =>
  ledger.mayRead(label, readerOf(principal));
