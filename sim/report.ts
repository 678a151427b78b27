// How is a report made and told: put together, judged, and rendered as text.

import type { Report } from './domain/report.ts';

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
export { type Holding, holding, type Judged } from './report/holding.ts';
export { limiterPicture } from './report/limiter-picture.ts';
export { type LimiterFound, limiterReport } from './report/limiter-report.ts';
export { limiterMarkdown, limiterText } from './report/limiter-text.ts';
export { type LoadFound, loadReport } from './report/load-report.ts';
export { BUNDLED, loadText } from './report/load-text.ts';
export { markdown } from './report/markdown.ts';
export { PROMISE_TEXTS, type PromiseText, promiseTitle } from './report/promise-texts.ts';
export { readReport, reportJsonSchema } from './report/schema.ts';
export { type SentenceParts, sentence } from './report/sentence.ts';
export { type TerminalSettings, terminal } from './report/terminal.ts';
export { sourceLines } from './report/trace-lines.ts';
export { verifySentence, verifyText } from './report/verify-text.ts';
export { applyWaivers, readWaivers, unusedWaivers, type Waiver } from './report/waivers.ts';

/** The text of report.json. */
export const json = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;
