// How is a report made and told: put together, judged, and rendered as text.

export {
  assembleReport,
  type MeasuredParts,
  type RunFacts,
  reportedFinding,
} from './report/assemble.ts';
export { bandText, limitText } from './report/contract-text.ts';
export { eventLine } from './report/event-line.ts';
export { type FaultsTerms, faultsReport } from './report/faults-report.ts';
export { faultsText } from './report/faults-text.ts';
export { type Form, json, jsonSchemaOf } from './report/form.ts';
export { type Holding, holding, type Judged } from './report/holding.ts';
export { limiterPicture } from './report/limiter-picture.ts';
export { type LimiterFound, limiterReport } from './report/limiter-report.ts';
export { limiterMarkdown, limiterText } from './report/limiter-text.ts';
export { type LoadFound, loadReport } from './report/load-report.ts';
export { BUNDLED, loadText } from './report/load-text.ts';
export { markdown } from './report/markdown.ts';
export { PROMISE_TEXTS, type PromiseText, promiseTitle } from './report/promise-texts.ts';
export {
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
  readReport,
  TARGET_LOAD_FORM,
  VERIFY_FORM,
} from './report/schema.ts';
export { type SentenceParts, sentence } from './report/sentence.ts';
export { type TargetFound, targetReport } from './report/target-report.ts';
export { targetText } from './report/target-text.ts';
export { type TerminalSettings, terminal } from './report/terminal.ts';
export { sourceLines } from './report/trace-lines.ts';
export { verifySentence, verifyText } from './report/verify-text.ts';
export { applyWaivers, readWaivers, unusedWaivers, type Waiver } from './report/waivers.ts';
