// When do requests start while the rate changes: a ramp by inversion, a day by thinning.

import type { Chance } from '../chance.ts';
import { DAY_US } from '../clock.ts';
import type { Diurnal, Ramp, Window } from './model.ts';

export function* rampStarts(
  model: Ramp,
  { fromUs, toUs }: Window,
  chance: Chance,
): Generator<number, void, undefined> {
  const ramp = lineOf(model, { fromUs, toUs });
  for (let mass = chance.exponential(1); ; mass += chance.exponential(1)) {
    const atUs = fromUs + Math.floor(secondsAt(ramp, mass) * 1e6);
    // Also ends a ramp down to zero, which never reaches the mass: its time is infinite.
    if (!(atUs < toUs)) return;
    yield atUs;
  }
}

export const rampCount = (model: Ramp, window: Window): number => {
  const ramp = lineOf(model, window);
  const seconds = (window.toUs - window.fromUs) / 1e6;
  const climbing = Math.min(seconds, ramp.seconds);
  const slope = ramp.seconds === 0 ? 0 : (ramp.to - ramp.from) / ramp.seconds;
  return climbing * (ramp.from + (slope * climbing) / 2) + (seconds - climbing) * ramp.to;
};

interface Line {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

const lineOf = (model: Ramp, { fromUs, toUs }: Window): Line => ({
  from: model.fromRequestsPerSecond,
  to: model.toRequestsPerSecond,
  seconds: (model.overUs ?? toUs - fromUs) / 1e6,
});

/** The instant by which `mass` starts are expected. */
const secondsAt = ({ from, to, seconds }: Line, mass: number): number => {
  if (mass === 0) return 0;
  const climb = ((from + to) / 2) * seconds;
  if (mass >= climb) return to === 0 ? Number.POSITIVE_INFINITY : seconds + (mass - climb) / to;
  const square = from * from + (2 * mass * (to - from)) / seconds;
  // The root in the form that neither cancels nor divides by a slope of zero.
  return (2 * mass) / (from + Math.sqrt(Math.max(0, square)));
};

export function* diurnalStarts(
  model: Diurnal,
  { fromUs, toUs }: Window,
  chance: Chance,
): Generator<number, void, undefined> {
  if (model.requestsPerDay === 0) return;
  const swing = swingOf(model);
  const meanGapNs = (DAY_US * 1000) / (model.requestsPerDay * (1 + swing));
  let offsetNs = 0;
  for (;;) {
    offsetNs += Math.round(chance.exponential(meanGapNs));
    const atUs = fromUs + Math.floor(offsetNs / 1000);
    if (!(atUs < toUs)) return;
    const rate = 1 + swing * Math.cos(angleAt(model, atUs));
    if (chance.happens(rate / (1 + swing))) yield atUs;
  }
}

export const diurnalCount = (model: Diurnal, { fromUs, toUs }: Window): number => {
  const turn = Math.sin(angleAt(model, toUs)) - Math.sin(angleAt(model, fromUs));
  return model.requestsPerDay * ((toUs - fromUs) / DAY_US + (swingOf(model) * turn) / TWO_PI);
};

const TWO_PI = 2 * Math.PI;

/** How far the rate swings about its mean, as a share of it. */
const swingOf = ({ peakToTrough }: Diurnal): number => (peakToTrough - 1) / (peakToTrough + 1);

/** 0 at the peak, π at the trough. */
const angleAt = ({ peakHour, utcOffsetMinutes }: Diurnal, atUs: number): number => {
  const localUs = (atUs % DAY_US) + utcOffsetMinutes * 60e6;
  return TWO_PI * (localUs / DAY_US - peakHour / 24);
};
