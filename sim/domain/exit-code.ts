// What does a command's exit code say: the one table, and which code wins.

/** Every exit code and its meaning. Nothing else in poolproof chooses a number. */
export const EXIT_CODES = {
  0: 'all held',
  1: 'an isolation finding',
  2: 'a mistake in the input',
  3: 'a threshold missed',
  4: 'inconclusive, or two runs of one seed differed',
  5: 'the harness itself was the limit',
  6: 'a regression against the baseline',
  70: 'a bug in poolproof',
} as const;

export type ExitCode = keyof typeof EXIT_CODES;

/** The worst first. */
const PRECEDENCE = [70, 2, 1, 4, 5, 3, 6] as const satisfies readonly ExitCode[];

/** What a command found out. What is left out did not happen. */
export interface Outcome {
  readonly bug?: boolean;
  readonly usageError?: boolean;
  /** Findings that no waiver in force covers. */
  readonly findings?: number;
  readonly inconclusive?: boolean;
  readonly harnessLimited?: boolean;
  readonly thresholdsMissed?: number;
  readonly regressions?: number;
}

/** The exit code of an outcome; the worst wins. */
export const exitCode = (outcome: Outcome): ExitCode => {
  const happened: Readonly<Record<ExitCode, boolean>> = {
    0: true,
    1: (outcome.findings ?? 0) > 0,
    2: outcome.usageError ?? false,
    3: (outcome.thresholdsMissed ?? 0) > 0,
    4: outcome.inconclusive ?? false,
    5: outcome.harnessLimited ?? false,
    6: (outcome.regressions ?? 0) > 0,
    70: outcome.bug ?? false,
  };
  return PRECEDENCE.find((code) => happened[code]) ?? 0;
};

/** The worst of several exit codes; 0 of none. */
export const worstExitCode = (codes: Iterable<ExitCode>): ExitCode => {
  const all = new Set(codes);
  return PRECEDENCE.find((code) => all.has(code)) ?? 0;
};

/** What the code means for a report: not every code that is not 0 says that something is wrong. */
export const verdictOf = (code: ExitCode): 'pass' | 'fail' | 'inconclusive' => {
  if (code === 0) return 'pass';
  return code === 4 || code === 5 ? 'inconclusive' : 'fail';
};
