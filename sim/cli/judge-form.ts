// What is the form of judge.json: how the judge of limiters held against its definitions?

import { z } from 'zod';
import type {
  BucketLimit,
  CalendarLimit,
  Limit,
  SlidingLimit,
  WindowLimit,
} from '../domain/contract.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import type { JudgeSpeed } from '../engines/judge-speed.ts';
import type { Disagreement, JudgeTrial } from '../engines/judge-trial.ts';
import type { Decided } from '../measures.ts';
import { count, type Form, measure, OUTCOME, shaped, VERDICT } from '../report/form.ts';

/** Written as `judge.json`. */
export interface JudgeReport extends JudgeTrial {
  readonly schema: 'poolproof.judge/1';
  readonly version: string;
  readonly sentence: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly exitCode: ExitCode;
  readonly partial: boolean;
  /** Of the trial, in real time. */
  readonly seconds: number;
  readonly speeds: readonly JudgeSpeed[];
  readonly seed: number;
  readonly replay: string;
}

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
