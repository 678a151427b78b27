// How is a stream's load written: kinds of arrivals with exactly one rate, a total, or a trace.

import { z } from 'zod';
import { duration, number, positive, prose, whole } from './forms.ts';
import type { Arrivals, Load } from './schema.ts';

/** Bounds are assumed; with the greatest weight (100) they meet the kernel's. */
const RATES = {
  requestsPerSecond: positive(10_000).optional(),
  requestsPerHour: positive(36_000_000).optional(),
  requestsPerDay: positive(864_000_000).optional(),
};
const RATE = z.strictObject(RATES);
const CV = number(0.01, 100);
/** The kernel's shortest interval. */
const ONE_MS_US = 1000;

const ARRIVALS = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), ...RATES }),
  z.strictObject({ kind: z.literal('poisson'), ...RATES }),
  z.strictObject({ kind: z.literal('gamma'), ...RATES, cv: CV }),
  z.strictObject({ kind: z.literal('weibull'), ...RATES, cv: CV }),
  z.strictObject({
    kind: z.literal('ramp'),
    from: RATE,
    to: RATE,
    over: duration(1).optional(),
  }),
  z.strictObject({
    kind: z.literal('burst'),
    every: duration(ONE_MS_US),
    size: whole(1, 100_000),
    within: duration(1),
  }),
  z.strictObject({
    kind: z.literal('on-off'),
    ...RATES,
    meanOn: duration(ONE_MS_US),
    meanOff: duration(ONE_MS_US),
  }),
  z.strictObject({
    kind: z.literal('diurnal'),
    ...RATES,
    peakHour: number(0, 24),
    peakToTrough: number(1, 1_000_000),
    utcOffsetMinutes: whole(-720, 840).optional(),
  }),
]);

const TRACE = z.strictObject({
  file: prose(1000),
  format: z.enum(['azure', 'mooncake', 'servegen']),
  timeScale: positive(1000).default(1),
  skew: number(0, 10).default(0),
});

/** The keys of a stream that say how much it sends; `checkLoad` holds what they owe each other. */
export const LOAD_KEYS = {
  arrivals: ARRIVALS.optional(),
  total: whole(1, 100_000_000).optional(),
  trace: TRACE.optional(),
  turns: whole(1, 1000).default(1),
};

type ArrivalsForm = z.output<typeof ARRIVALS>;
export type RateForm = z.output<typeof RATE>;
export interface LoadForm {
  readonly arrivals?: ArrivalsForm | undefined;
  readonly total?: number | undefined;
  readonly trace?: z.output<typeof TRACE> | undefined;
  readonly turns: number;
}

type Complain = (path: readonly string[], message: string, hint?: string) => void;

/** Tells `complain` of each contradiction among a stream's load keys. */
export const checkLoad = (form: LoadForm, complain: Complain): void => {
  const { arrivals, total, trace, turns } = form;
  if (trace !== undefined) {
    for (const key of ['arrivals', 'total'] as const) {
      if (form[key] !== undefined) complain([key], 'a `trace` brings its own arrivals');
    }
    return;
  }
  if (arrivals === undefined) {
    if (total === undefined) {
      complain([], 'does not say how much it sends', 'give `arrivals`, `total` or `trace`');
    }
    return;
  }
  if (arrivals.kind === 'burst' && turns > 1) {
    complain(['turns'], 'a burst starts single requests', 'give `turns: 1`, or another kind');
  }
  if (total === undefined) checkRates(arrivals, complain);
  else checkTotal(arrivals, complain);
};

/** Reads a sound form; a total's arrivals get a rate of 1 request a second. */
export const readLoad = (form: LoadForm): Load => {
  const { arrivals = { kind: 'poisson' }, total, trace } = form;
  if (trace !== undefined) return { kind: 'trace', trace };
  if (total !== undefined) {
    return { kind: 'total', requests: total, arrivals: readArrivals(arrivals) };
  }
  return { kind: 'rate', arrivals: readArrivals(arrivals) };
};

const checkRates = (arrivals: ArrivalsForm, complain: Complain): void => {
  if (arrivals.kind === 'ramp') {
    checkOneRate(arrivals.from, ['arrivals', 'from'], complain);
    checkOneRate(arrivals.to, ['arrivals', 'to'], complain);
  } else if (arrivals.kind === 'burst') {
    if (arrivals.within > arrivals.every) {
      complain(['arrivals', 'within'], 'a burst would run into the next', 'at most `every`');
    }
  } else {
    checkOneRate(arrivals, ['arrivals'], complain);
  }
};

const checkTotal = (arrivals: ArrivalsForm, complain: Complain): void => {
  if (arrivals.kind === 'ramp' || arrivals.kind === 'burst') {
    complain(['total'], `arrivals of kind \`${arrivals.kind}\` have no rate for a total to set`);
    return;
  }
  for (const key of rateKeysOf(arrivals)) complain(['arrivals', key], '`total` sets the rate');
};

const checkOneRate = (form: RateForm, path: readonly string[], complain: Complain): void => {
  const found = rateKeysOf(form);
  if (found.length === 1) return;
  const keys = found.map((key) => `\`${key}\``).join(' and ');
  complain(
    path,
    found.length === 0 ? 'has no rate' : `has several rates: ${keys}`,
    'expected exactly one of `requestsPerSecond`, `requestsPerHour`, `requestsPerDay`',
  );
};

const rateKeysOf = (form: RateForm): (keyof RateForm)[] =>
  (['requestsPerSecond', 'requestsPerHour', 'requestsPerDay'] as const).filter(
    (key) => form[key] !== undefined,
  );

const perSecond = (form: RateForm): number => {
  if (form.requestsPerSecond !== undefined) return form.requestsPerSecond;
  if (form.requestsPerHour !== undefined) return form.requestsPerHour / 3600;
  return form.requestsPerDay === undefined ? 1 : form.requestsPerDay / 86_400;
};

const readArrivals = (form: ArrivalsForm): Arrivals => {
  switch (form.kind) {
    case 'constant':
    case 'poisson':
      return { kind: form.kind, requestsPerSecond: perSecond(form) };
    case 'gamma':
    case 'weibull':
      return { kind: form.kind, requestsPerSecond: perSecond(form), cv: form.cv };
    case 'ramp':
      return {
        kind: 'ramp',
        fromRequestsPerSecond: perSecond(form.from),
        toRequestsPerSecond: perSecond(form.to),
        ...(form.over === undefined ? {} : { overUs: form.over }),
      };
    case 'burst':
      return { kind: 'burst', everyUs: form.every, size: form.size, withinUs: form.within };
    case 'on-off':
      return {
        kind: 'on-off',
        requestsPerSecond: perSecond(form),
        meanOnUs: form.meanOn,
        meanOffUs: form.meanOff,
      };
    case 'diurnal': {
      const { peakHour, peakToTrough, utcOffsetMinutes } = form;
      const requestsPerDay = form.requestsPerDay ?? perSecond(form) * 86_400;
      const clock = utcOffsetMinutes === undefined ? {} : { utcOffsetMinutes };
      return { kind: 'diurnal', requestsPerDay, peakHour, peakToTrough, ...clock };
    }
  }
};
