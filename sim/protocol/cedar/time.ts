// At which instants can a condition on the time change its mind: the constants it compares with.

import { parseInstantUs } from '../../kernel/calendar.ts';
import { contextPath, literalText, nodeOf } from './expression.ts';

/**
 * A place where a comparison may change: at an instant (milliseconds since the epoch), or each day
 * at a time of day (milliseconds since 00:00 UTC). Between two cuts it is constant.
 */
export interface Cut {
  readonly kind: 'instant cut' | 'daily cut';
  readonly atMs: number;
}

export const DAY_MS = 86_400_000;

/**
 * The cuts of a comparison of `context.system.now`, perhaps offset, perhaps its time of day,
 * with a constant; `undefined` when it is another comparison.
 */
export const cutsOf = (left: unknown, right: unknown): readonly Cut[] | undefined => {
  const time = timeOf(left);
  if (time === undefined) {
    return timeOf(right) === undefined ? undefined : cutsOf(right, left);
  }
  if (time.kind === 'instant') {
    const constantMs = constantOf(right, 'datetime', instantMs);
    if (constantMs === undefined) return undefined;
    return [{ kind: 'instant cut', atMs: constantMs - time.offsetMs }];
  }
  const constantMs = constantOf(right, 'duration', durationMs);
  if (constantMs === undefined) return undefined;
  // The clock that is offset strikes midnight at a time of its own, and starts again from zero.
  return [constantMs, 0].map((atMs) => ({ kind: 'daily cut', atMs: ofDay(atMs - time.offsetMs) }));
};

/** Milliseconds since the last midnight, UTC, also before 1970. */
export const ofDay = (ms: number): number => ((ms % DAY_MS) + DAY_MS) % DAY_MS;

/** The times of all cuts of a kind, each once, in order. */
export const cutsIn = (
  among: readonly { readonly kind: string; readonly atMs?: number }[],
  kind: Cut['kind'],
): readonly number[] => {
  const cuts = new Set(
    among.flatMap((one) => (one.kind === kind && one.atMs !== undefined ? [one.atMs] : [])),
  );
  return [...cuts].sort((left, right) => left - right);
};

/** Odd for a cut itself, even for the open interval between two cuts. */
export const intervalOf = (ms: number, cuts: readonly number[]): number => {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] ?? ms) < ms) low = middle + 1;
    else high = middle;
  }
  return cuts[low] === ms ? 2 * low + 1 : 2 * low;
};

/** `now` plus an offset, as an instant or as the time of its day. */
interface TimeTerm {
  readonly kind: 'instant' | 'time of day';
  readonly offsetMs: number;
}

const timeOf = (expression: unknown): TimeTerm | undefined => {
  if (contextPath(expression)?.join('.') === 'system.now') return { kind: 'instant', offsetMs: 0 };
  const node = nodeOf(expression);
  if (node === undefined || !Array.isArray(node.body)) return undefined;
  const [receiver, argument]: readonly unknown[] = node.body;
  const time = timeOf(receiver);
  if (time?.kind !== 'instant') return undefined;
  if (node.operator === 'toTime') return { ...time, kind: 'time of day' };
  if (node.operator !== 'offset') return undefined;
  const byMs = constantOf(argument, 'duration', durationMs);
  if (byMs === undefined) return undefined;
  const offsetMs = time.offsetMs + byMs;
  // Far from the ends of Cedar's 64 bits, where adding fails for some instants and not for others.
  return Math.abs(offsetMs) <= OFFSET_MS_MAX ? { kind: 'instant', offsetMs } : undefined;
};

const OFFSET_MS_MAX = 1e13;

const constantOf = (
  expression: unknown,
  type: 'datetime' | 'duration',
  read: (text: string) => number | undefined,
): number | undefined => {
  const node = nodeOf(expression);
  if (node?.operator !== type || !Array.isArray(node.body)) return undefined;
  const text = literalText(node.body[0]);
  return text === undefined ? undefined : read(text);
};

/** Cedar writes a date alone, and zones as `+hhmm`, where ISO 8601 instants have neither. */
const instantMs = (text: string): number | undefined => {
  const instant = text.includes('T') ? text : `${text}T00:00:00Z`;
  const atUs = parseInstantUs(instant.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return atUs === undefined ? undefined : atUs / 1000;
};

const durationMs = (text: string): number | undefined => {
  const groups = DURATION.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const field = (name: string): number => Number(groups[name] ?? 0);
  const seconds = field('days') * 86_400 + field('hours') * 3600 + field('minutes') * 60;
  const ms = (seconds + field('seconds')) * 1000 + field('milliseconds');
  if (ms > OFFSET_MS_MAX) return undefined;
  return groups['sign'] === '-' ? -ms : ms;
};

const DURATION = new RegExp(
  '^(?<sign>-)?(?:(?<days>\\d+)d)?(?:(?<hours>\\d+)h)?(?:(?<minutes>\\d+)m)?' +
    '(?:(?<seconds>\\d+)s)?(?:(?<milliseconds>\\d+)ms)?$',
);
