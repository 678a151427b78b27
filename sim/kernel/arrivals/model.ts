// What may be said of arrivals: the models, their fields and ranges, and what is wrong with one.

/** From `fromUs` (included) to `toUs` (excluded), whole microseconds since the epoch. */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Rates are 0 (no requests) to 1,000,000 requests a second; times are whole microseconds. */
export type ArrivalModel = Constant | Poisson | Renewal | Ramp | Burst | OnOff | Diurnal;

/** Evenly spaced starts, the first at the window's beginning. */
export interface Constant {
  readonly kind: 'constant';
  readonly requestsPerSecond: number;
}

export interface Poisson {
  readonly kind: 'poisson';
  readonly requestsPerSecond: number;
}

export type GapFamily = 'gamma' | 'weibull';

/** Independent gaps with a coefficient of variation: 1 is Poisson, above 1 comes in clumps. */
export interface Renewal {
  readonly kind: GapFamily;
  readonly requestsPerSecond: number;
  /** Standard deviation of the gaps over their mean, from 0.01 to 100. */
  readonly cv: number;
}

/** A Poisson process whose rate moves in a straight line from the window's beginning on. */
export interface Ramp {
  readonly kind: 'ramp';
  readonly fromRequestsPerSecond: number;
  readonly toRequestsPerSecond: number;
  /** How long the ramp takes; after it the last rate holds. Without it: the whole window. */
  readonly overUs?: number;
}

/** A crowd at fixed intervals, the first at the window's beginning, and nothing between. */
export interface Burst {
  readonly kind: 'burst';
  readonly everyUs: number;
  /** Requests in a burst. */
  readonly size: number;
  /** A burst's starts fall anywhere in this time, from 1 (all at once) to `everyUs`. */
  readonly withinUs: number;
}

/** A Poisson process that is switched on and off after exponential times (interrupted Poisson). */
export interface OnOff {
  readonly kind: 'on-off';
  /** While on. */
  readonly requestsPerSecond: number;
  readonly meanOnUs: number;
  readonly meanOffUs: number;
}

/** A Poisson process whose rate is a cosine over the local day. */
export interface Diurnal {
  readonly kind: 'diurnal';
  readonly requestsPerDay: number;
  /** The local hour of the highest rate, from 0 to 24, fractions allowed. */
  readonly peakHour: number;
  /** The highest rate over the lowest, at least 1. */
  readonly peakToTrough: number;
  /** Local time minus UTC. SIMPLIFICATION: a fixed offset, no daylight saving. */
  readonly utcOffsetMinutes: number;
}

/** `path` is the field inside the model; `message` is one sentence, ready for a complaint. */
export interface ModelProblem {
  readonly path: string;
  readonly message: string;
}

/** Every field out of its range, not only the first; empty for a sound model. */
export const modelProblems = (model: ArrivalModel): readonly ModelProblem[] => {
  const fields: Readonly<Record<string, unknown>> = { ...model };
  return rulesOf(model).flatMap(({ path, low, high, whole }) => {
    const value = fields[path];
    const sound =
      typeof value === 'number' &&
      value >= low &&
      value <= high &&
      (whole !== true || Number.isSafeInteger(value));
    if (sound) return [];
    const kind = whole === true ? 'a whole number' : 'a number';
    const message = `expected ${kind} from ${low} to ${high}, found \`${String(value)}\``;
    return [{ path, message }];
  });
};

interface Rule {
  readonly path: string;
  readonly low: number;
  readonly high: number;
  readonly whole?: true;
}

// Assumed bounds: more than a request a microsecond cannot be told apart in whole microseconds,
// phases below a millisecond would cost more than the requests in them, and the solver of the
// Weibull shape is tested for variations from 0.01 to 100.
const MOST_PER_SECOND = 1_000_000;
const MOST_PER_DAY = 86_400 * MOST_PER_SECOND;

const rulesOf = (model: ArrivalModel): readonly Rule[] => {
  switch (model.kind) {
    case 'constant':
    case 'poisson':
      return [rate('requestsPerSecond')];
    case 'gamma':
    case 'weibull':
      return [rate('requestsPerSecond'), { path: 'cv', low: 0.01, high: 100 }];
    case 'ramp': {
      const ends = [rate('fromRequestsPerSecond'), rate('toRequestsPerSecond')];
      return model.overUs === undefined ? ends : [...ends, duration('overUs', 1)];
    }
    case 'burst': {
      // A burst longer than the interval would run into the next one.
      const most = Number.isSafeInteger(model.everyUs) ? model.everyUs : Number.MAX_SAFE_INTEGER;
      return [
        duration('everyUs', 1000),
        { path: 'size', low: 0, high: 10_000_000, whole: true },
        { path: 'withinUs', low: 1, high: most, whole: true },
      ];
    }
    case 'on-off':
      return [rate('requestsPerSecond'), duration('meanOnUs', 1000), duration('meanOffUs', 1000)];
    case 'diurnal':
      return [
        { path: 'requestsPerDay', low: 0, high: MOST_PER_DAY },
        { path: 'peakHour', low: 0, high: 24 },
        { path: 'peakToTrough', low: 1, high: 1_000_000 },
        // The zones of the world lie between UTC−12 and UTC+14.
        { path: 'utcOffsetMinutes', low: -720, high: 840, whole: true },
      ];
  }
};

const rate = (path: string): Rule => ({ path, low: 0, high: MOST_PER_SECOND });

const duration = (path: string, low: number): Rule => ({
  path,
  low,
  high: Number.MAX_SAFE_INTEGER,
  whole: true,
});
