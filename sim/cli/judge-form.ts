// What is the form of judge.json: how the judge of limiters held against its definitions?

import { z } from 'zod';
import type {
  BucketLimit,
  CalendarLimit,
  Limit,
  SlidingLimit,
  WindowLimit,
} from '../domain/contract.ts';
import type { JudgeSpeed } from '../engines/judge-speed.ts';
import type { Disagreement } from '../engines/judge-trial.ts';
import type { Decided } from '../measures.ts';
import { count, type Form, measure, OUTCOME, shaped, VERDICT } from '../report/form.ts';
import type { JudgeReport } from './judge-trial.ts';

type Named = Pick<Limit, 'name' | 'scope'>;

const NAMED = { name: z.string(), scope: z.enum(['key', 'all']) };

const BUCKET = shaped<BucketLimit & Named>('BucketLimit')({
  ...NAMED,
  kind: z.enum(['token-bucket', 'gcra']),
  permitNs: count,
  burst: count,
});

const WINDOW = shaped<WindowLimit & Named>('WindowLimit')({
  ...NAMED,
  kind: z.literal('fixed-window'),
  requests: count,
  windowUs: count,
  begins: z.enum(['epoch', 'first-request']),
});

const SLIDING = shaped<SlidingLimit & Named>('SlidingLimit')({
  ...NAMED,
  kind: z.enum(['sliding-log', 'sliding-counter']),
  requests: count,
  windowUs: count,
});

const CALENDAR = shaped<CalendarLimit & Named>('CalendarLimit')({
  ...NAMED,
  kind: z.literal('quota'),
  requests: count,
  period: z.enum(['day', 'week', 'month']),
  zone: z.string(),
  resetMinutes: count,
});

const DECIDED = shaped<Decided>('Decided')({
  key: z.string(),
  atUs: z.int(),
  admitted: z.boolean(),
  by: z.string().optional(),
});

const DISAGREEMENT = shaped<Disagreement>('Disagreement')({
  trial: count,
  limits: z.array(z.union([BUCKET, WINDOW, SLIDING, CALENDAR]) as z.ZodType<Limit>),
  trace: z.array(DECIDED),
  said: z.string(),
});

const SPEED = shaped<JudgeSpeed>('JudgeSpeed')({
  kind: z.string(),
  decisions: count,
  perSecond: measure,
  tenfold: measure,
  wrong: count,
});

const JUDGE = shaped<JudgeReport>('JudgeReport')({
  ...OUTCOME,
  schema: z.literal('poolproof.judge/1'),
  verdict: VERDICT,
  partial: z.boolean(),
  seconds: measure,
  speeds: z.array(SPEED),
  seed: count,
  decisions: count,
  traces: count,
  wrongAdmissions: count,
  wrongRefusals: count,
  disagreements: count,
  first: DISAGREEMENT.optional(),
});

export const JUDGE_FORM: Form<JudgeReport> = { name: 'judge', schema: JUDGE };
