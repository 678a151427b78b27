// What is the form of matrix.json and diff.json: who may call what, and what a change changes?

import { z } from 'zod';
import type { PolicyChange, PolicyDiff } from '../../domain/policy-diff.ts';
import {
  type ControlRow,
  type Counterexample,
  type EntitlementComparison,
  type EntitlementDifference,
  type MatrixExtent,
  type MatrixGroup,
  type OpenedAccess,
  type PolicyMatrix,
  RELATIONS,
} from '../../domain/policy-matrix.ts';
import { count, day, type Form, OUTCOME, shaped, texts, VERDICT } from '../form.ts';

const RELATION = z.enum(RELATIONS);
const UNCLEAR = z.array(z.strictObject({ action: z.string(), condition: z.string() }));
const WHERE = z.record(z.string(), texts);

const EXTENT = shaped<MatrixExtent>('MatrixExtent')({
  tools: count,
  proved: count,
  nameless: texts,
  withoutObject: texts,
});

const GROUP = shaped<MatrixGroup>('MatrixGroup')({
  tools: texts,
  tier: z.string(),
  allowed: z.boolean(),
  by: texts,
  objects: z.array(RELATION),
  where: WHERE,
  hours: z.string().nullable(),
  questions: count,
});

const EXAMPLE = shaped<Counterexample['example']>('Counterexample.example')({
  because: z.string(),
  principal: z.strictObject({ id: z.string(), tags: z.record(z.string(), z.string()) }),
  tool: z.string(),
  gateway: z.string(),
  input: z.record(z.string(), z.unknown()),
  now: z.string(),
});

const COUNTEREXAMPLE = shaped<Counterexample>('Counterexample')({
  action: z.string(),
  relation: RELATION,
  example: EXAMPLE,
  by: texts,
});

const CONTROL = z.enum(['separates', 'open', 'closed', 'not asked', 'unknown']);

const OPENED = shaped<OpenedAccess>('OpenedAccess')({
  caller: z.string(),
  owner: z.string(),
  statement: z.string(),
});

const CONTROLS = shaped<ControlRow>('ControlRow')({
  tool: z.string().nullable(),
  tier: z.string().nullable(),
  operation: z.string(),
  cedar: CONTROL,
  iam: CONTROL,
  kept: z.enum(['both', 'Cedar', 'IAM', 'closed', 'HOLE', 'not by Cedar', 'no object']),
  opened: OPENED.nullable(),
  undecided: texts,
});

const DIFFERENCE = shaped<EntitlementDifference>('EntitlementDifference')({
  tool: z.string(),
  gateway: z.string(),
  tiers: texts,
  roles: texts,
  object: RELATION,
  zones: texts,
  entitled: z.boolean(),
  allowed: z.boolean(),
  by: texts,
  at: z.string(),
});

const COMPARISON = shaped<EntitlementComparison>('EntitlementComparison')({
  scenario: z.string(),
  from: z.string(),
  to: z.string(),
  compared: count,
  differences: z.array(DIFFERENCE),
});

const MATRIX = shaped<PolicyMatrix>('PolicyMatrix')({
  ...OUTCOME,
  schema: z.literal('poolproof.policy-matrix/1'),
  folder: z.string(),
  verdict: VERDICT,
  tenantTags: texts,
  tenantInputs: texts,
  questions: count,
  asked: count,
  extent: EXTENT,
  day,
  groups: z.array(GROUP),
  counterexamples: z.array(COUNTEREXAMPLE),
  controls: z.array(CONTROLS),
  entitlements: COMPARISON.nullable(),
  overBound: texts,
  unclear: UNCLEAR,
});

const CHANGE = shaped<PolicyChange>('PolicyChange')({
  tools: texts,
  tier: z.string(),
  change: z.enum(['allowed now', 'denied now']),
  oldBy: texts,
  newBy: texts,
  objects: z.array(RELATION),
  where: WHERE,
  hours: z.string().nullable(),
  questions: count,
  acrossTenants: z.boolean(),
});

const DIFF = shaped<PolicyDiff>('PolicyDiff')({
  ...OUTCOME,
  schema: z.literal('poolproof.policy-diff/1'),
  old: z.string(),
  new: z.string(),
  verdict: VERDICT,
  questions: count,
  allowedNow: count,
  deniedNow: count,
  acrossTenants: count,
  decidedOtherwise: count,
  day,
  changes: z.array(CHANGE),
  toolsGone: texts,
  toolsNew: texts,
  inputsChanged: texts,
  overBound: texts,
  unclear: UNCLEAR,
});

export const MATRIX_FORM: Form<PolicyMatrix> = { name: 'policy-matrix', schema: MATRIX };
export const DIFF_FORM: Form<PolicyDiff> = { name: 'policy-diff', schema: DIFF };
/** Of a counterexample by itself, as `policy test` reads it from `examples/deny`. */
export const EXAMPLE_FORM: Form<Counterexample['example']> = {
  name: 'policy-example',
  schema: EXAMPLE,
};
