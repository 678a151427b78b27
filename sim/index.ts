// What can a program use: poolproof as a library.

export { run, type Tried, verify } from './cli/library.ts';
export type { PlatformOption } from './cli/platform-module.ts';
export { readTrial, type TrialOptions } from './cli/trial.ts';
export type { Verdict } from './domain/finding.ts';
export type { Hop, Platform, PlatformKit, Service } from './domain/ports.ts';
export type { Report, ReportedFinding } from './domain/report.ts';
export { type Complaint, UsageError } from './domain/usage-error.ts';
export type { FoundProgram, VerifyReport } from './domain/verify-report.ts';
export type { Call, Headers, Reply } from './domain/wire.ts';
export type { Program } from './engines/programs.ts';
export { type Folded, fold, type RunInputs, type RunSurroundings } from './engines/run.ts';
export { type Judge, judgeOf, programs, type Trial, tenantIds, userIds } from './engines/verify.ts';
export { type AsPublishedTerms, asPublished } from './platforms/as-published.ts';
export { reference } from './platforms/reference.ts';
export type { PromiseId, Scenario } from './scenario/schema.ts';
export { loadScenario } from './scenario.ts';
