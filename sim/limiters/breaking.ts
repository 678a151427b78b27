// How is a sound limiter broken in one place, and left as it is in all others?

import type { Answer, Contract, Limit, LimitedCall } from '../domain/contract.ts';
import { type Cell, cellOf } from './cell.ts';
import { Enforcer } from './enforcer.ts';
import type { SimulatedLimiter } from './limiter.ts';

type Kind<K extends Limit['kind']> = Extract<Limit, { readonly kind: K }>;

const isKind = <K extends Limit['kind']>(limit: Limit, kind: K): limit is Kind<K> =>
  limit.kind === kind;

/** The sound limiter of a contract with the limits of one kind changed. */
export const changed =
  <K extends Limit['kind']>({ limits }: Contract, kind: K, change: (limit: Kind<K>) => Limit) =>
  (): SimulatedLimiter =>
    new Enforcer(limits.map((limit) => (isKind(limit, kind) ? change(limit) : limit)));

/** The sound limiter with the cells of one kind replaced. */
export const withCells =
  <K extends Limit['kind']>({ limits }: Contract, kind: K, make: (limit: Kind<K>) => Cell) =>
  (): SimulatedLimiter =>
    new Enforcer(limits, (limit) => (isKind(limit, kind) ? make(limit) : cellOf(limit)));

/** The sound limiter, which hears another call than the one that was made. */
export const hearing =
  ({ limits }: Contract, heard: (call: LimitedCall) => LimitedCall) =>
  (): SimulatedLimiter => {
    const sound = new Enforcer(limits);
    return { admit: (call) => sound.admit(heard(call)) };
  };

/** The sound limiter, with something else made of its answers; `turn` counts the admissions. */
export const thereafter =
  ({ limits }: Contract, then: (answer: Answer, turn: number, take: () => void) => Answer) =>
  (): SimulatedLimiter => {
    const sound = new Enforcer(limits);
    let turn = 0;
    return {
      admit: ({ key, clockUs }) => {
        const answer = sound.ask(key, clockUs);
        if (answer.kind === 'admitted') turn += 1;
        return then(answer, turn, () => sound.take(key, clockUs));
      },
    };
  };

/** The limit of one kind in a contract. */
export const limitIn = <K extends Limit['kind']>({ limits, name }: Contract, kind: K): Kind<K> => {
  const found = limits.find((limit) => isKind(limit, kind));
  if (found === undefined) throw new Error(`${name} has no ${kind}`);
  return found;
};
