// Do the policies answer as the cases expect, and which policies decided where they do not?

import type { PolicyDecision } from '../domain/ports.ts';
import { type DecidingSet, PolicyEngine } from '../protocol/cedar.ts';
import type { Case } from './case.ts';

/** A case with the answer that the policies gave. */
export interface Answered {
  readonly asked: Case;
  readonly decided: PolicyDecision;
  /** What is wrong with the answer; empty when nothing is. */
  readonly wrong: string;
}

/** Asks every case. */
export const answers = (cases: readonly Case[], policies: DecidingSet): readonly Answered[] => {
  const engine = new PolicyEngine(policies);
  return cases.map((asked) => {
    const decided = engine.decide(asked.question);
    return { asked, decided, wrong: wrongIn(asked, decided) };
  });
};

/** What is wrong with a decision for the case, in words; empty when nothing is. */
export const wrongIn = ({ expected }: Case, decided: PolicyDecision): string => {
  const { decision, determining, errors } = decided;
  if (decision !== expected.decision) return `expected ${expected.decision}, got ${decision}`;
  const missing = expected.by.filter((id) => !determining.includes(id));
  if (missing.length > 0) return `not decided by ${missing.map((id) => `\`${id}\``).join(', ')}`;
  if (errors.length === expected.errors) return '';
  return `expected ${expected.errors} errors, got ${errors.length}: ${errors.join('; ')}`;
};
