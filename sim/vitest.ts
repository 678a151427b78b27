// What can a Vitest suite expect of a platform: matchers on the reports of `run` and `verify`.

import { expect } from 'vitest';
import type { PromiseId } from './index.ts';
import { type Holding, holding, type Judged } from './report.ts';

interface PoolproofMatchers {
  /** No finding that is not waived, of anything that was tried; a report that proves nothing fails. */
  toHoldIsolation(): void;
  /** These promises were tried and held: `toHold('I1', 'I3')`. */
  toHold(...promises: readonly [PromiseId, ...PromiseId[]]): void;
}

declare module 'vitest' {
  interface Matchers<T> extends PoolproofMatchers {}
}

expect.extend({
  toHoldIsolation(report: Judged) {
    return told(holding(report), this.isNot);
  },
  toHold(report: Judged, ...promises: readonly PromiseId[]) {
    return told(holding(report, ...promises), this.isNot);
  },
});

/** What was not tried satisfies neither an expectation nor its opposite. */
const told = ({ held, message }: Holding, isNot: boolean) => ({
  pass: held === 'unknown' ? isNot : held === 'yes',
  message: () => message,
});
