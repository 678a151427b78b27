// What can a program use: poolproof as a library.

export type { Platform, PlatformKit, Service, Hop } from './domain/ports.ts';
export type { Call, Reply, Headers } from './domain/wire.ts';
export type { Report } from './domain/report.ts';
export { UsageError, type Complaint } from './domain/usage-error.ts';
export { fold, type Folded, type RunInputs, type RunSurroundings } from './engines/run.ts';
export { reference } from './platforms/reference.ts';
export { loadScenario } from './scenario.ts';
export type { Scenario } from './scenario/schema.ts';
