// Was the window full that its first admission opened? Every window that may have been opened is followed.

import type { WindowLimit } from '../../domain/contract.ts';
import type { Stretch } from '../limiter-judge/busiest-window.ts';
import type { Meter } from './meter.ts';
import { Recent } from './recent.ts';

/** A window that may be the one that is open. */
interface Opened {
  readonly fromUs: number;
  /** Without those so near to its beginning that they may belong to the window before. */
  atLeast: number;
  atMost: number;
}

/**
 * Exact stamps leave one window. Others leave several: near to its end an admission may be the last
 * of an old window or the first of a new one. A decision is wrong when it is so under all of them.
 */
export class OpenedMeter implements Meter {
  readonly #requests: number;
  readonly #windowUs: number;
  readonly #toleranceUs: number;
  readonly #recent: Recent;
  #opened: Opened[] = [];
  #atUs = 0;
  #worst: Stretch | undefined;

  constructor({ requests, windowUs }: WindowLimit, toleranceUs: number) {
    this.#requests = requests;
    this.#windowUs = windowUs;
    this.#toleranceUs = toleranceUs;
    this.#recent = new Recent(windowUs);
  }

  advance(atUs: number): void {
    this.#atUs = atUs;
    this.#recent.forget(atUs);
  }

  surelySpent(): boolean {
    return (
      this.#opened.length > 0 &&
      this.#opened.every((one) => one.atLeast >= this.#requests && this.#isSurelyOpen(one))
    );
  }

  surelyHasRoom(): boolean {
    return this.#opened.every((one) => one.atMost < this.#requests || this.#isSurelyOver(one));
  }

  take(): void {
    this.#recent.add(this.#atUs);
    const next: Opened[] = [];
    let opens = this.#opened.length === 0;
    for (const one of this.#opened) {
      if (!this.#isSurelyOpen(one)) opens = true;
      if (this.#isSurelyOver(one)) continue;
      one.atMost += 1;
      if (this.#atUs - one.fromUs >= this.#toleranceUs) one.atLeast += 1;
      next.push(one);
    }
    if (opens) next.push({ fromUs: this.#atUs, atLeast: 1, atMost: 1 });
    this.#opened = next;
    this.#note();
  }

  worst(): Stretch | undefined {
    return this.#worst;
  }

  fullest(): Stretch | undefined {
    return this.#recent.fullest(this.#requests);
  }

  /** Takes the emptiest of the windows that may be open: no more than that is sure. */
  #note(): void {
    let emptiest = this.#opened[0];
    for (const one of this.#opened) {
      if (emptiest === undefined || one.atLeast < emptiest.atLeast) emptiest = one;
    }
    if (emptiest === undefined || emptiest.atLeast <= (this.#worst?.admitted ?? 0)) return;
    const { fromUs, atLeast: admitted } = emptiest;
    this.#worst = { fromUs, toUs: fromUs + this.#windowUs, admitted, allowed: this.#requests };
  }

  #isSurelyOpen({ fromUs }: Opened): boolean {
    return this.#atUs - fromUs < this.#windowUs - this.#toleranceUs;
  }

  #isSurelyOver({ fromUs }: Opened): boolean {
    return this.#atUs - fromUs >= this.#windowUs + this.#toleranceUs;
  }
}
