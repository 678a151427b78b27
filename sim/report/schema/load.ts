// What is the form of load.json: what a load on the wall clock concludes?

import { z } from 'zod';
import type { CalibratedTier, Calibration, ClockedTier } from '../../domain/calibration.ts';
import {
  type Agreement,
  LOAD_STAGES,
  type LoadExperience,
  type LoadFigures,
  type LoadFinding,
  type LoadReport,
  type LoadRequests,
  type Saturation,
  type SaturationStep,
  type ServerConnections,
} from '../../domain/load-report.ts';
import { count, type Form, measure, OUTCOME, shaped, texts, VERDICT } from '../form.ts';
import { FLEET, OUTAGE } from './fleet.ts';
import { FINDING_MEMBERS, LATENCY, REPORT, THRESHOLD } from './run.ts';

const REQUESTS = shaped<LoadRequests>('LoadRequests')({
  sent: count,
  completed: count,
  refused: count,
  failed: count,
  unanswered: count,
});

const EXPERIENCE = shaped<LoadExperience>('LoadExperience')({
  id: z.string(),
  tier: z.string(),
  requests: REQUESTS,
  latencyMs: LATENCY.nullable(),
  firstPieceMs: LATENCY.nullable(),
  goodputPerSecond: measure,
});

const FIGURES = shaped<LoadFigures>('LoadFigures')({
  engine: z.literal('open loop'),
  users: z.strictObject({ signedIn: count, refused: count }),
  plannedSeconds: measure,
  seconds: measure,
  planned: count,
  dropped: count,
  requests: REQUESTS,
  sentPerSecond: measure,
  streamed: count,
  inFlightMax: count,
  inFlightBound: count,
  latencyMs: LATENCY.nullable(),
  firstPieceMs: LATENCY.nullable(),
  lagMs: LATENCY.nullable(),
  lagBoundMs: measure,
  eventLoopDelayMs: LATENCY.nullable(),
  isLimited: z.boolean(),
  ceilingPerSecond: measure,
  tiers: z.array(EXPERIENCE),
  tenants: z.array(EXPERIENCE),
  failures: z.array(z.strictObject({ reason: z.string(), count })),
  outages: z.array(OUTAGE),
});

const COUNTED = z.strictObject({ by: z.string(), count });

const AGREEMENT = shaped<Agreement>('Agreement')({
  what: z.string(),
  one: COUNTED,
  other: COUNTED,
  isEqual: z.boolean(),
});

const CONNECTIONS = shaped<ServerConnections>('ServerConnections')({
  answered: count,
  tooLarge: count,
  malformed: count,
  left: count,
  slow: count,
});

const STATUSES = z.record(z.string(), count);

const STEP = shaped<SaturationStep>('SaturationStep')({
  plannedPerSecond: measure,
  answeredPerSecond: measure,
  lagMsP99: measure,
  latencyMsP50: measure,
  latencyMsP99: measure,
  kept: z.boolean(),
});

const SATURATION = shaped<Saturation>('Saturation')({
  seconds: measure,
  endpoint: z.string(),
  closed: z.strictObject({
    engine: z.literal('autocannon'),
    connections: count,
    requestsPerSecond: measure,
    latencyMs: z.strictObject({ p50: measure, p99: measure }),
    statuses: STATUSES,
  }),
  open: z.strictObject({
    engine: z.literal('open loop'),
    requestsPerSecond: measure,
    steps: z.array(STEP),
    statuses: STATUSES,
  }),
  ratio: measure,
});

const CLOCKED = shaped<ClockedTier>('ClockedTier')({
  completed: count,
  goodputPerSecond: measure,
  latencyMs: z.strictObject({ p50: measure, p95: measure }).nullable(),
});

const CALIBRATED = shaped<CalibratedTier>('CalibratedTier')({
  tier: z.string(),
  simulated: CLOCKED,
  wall: CLOCKED,
});

const CALIBRATION = shaped<Calibration>('Calibration')({
  paired: count,
  unpaired: count,
  differing: count,
  apartUsP50: measure,
  apartUsMax: measure,
  wrong: count,
  tiers: z.array(CALIBRATED),
});

const FINDING = shaped<LoadFinding>('LoadFinding')({
  ...FINDING_MEMBERS,
  seenBy: z.enum(['generator', 'server']),
});

/** What a load of whatever says, the bundled server or a gateway of one's own. */
export const LOAD_MEMBERS = {
  ...OUTCOME,
  schemaVersion: z.literal(1),
  node: z.string(),
  scenario: z.string(),
  seed: count,
  partial: z.boolean(),
  stage: z.enum(LOAD_STAGES),
  verdict: VERDICT,
  load: FIGURES,
  scanned: z.strictObject({ answers: count, ownCanaries: count }),
  notPlayed: texts,
};

const LOAD = shaped<LoadReport>('LoadReport')({
  ...LOAD_MEMBERS,
  platform: z.string(),
  target: z.string(),
  findings: z.array(FINDING),
  agreement: z.array(AGREEMENT),
  server: REPORT.nullable(),
  connections: CONNECTIONS.nullable(),
  fleet: FLEET.nullable(),
  thresholds: z.array(THRESHOLD),
  saturation: SATURATION.nullable(),
  calibration: CALIBRATION.nullable(),
  notExercised: texts,
  notes: texts,
});

export const LOAD_FORM: Form<LoadReport> = { name: 'load', schema: LOAD };
