// When does the next request start: a model, a window and chance give ascending whole microseconds.

import { diurnalCount, diurnalStarts, rampCount, rampStarts } from './arrivals/changing-rate.ts';
import { shapeOf, unitGaps } from './arrivals/gaps.ts';
import type { ArrivalModel, Constant, Renewal, Window } from './arrivals/model.ts';
import { modelProblems } from './arrivals/model.ts';
import { burstCount, burstStarts, onOffCount, onOffStarts } from './arrivals/phases.ts';
import type { Chance } from './chance.ts';

export type { ArrivalModel, GapFamily, ModelProblem, Window } from './arrivals/model.ts';
export { modelProblems, shapeOf, unitGaps };

/**
 * The starts of a model inside a window, never descending, drawn as they are asked for. Draws come
 * from a fork of `chance`, so the same chance gives the same starts whatever else was drawn from it;
 * give each caller a fork of its own. Throws at once when `modelProblems` has something to say.
 */
export const arrivals = (
  model: ArrivalModel,
  window: Window,
  chance: Chance,
): Generator<number, void, undefined> => {
  assertSound(model, window);
  return starts(model, window, chance.fork('arrivals', model.kind));
};

/**
 * How many starts the window holds on average over all seeds; exact, because every random model
 * begins in its steady state. For `constant` it is the very number of starts.
 */
export const expectedCount = (model: ArrivalModel, window: Window): number => {
  assertSound(model, window);
  const seconds = (window.toUs - window.fromUs) / 1e6;
  switch (model.kind) {
    case 'constant':
      return constantCount(model, window);
    case 'poisson':
    case 'gamma':
    case 'weibull':
      return model.requestsPerSecond * seconds;
    case 'ramp':
      return rampCount(model, window);
    case 'burst':
      return burstCount(model, window);
    case 'on-off':
      return onOffCount(model, window);
    case 'diurnal':
      return diurnalCount(model, window);
  }
};

const assertSound = (model: ArrivalModel, window: Window): void => {
  const [problem] = modelProblems(model);
  if (problem !== undefined) throw new Error(`arrivals: ${problem.path}: ${problem.message}`);
  const { fromUs, toUs } = window;
  if (!Number.isSafeInteger(fromUs) || !Number.isSafeInteger(toUs) || toUs < fromUs) {
    throw new Error(`arrivals: not a window of whole microseconds: ${fromUs} to ${toUs}`);
  }
};

const starts = (
  model: ArrivalModel,
  window: Window,
  chance: Chance,
): Generator<number, void, undefined> => {
  switch (model.kind) {
    case 'constant':
      return constantStarts(model, window);
    case 'poisson':
      return renewalStarts({ ...model, kind: 'gamma', cv: 1 }, window, chance);
    case 'gamma':
    case 'weibull':
      return renewalStarts(model, window, chance);
    case 'ramp':
      return rampStarts(model, window, chance);
    case 'burst':
      return burstStarts(model, window, chance);
    case 'on-off':
      return onOffStarts(model, window, chance);
    case 'diurnal':
      return diurnalStarts(model, window, chance);
  }
};

function* constantStarts(model: Constant, window: Window): Generator<number, void, undefined> {
  const count = constantCount(model, window);
  for (let index = 0; index < count; index += 1) {
    yield window.fromUs + constantOffsetUs(index, model.requestsPerSecond);
  }
}

const constantOffsetUs = (index: number, requestsPerSecond: number): number =>
  Math.floor((index * 1e6) / requestsPerSecond);

const constantCount = ({ requestsPerSecond }: Constant, { fromUs, toUs }: Window): number => {
  if (requestsPerSecond === 0) return 0;
  const lengthUs = toUs - fromUs;
  // The product may round to either side of a whole number; the offsets themselves decide.
  let count = Math.floor((lengthUs / 1e6) * requestsPerSecond);
  while (count > 0 && constantOffsetUs(count - 1, requestsPerSecond) >= lengthUs) count -= 1;
  while (constantOffsetUs(count, requestsPerSecond) < lengthUs) count += 1;
  return count;
};

function* renewalStarts(
  model: Renewal,
  { fromUs, toUs }: Window,
  chance: Chance,
): Generator<number, void, undefined> {
  if (model.requestsPerSecond === 0) return;
  const meanNs = 1e9 / model.requestsPerSecond;
  const gaps = unitGaps(model.kind, shapeOf(model.kind, model.cv));
  let offsetNs = Math.round(gaps.first(chance) * meanNs);
  for (;;) {
    const atUs = fromUs + Math.floor(offsetNs / 1000);
    // Not `>=`: a rate next to 0 makes offsets infinite or no numbers at all.
    if (!(atUs < toUs)) return;
    yield atUs;
    offsetNs += Math.round(gaps.next(chance) * meanNs);
  }
}
