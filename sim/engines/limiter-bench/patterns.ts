// When do callers come? Patterns that limiters meet, each scaled to the contract.

import { arrivals } from '../../kernel/arrivals.ts';
import type { Chance } from '../../kernel/chance.ts';
import { DAY_US, HOUR_US, SECOND_US } from '../../kernel/clock.ts';
import { REPLICAS } from '../../limiters.ts';
import type { Caller } from './caller.ts';
import { retrying } from './retrying.ts';
import type { Ceiling, Tempo } from './tempo.ts';

export interface Pattern {
  readonly id: string;
  readonly does: string;
  /** Whether its callers mind no answer, so that every limiter meets the same calls. */
  readonly isOpen: boolean;
  /** How far the clocks of this pattern are off from each other at most. */
  readonly spreadUs: (tempo: Tempo) => number;
  /** So many calls until it has done all that it does. */
  readonly needs: (tempo: Tempo) => number;
  readonly caller: (tempo: Tempo, chance: Chance) => Caller;
}

/** One arrival: the instant, and the key when the pattern cares. */
type Arrival = readonly [atUs: number, key?: string];

/** What the clock of a replica shows. */
type Clocks = (atUs: number, replica: number) => number;

const TRUE: Clocks = (atUs) => atUs;

const NO_SPREAD = () => 0;

const NO_NEED = () => 0;

/** Callers who mind no answer. */
const open = (
  arrivalsOf: (tempo: Tempo, chance: Chance) => Iterator<Arrival, unknown>,
  clocksOf: (tempo: Tempo) => Clocks = () => TRUE,
): Pattern['caller'] => {
  return (tempo, chance) => {
    const arriving = arrivalsOf(tempo, chance.fork('arrivals'));
    const drawn = chance.fork('keys and replicas');
    const clocks = clocksOf(tempo);
    let lastUs = Number.NEGATIVE_INFINITY;
    return {
      next: () => {
        const { value, done } = arriving.next();
        if (done === true) throw new Error('a pattern ended');
        const [us, key = drawn.pick(tempo.keys)] = value as Arrival;
        // Edges closer together than a microsecond would meet.
        const atUs = Math.max(lastUs, us);
        lastUs = atUs;
        const replica = drawn.integer(0, REPLICAS - 1);
        return { key, atUs, replica, clockUs: clocks(atUs, replica) };
      },
      heard: () => {},
    };
  };
};

/** So many times the limit's rate, in gaps of that variation, by all keys together. */
function* renewals(
  { startUs, permitNs, keys }: Tempo,
  chance: Chance,
  load: number,
  cv: number,
): Generator<Arrival> {
  // The kernel's arrivals hold a million a second at most.
  const requestsPerSecond = Math.min(1e6, (load * keys.length * 1e9) / permitNs);
  for (let part = 0; ; part += 1) {
    const fromUs = startUs + part * 400 * DAY_US;
    const window = { fromUs, toUs: fromUs + 400 * DAY_US };
    const model = { kind: 'gamma', requestsPerSecond, cv } as const;
    for (const atUs of arrivals(model, window, chance.fork(part))) yield [atUs];
  }
}

/** Clumps a microsecond before, at and after where a window ends or a permit grows. */
function* edges({ startUs, permitNs, burst, windowUs, keys }: Tempo, chance: Chance) {
  let fromUs = startUs;
  for (;;) {
    const key = chance.pick(keys);
    // From an edge of the clock's own windows, or from anywhere.
    const edgeUs = Math.ceil(fromUs / windowUs) * windowUs;
    const atUs = chance.happens(0.5) ? edgeUs : edgeUs + chance.integer(1, windowUs);
    const few = Math.min(burst, 50);
    yield* clump(atUs, burst + 1, key);
    for (let permits = 1; permits <= 4; permits += 1) {
      // One who asks in between takes nothing, and makes a sum of two parts out of a permit's time.
      const grownUs = Math.ceil((permits * permitNs) / 1000);
      const partUs = chance.integer(2, Math.max(2, Math.floor(permitNs / 1000)));
      yield [Math.max(atUs, atUs + grownUs - partUs), key] as const;
      yield* around(atUs + grownUs, 1, key);
    }
    const laterUs = Math.max(atUs + windowUs, atUs + Math.ceil((4 * permitNs) / 1000) + 3);
    yield* around(laterUs, few + 1, key);
    const nextUs = (Math.floor(laterUs / windowUs) + 1) * windowUs + 2;
    yield* around(nextUs, few + 1, key);
    fromUs = nextUs + 2 + chance.integer(0, 3) * windowUs;
  }
}

function* clump(atUs: number, calls: number, key: string): Generator<Arrival> {
  for (let call = 0; call < calls; call += 1) yield [atUs, key];
}

function* around(atUs: number, calls: number, key: string): Generator<Arrival> {
  for (const offUs of [-1, 0, 1]) yield* clump(atUs + offUs, calls, key);
}

/** Spends the quota, asks again every hour, and comes in clumps around the reset. */
function* midnights(
  { startUs, permitNs, burst, requestsOfPeriod, periodOf, keys }: Tempo,
  chance: Chance,
) {
  const paceUs = Math.ceil(permitNs / 1000);
  let atUs = startUs;
  for (;;) {
    const key = chance.pick(keys);
    const { endUs } = periodOf(atUs);
    // All of it, or so little that the last minute before the reset has some left.
    const spent = Math.min(2000, Math.ceil(requestsOfPeriod * (chance.happens(0.7) ? 1.05 : 0.2)));
    for (let call = 0; call < spent && atUs < endUs - HOUR_US; call += 1) {
      yield [atUs, key] as const;
      atUs += paceUs;
    }
    for (; atUs < endUs - HOUR_US; atUs += HOUR_US) {
      // Two at once, or one: a limit of one a window meets both.
      for (const _ of [1, 2]) yield [atUs, key] as const;
    }
    // The bucket is empty when the reset comes.
    const beforeUs = Math.max(atUs, endUs - SECOND_US);
    yield* clump(beforeUs, Math.min(burst, 200), key);
    yield* around(Math.max(beforeUs + 1, endUs), Math.min(burst, 200) + 1, key);
    atUs = Math.max(beforeUs + 1, endUs) + 2 + chance.integer(0, SECOND_US);
  }
}

/** Beyond its own pace by so much a limit is spent while those that let more through have room. */
const HASTE = 4;

/** Spends one limit after the other: its own key's, or by all keys in turn what they share. */
function* eachLimit({ startUs, keys, ceilings }: Tempo, chance: Chance): Generator<Arrival> {
  let atUs = startUs;
  for (;;) {
    for (const ceiling of ceilings) {
      const { requests, windowUs, isShared } = ceiling;
      const callers = isShared ? keys : [chance.pick(keys)];
      const gapUs = windowUs / Math.max(1, requests) / HASTE;
      const calls = spending(ceiling);
      for (let call = 0; call < calls; call += 1)
        yield [atUs + Math.floor(call * gapUs), callers[call % callers.length] as string];
      atUs += Math.ceil(calls * gapUs) + windowUs;
    }
  }
}

/** Calls at that haste after which a limit is spent, and some more that it must refuse. */
const spending = ({ requests }: Ceiling): number => 2 * requests + 10;

/** Clocks set by NTP in one network are off by less; assumed. A twentieth of a short window. */
const skewUs = ({ windowUs }: Tempo): number => Math.min(50_000, Math.floor(windowUs / 20));

/** How far a clock is put back; assumed. A tenth of a short window. */
const stepUs = ({ windowUs }: Tempo): number => Math.min(SECOND_US, Math.floor(windowUs / 10));

/** Put back for three of every ten steps' length, and forward again. */
const steppingBack = (tempo: Tempo): Clocks => {
  const us = stepUs(tempo);
  if (us === 0) return TRUE;
  return (atUs) => (Math.floor((atUs - tempo.startUs) / (3 * us)) % 3 === 2 ? atUs - us : atUs);
};

export const PATTERNS: readonly Pattern[] = [
  {
    id: 'natural',
    does: 'six tenths of the rate, in gaps twice as uneven as chance',
    isOpen: true,
    spreadUs: NO_SPREAD,
    needs: NO_NEED,
    caller: open((tempo, chance) => renewals(tempo, chance, 0.6, 2)),
  },
  {
    id: 'saturating',
    does: 'Poisson, three times the rate',
    isOpen: true,
    spreadUs: NO_SPREAD,
    needs: NO_NEED,
    caller: open((tempo, chance) => renewals(tempo, chance, 3, 1)),
  },
  {
    id: 'bursty',
    does: 'the rate on average, in bursts and silences',
    isOpen: true,
    spreadUs: NO_SPREAD,
    needs: NO_NEED,
    caller: open((tempo, chance) => renewals(tempo, chance, 1, 8)),
  },
  {
    id: 'edge',
    does: 'clumps a microsecond before, at and after each edge of a window or permit',
    isOpen: true,
    spreadUs: NO_SPREAD,
    needs: NO_NEED,
    caller: open(edges),
  },
  {
    id: 'midnight',
    does: 'the quota spent, asked again, and clumps around its reset',
    isOpen: true,
    spreadUs: NO_SPREAD,
    needs: NO_NEED,
    caller: open(midnights),
  },
  {
    id: 'each-limit',
    does: 'one limit after the other spent alone, what keys share by all of them in turn',
    isOpen: true,
    spreadUs: NO_SPREAD,
    needs: ({ ceilings }) => ceilings.reduce((sum, ceiling) => sum + spending(ceiling), 0),
    caller: open(eachLimit),
  },
  {
    id: 'clock-skew',
    does: 'three times the rate, on replicas whose clocks differ',
    isOpen: true,
    spreadUs: skewUs,
    needs: NO_NEED,
    caller: open(
      (tempo, chance) => renewals(tempo, chance, 3, 1),
      (tempo) => (atUs, replica) =>
        atUs - Math.floor((skewUs(tempo) * (replica % REPLICAS)) / (REPLICAS - 1)),
    ),
  },
  {
    id: 'clock-back',
    does: 'three times the rate, on a clock that is put back and forward again',
    isOpen: true,
    spreadUs: stepUs,
    needs: NO_NEED,
    caller: open((tempo, chance) => renewals(tempo, chance, 3, 1), steppingBack),
  },
  {
    id: 'retry-storm',
    does: 'callers who try again at once when refused',
    isOpen: false,
    spreadUs: NO_SPREAD,
    needs: NO_NEED,
    caller: (tempo, chance) => retrying(tempo, chance, 'at once'),
  },
  {
    id: 'retry-after',
    does: 'callers who wait as long as they are told',
    isOpen: false,
    spreadUs: NO_SPREAD,
    needs: NO_NEED,
    caller: (tempo, chance) => retrying(tempo, chance, 'as told'),
  },
];
