// What does the harness leave at a target, and is all of it taken away again?

import type { CanaryKind } from '../domain/canary.ts';
import type { Ledger } from '../domain/ledger.ts';
import { type Principal, userLabel } from '../domain/principal.ts';
import type { CanaryCounts, LeftCanary } from '../domain/target-report.ts';
import { parsed } from '../domain/wire.ts';
import { type Exchanged, type ExchangeTerms, exchange } from './exchange.ts';
import { valueAt } from './pointer.ts';
import type { RateCap } from './safety.ts';
import type { Secrets } from './secrets.ts';
import { type Seat, type StandIns, valuesOf } from './sessions.ts';
import type { CanaryForm, Target } from './target.ts';
import { callOf } from './template.ts';

/** Attempts to take one canary away, with a second between them. Assumed. */
const ATTEMPTS = 3;
const AGAIN_US = 1_000_000;

export interface PlantingTerms extends ExchangeTerms {
  readonly target: Target;
  readonly environment: ReadonlyMap<string, string>;
  readonly secrets: Secrets;
  readonly standIns: StandIns;
  readonly cap: RateCap;
  readonly ledger: Ledger;
  /** Names what this run plants: no other run's. */
  readonly run: string;
}

/** Who plants: the first user of a tenant, as it has signed in. */
export interface Planter {
  readonly principal: Principal;
  readonly seat: Seat;
  /** The stand-in of its token as it is now; undefined when it could not sign in. */
  readonly bearer: () => Promise<string | undefined>;
}

interface Planted {
  readonly planter: Planter;
  readonly id: string;
}

/** One canary for each tenant, and what is left of them. */
export class Planting {
  readonly #terms: PlantingTerms;
  readonly #form: CanaryForm;
  #planted = 0;
  #cleaned = 0;
  readonly #there = new Set<Planted>();
  readonly #left: LeftCanary[] = [];
  readonly #failed: { readonly tenant: string; readonly why: string }[] = [];

  constructor(terms: PlantingTerms, form: CanaryForm) {
    this.#terms = terms;
    this.#form = form;
  }

  /** Plants for every tenant, one after the other, until `stopped`. */
  async plant(planters: readonly Planter[], stopped: () => boolean): Promise<void> {
    for (const planter of planters) {
      if (stopped()) return;
      await this.#plantFor(planter);
    }
  }

  /** Takes away what was planted; what cannot be is told by `counts`. */
  async clean(): Promise<void> {
    await Promise.all([...this.#there].map((planted) => this.#cleanUp(planted)));
  }

  counts(): CanaryCounts {
    const there = [...this.#there].map(({ planter, id }) => ({
      ...{ tenant: planter.seat.tenant, id, why: 'the run ended before it was taken away' },
    }));
    return {
      ...{ planted: this.#planted, cleaned: this.#cleaned },
      ...{ left: [...this.#left, ...there], failed: this.#failed },
    };
  }

  async #plantFor(planter: Planter): Promise<void> {
    const { ledger, run } = this.#terms;
    const { principal, seat } = planter;
    const { incarnation } = principal.tenant;
    const label =
      this.#form.readers === 'tenant'
        ? ledger.label({ kind: 'tenant', incarnation })
        : ledger.label(userLabel(principal));
    const canary = ledger.plant(label, KINDS[this.#form.kind]);
    const own = `poolproof-${run}-${canary.serial}`;
    // From here on it may be there, whatever the answer says.
    const planted = { planter, id: own };
    this.#there.add(planted);
    const answered = await this.#send(planter, 'plant', { canary: canary.text, id: own });
    const why = problemOf(answered);
    const id = this.#form.plant.id === undefined ? own : this.#idIn(answered);
    if (why === undefined && id !== undefined) {
      this.#planted += 1;
      this.#there.delete(planted);
      this.#there.add({ planter, id });
      return;
    }
    // What was refused is not there; what went wrong otherwise may be, under the harness's own id.
    if (answered?.kind !== 'failed' && why !== undefined) this.#there.delete(planted);
    const said = why ?? `no id at \`${this.#form.plant.id}\` in answer to the planting`;
    this.#failed.push({ tenant: seat.tenant, why: this.#terms.secrets.redacted(said) });
  }

  #idIn(answered: Exchanged | undefined): string | undefined {
    const { id } = this.#form.plant;
    if (id === undefined || answered?.kind !== 'answered') return undefined;
    const given = valueAt(parsed(answered.body), id);
    return typeof given === 'string' || typeof given === 'number' ? String(given) : undefined;
  }

  async #cleanUp(planted: Planted): Promise<void> {
    const why = await this.#cleanOne(planted);
    this.#there.delete(planted);
    if (why === undefined) this.#cleaned += 1;
    else this.#left.push({ tenant: planted.planter.seat.tenant, id: planted.id, why });
  }

  async #cleanOne({ planter, id }: Planted): Promise<string | undefined> {
    const { clock } = this.#terms;
    let why: string | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const answered = await this.#send(planter, 'clean', { id });
      // What is not there needs no cleaning.
      if (answered?.kind === 'answered' && [404, 410].includes(answered.status)) return undefined;
      why = problemOf(answered);
      if (why === undefined) return undefined;
      if (attempt < ATTEMPTS) await clock.sleep(AGAIN_US);
    }
    return this.#terms.secrets.redacted(why ?? '');
  }

  /** Undefined when the planter is not signed in. */
  async #send(
    { seat, bearer }: Planter,
    what: 'plant' | 'clean',
    values: Readonly<Record<string, string>>,
  ): Promise<Exchanged | undefined> {
    const { target, environment, standIns, cap } = this.#terms;
    const standIn = await bearer();
    const presented = standIn === undefined ? undefined : standIns.bearer(standIn);
    if (presented === undefined) return undefined;
    await cap.takeWhenFree();
    const call = callOf(this.#form[what], {
      ...valuesOf(seat, environment),
      ...values,
      token: presented,
    });
    return exchange(this.#terms, target.url, call, target.ask.timeoutUs);
  }
}

const KINDS = {
  document: 'document',
  record: 'record',
  memory: 'memory',
} as const satisfies Readonly<Record<CanaryForm['kind'], CanaryKind>>;

const problemOf = (answered: Exchanged | undefined): string | undefined => {
  if (answered === undefined) return 'its user could not sign in';
  if (answered.kind === 'failed') return answered.why;
  const { status } = answered;
  return status >= 200 && status < 300 ? undefined : `status ${status}`;
};
