// What is the form of limiter.json: what the limiter bench says?

import { z } from 'zod';
import type {
  AdversaryRow,
  Envelope,
  LeftOut,
  LimiterFaultRow,
  LimiterReport,
  LimiterRow,
  WorstStretch,
} from '../../domain/limiter-report.ts';
import type { CountedShare } from '../../domain/share.ts';
import { count, type Form, measure, OUTCOME, shaped, share, texts, VERDICT } from '../form.ts';

const SHARE = shaped<CountedShare>('CountedShare')({ count, share, low: share, high: share });

const STRETCH = shaped<WorstStretch>('WorstStretch')({
  limit: z.string(),
  from: z.string(),
  lengthUs: count,
  admitted: count,
  allowed: count,
});

const HELD_TO = z.enum(['contract', 'band', 'nothing']);

const ROW = shaped<LimiterRow>('LimiterRow')({
  limiter: z.string(),
  pattern: z.string(),
  replicas: count,
  clock: z.enum(['simulated', 'wall']),
  heldTo: HELD_TO,
  toleranceUs: count,
  decisions: count,
  admitted: count,
  wrongAdmissions: SHARE,
  wrongRefusals: SHARE,
  worst: STRETCH.nullable(),
  fullest: STRETCH.nullable(),
  drift: z.int().nullable(),
  unreached: texts,
  decisionsPerSecond: measure,
  inconclusive: z.string().nullable(),
});

const ADVERSARY = shaped<AdversaryRow>('AdversaryRow')({
  limiter: z.string(),
  limit: z.string(),
  admitted: count,
  allowed: count,
  lengthUs: count,
  heldTo: HELD_TO,
  wrongAdmissions: count,
  unreached: texts,
  evaluations: count,
  decisions: count,
  bounded: z.boolean(),
  seconds: measure,
  attack: texts,
});

const FAULT = shaped<LimiterFaultRow>('LimiterFaultRow')({
  id: z.string(),
  does: z.string(),
  harm: z.enum(['admits', 'refuses', 'either']),
  contract: z.string(),
  caught: z.boolean(),
  patterns: texts,
  wrongAdmissions: count,
  wrongRefusals: count,
  control: count,
});

const LEFT_OUT = shaped<LeftOut>('LeftOut')({ limiter: z.string(), reason: z.string() });

const ENVELOPE = shaped<Envelope>('Envelope')({
  limiter: z.string(),
  pattern: z.string(),
  limit: z.string(),
  lengthUs: count,
  points: z.array(z.strictObject({ lengthUs: count, admitted: count, allowed: count })),
});

const LIMITER = shaped<LimiterReport>('LimiterReport')({
  ...OUTCOME,
  schema: z.literal('poolproof.limiter/1'),
  verdict: VERDICT,
  contract: z.strictObject({
    file: z.string(),
    name: z.string(),
    title: z.string(),
    limits: texts,
    implied: texts,
    band: z.string().nullable(),
  }),
  rows: z.array(ROW),
  adversary: z.array(ADVERSARY),
  faults: z.array(FAULT),
  leftOut: z.array(LEFT_OUT),
  meanings: z.array(z.strictObject({ name: z.string(), does: z.string() })),
  unreached: texts,
  envelopes: z.array(ENVELOPE),
  partial: z.boolean(),
  seed: count,
});

export const LIMITER_FORM: Form<LimiterReport> = { name: 'limiter', schema: LIMITER };
