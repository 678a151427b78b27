// What is in scenarios/traces/sample.csv: an hour of our own making, steady traffic and eight bursts.

import { arrivals } from '../sim/kernel/arrivals.ts';
import { formatInstant } from '../sim/kernel/calendar.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { HOUR_US, SECOND_US } from '../sim/kernel/clock.ts';
import { logNormalSizes } from '../sim/traces/servegen.ts';

// 2026-01-05T09:00:00Z, a Monday.
const START_US = 1_767_603_600 * SECOND_US;

/** 600 requests in the format of the Azure LLM traces; sizes are assumed, near a chat's. */
export const sampleTrace = (): string => {
  const chance = new Chance('sample trace');
  const sizes = logNormalSizes({ median: 900, ratioP95: 4 }, { median: 140, ratioP95: 3.5 });
  const rows = startsUs(chance).map((atUs, index) => {
    const { inputTokens, outputTokens } = sizes(chance.fork('sizes', index));
    return `${stamp(atUs)},${inputTokens},${outputTokens}\n`;
  });
  return ['TIMESTAMP,ContextTokens,GeneratedTokens\n', ...rows].join('');
};

/** 8 bursts of 30 on a base of 360. */
const startsUs = (chance: Chance): readonly number[] => {
  const toUs = START_US + HOUR_US;
  const bursts = arrivals(
    { kind: 'burst', everyUs: 440 * SECOND_US, size: 30, withinUs: 15 * SECOND_US },
    { fromUs: START_US + 150 * SECOND_US, toUs },
    chance,
  );
  const base = chance.fork('base');
  const steady = Array.from({ length: 360 }, () => base.integer(START_US, toUs - 1));
  return [...bursts, ...steady].sort((a, b) => a - b);
};

/** In steps of 100 ns, as Azure writes it. */
const stamp = (atUs: number): string => {
  const [seconds = '', fraction = ''] = formatInstant(atUs).slice(0, -1).split('.');
  return `${seconds.replace('T', ' ')}.${fraction.padEnd(7, '0')}`;
};
