// Does a request cost more where more tenants live in the pool?

import type { RunInputs } from '../../sim/engines/run.ts';
import { dayInputs, dayOf, type Play, play, warmUp } from './play.ts';
import { interleaved, median } from './ratio.ts';
import { type Bench, figure, figures, ratioText, type Shown } from './show.ts';
import { totalUs } from './signatures.ts';

const SIZES = [10, 100, 1_000, 10_000] as const;
const FEWEST = 10;
const REQUESTS = 20_000;
const ROUNDS = 3;

/** A pool that is played in each round; the first of all is played again as a control. */
interface Pool {
  readonly tenants: number;
  readonly control: boolean;
  readonly inputs: RunInputs;
  readonly plays: Play[];
}

export const population: Bench = {
  name: 'population',
  question: 'the cost of a request at 10 to 10,000 tenants, without signing',
  run: async ({ requests = REQUESTS, rounds = ROUNDS }) => {
    const inputs = await dayInputs(requests);
    const pools = [
      ...SIZES.map((tenants) => poolOf(inputs, tenants)),
      poolOf(inputs, FEWEST, true),
    ];
    await warmUp(dayOf(inputs, FEWEST, 0));
    for (const { plays, inputs: own } of interleaved(pools, rounds)) {
      plays.push(await play(own));
    }
    return [costsShown(pools), ratiosShown(pools, rounds)];
  },
};

/** Tenants of one size: so the mix of tiers, and with it of requests, is the same in each pool. */
const poolOf = (inputs: RunInputs, tenants: number, control = false): Pool => ({
  tenants,
  control,
  inputs: dayOf(inputs, tenants, 0),
  plays: [],
});

const costsShown = (pools: readonly Pool[]): Shown => ({
  title: 'population: processor µs a request, the same traffic in pools of several sizes',
  columns: figures(
    'tenants',
    'requests',
    'events each',
    'µs each',
    'signing',
    'verifying',
    'without signing',
    'filling, µs a tenant',
  ),
  rows: pools.map((pool) => [nameOf(pool), ...costsOf(pool.plays), fillingOf(pool)]),
  notes: [
    'Tenants of equal size, without probes. Filling the pool is not in the cost of a request.',
    'Signing, verifying: how many signatures × the median time of one.',
  ],
  complaints: [...new Set(pools.flatMap(({ plays }) => plays.flatMap((one) => one.complaints)))],
});

const nameOf = ({ tenants, control }: Pool): string =>
  `${figure(tenants)}${control ? ' again' : ''}`;

const costsOf = (plays: readonly Play[]): readonly string[] =>
  (
    [
      [({ requests }) => requests, 0],
      [({ requests, events }) => events / requests, 1],
      [({ requests, playUs }) => playUs / requests, 0],
      [({ requests, signatures }) => totalUs(signatures.made) / requests, 0],
      [({ requests, signatures }) => totalUs(signatures.verified) / requests, 0],
      [unsignedUs, 0],
    ] as const satisfies readonly (readonly [(one: Play) => number, number])[]
  ).map(([of, digits]) => figure(median(plays.map(of)), digits));

const fillingOf = ({ plays, tenants }: Pool): string =>
  figure(median(plays.map(({ setUpUs }) => setUpUs / tenants)));

/** Processor µs a request, signing left out. */
export const unsignedUs = ({ requests, playUs, signatures }: Play): number =>
  (playUs - totalUs(signatures.made)) / requests;

const unverifiedUs = (one: Play): number =>
  unsignedUs(one) - totalUs(one.signatures.verified) / one.requests;

const ratiosShown = (pools: readonly Pool[], rounds: number): Shown => {
  const base = pools.find(({ tenants }) => tenants === FEWEST)?.plays ?? [];
  return {
    title: `population: the cost of a request, to that at ${FEWEST} tenants`,
    columns: [
      ...figures('tenants', 'without signing', 'least', 'greatest'),
      ...figures('without verifying too', 'least', 'greatest'),
    ],
    rows: pools.map((pool) => [
      nameOf(pool),
      ...ratiosOf(pool.plays, base, unsignedUs),
      ...ratiosOf(pool.plays, base, unverifiedUs),
    ]),
    notes: [
      `Medians of rounds (${rounds}), forwards and backwards; a ratio is one of the same round.`,
      'The last row is the first again: what its ratio is off 1 is noise. Verifying is taken out',
      'too, as more users sign in where more live. A token is verified in the first round only.',
    ],
    complaints: [],
  };
};

const ratiosOf = (
  plays: readonly Play[],
  base: readonly Play[],
  costUs: (one: Play) => number,
): readonly string[] => {
  const ratios = plays.map((one, round) => {
    const other = base[round];
    return other === undefined ? Number.NaN : costUs(one) / costUs(other);
  });
  return [median(ratios), Math.min(...ratios), Math.max(...ratios)].map(ratioText);
};
