// How much do tenants feel of one another, and how many pairs of runs could be compared?

import type { InterferenceReport } from '../../domain/verify-report.ts';
import type { Comparison } from '../noninterference.ts';
import { type Program, TENANTS } from '../programs.ts';

/** Sums over comparisons. */
export class Interference {
  #pairs = 0;
  #comparable = 0;
  #requests = 0;
  #compared = 0;
  readonly #felt = new Map<string, Felt>();

  /** A pair of runs is comparable when at least one request was compared. */
  add(program: Program, { observation, requests, compared, delaysUs }: Comparison): void {
    this.#pairs += 1;
    if (compared > 0) this.#comparable += 1;
    this.#requests += requests;
    this.#compared += compared;
    const { tenants, user, others, resources } = observation;
    const [observer] = tenants;
    const strangers = program.tenants.filter(({ id }) => !tenants.includes(id));
    const [other] = strangers;
    // Only where one tenant is watched while one other comes and goes is it known who was felt.
    if (others !== 'removed' || resources !== 'shared' || user !== undefined) return;
    if (observer === undefined || other === undefined) return;
    if (tenants.length > 1 || strangers.length > 1) return;
    const names = [observer, other.id].map((id) => usualName(program, id));
    const [one = '', two = ''] = names;
    const felt = this.#felt.get(names.join(' ')) ?? new Felt(one, two);
    this.#felt.set(names.join(' '), felt);
    for (const delayUs of delaysUs) felt.add(delayUs);
  }

  told(): InterferenceReport {
    return {
      pairs: this.#pairs,
      comparable: this.#comparable,
      requests: this.#requests,
      compared: this.#compared,
      felt: [...this.#felt.values()].map((felt) => felt.told()),
    };
  }
}

/** A world may have other names; its tenants are told from one another by tier and zone all the same. */
const usualName = ({ tenants }: Program, id: string): string => {
  const tenant = tenants.find((one) => one.id === id);
  const usual = TENANTS.find(({ tier, zone }) => tier === tenant?.tier && zone === tenant.zone);
  return usual?.id ?? id;
};

class Felt {
  readonly #observer: string;
  readonly #other: string;
  #requests = 0;
  #sumUs = 0;
  #maxUs = 0;

  constructor(observer: string, other: string) {
    this.#observer = observer;
    this.#other = other;
  }

  add(delayUs: number): void {
    this.#requests += 1;
    this.#sumUs += delayUs;
    this.#maxUs = Math.max(this.#maxUs, delayUs);
  }

  told(): InterferenceReport['felt'][number] {
    const meanMs = this.#requests === 0 ? 0 : this.#sumUs / this.#requests / 1000;
    return {
      observer: this.#observer,
      other: this.#other,
      requests: this.#requests,
      meanMs,
      maxMs: this.#maxUs / 1000,
    };
  }
}
