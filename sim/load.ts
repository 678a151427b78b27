// How is a platform loaded on the wall clock: by the people of a scenario, in an open loop, all answers judged.

export { dryRun } from './load/dry-run.ts';
export { figuresOf } from './load/figures.ts';
export {
  type Carrier,
  type CarrierHooks,
  type Generated,
  Generator,
  type GeneratorSurroundings,
  toldOf,
} from './load/generator.ts';
export type { HttpWireSettings } from './load/http-wire.ts';
export { ANSWER_US_MAX, cutOf, HttpWire } from './load/http-wire.ts';
export { metricsOf } from './load/metrics.ts';
export { type OpenLoop, type OpenLoopFigures, openLoop } from './load/open-loop.ts';
export { IN_FLIGHT_MAX, Pace, type PaceFigures } from './load/pace.ts';
export { notPlayed, playedFrom } from './load/played.ts';
export { type Allowance, assertAllowed, hostsOf, isLoopback, RateCap } from './load/safety.ts';
export { BARE_ENDPOINT, bareAsk, type Stepped, type Stepping, stepUp } from './load/saturate.ts';
export { Secrets } from './load/secrets.ts';
export { type Seat, seatsOf } from './load/sessions.ts';
export { LoadTally } from './load/tally.ts';
export type { Target } from './load/target.ts';
export {
  type Environment,
  type LoadedTarget,
  loadTarget,
  targetJsonSchema,
} from './load/target-file.ts';
export { runTarget, type TargetRun, type TargetRunSurroundings } from './load/target-run.ts';
export { type TargetScenario, targetScenario } from './load/target-scenario.ts';
export { Times } from './load/times.ts';
