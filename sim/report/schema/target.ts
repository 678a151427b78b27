// What is the form of target.json and dry-run.json: what was seen of a gateway from outside?

import { z } from 'zod';
import type {
  CanaryCounts,
  DryRunReport,
  DryRunStep,
  LeftCanary,
  OutsideLimit,
  TargetLoadReport,
  TargetReport,
  TargetTraces,
} from '../../domain/target-report.ts';
import { count, type Form, measure, shaped, texts } from '../form.ts';
import { LOAD_MEMBERS } from './load.ts';
import { FINDING, TRACE_COUNTS } from './run.ts';

const LIMIT = shaped<OutsideLimit>('OutsideLimit')({
  tenant: z.string(),
  tier: z.string(),
  admitted: count,
  refused: count,
  unknown: count,
  wrongAdmissions: count,
  wrongRefusals: count,
  refusalsJudged: count,
  couldBeWrong: count,
  toleranceUs: measure,
  verdict: z.enum(['held', 'broken', 'inconclusive', 'not promised', 'not exercised']),
});

const LEFT = shaped<LeftCanary>('LeftCanary')({
  tenant: z.string(),
  id: z.string(),
  why: z.string(),
});

const CANARIES = shaped<CanaryCounts>('CanaryCounts')({
  planted: count,
  cleaned: count,
  left: z.array(LEFT),
  failed: z.array(z.strictObject({ tenant: z.string(), why: z.string() })),
});

const TRACES = shaped<TargetTraces>('TargetTraces')({
  url: z.string(),
  begun: count,
  received: count,
  batchesRefused: count,
  counts: TRACE_COUNTS,
});

const TARGET = shaped<TargetReport>('TargetReport')({
  name: z.string(),
  url: z.string(),
  hash: z.string(),
  signIns: z.strictObject({
    signedIn: count,
    failed: z.array(z.strictObject({ user: z.string(), why: z.string() })),
  }),
  statuses: z.array(z.strictObject({ status: count, count })),
  failures: z.array(z.strictObject({ why: z.string(), count })),
  answered: count,
  heldBack: count,
  usage: z.strictObject({ inputTokens: measure, outputTokens: measure }),
  limits: z.array(LIMIT),
  canaries: CANARIES,
  traces: TRACES.nullable(),
  findings: z.array(FINDING),
  ownCanaries: count,
  excerpts: texts,
  inconclusive: texts,
  notes: texts,
});

const TARGET_LOAD = shaped<TargetLoadReport>('TargetLoadReport')({
  ...LOAD_MEMBERS,
  target: TARGET,
  findings: z.array(FINDING),
});

const STEP = shaped<DryRunStep>('DryRunStep')({
  tenant: z.string(),
  user: z.string(),
  shown: texts,
  problem: z.string().nullable(),
});

const DRY_RUN = shaped<DryRunReport>('DryRunReport')({
  sentence: z.string().min(1),
  hash: z.string(),
  isSound: z.boolean(),
  atUtc: z.string(),
  url: z.string(),
  steps: z.array(STEP),
});

export const TARGET_LOAD_FORM: Form<TargetLoadReport> = {
  name: 'target-load',
  schema: TARGET_LOAD,
};
export const DRY_RUN_FORM: Form<DryRunReport> = { name: 'dry-run', schema: DRY_RUN };
