// What does a run come to: a scenario simulated under every check and measure, and folded.

import { Checks } from '../checks.ts';
import type { Deployment } from '../domain/directory.ts';
import { eventText } from '../domain/event-text.ts';
import { Recent, type Verdict } from '../domain/finding.ts';
import type { HistoryEvent, Observer } from '../domain/history.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Platform, PlatformKit, PolicyPort } from '../domain/ports.ts';
import { Digest } from '../kernel/digest.ts';
import { Measures, Samples } from '../measures.ts';
import { loadPolicies, PolicyEngine, type PolicyFile } from '../protocol/cedar.ts';
import type { Scenario } from '../scenario/schema.ts';
import type { TraceRow } from '../traces/trace.ts';
import type { MovesWatch, SecondRun } from './moves.ts';
import { tenantPlans } from './population.ts';
import { type Played, simulate } from './simulate.ts';
import { targetTools } from './target-tools.ts';

/** All that a run is a function of, read and parsed; nothing here touches the machine. */
export interface RunInputs {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly platform: (kit: PlatformKit) => Platform;
  readonly cedarFiles: readonly PolicyFile[];
  /** Cedar files of the folders that the scenario swaps to. */
  readonly swaps: ReadonlyMap<string, readonly PolicyFile[]>;
  readonly iamDocuments: Readonly<Record<string, unknown>>;
  readonly traces: ReadonlyMap<string, readonly TraceRow[]>;
}

/** What surrounds a run: real time, and whoever listens. None of it changes the history. */
export interface RunSurroundings {
  /** Milliseconds of real time. */
  readonly wallMs: () => number;
  readonly between?: (progress: {
    readonly share: number;
    readonly events: number;
  }) => Promise<void> | void;
  readonly stop?: () => boolean;
  readonly spanProcessors?: readonly object[];
  /** Further folds, such as one that writes the history down. */
  readonly observers?: readonly Observer[];
  /** Cedar answers remembered at most; 0 switches the cache off. */
  readonly cacheEntries?: number;
  /** Engines that many runs share, in place of one loaded for this run. */
  readonly policies?: (folder?: string) => PolicyPort;
  /** False leaves the digest out, which is then that of nothing. */
  readonly digested?: boolean;
  /** Is told of the scenario's moves as they are made. */
  readonly watch?: MovesWatch;
  /** Given, these are played in place of the scenario's moves. */
  readonly second?: SecondRun;
}

/** A run before it is told: its history folded. */
export interface Folded {
  readonly played: Played;
  readonly digest: string;
  readonly checkpoints: readonly string[];
  readonly verdicts: readonly Verdict[];
  readonly measured: ReturnType<Measures['conclude']>;
  readonly wallMs: number;
}

/** Simulates and folds. The digest covers every event. */
export const fold = async (inputs: RunInputs, around: RunSurroundings): Promise<Folded> => {
  const digest = new Digest();
  const policyTimesUs = new Samples();
  let folds: { readonly checks: Checks; readonly measures: Measures } | undefined;
  const began = around.wallMs();
  const played = await simulate({
    ...inputs,
    policies: around.policies ?? policiesOf(inputs, around, policyTimesUs),
    spanProcessors: around.spanProcessors ?? [],
    ...(around.between === undefined ? {} : { between: around.between }),
    ...(around.stop === undefined ? {} : { stop: around.stop }),
    ...(around.watch === undefined ? {} : { watch: around.watch }),
    ...(around.second === undefined ? {} : { second: around.second }),
    observers: (ledger, deployment) => {
      folds = foldsOf(inputs, policyTimesUs, ledger, deployment);
      const digesting = around.digested === false ? [] : [new Digesting(digest)];
      return [folds.checks, folds.measures, ...digesting, ...(around.observers ?? [])];
    },
  });
  if (folds === undefined) throw new Error('the run began without its checks');
  return {
    played,
    digest: digest.value(),
    checkpoints: digest.checkpoints,
    verdicts: folds.checks.conclude(),
    measured: folds.measures.conclude(played.partial),
    wallMs: around.wallMs() - began,
  };
};

/** The checks and measures that judge a history. */
export const foldsOf = (
  inputs: RunInputs,
  policyTimesUs: Samples,
  ledger: Ledger,
  deployment: Deployment,
) => {
  const { scenario } = inputs;
  const recent = new Recent();
  const weights = new Map(tenantPlans(scenario).map(({ id, weight }) => [id, weight]));
  return {
    checks: new Checks({
      ledger,
      entitlements: scenario.entitlements,
      modelOf: (tier) => deployment.tiers[tier]?.modelId,
      recent,
    }),
    measures: new Measures({
      startUs: scenario.startUs,
      durationUs: scenario.durationUs,
      limitsOf: (tier) => deployment.tiers[tier]?.limits,
      weightOf: (tenant) => weights.get(tenant.replace(/:\d+$/, '')) ?? 1,
      recent,
      policyTimesUs,
    }),
  };
};

/** Cedar engines by folder, each loaded once; what Cedar takes is measured. */
export const policiesOf = (
  inputs: Pick<RunInputs, 'scenario' | 'cedarFiles' | 'swaps'>,
  around: Pick<RunSurroundings, 'wallMs' | 'cacheEntries'>,
  policyTimesUs: Samples,
) => {
  const tools = targetTools(inputs.scenario);
  const engines = new Map<string, PolicyEngine>();
  const measure = <T>(work: () => T): T => {
    const began = around.wallMs();
    const done = work();
    policyTimesUs.add((around.wallMs() - began) * 1000);
    return done;
  };
  return (folder = ''): PolicyEngine => {
    const known = engines.get(folder);
    if (known !== undefined) return known;
    const files = folder === '' ? inputs.cedarFiles : (inputs.swaps.get(folder) ?? []);
    const { cacheEntries } = around;
    const engine = new PolicyEngine(loadPolicies(files, tools), {
      measure,
      ...(cacheEntries === undefined ? {} : { cacheEntries }),
    });
    engines.set(folder, engine);
    return engine;
  };
};

class Digesting implements Observer {
  readonly #digest: Digest;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  see(event: HistoryEvent): void {
    this.#digest.add(eventText(event));
  }
}
