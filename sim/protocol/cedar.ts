// May this caller make this call: AgentCore Policy, decided by Cedar itself and never by us.

import type { AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import type { ListQuestion, PolicyDecision, PolicyPort, PolicyQuestion } from '../domain/ports.ts';
import { fieldOf, inputProblem, isWellFormed } from './cedar/input.ts';
import type { DecidingSet } from './cedar/load.ts';
import type { Slice } from './cedar/slice.ts';
import { SlicedPolicies } from './cedar/sliced.ts';

export { type Met, MetPolicies } from './cedar/conditions.ts';
export {
  childrenOf,
  contextPath,
  isCarriedByJson,
  isVariable,
  literalText,
  type Node,
  nodeOf,
  partOf,
  reads,
  textOf,
} from './cedar/expression.ts';
export { factsOf } from './cedar/facts.ts';
export { cedarInput, DECIMAL_MAX, fits, inputProblem } from './cedar/input.ts';
export {
  type DecidingPolicy,
  type DecidingSet,
  type LoadedPolicy,
  loadPolicies,
  type Naming,
  type PolicyFile,
  type PolicySet,
  validityProblem,
} from './cedar/load.ts';
export {
  ACTION_TYPE,
  actionGroups,
  GATEWAY_TYPE,
  gatewaySchema,
  PRINCIPAL_TYPE,
} from './cedar/schema.ts';
export { appliesTo } from './cedar/slice.ts';
export { type Place, placeOf } from './cedar/source.ts';
export { type Cut, cutsIn, cutsOf, DAY_MS, intervalOf, ofDay } from './cedar/time.ts';

export interface PolicyEngineSettings {
  /** How many of Cedar's answers are remembered at most; 0 remembers none. Assumed: 10,000. */
  readonly cacheEntries?: number;
  /** Runs each decision that Cedar really makes (lists are not decisions), e.g. to time it. */
  readonly measure?: Measure;
}

export interface PolicyStatistics {
  readonly decisions: number;
  /** Decisions for which Cedar was asked. */
  readonly evaluated: number;
  /** Decisions that were remembered. The rest were denied before Cedar: malformed or unknown. */
  readonly cacheHits: number;
}

/**
 * Decides calls of tools by Cedar policies: default deny, forbid beats permit. A policy that fails
 * denies the call, because Cedar would skip it, and it may have been a forbid. Answers are
 * remembered by the facts that the policies of the action can tell apart. Never throws for a
 * question.
 */
export class PolicyEngine implements PolicyPort {
  readonly #policies: SlicedPolicies;
  readonly #measure: Measure;
  readonly #decided: Remembered<PolicyDecision>;
  readonly #listed: Remembered<boolean>;
  #decisions = 0;
  #evaluated = 0;
  #cacheHits = 0;

  constructor(policies: DecidingSet, settings: PolicyEngineSettings = {}) {
    const { cacheEntries = 10_000, measure = (work) => work() } = settings;
    this.#policies = SlicedPolicies.of(policies);
    this.#measure = measure;
    this.#decided = new Remembered(cacheEntries);
    this.#listed = new Remembered(cacheEntries);
  }

  decide(question: PolicyQuestion): PolicyDecision {
    this.#decisions += 1;
    const slice = this.#policies.deciding(question.action);
    if (slice === undefined) return DENIED_BY_DEFAULT;
    const problem = problemOf(slice, question);
    if (problem !== undefined) return deniedBy(problem);
    const key = this.#decided.size === 0 ? '' : slice.key(question);
    const known = this.#decided.get(slice, key);
    if (known !== undefined) {
      this.#cacheHits += 1;
      return known;
    }
    this.#evaluated += 1;
    const decision = decisionOf(answerOf(slice, question, this.#measure));
    // The text of an error may name the principal, which the key does not hold.
    if (decision.errors.length === 0) this.#decided.set(slice, key, { ...decision, cached: true });
    return decision;
  }

  /**
   * Whether tools/list shows the tool: whether some input at some time might be allowed. May be
   * true where no call is allowed; is never false where one is. The question's time is not used.
   */
  mayList(question: ListQuestion): boolean {
    const slice = this.#policies.listing(question.action);
    if (slice === undefined) return false;
    const asked: PolicyQuestion = { ...question, input: {} };
    if (callerProblem(slice, asked) !== undefined) return false;
    const key = this.#listed.size === 0 ? '' : slice.key(asked);
    const known = this.#listed.get(slice, key);
    if (known !== undefined) return known;
    const answer = answerOf(slice, asked, (work) => work());
    const listed = answer.type === 'failure' || answer.response.decision === 'allow';
    this.#listed.set(slice, key, listed);
    return listed;
  }

  stats(): PolicyStatistics {
    const [decisions, evaluated, cacheHits] = [this.#decisions, this.#evaluated, this.#cacheHits];
    return { decisions, evaluated, cacheHits };
  }
}

/** A bounded memory that starts afresh when it is full. */
class Remembered<T> {
  readonly size: number;
  readonly #answers = new Map<Slice, Map<string, T>>();
  #entries = 0;

  constructor(size: number) {
    this.size = size;
  }

  get(slice: Slice, key: string): T | undefined {
    return this.#answers.get(slice)?.get(key);
  }

  set(slice: Slice, key: string, answer: T): void {
    if (this.size === 0) return;
    if (this.#entries >= this.size) {
      this.#answers.clear();
      this.#entries = 0;
    }
    const own = this.#answers.get(slice) ?? new Map<string, T>();
    this.#answers.set(slice, own.set(key, answer));
    this.#entries += 1;
  }
}

const DENIED_BY_DEFAULT: PolicyDecision = {
  decision: 'deny',
  determining: [],
  errors: [],
  cached: false,
};

const deniedBy = (error: string): PolicyDecision => ({ ...DENIED_BY_DEFAULT, errors: [error] });

const problemOf = (slice: Slice, question: PolicyQuestion): string | undefined => {
  if (!Number.isSafeInteger(question.nowUs)) return 'the time is not whole microseconds';
  return inputProblem(slice.tool.inputSchema, question.input) ?? callerProblem(slice, question);
};

const callerProblem = (
  { tags: names }: Slice,
  { principal: { id, tags }, gateway }: PolicyQuestion,
): string | undefined => {
  if (!isWellFormed(id)) return 'the principal’s id is not well-formed text';
  if (!isWellFormed(gateway)) return 'the gateway’s name is not well-formed text';
  for (const name of names ?? Object.keys(tags)) {
    const value: unknown = fieldOf(tags, name);
    if (value === undefined) continue;
    if (typeof value !== 'string' || !isWellFormed(value)) {
      return `tag \`${name}\` is not well-formed text`;
    }
  }
  return undefined;
};

type Measure = <T>(work: () => T) => T;

const answerOf = (
  slice: Slice,
  question: PolicyQuestion,
  measure: Measure,
): AuthorizationAnswer => {
  try {
    const call = slice.ready(question);
    return measure(call);
  } catch (problem) {
    const message = problem instanceof Error ? problem.message : String(problem);
    const error = { message, help: null, code: null, url: null, severity: null };
    return { type: 'failure', errors: [error], warnings: [] };
  }
};

const decisionOf = (answer: AuthorizationAnswer): PolicyDecision => {
  if (answer.type === 'failure') {
    const errors = answer.errors.map(({ message }) => message);
    return { ...DENIED_BY_DEFAULT, errors: errors.length === 0 ? ['Cedar failed'] : errors };
  }
  const { decision, diagnostics } = answer.response;
  // Cedar gives both in no order that could be relied on.
  const errors = diagnostics.errors
    .map((found) => `${found.policyId}: ${found.error.message}`)
    .sort();
  const determining = [...diagnostics.reason].sort();
  if (errors.length === 0) return { decision, determining, errors, cached: false };
  return {
    decision: 'deny',
    determining: decision === 'deny' ? determining : [],
    errors,
    cached: false,
  };
};
