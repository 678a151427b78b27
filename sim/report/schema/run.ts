// What is the form of report.json: what a run concludes?

import { z } from 'zod';
import type {
  DailyAdmissions,
  Experience,
  Fairness,
  LatencySummary,
  LimiterSummary,
  LimiterWindow,
  ModelSummary,
  Outcomes,
  PolicyLatency,
  PolicySummary,
  Report,
  ReportedFinding,
  ReportedPromise,
  ReportedThreshold,
  ReportedTraces,
  ReportHashes,
  RequestTotals,
  ServiceSummary,
  Speed,
  TierFairness,
  Waived,
} from '../../domain/report.ts';
import type { TraceCounts } from '../../domain/trace-counts.ts';
import { count, day, type Form, measure, OUTCOME, shaped, share, texts, VERDICT } from '../form.ts';

export const WAIVED = shaped<Waived>('Waived')({
  reason: z.string(),
  owner: z.string(),
  until: day,
});

/** The members of a finding, which others have as well. */
export const FINDING_MEMBERS = {
  id: z.string(),
  promise: z.string(),
  title: z.string(),
  let: texts,
  then: texts,
  count,
  neighbourhood: texts,
  replay: z.string(),
  waived: WAIVED.nullable(),
  note: z.string().nullable(),
};

export const FINDING = shaped<ReportedFinding>('ReportedFinding')(FINDING_MEMBERS);

const PROMISE = shaped<ReportedPromise>('ReportedPromise')({
  id: z.string(),
  text: z.string(),
  verdict: z.enum(['held', 'broken', 'not exercised']),
  evidence: count,
  controls: count,
  findings: texts,
});

const WINDOW = shaped<LimiterWindow>('LimiterWindow')({
  fromUs: z.int(),
  toUs: z.int(),
  admitted: count,
  allowed: count,
});

const DAILY = shaped<DailyAdmissions>('DailyAdmissions')({
  day,
  tier: z.string(),
  admitted: count,
  quota: count.nullable(),
  refusedByQuota: count,
});

/** How a plan was kept, without the days. */
export const LIMITER_MEMBERS = {
  tenant: z.string(),
  tier: z.string(),
  admitted: count,
  refused: count,
  wrongAdmissions: count,
  wrongRefusals: count,
  worstWindow: WINDOW.nullable(),
};

const LIMITER = shaped<LimiterSummary>('LimiterSummary')({
  ...LIMITER_MEMBERS,
  daily: z.array(DAILY),
});

const POLICY_LATENCY = shaped<PolicyLatency>('PolicyLatency')({
  p50: measure,
  p90: measure,
  p95: measure,
  p99: measure,
  min: measure,
  max: measure,
  mean: measure,
  count,
});

const POLICY = shaped<PolicySummary>('PolicySummary')({
  decisions: count,
  evaluated: count,
  cacheHits: count,
  latencyUs: POLICY_LATENCY.nullable(),
});

const MODEL = shaped<ModelSummary>('ModelSummary')({
  kind: z.literal('model'),
  name: z.string(),
  uses: count,
  queuedUsP50: measure.nullable(),
  queuedUsP95: measure.nullable(),
  queuedUsMax: measure.nullable(),
  inputTokens: count,
  outputTokens: count,
  refusals: count,
});

const SERVICE = shaped<ServiceSummary>('ServiceSummary')({
  kind: z.literal('service'),
  name: z.string(),
  uses: count,
  refusals: count,
  failures: count,
  faulted: count,
});

const OUTCOMES = shaped<Outcomes>('Outcomes')({
  arrived: count,
  completed: count,
  refused: count,
  failed: count,
});

export const LATENCY_MEMBERS = {
  p50: measure,
  p90: measure,
  p95: measure,
  p99: measure,
  max: measure,
};

export const LATENCY = shaped<LatencySummary>('LatencySummary')(LATENCY_MEMBERS);

const EXPERIENCE = shaped<Experience>('Experience')({
  id: z.string(),
  tiers: texts,
  requests: OUTCOMES,
  latencyMs: LATENCY.nullable(),
  goodputPerSecond: measure,
  inputTokens: measure,
  outputTokens: measure,
  costMicroUsd: measure,
});

export const TRACE_COUNTS = shaped<TraceCounts>('TraceCounts')({
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
});

const TRACES = shaped<ReportedTraces>('ReportedTraces')({
  source: z.enum(['received', 'own']),
  requests: count.nullable(),
  counts: TRACE_COUNTS,
  named: count,
  right: count,
  findings: texts,
});

export const THRESHOLD = shaped<ReportedThreshold>('ReportedThreshold')({
  text: z.string(),
  value: z.number().nullable(),
  holds: z.boolean(),
});

const FAIRNESS = shaped<Fairness>('Fairness')({
  formula: z.string(),
  tiers: z.array(
    shaped<TierFairness>('TierFairness')({
      tier: z.string(),
      tenants: count,
      index: share.nullable(),
    }),
  ),
});

const HASHES = shaped<ReportHashes>('ReportHashes')({
  scenario: z.string(),
  platform: z.string(),
  policies: z.string(),
});

const REQUESTS = shaped<RequestTotals>('RequestTotals')({
  planned: count,
  arrived: count,
  completed: count,
  refused: count,
  failed: count,
  dropped: count,
  asked: z.strictObject({ inputTokens: count, outputTokens: count }),
});

const SPEED = shaped<Speed>('Speed')({
  requestsPerSecond: measure,
  eventsPerSecond: measure,
  wallMs: measure,
  simulatedMs: measure,
  events: count,
});

export const REPORT = shaped<Report>('Report')({
  ...OUTCOME,
  schemaVersion: z.literal(1),
  node: z.string(),
  scenario: z.string(),
  platform: z.string(),
  hashes: HASHES,
  seed: count,
  digest: z.string(),
  clock: z.enum(['simulated', 'wall']),
  partial: z.boolean(),
  verdict: VERDICT,
  findings: z.array(FINDING),
  promises: z.array(PROMISE),
  requests: REQUESTS,
  limiter: z.array(LIMITER),
  policy: POLICY,
  resources: z.array(z.union([MODEL, SERVICE])),
  tiers: z.array(EXPERIENCE),
  tenants: z.array(EXPERIENCE),
  users: z.array(EXPERIENCE),
  fairness: FAIRNESS,
  thresholds: z.array(THRESHOLD),
  speed: SPEED,
  traces: z.array(TRACES),
  notExercised: texts,
});

export const RUN_FORM: Form<Report> = { name: 'report', schema: REPORT };
