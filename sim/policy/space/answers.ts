// What does each policy answer, asked by itself for every choice of what it reads?

import type { PolicyDecision } from '../../domain/ports.ts';
import { inputProblem, type LoadedPolicy, PolicyEngine } from '../../protocol/cedar.ts';
import { type Dimension, type PlacedTool, questionAt } from './dimensions.ts';

/** What a policy says by itself; `impossible` where there is no such question. */
const OUTCOMES = ['silent', 'applies', 'fails', 'impossible'] as const;
type Outcome = (typeof OUTCOMES)[number];

/** A policy's outcome for each choice in the dimensions that it reads. */
export interface Table {
  readonly policy: LoadedPolicy;
  /** Indexes of dimensions; the first changes slowest. */
  readonly reads: readonly number[];
  /** Indexes of `OUTCOMES`. */
  readonly outcomes: Uint8Array;
}

export const sizeOf = (dimensions: readonly Dimension[], reads: readonly number[]): number =>
  reads.reduce((size, index) => size * (dimensions[index]?.values.length ?? 1), 1);

/** Asks Cedar for every choice in what the policy reads. */
export const tableOf = (
  policy: LoadedPolicy,
  tool: PlacedTool,
  dimensions: readonly Dimension[],
  { reads, usualUs }: { readonly reads: readonly number[]; readonly usualUs: number },
): Table => {
  const engine = new PolicyEngine({ policies: [policy], tools: [tool] }, { cacheEntries: 0 });
  const outcomes = new Uint8Array(sizeOf(dimensions, reads));
  const point: (number | undefined)[] = dimensions.map(() => undefined);
  for (let index = 0; index < outcomes.length; index += 1) {
    let rest = index;
    for (const dimension of reads.toReversed()) {
      const count = dimensions[dimension]?.values.length ?? 1;
      point[dimension] = rest % count;
      rest = Math.floor(rest / count);
    }
    const question = questionAt(tool, dimensions, point, usualUs);
    // INVARIANT: every question reaches Cedar; one that does not would look as if it were denied.
    const problem = question && inputProblem(tool.inputSchema, question.input);
    if (problem !== undefined) throw new Error(`no question to Cedar: ${problem}`);
    outcomes[index] =
      question === undefined ? 3 : OUTCOMES.indexOf(outcomeOf(engine.decide(question)));
  }
  return { policy, reads, outcomes };
};

const outcomeOf = ({ decision, determining, errors }: PolicyDecision): Outcome => {
  if (errors.length > 0) return 'fails';
  return decision === 'allow' || determining.length > 0 ? 'applies' : 'silent';
};

/** The policy's outcome at a point that chooses in every dimension. */
export const outcomeAt = (
  { reads, outcomes }: Table,
  dimensions: readonly Dimension[],
  point: readonly number[],
): number => {
  let index = 0;
  for (const dimension of reads)
    index = index * (dimensions[dimension]?.values.length ?? 1) + (point[dimension] ?? 0);
  return outcomes[index] ?? 0;
};
