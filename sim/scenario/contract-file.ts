// What may a limiter do: the text of a contract becomes limits in order, or all its complaints.

import { z } from 'zod';
import type { Contract, Limit } from '../domain/contract.ts';
import { inOrder, UsageError } from '../domain/usage-error.ts';
import { parseInstantUs } from '../kernel/calendar.ts';
import { DAY_US } from '../kernel/clock.ts';
import { duration, instant, name, number, prose, timeOfDay, whole, zone } from './forms.ts';
import { readYaml } from './positions.ts';
import { type Path, problem, problemsOf, worded } from './wording.ts';

/** A month; the nanoseconds of a longer window would come near to 2^53. */
const WINDOW_MAX_US = 31 * DAY_US;

/** A band's ends and a tolerance must be whole nanoseconds too. */
const SPARE = 4;

const KEYS = { name: name(), scope: z.enum(['key', 'all']).default('key') };
const PERMITS = { requests: whole(1, 1_000_000_000), in: duration(1, WINDOW_MAX_US) };
// Each key's admissions of a window are remembered.
const WINDOW = { requests: whole(1, 1_000_000), in: duration(1, WINDOW_MAX_US) };
const BUCKET = { ...KEYS, ...PERMITS, burst: whole(1, 1_000_000_000) };

const LIMIT = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('token-bucket'), ...BUCKET }),
  z.strictObject({ kind: z.literal('gcra'), ...BUCKET }),
  z.strictObject({
    kind: z.literal('fixed-window'),
    ...KEYS,
    ...WINDOW,
    begins: z.enum(['epoch', 'first-request']).default('epoch'),
  }),
  z.strictObject({ kind: z.literal('sliding-log'), ...KEYS, ...WINDOW }),
  z.strictObject({ kind: z.literal('sliding-counter'), ...KEYS, ...WINDOW }),
  z.strictObject({
    kind: z.literal('quota'),
    ...KEYS,
    requests: whole(0, 1_000_000_000),
    period: z.enum(['day', 'week', 'month']),
    zone: zone().default('UTC'),
    reset: timeOfDay().default(0),
  }),
]);

const CONTRACT = z.strictObject({
  version: z.literal(1),
  name: name(),
  title: prose(300),
  start: instant().default(parseInstantUs('2026-03-02T12:00:00Z') ?? 0),
  limits: z.array(LIMIT).min(1).max(20),
  bestEffort: z
    .strictObject({ overshoot: number(0, 1).default(0), undershoot: number(0, 0.5).default(0) })
    .optional(),
});

type LimitForm = z.output<typeof LIMIT>;

/**
 * Reads a contract; `file` is only shown. Throws a UsageError with every complaint, in the order of
 * the file. Pure: it reads no file.
 */
export const loadContract = (text: string, file: string): Contract => {
  const { complaints, data, complaintOf } = readYaml(text, file);
  if (data === undefined) throw new UsageError(complaints);
  const read = CONTRACT.safeParse(data, { error: worded, reportInput: true });
  if (!read.success) {
    const found = problemsOf(read.error.issues).map(complaintOf);
    throw new UsageError(inOrder([...complaints, ...found]));
  }
  const { name: named, title, start, limits, bestEffort } = read.data;
  const unsound = limits.flatMap((limit, index) => limitProblems(limit, index, limits));
  const all = [...complaints, ...unsound.map(complaintOf)];
  if (all.length > 0) throw new UsageError(inOrder(all));
  return { name: named, title, startUs: start, limits: limits.map(limitOf), bestEffort };
};

/** The JSON Schema (draft 7, which editors know best) of a contract as it is written. */
export const contractJsonSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(CONTRACT, { io: 'input', target: 'draft-7' });

const limitProblems = (limit: LimitForm, index: number, all: readonly LimitForm[]) => {
  const at = (key: string): Path => ['limits', index, key];
  const found = [];
  const first = all.findIndex((other) => other.name === limit.name);
  if (first !== index) {
    found.push(problem(at('name'), `\`${limit.name}\` is the name of \`limits[${first}]\` too`));
  }
  if (limit.kind === 'token-bucket' || limit.kind === 'gcra') {
    const permitNs = permitNsOf(limit);
    if (permitNs < 1) {
      const hint = 'expected at most 1,000,000,000 a second';
      found.push(problem(at('requests'), 'is more than one a nanosecond', hint));
    } else if (!Number.isSafeInteger(permitNs * limit.burst * SPARE)) {
      const hint = 'expected a burst that grows back within 26 days';
      found.push(problem(at('burst'), 'is too much to count in whole nanoseconds', hint));
    }
  }
  if (limit.kind === 'sliding-counter' && !Number.isSafeInteger(limit.requests * limit.in)) {
    const hint = 'expected `requests` × `in` in microseconds below 2^53';
    found.push(problem(at('requests'), 'is too much for so long a window', hint));
  }
  return found;
};

const permitNsOf = (limit: { readonly requests: number; readonly in: number }): number =>
  Math.round((limit.in * 1000) / limit.requests);

const limitOf = (form: LimitForm): Limit => {
  const { name: named, scope } = form;
  switch (form.kind) {
    case 'token-bucket':
    case 'gcra':
      return { name: named, scope, kind: form.kind, permitNs: permitNsOf(form), burst: form.burst };
    case 'fixed-window': {
      const { kind, requests, in: windowUs, begins } = form;
      return { name: named, scope, kind, requests, windowUs, begins };
    }
    case 'sliding-log':
    case 'sliding-counter':
      return { name: named, scope, kind: form.kind, requests: form.requests, windowUs: form.in };
    case 'quota': {
      const { kind, requests, period, zone: zoned, reset } = form;
      return { name: named, scope, kind, requests, period, zone: zoned, resetMinutes: reset };
    }
  }
};
