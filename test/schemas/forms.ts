// Which JSON do commands write: every form, each with a JSON Schema of its name in the folder `reports`.

import { JUDGE_FORM } from '../../sim/cli/judge-form.ts';
import { CHECK_FORM, COVERAGE_FORM, MUTANTS_FORM, TEST_FORM } from '../../sim/policy/forms.ts';
import {
  BENCH_FORM,
  DIFF_FORM,
  DRY_RUN_FORM,
  EXAMPLE_FORM,
  FAULTS_FORM,
  FIDELITY_FORM,
  LIMITER_FORM,
  LOAD_FORM,
  MATRIX_FORM,
  RUN_FORM,
  TARGET_LOAD_FORM,
  VERIFY_FORM,
} from '../../sim/report.ts';

export const FORMS = [
  RUN_FORM,
  VERIFY_FORM,
  FAULTS_FORM,
  LIMITER_FORM,
  JUDGE_FORM,
  CHECK_FORM,
  TEST_FORM,
  MATRIX_FORM,
  EXAMPLE_FORM,
  COVERAGE_FORM,
  DIFF_FORM,
  MUTANTS_FORM,
  BENCH_FORM,
  LOAD_FORM,
  TARGET_LOAD_FORM,
  DRY_RUN_FORM,
  FIDELITY_FORM,
] as const;
