// What is the form of the JSON reports on a folder's tests: check, test, coverage, mutants?

import { z } from 'zod';
import type { PolicyQuestion } from '../domain/ports.ts';
import type { Complaint } from '../domain/usage-error.ts';
import { count, day, type Form, named, OUTCOME, shaped, texts } from '../report/form.ts';
import type { CheckedFinding, CheckReport } from './check-report.ts';
import type { CoverageReport } from './coverage-report.ts';
import type { CoveredCondition, CoveredPolicy } from './covered.ts';
import { FINDING_NAMES } from './findings.ts';
import type { Fate } from './mutants.ts';
import type { MutantsReport, ReportedMutant } from './mutants-report.ts';
import type { TestFailure, TestReport } from './test-report.ts';

const FINDING = shaped<CheckedFinding>('CheckedFinding')({
  id: z.string(),
  name: z.enum(FINDING_NAMES),
  policies: texts,
  file: z.string(),
  line: count,
  column: count,
  message: z.string(),
  hint: z.string(),
  waived: z.strictObject({ reason: z.string(), owner: z.string(), until: day }).optional(),
  note: z.string().optional(),
});

const COMPLAINT = shaped<Complaint>('Complaint')({
  file: z.string(),
  line: count.optional(),
  column: count.optional(),
  path: z.string().optional(),
  message: z.string(),
  hint: z.string().optional(),
});

const CHECK = shaped<CheckReport>('CheckReport')({
  ...OUTCOME,
  command: z.literal('policy check'),
  folder: z.string(),
  policies: count,
  files: count,
  tools: count,
  findings: z.array(FINDING),
  notes: z.array(COMPLAINT),
});

const QUESTION = shaped<PolicyQuestion>('PolicyQuestion')({
  principal: z.strictObject({ id: z.string(), tags: z.record(z.string(), z.string()) }),
  action: z.string(),
  gateway: z.string(),
  input: z.record(z.string(), z.unknown()),
  nowUs: z.int(),
});

const FAILURE = shaped<TestFailure>('TestFailure')({
  title: z.string(),
  place: z.strictObject({ file: z.string(), line: count, column: count }),
  wrong: z.string(),
  determining: texts,
  errors: texts,
  question: QUESTION,
});

const TEST = shaped<TestReport>('TestReport')({
  ...OUTCOME,
  command: z.literal('policy test'),
  folder: z.string(),
  cells: count,
  allowed: count,
  denied: count,
  suites: z.array(z.strictObject({ name: z.string(), cells: count })),
  failures: z.array(FAILURE),
});

const CONDITION = shaped<CoveredCondition>('CoveredCondition')({
  text: z.string(),
  wasTrue: z.boolean(),
  wasFalse: z.boolean(),
});

const BY_SOURCE = z.strictObject({ suite: count, scenario: count });
const percent = z.number().min(0).max(100);

const POLICY = shaped<CoveredPolicy>('CoveredPolicy')({
  id: z.string(),
  file: z.string(),
  line: count,
  decided: BY_SOURCE,
  conditions: z.array(CONDITION),
  isWhole: z.boolean(),
});

const COVERAGE = shaped<CoverageReport>('CoverageReport')({
  ...OUTCOME,
  command: z.literal('policy coverage'),
  folder: z.string(),
  asked: BY_SOURCE,
  policiesPercent: percent,
  outcomesPercent: percent,
  minPercent: percent,
  policies: z.array(POLICY),
});

const FATE: z.ZodType<Fate> = named(
  'Fate',
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('killed'), by: z.string() }),
    z.strictObject({ kind: z.literal('survived'), question: QUESTION }),
    z.strictObject({ kind: z.literal('equivalent') }),
    z.strictObject({ kind: z.literal('invalid'), why: z.string() }),
    z.strictObject({ kind: z.literal('undecided') }),
  ]),
);

const MUTANT = shaped<ReportedMutant>('ReportedMutant')({
  policy: z.string(),
  kind: z.string(),
  change: z.string(),
  fate: FATE,
});

const MUTANTS = shaped<MutantsReport>('MutantsReport')({
  ...OUTCOME,
  command: z.literal('policy mutants'),
  folder: z.string(),
  policies: count,
  cells: count,
  counts: z.strictObject({
    killed: count,
    survived: count,
    equivalent: count,
    invalid: count,
    undecided: count,
  }),
  scorePercent: percent.optional(),
  minPercent: percent,
  partial: z.boolean(),
  leftOut: texts,
  mutants: z.array(MUTANT),
});

export const CHECK_FORM: Form<CheckReport> = { name: 'policy-check', schema: CHECK };
export const TEST_FORM: Form<TestReport> = { name: 'policy-test', schema: TEST };
export const COVERAGE_FORM: Form<CoverageReport> = { name: 'policy-coverage', schema: COVERAGE };
export const MUTANTS_FORM: Form<MutantsReport> = { name: 'policy-mutants', schema: MUTANTS };
