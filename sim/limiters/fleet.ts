// How do several replicas keep one limit together: not at all, by one store, or by telling each other?

import type { Answer, Limit, LimitedCall } from '../domain/contract.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { Enforcer } from './enforcer.ts';
import type { SimulatedLimiter } from './limiter.ts';

/** As many as a small deployment has; assumed. */
export const REPLICAS = 3;

/** How often replicas exchange what they admitted; assumed. */
export const SYNC_US = SECOND_US;

/** A batch is sent when it holds so many, and arrives after so long; both assumed. */
export const BATCH = 10;
export const BATCH_DELAY_US = 100_000;

/** Every replica keeps the whole limit by itself. */
export const localBuckets = (limits: readonly Limit[]): SimulatedLimiter => {
  const replicas = fleetOf(limits);
  return { admit: (call) => replicaOf(replicas, call).admit(call) };
};

/** All replicas ask one store; each shows it its own clock, and the store never goes back. */
export const sharedStore = (limits: readonly Limit[]): SimulatedLimiter => new Enforcer(limits);

/** Every replica decides by what it knows, and hears at each sync what the others admitted. */
export class PeriodicSync implements SimulatedLimiter {
  readonly #replicas: readonly Enforcer[];
  readonly #since: string[][];
  #syncs: number | undefined;

  constructor(limits: readonly Limit[]) {
    this.#replicas = fleetOf(limits);
    this.#since = this.#replicas.map(() => []);
  }

  admit(call: LimitedCall): Answer {
    const syncs = Math.floor(call.atUs / SYNC_US);
    if (this.#syncs !== undefined && syncs > this.#syncs) this.#sync(call.clockUs);
    this.#syncs = syncs;
    const answer = replicaOf(this.#replicas, call).admit(call);
    if (answer.kind === 'admitted') this.#since[call.replica % REPLICAS]?.push(call.key);
    return answer;
  }

  #sync(clockUs: number): void {
    for (const [from, keys] of this.#since.entries()) {
      tellOthers(this.#replicas, from, keys, clockUs);
      this.#since[from] = [];
    }
  }
}

/** Every replica decides by what it knows, and sends what it admitted on in batches that take time. */
export class AsynchronousBatches implements SimulatedLimiter {
  readonly #replicas: readonly Enforcer[];
  readonly #unsent: string[][];
  #underway: { readonly from: number; readonly keys: readonly string[]; readonly dueUs: number }[] =
    [];

  constructor(limits: readonly Limit[]) {
    this.#replicas = fleetOf(limits);
    this.#unsent = this.#replicas.map(() => []);
  }

  admit(call: LimitedCall): Answer {
    this.#deliver(call);
    const answer = replicaOf(this.#replicas, call).admit(call);
    if (answer.kind !== 'admitted') return answer;
    const from = call.replica % REPLICAS;
    const keys = this.#unsent[from] ?? [];
    keys.push(call.key);
    if (keys.length < BATCH) return answer;
    this.#underway.push({ from, keys, dueUs: call.atUs + BATCH_DELAY_US });
    this.#unsent[from] = [];
    return answer;
  }

  #deliver({ atUs, clockUs }: LimitedCall): void {
    const arrived = this.#underway.filter(({ dueUs }) => dueUs <= atUs);
    if (arrived.length === 0) return;
    this.#underway = this.#underway.filter(({ dueUs }) => dueUs > atUs);
    for (const { from, keys } of arrived) tellOthers(this.#replicas, from, keys, clockUs);
  }
}

const fleetOf = (limits: readonly Limit[]): readonly Enforcer[] =>
  Array.from({ length: REPLICAS }, () => new Enforcer(limits));

const replicaOf = (replicas: readonly Enforcer[], { replica }: LimitedCall): Enforcer => {
  const found = replicas[replica % replicas.length];
  if (found === undefined) throw new Error(`no replica ${replica}`);
  return found;
};

const tellOthers = (
  replicas: readonly Enforcer[],
  from: number,
  keys: readonly string[],
  clockUs: number,
): void => {
  for (const [index, other] of replicas.entries()) {
    if (index === from) continue;
    for (const key of keys) other.take(key, clockUs);
  }
};
