// What is the form of each JSON report, and how is a report.json read back?

import type { Report } from '../domain/report.ts';
import { UsageError } from '../domain/usage-error.ts';
import { problemsOf, worded } from '../scenario/wording.ts';
import { RUN_FORM } from './schema/run.ts';

export { FIDELITY_FORM } from './schema/fidelity.ts';
export { LIMITER_FORM } from './schema/limiter.ts';
export { LOAD_FORM } from './schema/load.ts';
export { BENCH_FORM } from './schema/policy-bench.ts';
export { DIFF_FORM, EXAMPLE_FORM, MATRIX_FORM } from './schema/policy-matrix.ts';
export { RUN_FORM } from './schema/run.ts';
export { DRY_RUN_FORM, TARGET_LOAD_FORM } from './schema/target.ts';
export { FAULTS_FORM, VERIFY_FORM } from './schema/trials.ts';

/** Reads a report.json. `file` is only shown. Throws a UsageError with every complaint. */
export const readReport = (text: string, file: string): Report => {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new UsageError([{ file, message: 'is no JSON' }]);
  }
  const read = RUN_FORM.schema.safeParse(data, { error: worded, reportInput: true });
  if (read.success) return read.data;
  throw new UsageError(
    problemsOf(read.error.issues).map(({ path, message, hint }) => ({
      file,
      path: path.join('.'),
      message,
      ...(hint === undefined ? {} : { hint }),
    })),
  );
};
