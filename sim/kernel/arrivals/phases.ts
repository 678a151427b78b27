// When do requests start that come in spells: bursts by the clock, and on-off traffic by chance.

import type { Chance } from '../chance.ts';
import type { Burst, OnOff, Window } from './model.ts';

export function* burstStarts(
  { everyUs, size, withinUs }: Burst,
  { fromUs, toUs }: Window,
  chance: Chance,
): Generator<number, void, undefined> {
  if (size === 0) return;
  for (let burstUs = fromUs; burstUs < toUs; burstUs += everyUs) {
    const places = Array.from({ length: size }, () => chance.integer(0, withinUs - 1));
    for (const place of places.sort((a, b) => a - b)) {
      if (burstUs + place >= toUs) return;
      yield burstUs + place;
    }
  }
}

export const burstCount = ({ everyUs, size, withinUs }: Burst, window: Window): number => {
  const lengthUs = window.toUs - window.fromUs;
  const begun = Math.ceil(lengthUs / everyUs);
  if (begun === 0) return 0;
  // Only the last burst can be cut, since none reaches into the next.
  const lastUs = lengthUs - (begun - 1) * everyUs;
  return size * (begun - 1 + Math.min(1, lastUs / withinUs));
};

export function* onOffStarts(
  model: OnOff,
  { fromUs, toUs }: Window,
  chance: Chance,
): Generator<number, void, undefined> {
  if (model.requestsPerSecond === 0) return;
  const meanGapNs = 1e9 / model.requestsPerSecond;
  const endNs = (toUs - fromUs) * 1000;
  let on = chance.happens(shareOn(model));
  // Phases and gaps forget their age, so each may be drawn afresh wherever the other ends.
  for (let phaseNs = 0; phaseNs < endNs; on = !on) {
    const lengthUs = on ? model.meanOnUs : model.meanOffUs;
    const phaseEndNs = phaseNs + Math.round(chance.exponential(lengthUs * 1000));
    if (on) {
      let atNs = phaseNs + Math.round(chance.exponential(meanGapNs));
      while (atNs < Math.min(phaseEndNs, endNs)) {
        yield fromUs + Math.floor(atNs / 1000);
        atNs += Math.round(chance.exponential(meanGapNs));
      }
    }
    phaseNs = phaseEndNs;
  }
}

export const onOffCount = (model: OnOff, { fromUs, toUs }: Window): number =>
  model.requestsPerSecond * shareOn(model) * ((toUs - fromUs) / 1e6);

const shareOn = ({ meanOnUs, meanOffUs }: OnOff): number => meanOnUs / (meanOnUs + meanOffUs);
