// What can a program use: poolproof as a library.

export { readTrial } from './cli/trial.ts';
export type { Hop, Platform, PlatformKit, Service } from './domain/ports.ts';
export type { Report } from './domain/report.ts';
export { type Complaint, UsageError } from './domain/usage-error.ts';
export type { Call, Headers, Reply } from './domain/wire.ts';
export { type Folded, fold, type RunInputs, type RunSurroundings } from './engines/run.ts';
export {
  type Caught,
  type Effort,
  programs,
  type Trial,
  tenantIds,
  userIds,
  type Verified,
  verify,
} from './engines/verify.ts';
export { type AsPublishedTerms, asPublished } from './platforms/as-published.ts';
export { reference } from './platforms/reference.ts';
export type { Scenario } from './scenario/schema.ts';
export { loadScenario } from './scenario.ts';
