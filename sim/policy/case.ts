// What does a test ask, and what does it expect: one question to the policies of a folder.

import type { PolicyQuestion } from '../domain/ports.ts';

/** One question with the answer that is expected. */
export interface Case {
  /** The suite's name, or the file's. */
  readonly suite: string;
  readonly test: string;
  /** Which cell of the test, in the suite's own names. */
  readonly cell: string;
  readonly question: PolicyQuestion;
  readonly expected: Expected;
  /** Where the expectation stands, or the test that lists none for the cell. */
  readonly place: { readonly file: string; readonly line: number; readonly column: number };
}

export interface Expected {
  readonly decision: 'allow' | 'deny';
  /** Ids of policies that must be among those that decided. */
  readonly by: readonly string[];
  /** How many policies must fail. */
  readonly errors: number;
}

export const DENY: Expected = { decision: 'deny', by: [], errors: 0 };

/** `suite › test › cell`. */
export const titleOf = ({ suite, test, cell }: Case): string => [suite, test, cell].join(' › ');
