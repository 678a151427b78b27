// How is a scenario played for a bench: scaled, watched by the folds that were chosen, and timed?

import { Checks } from '../../sim/checks.ts';
import { readInputs } from '../../sim/cli/inputs.ts';
import type { Deployment } from '../../sim/domain/directory.ts';
import { eventText } from '../../sim/domain/event-text.ts';
import { Recent, type Verdict } from '../../sim/domain/finding.ts';
import type { HistoryEvent, Observer } from '../../sim/domain/history.ts';
import type { Ledger } from '../../sim/domain/ledger.ts';
import type { RunInputs } from '../../sim/engines/run.ts';
import { simulate } from '../../sim/engines/simulate.ts';
import { targetTools } from '../../sim/engines/target-tools.ts';
import { Digest } from '../../sim/kernel/digest.ts';
import { Measures, Samples } from '../../sim/measures.ts';
import { loadPolicies, PolicyEngine } from '../../sim/protocol/cedar.ts';
import type { Scenario } from '../../sim/scenario/schema.ts';
import { ROOT } from '../tidy/house.ts';
import { type Signatures, watchSignatures } from './signatures.ts';

export const DAY_FILE = 'scenarios/thousand-tenants.yaml';

/** The inputs of the day, with so many requests in place of its own number. */
export const dayInputs = async (requests?: number): Promise<RunInputs> => {
  const { inputs } = await readInputs(ROOT + DAY_FILE, { platform: 'reference' });
  return requests === undefined ? inputs : changed(inputs, scaled(inputs.scenario, requests));
};

/** The day with so many tenants, of equal size if so wanted, and without probes. */
export const dayOf = (inputs: RunInputs, tenants: number, skew?: number): RunInputs => {
  const { population } = inputs.scenario;
  if (population === undefined) throw new Error(`${DAY_FILE} has no population`);
  const people = { ...population, tenants, skew: skew ?? population.skew };
  return changed(inputs, { population: people, probes: undefined });
};

const changed = (inputs: RunInputs, scenario: Partial<Scenario>): RunInputs => ({
  ...inputs,
  scenario: { ...inputs.scenario, ...scenario },
});

const scaled = ({ traffic }: Scenario, requests: number): Pick<Scenario, 'traffic'> => ({
  traffic: traffic.map((stream) =>
    stream.load.kind === 'total' ? { ...stream, load: { ...stream.load, requests } } : stream,
  ),
});

/** What a run can do without. Without the cache, Cedar is asked for every decision. */
export type Part = 'checks' | 'measures' | 'digest' | 'cache';

export interface Play {
  /** Requests of users; sign-ins are work, but not counted. */
  readonly requests: number;
  /** From the first request on. */
  readonly events: number;
  /** Processor µs until the first request, in which the pool is filled. */
  readonly setUpUs: number;
  /** Processor µs from then on, until every fold has concluded. */
  readonly playUs: number;
  readonly signatures: Signatures;
  /** Findings, and whatever makes the run prove nothing. */
  readonly complaints: readonly string[];
}

/**
 * Plays once. Time is the processor's: on a busy machine the neighbours count less in it. Garbage
 * is not collected by force before: that throws compiled code away, and made the next 1,500
 * requests take 1.6 times as long (measured).
 */
export const play = async (
  inputs: RunInputs,
  left: readonly Part[] = [],
  others: readonly Observer[] = [],
): Promise<Play> => {
  const engine = new PolicyEngine(loadPolicies(inputs.cedarFiles, targetTools(inputs.scenario)), {
    ...(left.includes('cache') ? { cacheEntries: 0 } : {}),
  });
  const arrivals = new Arrivals();
  let folds: readonly Fold[] = [];
  const signatures = watchSignatures();
  const beganUs = processorUs();
  try {
    const played = await simulate({
      ...inputs,
      policies: () => engine,
      spanProcessors: [],
      observers: (ledger, deployment) => {
        folds = foldsOf(inputs, ledger, deployment).filter(({ part }) => !left.includes(part));
        return [arrivals, ...folds.map(({ observer }) => observer), ...others];
      },
    });
    const verdicts = folds.flatMap(({ conclude }) => conclude());
    const endedUs = processorUs();
    const openedUs = arrivals.firstUs ?? endedUs;
    return {
      requests: arrivals.requests,
      events: played.events - arrivals.eventsBefore,
      setUpUs: openedUs - beganUs,
      playUs: endedUs - openedUs,
      signatures: signatures.read(),
      complaints: [...findingsOf(verdicts), ...brokenOf(arrivals.requests, played.stalled)],
    };
  } finally {
    signatures.stop();
  }
};

/** After so many requests in one process a request has nearly got its final price (measured). */
const WARM_REQUESTS = 6_000;
const WARM_PLAYS_MAX = 8;

/** Plays for the compiler's sake, uncounted. */
export const warmUp = async (inputs: RunInputs): Promise<void> => {
  let requests = 0;
  for (let plays = 0; plays < WARM_PLAYS_MAX && requests < WARM_REQUESTS; plays += 1) {
    requests += (await play(inputs)).requests;
  }
};

interface Fold {
  readonly part: Part;
  readonly observer: Observer;
  readonly conclude: () => readonly Verdict[];
}

/** The folds of a whole run, each by itself. */
const foldsOf = (
  { scenario }: RunInputs,
  ledger: Ledger,
  { tiers }: Deployment,
): readonly Fold[] => {
  const recent = new Recent();
  const { entitlements, startUs, durationUs } = scenario;
  const modelOf = (tier: string): string | undefined => tiers[tier]?.modelId;
  const checks = new Checks({ ledger, entitlements, modelOf, recent });
  const measures = new Measures({
    startUs,
    durationUs,
    limitsOf: (tier) => tiers[tier]?.limits,
    recent,
    policyTimesUs: new Samples(),
  });
  const digest = new Digest();
  const writing: Observer = { see: (event) => digest.add(eventText(event)) };
  const hash = (): readonly Verdict[] => {
    digest.value();
    return [];
  };
  return [
    { part: 'checks', observer: checks, conclude: () => checks.conclude() },
    { part: 'measures', observer: measures, conclude: () => [measures.conclude().limits] },
    { part: 'digest', observer: writing, conclude: hash },
  ];
};

/** What findings say, one line each. */
export const findingsOf = (verdicts: readonly Verdict[]): readonly string[] =>
  verdicts.flatMap(({ promise, findings }) =>
    findings.map(({ count, violation }) => `${promise}: ${violation.title}, ${count} times`),
  );

/** What makes a run prove nothing. */
export const brokenOf = (requests: number, stalled: number): readonly string[] => [
  ...(requests === 0 ? ['no request arrived'] : []),
  ...(stalled === 0 ? [] : [`${stalled} requests never ended`]),
];

/** Processor time of this process so far, in µs: all of its threads, collector and compiler too. */
export const processorUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Counts requests of users, and notes when the first request of anybody began. */
class Arrivals implements Observer {
  requests = 0;
  firstUs: number | undefined;
  eventsBefore = 0;

  see({ kind, request, index }: HistoryEvent): void {
    if (kind !== 'arrived') return;
    if (this.firstUs === undefined) {
      this.firstUs = processorUs();
      this.eventsBefore = index;
    }
    if (request?.kind === 'ask') this.requests += 1;
  }
}
