// When did the clients of a real model send: ServeGen's windows, decoded and played out by chance.

import type { Complaint } from '../domain/usage-error.ts';
import type { GapFamily } from '../kernel/arrivals.ts';
import { unitGaps } from '../kernel/arrivals.ts';
import type { Chance } from '../kernel/chance.ts';
import { SECOND_US } from '../kernel/clock.ts';
import type { Leniency, Sifted } from './broken-rows.ts';
import { refuseBroken, shown } from './broken-rows.ts';
import { type CsvLine, csvLines, fieldAt, fieldComplaint } from './csv-lines.ts';
import type { TraceRow } from './trace.ts';

/** One window of one client's traffic. */
export interface ClientWindow {
  /** Whole microseconds since the start of the recording. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly requestsPerSecond: number;
  /** The measured variation of the gaps. Told, not used: the fitted shape makes the gaps. */
  readonly cv: number;
  /** The fitted distribution of the gaps; undefined in an idle window. */
  readonly gaps: { readonly family: GapFamily; readonly shape: number } | undefined;
}

/** The sizes of one request; draws only from the chance that it is given. */
export type SizeModel = (chance: Chance) => {
  readonly inputTokens: number;
  readonly outputTokens: number;
};

export interface SizeSpread {
  readonly median: number;
  /** The 95th percentile over the median, at least 1. */
  readonly ratioP95: number;
}

/** Log-normal sizes, whole and at least 1, input and output independent of each other (assumed). */
export const logNormalSizes =
  (input: SizeSpread, output: SizeSpread): SizeModel =>
  (chance) => ({
    inputTokens: Math.max(1, Math.round(chance.logNormal(input.median, input.ratioP95))),
    outputTokens: Math.max(1, Math.round(chance.logNormal(output.median, output.ratioP95))),
  });

/**
 * The windows of one client's file: `start s, rate req/s, CV, Gamma or Weibull, shape, scale`,
 * without a header. Throws a UsageError that lists the broken rows (strict) or when none is sound.
 */
export const decodeClientWindows = (
  text: string,
  file: string,
  leniency: Leniency,
): { readonly windows: readonly ClientWindow[]; readonly skipped: readonly Complaint[] } => {
  const sifted = siftWindows(text, file);
  refuseBroken(sifted, file, leniency);
  return { windows: withEnds(sifted.rows), skipped: sifted.broken };
};

/**
 * The requests of many clients in order of time, each row with its client. A window holds as many
 * requests as were measured in it, its gaps of the fitted shape stretched to fill it (ServeGen's own
 * rule, `servegen/construct.py`), so the volume is the trace's whatever the seed.
 */
export const expandClients = (
  clients: readonly { readonly client: string; readonly windows: readonly ClientWindow[] }[],
  sizes: SizeModel,
  chance: Chance,
): readonly TraceRow[] =>
  clients
    .flatMap(({ client, windows }) =>
      windows.flatMap((window) => {
        const own = chance.fork('client', client, window.fromUs);
        return windowStarts(window, own.fork('starts')).map((atUs, index) => ({
          atUs,
          ...sizes(own.fork('sizes', index)),
          client,
        }));
      }),
    )
    .sort((a, b) => a.atUs - b.atUs);

const windowStarts = (window: ClientWindow, chance: Chance): readonly number[] => {
  if (window.gaps === undefined) return [];
  const lengthUs = window.toUs - window.fromUs;
  const count = Math.round((window.requestsPerSecond * lengthUs) / SECOND_US);
  const gaps = unitGaps(window.gaps.family, window.gaps.shape);
  const sums: number[] = [];
  let sum = 0;
  for (let index = 0; index < count; index += 1) {
    sum += gaps.next(chance);
    sums.push(sum);
  }
  // One gap more closes the window. Very small shapes can draw nothing but zeros.
  const whole = sum + gaps.next(chance);
  if (whole === 0) return sums.map(() => window.fromUs);
  return sums.map(
    (at) => window.fromUs + Math.min(lengthUs - 1, Math.floor((at / whole) * lengthUs)),
  );
};

/** The length of a window where the file has but one (ServeGen's is 600 s throughout). */
const USUAL_WINDOW_US = 600 * SECOND_US;

type Begun = Omit<ClientWindow, 'toUs'>;

/** The shortest distance is the length: where leniency left a window out, none grows to cover it. */
const withEnds = (begun: readonly Begun[]): readonly ClientWindow[] => {
  const lengthUs = begun.reduce((least, { fromUs }, index) => {
    const nextUs = begun[index + 1]?.fromUs;
    return nextUs === undefined ? least : Math.min(least, nextUs - fromUs);
  }, Number.POSITIVE_INFINITY);
  const usedUs = Number.isFinite(lengthUs) ? lengthUs : USUAL_WINDOW_US;
  return begun.map((window) => ({ ...window, toUs: window.fromUs + usedUs }));
};

const siftWindows = (text: string, file: string): Sifted<Begun> => {
  const rows: Begun[] = [];
  const broken: Complaint[] = [];
  for (const line of csvLines(text)) {
    const complaints = complaintsOf(line, rows.at(-1)?.fromUs ?? -1, file);
    broken.push(...complaints);
    if (complaints.length === 0) rows.push(windowOf(line));
  }
  return { rows, broken };
};

const FIELDS = ['start', 'rate', 'cv', 'distribution', 'shape', 'scale'] as const;

const FAMILIES = new Map<string, GapFamily>([
  ['Gamma', 'gamma'],
  ['Weibull', 'weibull'],
]);

const complaintsOf = (line: CsvLine, lastUs: number, file: string): readonly Complaint[] => {
  if (line.fields.length !== FIELDS.length) {
    const message = `expected ${FIELDS.length} fields, found ${line.fields.length}`;
    return [{ file, line: line.line, message }];
  }
  const { start, rate, cv, family, shape } = valuesOf(line);
  const idle = rate === 0;
  const verdicts: readonly (readonly [index: number, sound: boolean, expected: string])[] = [
    [0, start * SECOND_US > lastUs, 'whole seconds, later than the row before'],
    [1, rate >= 0 && rate <= 1e6, 'requests per second, from 0 to 1000000'],
    [2, cv >= 0, 'a number, 0 or more'],
    [3, idle || family !== undefined, '`Gamma` or `Weibull`'],
    [4, idle || (shape > 0 && shape < 1e6), 'a shape above 0 and below 1000000'],
  ];
  return verdicts.flatMap(([index, sound, expected]) => {
    if (sound) return [];
    const message = `expected ${expected}, found ${shown(fieldAt(line, index))}`;
    return [fieldComplaint(line, index, { file, path: FIELDS[index] ?? '', message })];
  });
};

const windowOf = (line: CsvLine): Begun => {
  const { start, rate, cv, family, shape } = valuesOf(line);
  return {
    fromUs: start * SECOND_US,
    requestsPerSecond: rate,
    cv,
    gaps: rate === 0 || family === undefined ? undefined : { family, shape },
  };
};

const valuesOf = (line: CsvLine) => ({
  start: /^\d{1,9}$/.test(fieldAt(line, 0)) ? Number(fieldAt(line, 0)) : Number.NaN,
  rate: decimal(fieldAt(line, 1)),
  cv: decimal(fieldAt(line, 2)),
  family: FAMILIES.get(fieldAt(line, 3)),
  shape: decimal(fieldAt(line, 4)),
});

const decimal = (text: string): number =>
  /^\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
