// How often does one tenant start a conversation of a stream: its share, in the kernel's terms.

import { type ArrivalModel, expectedCount } from '../kernel/arrivals.ts';
import { localTime } from '../kernel/calendar.ts';
import type { Arrivals, Stream } from './schema.ts';

/** A tenant among those that a stream has chosen. */
export interface Sender {
  /** Multiplies rates. */
  readonly weight: number;
  /** Its weight over the weights of all tenants of the stream: its part of a total. */
  readonly share: number;
  readonly zone: string;
}

/**
 * When the sender starts conversations, each of `stream.turns` requests: the written rates and
 * totals count requests, and are divided by the turns. Undefined for a trace. A burst's size is
 * rounded to whole requests. Without `utcOffsetMinutes` the hours of a day are those of the sender's
 * zone. SIMPLIFICATION: by its offset at the window's beginning, through any change to summer time.
 */
export const arrivalsOf = (stream: Stream, sender: Sender): ArrivalModel | undefined => {
  const { load, turns, window } = stream;
  if (load.kind === 'trace') return undefined;
  const model = placed(load.arrivals, sender.zone, window.fromUs);
  if (load.kind === 'rate') return scaled(model, sender.weight / turns);
  const expected = expectedCount(model, window);
  return scaled(model, expected === 0 ? 0 : (load.requests * sender.share) / turns / expected);
};

const placed = (arrivals: Arrivals, zone: string, atUs: number): ArrivalModel =>
  arrivals.kind === 'diurnal'
    ? { ...arrivals, utcOffsetMinutes: arrivals.utcOffsetMinutes ?? offsetMinutes(zone, atUs) }
    : arrivals;

const offsetMinutes = (zone: string, atUs: number): number => {
  const local = localTime(atUs, zone);
  const utc = localTime(atUs, 'UTC');
  const days = local.date === utc.date ? 0 : local.date > utc.date ? 1 : -1;
  return days * 24 * 60 + local.minutesOfDay - utc.minutesOfDay;
};

const scaled = (model: ArrivalModel, factor: number): ArrivalModel => {
  switch (model.kind) {
    case 'ramp':
      return {
        ...model,
        fromRequestsPerSecond: model.fromRequestsPerSecond * factor,
        toRequestsPerSecond: model.toRequestsPerSecond * factor,
      };
    case 'burst':
      return { ...model, size: Math.round(model.size * factor) };
    case 'diurnal':
      return { ...model, requestsPerDay: model.requestsPerDay * factor };
    default:
      return { ...model, requestsPerSecond: model.requestsPerSecond * factor };
  }
};
