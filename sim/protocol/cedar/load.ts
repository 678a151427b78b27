// Are these policies sound: each named, parsed, valid for the tools, or a complaint with its place.

import {
  type DetailedError,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  type ValidationError,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { TargetTool } from '../../domain/tool.ts';
import { type Complaint, inOrder, UsageError } from '../../domain/usage-error.ts';
import { gatewaySchema } from './schema.ts';
import { indexOfByte, partsInPlace, placeOf } from './source.ts';

/** A file of Cedar policies, with the name that complaints give it. */
export interface PolicyFile {
  readonly file: string;
  readonly text: string;
}

/** What it takes to decide by a policy; without a text its JSON is what Cedar reads. */
export interface DecidingPolicy {
  readonly id: string;
  readonly text?: string;
  readonly json: PolicyJson;
}

export interface DecidingSet {
  readonly policies: readonly DecidingPolicy[];
  readonly tools: readonly TargetTool[];
}

export interface LoadedPolicy extends DecidingPolicy {
  /** Its `@id`: a sentence that says what it does; `file:line` where it may go without. */
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly file: string;
  /** Where its text begins, from 1. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly json: PolicyJson;
}

export interface PolicySet {
  readonly policies: readonly LoadedPolicy[];
  readonly tools: readonly TargetTool[];
  /** What Cedar only warns of, e.g. that a policy can never apply. */
  readonly warnings: readonly Complaint[];
}

/** Whether each policy must carry an `@id`, or may be named by its place, as AgentCore needs none. */
export type Naming = 'by id' | 'by id or place';

/**
 * Reads policies and validates them strictly against the schema of the tools. Throws one UsageError
 * with every complaint: text that does not parse (the first place in each file), a policy without
 * `@id` (unless places may name them) or with one that is taken, a template, and whatever Cedar's
 * validation finds.
 */
export const loadPolicies = (
  files: readonly PolicyFile[],
  tools: readonly TargetTool[],
  naming: Naming = 'by id',
): PolicySet => {
  const complaints: Complaint[] = [];
  const read = files.flatMap((file) => policiesIn(file, complaints));
  const found = naming === 'by id' ? read : read.map(namedByPlace);
  complaints.push(...nameComplaints(found));
  const schema = gatewaySchema(tools);
  const warnings: Complaint[] = [];
  for (const policies of nameableTogether(found)) {
    const validated = validity(schema, policies);
    complaints.push(...validated.complaints);
    warnings.push(...validated.warnings);
  }
  if (complaints.length > 0) throw new UsageError(inOrder(complaints));
  return { policies: found.map(({ source, index, ...policy }) => policy), tools, warnings };
};

/**
 * Policies in as few sets as there may be without two of one id in any: Cedar reads the schema anew
 * for each set, which takes most of the time, and names policies by their ids in what it says.
 */
const nameableTogether = (
  policies: readonly FoundPolicy[],
): readonly ReadonlyMap<string, FoundPolicy>[] => {
  const sets: Map<string, FoundPolicy>[] = [];
  for (const policy of policies) {
    const free = sets.find((set) => !set.has(policy.id));
    if (free === undefined) sets.push(new Map([[policy.id, policy]]));
    else free.set(policy.id, policy);
  }
  return sets;
};

const validity = (
  schema: ReturnType<typeof gatewaySchema>,
  set: ReadonlyMap<string, FoundPolicy>,
) => {
  const staticPolicies = Object.fromEntries(Array.from(set, ([id, { text }]) => [id, text]));
  const answer = validate({ schema, policies: { staticPolicies } });
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  const told = (errors: readonly ValidationError[]): readonly Complaint[] =>
    // Cedar tells them in no order that could be relied on.
    [...set].flatMap(([id, policy]) =>
      errors
        .filter(({ policyId }) => policyId === id)
        .map(({ error }) => complaintOf(policy, error)),
    );
  return { complaints: told(answer.validationErrors), warnings: told(answer.validationWarnings) };
};

/** Two unnamed policies may begin on one line. */
const namedByPlace = (policy: FoundPolicy, _: number, all: readonly FoundPolicy[]) => {
  const { id, file, line, column } = policy;
  if (id.trim() !== '') return policy;
  const beside = all.some(
    (other) => other !== policy && other.file === file && other.line === line,
  );
  return { ...policy, id: beside ? `${file}:${line}:${column}` : `${file}:${line}` };
};

/** A policy with the text around it, for finding places. */
interface FoundPolicy extends LoadedPolicy {
  readonly source: string;
  readonly index: number;
}

const policiesIn = ({ file, text }: PolicyFile, complaints: Complaint[]): FoundPolicy[] => {
  const answer = policySetTextToParts(text);
  if (answer.type === 'failure') {
    const whole = { file, source: text, index: 0 };
    complaints.push(...answer.errors.map((error) => complaintOf(whole, error)));
    return [];
  }
  for (const template of answer.policy_templates) {
    const place = placeOf(text, Math.max(0, text.indexOf(template)));
    complaints.push({ file, ...place, message: 'a template decides nothing by itself' });
  }
  return partsInPlace(text, answer.policies).map(({ part, index }) => {
    const parsed = policyToJson(part);
    if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message);
    const { json } = parsed;
    const id = json.annotations?.['id'] ?? '';
    const place = placeOf(text, index);
    return { id, effect: json.effect, file, ...place, text: part, json, source: text, index };
  });
};

const nameComplaints = (policies: readonly FoundPolicy[]): Complaint[] => {
  const first = new Map<string, FoundPolicy>();
  return policies.flatMap((policy) => {
    const place = { file: policy.file, ...placeOf(policy.source, policy.index) };
    if (policy.id.trim() === '') {
      const hint = 'begin it with `@id("…")` and a sentence that says what it does';
      return [{ ...place, message: `a \`${policy.effect}\` has no name`, hint }];
    }
    const taken = first.get(policy.id);
    if (taken === undefined) {
      first.set(policy.id, policy);
      return [];
    }
    const hint = `the other is at ${taken.file}:${taken.line}`;
    return [{ ...place, message: `two policies have the id \`${policy.id}\``, hint }];
  });
};

const complaintOf = (
  policy: Pick<FoundPolicy, 'file' | 'source' | 'index'> & { readonly text?: string },
  error: DetailedError,
): Complaint => {
  const [location] = error.sourceLocations ?? [];
  const within = indexOfByte(policy.text ?? policy.source, location?.start ?? 0);
  const hint = error.help ?? location?.label ?? undefined;
  return {
    file: policy.file,
    ...placeOf(policy.source, policy.index + within),
    message: error.message,
    ...(hint === undefined ? {} : { hint }),
  };
};

/** Why Cedar's strict validation refuses the policy, or `undefined` when it does not. */
export const validityProblem = (
  json: PolicyJson,
  tools: readonly TargetTool[],
): string | undefined => {
  const staticPolicies = { policy: json };
  const answer = validate({ schema: gatewaySchema(tools), policies: { staticPolicies } });
  if (answer.type === 'failure') return answer.errors[0]?.message ?? 'Cedar failed';
  return answer.validationErrors[0]?.error.message;
};
