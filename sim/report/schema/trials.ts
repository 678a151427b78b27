// What is the form of verify.json and faults.json: what was tried, and what was found?

import { z } from 'zod';
import type { FaultsReport, JudgedFault } from '../../domain/faults-report.ts';
import type {
  FoundProgram,
  InterferenceReport,
  VerifyReport,
  VisitedCell,
} from '../../domain/verify-report.ts';
import { count, type Form, measure, OUTCOME, shaped, share, texts, VERDICT } from '../form.ts';
import { FINDING_MEMBERS } from './run.ts';

const CELL = shaped<VisitedCell>('VisitedCell')({
  operation: z.string(),
  relation: z.string(),
  visits: count,
});

const INTERFERENCE = shaped<InterferenceReport>('InterferenceReport')({
  pairs: count,
  comparable: count,
  requests: count,
  compared: count,
  felt: z.array(
    z.strictObject({
      observer: z.string(),
      other: z.string(),
      requests: count,
      meanMs: z.number(),
      maxMs: z.number(),
    }),
  ),
});

const FOUND = shaped<FoundProgram>('FoundProgram')({
  ...FINDING_MEMBERS,
  executions: count,
  moves: count,
  tenants: count,
  file: z.string().nullable(),
  also: texts,
});

const VERIFY = shaped<VerifyReport>('VerifyReport')({
  ...OUTCOME,
  schema: z.literal('poolproof.verify/1'),
  platform: z.string(),
  seed: count,
  verdict: VERDICT,
  programs: count,
  moves: count,
  tries: count,
  boundAt95: share,
  cells: z.array(CELL),
  promises: z.array(z.strictObject({ id: z.string(), evidence: count, findings: texts })),
  findings: z.array(FOUND),
  interference: INTERFERENCE,
  partial: z.boolean(),
  end: z.enum(['all played', 'first finding', 'enough findings', 'time', 'stopped']),
  notExercised: texts,
});

const FAULT = shaped<JudgedFault>('JudgedFault')({
  id: z.string(),
  class: z.string(),
  does: z.string(),
  promise: z.string(),
  boundary: z.string(),
  mechanism: z.string(),
  caughtBy: texts,
  caught: z.boolean(),
  attributed: z.boolean(),
  executions: z.strictObject({ median: measure.nullable(), max: count.nullable() }),
  moves: count.nullable(),
  tenants: count.nullable(),
  usualTest: z.boolean(),
});

const FAULTS = shaped<FaultsReport>('FaultsReport')({
  ...OUTCOME,
  schema: z.literal('poolproof.faults/1'),
  verdict: VERDICT,
  total: count,
  caught: count,
  attributed: count,
  unattributed: texts,
  silent: texts,
  faults: z.array(FAULT),
  usualTest: z.strictObject({ caught: count }),
  control: z.strictObject({ programs: count, findings: count }),
  partial: z.boolean(),
  seeds: z.array(count),
  budget: count,
});

export const VERIFY_FORM: Form<VerifyReport> = { name: 'verify', schema: VERIFY };
export const FAULTS_FORM: Form<FaultsReport> = { name: 'faults', schema: FAULTS };
