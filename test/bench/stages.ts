// Which stage of a request takes which share: by leaving stages out, and by a profile?

import type { RunInputs } from '../../sim/engines/run.ts';
import { dayInputs, dayOf, type Part, type Play, play, warmUp } from './play.ts';
import { unsignedUs } from './population.ts';
import { profiled } from './profile.ts';
import { interleaved, median } from './ratio.ts';
import { type Bench, figure, figures, percent, type Shown, words } from './show.ts';
import { totalUs } from './signatures.ts';

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
    for (const { left, plays } of interleaved(played, rounds)) plays.push(await play(inputs, left));
    return [variantsShown(played, rounds), await profileShown(inputs)];
  },
};

const variantsShown = (played: readonly Variant[], rounds: number): Shown => {
  const [whole] = played;
  const all = whole?.plays ?? [];
  const wholeUs = median(all.map(unsignedUs));
  const signUs = median(all.map(({ requests, signatures }) => totalUs(signatures.made) / requests));
  const verifyUs = median(
    all.map(({ requests, signatures }) => totalUs(signatures.verified) / requests),
  );
  return {
    title: `stages: processor µs a request, ${figure(TENANTS)} tenants, stages left out by turns`,
    columns: [words('run'), ...figures('µs a request', 'saved', 'of everything')],
    rows: [
      ...played.map((variant) => {
        const costUs = median(variant.plays.map(unsignedUs));
        // Round by round, so that what slows a whole round slows both.
        const saved = median(
          variant.plays.map((one, round) => {
            const base = all[round];
            return base === undefined ? Number.NaN : 1 - unsignedUs(one) / unsignedUs(base);
          }),
        );
        if (variant === whole) return [variant.name, figure(costUs), '', '100.0 %'];
        return [variant.name, figure(costUs), figure(wholeUs - costUs), percent(saved)];
      }),
      ['verifying (counted, within everything)', figure(verifyUs), '', percent(verifyUs / wholeUs)],
      ['signing (counted, on top of everything)', figure(signUs), '', percent(signUs / wholeUs)],
    ],
    notes: [
      `Medians of ${rounds} rounds, forwards and backwards by turns; \`everything again\` shows the noise.`,
      'Counted: how many signatures × the median time of one. Below zero: it costs more.',
    ],
    complaints: [...new Set(played.flatMap(({ plays }) => plays.flatMap((one) => one.complaints)))],
  };
};

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
      'JSON is taken out of whoever asked for it. The whole run, filling the pool and signing included.',
    ],
    complaints: result.complaints,
  };
};
