// May these credentials do that: IAM identity policies, evaluated as AWS documents them.

import { type Condition, meets } from './iam/condition.ts';
import type { RequestContext } from './iam/context.ts';
import { coversAction, readStatements, type Statement } from './iam/statement.ts';

/** An identity policy as JSON has it. Source: IAM User Guide, grammar of the policy language. */
export interface PolicyDocument {
  /** `2008-10-17` when left out, and then `${…}` is literal text. */
  readonly Version?: '2008-10-17' | '2012-10-17';
  readonly Id?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

/** Exactly one of each pair with `Not…` must be there. */
export interface PolicyStatement {
  /** Letters and digits, unique in the document. */
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  /** Operator → key → value or values. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, PolicyValues>>>>;
}

export type PolicyValues = PolicyValue | readonly PolicyValue[];
export type PolicyValue = string | number | boolean;

/** A policy made ready by `compilePolicy`; what is inside is nobody else's business. */
export interface CompiledPolicy {
  readonly file: string;
  readonly denies: readonly Statement[];
  readonly allows: readonly Statement[];
}

/** What is asked: one action on one resource. */
export interface AccessRequest {
  /** Such as `dynamodb:GetItem`; case does not count. */
  readonly action: string;
  /** A full ARN, or `*` for an action that has no resource. Case counts. */
  readonly resource: string;
  /**
   * Context keys as AWS names them, such as `aws:PrincipalTag/Tier`; their case does not count.
   * Times are W3C dates or UNIX seconds, numbers and Booleans their text. A list is a multivalued
   * key, an empty list a key without values.
   */
  readonly context: RequestContext;
}

/** The decision and the statement that made it: `file#Sid`, else `file#Statement[2]`. */
export type Evaluation =
  | { readonly decision: 'allow'; readonly statement: string }
  | { readonly decision: 'deny'; readonly by: 'explicit'; readonly statement: string }
  | { readonly decision: 'deny'; readonly by: 'implicit' };

/**
 * Reads and checks a policy once, for any number of evaluations. Throws `UsageError` with all
 * complaints, each with `file` and a path such as `Statement[2].Condition.StringFoo`, for what is
 * malformed, unknown or not supported (principals, IP addresses, binary values).
 */
export const compilePolicy = (document: unknown, file: string): CompiledPolicy => {
  const statements = readStatements(document, file);
  return {
    file,
    denies: statements.filter((statement) => statement.effect === 'Deny'),
    allows: statements.filter((statement) => statement.effect === 'Allow'),
  };
};

/**
 * Decides: an explicit Deny of any policy wins, then the first Allow, else nothing allows.
 *
 * A variable without a value keeps its comparison from matching, so an Allow does not allow and a
 * Deny does not deny; the same holds under negated operators and `NotResource`.
 * SIMPLIFICATION: identity policies only; no boundary, session, resource or organization policies.
 */
export const evaluate = (
  policies: readonly CompiledPolicy[],
  request: AccessRequest,
): Evaluation => {
  const action = request.action.toLowerCase();
  for (const policy of policies) {
    const denying = firstThatApplies(policy.denies, action, request);
    if (denying !== undefined) return { decision: 'deny', by: 'explicit', statement: denying.name };
  }
  for (const policy of policies) {
    const allowing = firstThatApplies(policy.allows, action, request);
    if (allowing !== undefined) return { decision: 'allow', statement: allowing.name };
  }
  return IMPLICIT_DENY;
};

/** The context keys that statements of the effect read when asked for the action, in lower case. */
export const keysRead = (
  policies: readonly CompiledPolicy[],
  effect: Statement['effect'],
  action: string,
): ReadonlySet<string> =>
  new Set(
    policies
      .flatMap(({ allows, denies }) => (effect === 'Allow' ? allows : denies))
      .filter(({ actions }) => coversAction(actions, action.toLowerCase()))
      .flatMap(({ keys }) => [...keys]),
  );

/** The policies without the Deny statements that read other keys than these; the same if none does. */
export const withoutDeniesBeyond = (
  policies: readonly CompiledPolicy[],
  known: ReadonlySet<string>,
): readonly CompiledPolicy[] => {
  const isWithin = ({ keys }: Statement): boolean => [...keys].every((key) => known.has(key));
  if (policies.every(({ denies }) => denies.every(isWithin))) return policies;
  return policies.map(({ denies, ...policy }) => ({ ...policy, denies: denies.filter(isWithin) }));
};

const IMPLICIT_DENY: Evaluation = { decision: 'deny', by: 'implicit' };

const firstThatApplies = (
  statements: readonly Statement[],
  action: string,
  request: AccessRequest,
): Statement | undefined => {
  for (const statement of statements) {
    if (!coversAction(statement.actions, action)) continue;
    if (!coversResource(statement, request)) continue;
    if (meetsAll(statement.conditions, request.context)) return statement;
  }
  return undefined;
};

/** `NotResource` needs every entry decided and none matching. */
const coversResource = (statement: Statement, request: AccessRequest): boolean => {
  const { negated, tests } = statement.resources;
  for (const test of tests) {
    const outcome = test(request.resource, request.context);
    if (negated ? outcome !== false : outcome === true) return !negated;
  }
  return negated;
};

const meetsAll = (conditions: readonly Condition[], context: RequestContext): boolean => {
  for (const condition of conditions) if (!meets(condition, context)) return false;
  return true;
};
