// What did each user, tenant and tier get, how fast, and what was it charged?

import type { UserId } from '../domain/caller.ts';
import type { Emitted, Ended, HistoryEvent, Observer, RequestFacts } from '../domain/history.ts';
import type { Principal } from '../domain/principal.ts';
import type { Experience, LatencySummary, Outcomes } from '../domain/report.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { Samples } from './samples.ts';

/** Whose requests a figure is about; what is undefined does not restrict. */
export interface Scope {
  readonly tier: string | undefined;
  readonly tenant: string | undefined;
}

/** What one user got in one tier. */
export interface Account {
  /** The tier of the bearer token; without one, that of the tenant. */
  readonly tier: string;
  readonly tenant: string;
  readonly incarnation: string;
  readonly membership: string;
  readonly user: UserId;
  arrived: number;
  completed: number;
  refused: number;
  failed: number;
  /** Of completed and failed requests, simulated microseconds. */
  readonly latenciesUs: Samples;
  charges: number;
  inputTokens: number;
  outputTokens: number;
  costMicroUsd: number;
}

export interface Experiences {
  readonly requests: Outcomes & {
    readonly asked: { readonly inputTokens: number; readonly outputTokens: number };
  };
  readonly tiers: readonly Experience[];
  readonly tenants: readonly Experience[];
  readonly users: readonly Experience[];
}

/**
 * Counts requests of kind `ask` and how they ended, by whose connection it was, and every usage
 * record by the same, whatever the record itself says.
 */
export class Usage implements Observer {
  readonly #accounts = new Map<Principal, Account[]>();
  readonly #all = { arrived: 0, completed: 0, refused: 0, failed: 0 };
  #askedInputTokens = 0;
  #askedOutputTokens = 0;

  see(event: HistoryEvent): void {
    switch (event.kind) {
      case 'arrived':
        if (event.request?.kind === 'ask') this.#arrived(event.request);
        break;
      case 'ended':
        if (event.request?.kind === 'ask') this.#ended(event, event.request);
        break;
      case 'emitted':
        if (event.record.kind === 'usage') this.#charged(event);
        break;
      default:
    }
  }

  /** `spanUs` is the simulated time over which goodput is told, above 0. */
  conclude(spanUs: number): Experiences {
    const accounts = this.accounts({ tier: undefined, tenant: undefined });
    const by = (idOf: (account: Account) => string): Experience[] =>
      [...grouped(accounts, idOf)].map(([id, group]) => experience(id, group, spanUs));
    return {
      requests: {
        ...this.#all,
        asked: { inputTokens: this.#askedInputTokens, outputTokens: this.#askedOutputTokens },
      },
      tiers: by(({ tier }) => tier),
      tenants: by(({ incarnation }) => incarnation),
      users: by(({ membership }) => membership),
    };
  }

  /** The accounts in a scope, in order of their first event. */
  accounts({ tier, tenant }: Scope): readonly Account[] {
    return [...this.#accounts.values()]
      .flat()
      .filter((account) => tier === undefined || account.tier === tier)
      .filter((account) => tenant === undefined || account.tenant === tenant);
  }

  #arrived(request: RequestFacts): void {
    this.#all.arrived += 1;
    this.#askedInputTokens += request.asks?.inputTokens ?? 0;
    this.#askedOutputTokens += request.asks?.outputTokens ?? 0;
    const account = this.#accountOf(request);
    if (account !== undefined) account.arrived += 1;
  }

  #ended(event: Ended, request: RequestFacts): void {
    this.#all[event.outcome] += 1;
    const account = this.#accountOf(request);
    if (account === undefined) return;
    account[event.outcome] += 1;
    if (event.outcome !== 'refused') account.latenciesUs.add(event.atUs - event.startedUs);
  }

  #charged({ request, record }: Emitted): void {
    if (request === undefined || record.kind !== 'usage') return;
    const account = this.#accountOf(request);
    if (account === undefined) return;
    account.charges += 1;
    account.inputTokens += record.usage.inputTokens;
    account.outputTokens += record.usage.outputTokens;
    account.costMicroUsd += record.usage.costMicroUsd;
  }

  #accountOf({ principal, bearer }: RequestFacts): Account | undefined {
    if (principal === undefined) return undefined;
    const tier = bearer?.tier ?? principal.tenant.tier;
    const known = this.#accounts.get(principal);
    const found = known?.find((account) => account.tier === tier);
    if (found !== undefined) return found;
    const opened = openAccount(principal, tier);
    if (known === undefined) this.#accounts.set(principal, [opened]);
    else known.push(opened);
    return opened;
  }
}

/** Groups in order of their first member. */
const grouped = <T>(all: readonly T[], keyOf: (each: T) => string): ReadonlyMap<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups;
};

const openAccount = ({ tenant, user, membership }: Principal, tier: string): Account => ({
  tier,
  tenant: tenant.id,
  incarnation: tenant.incarnation,
  membership,
  user,
  arrived: 0,
  completed: 0,
  refused: 0,
  failed: 0,
  latenciesUs: new Samples(),
  charges: 0,
  inputTokens: 0,
  outputTokens: 0,
  costMicroUsd: 0,
});

const experience = (id: string, accounts: readonly Account[], spanUs: number): Experience => {
  const completed = total(accounts, 'completed');
  return {
    id,
    tiers: [...new Set(accounts.map(({ tier }) => tier))],
    requests: {
      arrived: total(accounts, 'arrived'),
      completed,
      refused: total(accounts, 'refused'),
      failed: total(accounts, 'failed'),
    },
    latencyMs: latencySummary(Samples.of(accounts.map(({ latenciesUs }) => latenciesUs))),
    goodputPerSecond: (completed * SECOND_US) / spanUs,
    inputTokens: total(accounts, 'inputTokens'),
    outputTokens: total(accounts, 'outputTokens'),
    costMicroUsd: total(accounts, 'costMicroUsd'),
  };
};

type Figure =
  | 'arrived'
  | 'completed'
  | 'refused'
  | 'failed'
  | 'charges'
  | 'inputTokens'
  | 'outputTokens'
  | 'costMicroUsd';

/** The sum of one figure over accounts. */
export const total = (accounts: readonly Account[], figure: Figure): number =>
  accounts.reduce((sum, account) => sum + account[figure], 0);

const latencySummary = (latenciesUs: Samples): LatencySummary | null => {
  if (latenciesUs.count === 0) return null;
  const ms = (percent: number): number => (latenciesUs.quantile(percent) ?? 0) / 1000;
  return { p50: ms(50), p90: ms(90), p95: ms(95), p99: ms(99), max: ms(100) };
};
