// What is the form of report.json: one zod schema, from which reports/report.schema.json is made.

import { z } from 'zod';
import { EXIT_CODES, type ExitCode } from '../domain/exit-code.ts';
import type { Report } from '../domain/report.ts';
import { UsageError } from '../domain/usage-error.ts';
import { problemsOf, worded } from '../scenario/wording.ts';

/** The JSON Schema (draft 7) of report.json. */
export const reportJsonSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(REPORT, { target: 'draft-7' });

/** Reads a report.json. `file` is only shown. Throws a UsageError with every complaint. */
export const readReport = (text: string, file: string): Report => {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new UsageError([{ file, message: 'is no JSON' }]);
  }
  const read = REPORT.safeParse(data, { error: worded, reportInput: true });
  if (read.success) return read.data;
  throw new UsageError(
    problemsOf(read.error.issues).map(({ path, message, hint }) => ({
      file,
      path: path.join('.'),
      message,
      ...(hint === undefined ? {} : { hint }),
    })),
  );
};

const count = z.int().min(0);
const measure = z.number().min(0);
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

const CODES = Object.keys(EXIT_CODES).map(Number) as ExitCode[];

const FINDING = z.strictObject({
  id: z.string(),
  promise: z.string(),
  title: z.string(),
  let: z.array(z.string()),
  then: z.array(z.string()),
  count,
  neighbourhood: z.array(z.string()),
  replay: z.string(),
  waived: z.strictObject({ reason: z.string(), owner: z.string(), until: day }).nullable(),
  note: z.string().nullable(),
});

const PROMISE = z.strictObject({
  id: z.string(),
  text: z.string(),
  verdict: z.enum(['held', 'broken', 'not exercised']),
  evidence: count,
  controls: count,
  findings: z.array(z.string()),
});

const LIMITER = z.strictObject({
  tenant: z.string(),
  tier: z.string(),
  admitted: count,
  refused: count,
  wrongAdmissions: count,
  wrongRefusals: count,
  worstWindow: z
    .strictObject({ fromUs: z.int(), toUs: z.int(), admitted: count, allowed: count })
    .nullable(),
  daily: z.array(
    z.strictObject({
      day,
      tier: z.string(),
      admitted: count,
      quota: count.nullable(),
      refusedByQuota: count,
    }),
  ),
});

const POLICY = z.strictObject({
  decisions: count,
  evaluated: count,
  cacheHits: count,
  latencyUs: z
    .strictObject({ p50: measure, p90: measure, p99: measure, max: measure, count })
    .nullable(),
});

const RESOURCE = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('model'),
    name: z.string(),
    uses: count,
    queuedUsP50: measure.nullable(),
    queuedUsP95: measure.nullable(),
    queuedUsMax: measure.nullable(),
    inputTokens: count,
    outputTokens: count,
    refusals: count,
  }),
  z.strictObject({
    kind: z.literal('service'),
    name: z.string(),
    uses: count,
    refusals: count,
    failures: count,
    faulted: count,
  }),
]);

const EXPERIENCE = z.strictObject({
  id: z.string(),
  tiers: z.array(z.string()),
  requests: z.strictObject({ arrived: count, completed: count, refused: count, failed: count }),
  latencyMs: z
    .strictObject({ p50: measure, p90: measure, p95: measure, p99: measure, max: measure })
    .nullable(),
  goodputPerSecond: measure,
  inputTokens: measure,
  outputTokens: measure,
  costMicroUsd: measure,
});

const TRACES = z.strictObject({
  source: z.enum(['received', 'own']),
  requests: count.nullable(),
  counts: z.strictObject({
    spans: count,
    repeated: count,
    late: count,
    complete: count,
    contradictory: count,
    unfinished: z.strictObject({
      beginningMissing: count,
      parentMissing: count,
      tooLarge: count,
      crowdedOut: count,
    }),
    nameless: count,
    beginnings: z.array(z.tuple([z.string(), count])),
  }),
  named: count,
  right: count,
  findings: z.array(z.string()),
});

const REPORT = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.string(),
  node: z.string(),
  scenario: z.string(),
  platform: z.string(),
  hashes: z.strictObject({ scenario: z.string(), platform: z.string(), policies: z.string() }),
  seed: count,
  digest: z.string(),
  clock: z.enum(['simulated', 'wall']),
  partial: z.boolean(),
  exitCode: z.literal(CODES),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  sentence: z.string().min(1),
  replay: z.string(),
  findings: z.array(FINDING),
  promises: z.array(PROMISE),
  requests: z.strictObject({
    planned: count,
    arrived: count,
    completed: count,
    refused: count,
    failed: count,
    dropped: count,
    asked: z.strictObject({ inputTokens: count, outputTokens: count }),
  }),
  limiter: z.array(LIMITER),
  policy: POLICY,
  resources: z.array(RESOURCE),
  tiers: z.array(EXPERIENCE),
  tenants: z.array(EXPERIENCE),
  users: z.array(EXPERIENCE),
  fairness: z.strictObject({
    formula: z.string(),
    tiers: z.array(
      z.strictObject({
        tier: z.string(),
        tenants: count,
        index: z.number().min(0).nullable(),
      }),
    ),
  }),
  thresholds: z.array(
    z.strictObject({ text: z.string(), value: z.number().nullable(), holds: z.boolean() }),
  ),
  speed: z.strictObject({
    requestsPerSecond: measure,
    eventsPerSecond: measure,
    wallMs: measure,
    simulatedMs: measure,
    events: count,
  }),
  traces: z.array(TRACES),
  notExercised: z.array(z.string()),
}) satisfies z.ZodType<Report>;
