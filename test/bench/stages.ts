// Which stage of a request takes which share: by leaving stages out, and by a profile?

import type { RunInputs } from '../../sim/engines/run.ts';
import { dayInputs, dayOf, type Part, type Play, play, warmUp } from './play.ts';
import { unsignedUs } from './population.ts';
import { profiled } from './profile.ts';
import { interleaved, median } from './ratio.ts';
import { type Bench, figure, figures, percent, type Shown, words } from './show.ts';
import { type Signatures, totalUs } from './signatures.ts';

const TENANTS = 100;
const REQUESTS = 5_000;
const ROUNDS = 4;

interface Variant {
  readonly name: string;
  readonly left: readonly Part[];
  readonly plays: Play[];
}

const variants = (): readonly Variant[] =>
  (
    [
      ['everything', []],
      ['without checks', ['checks']],
      ['without measures', ['measures']],
      ['without digest', ['digest']],
      ['without all three', ['checks', 'measures', 'digest']],
      ['Cedar asked for every decision', ['cache']],
      ['everything again', []],
    ] as const
  ).map(([name, left]) => ({ name, left, plays: [] }));

export const stages: Bench = {
  name: 'stages',
  question: 'the share of each stage of a request',
  run: async ({ requests = REQUESTS, rounds = ROUNDS }) => {
    const inputs = dayOf(await dayInputs(requests), TENANTS);
    await warmUp(inputs);
    const played = variants();
    for (const { left, plays } of interleaved(played, rounds)) {
      plays.push(await play(inputs, left));
    }
    return [variantsShown(played, rounds), await profileShown(inputs)];
  },
};

const variantsShown = (played: readonly Variant[], rounds: number): Shown => {
  const whole = played[0]?.plays ?? [];
  const wholeUs = median(whole.map(unsignedUs));
  const counted = (name: string, work: keyof Signatures): readonly string[] => {
    const us = median(whole.map((one) => totalUs(one.signatures[work]) / one.requests));
    return [name, figure(us), '', percent(us / wholeUs)];
  };
  return {
    title: `stages: processor µs a request, ${figure(TENANTS)} tenants, stages left out by turns`,
    columns: [words('run'), ...figures('µs a request', 'saved', 'of everything')],
    rows: [
      ...played.map(({ name, plays }) => {
        const costUs = median(plays.map(unsignedUs));
        if (plays === whole) return [name, figure(costUs), '', percent(1)];
        return [name, figure(costUs), figure(wholeUs - costUs), percent(savedShare(plays, whole))];
      }),
      counted('verifying (counted, within everything)', 'verified'),
      counted('signing (counted, on top of everything)', 'made'),
    ],
    notes: [
      `Medians of rounds (${rounds}), forwards and backwards; shares are taken within a round.`,
      '`everything again` shows the noise. Below zero: it costs more.',
      'Counted: how many signatures × the median time of one.',
    ],
    complaints: [...new Set(played.flatMap(({ plays }) => plays.flatMap((one) => one.complaints)))],
  };
};

/** Round by round, so that what slows a whole round slows both. */
const savedShare = (plays: readonly Play[], whole: readonly Play[]): number =>
  median(
    plays.map((one, round) => {
      const base = whole[round];
      return base === undefined ? Number.NaN : 1 - unsignedUs(one) / unsignedUs(base);
    }),
  );

const profileShown = async (inputs: RunInputs): Promise<Shown> => {
  const { groups, result } = await profiled(() => play(inputs));
  const total = [...groups.values()].reduce((sum, us) => sum + us, 0);
  const sorted = [...groups].toSorted(([, one], [, other]) => other - one);
  return {
    title: 'stages: where the processor was found in one such run, every fifth of a millisecond',
    columns: [words('stage'), ...figures('share')],
    rows: sorted.map(([name, us]) => [name, percent(us / total)]),
    notes: [
      'Self time. What Node does inside (hashes, buffers, streams) counts for the file that asked.',
      'JSON is taken out of whoever asked for it. Filling the pool and signing are in it, too.',
    ],
    complaints: result.complaints,
  };
};
