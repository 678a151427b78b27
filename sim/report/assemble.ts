// How does a report come about: verdicts, measures and facts of the run put together, and judged.

import { exitCode, type Outcome, verdictOf } from '../domain/exit-code.ts';
import type { Told, Verdict } from '../domain/finding.ts';
import type { Report, ReportedFinding, ReportedPromise, RequestTotals } from '../domain/report.ts';
import { eventLine } from './event-line.ts';
import { PROMISE_TEXTS, promiseTitle } from './promise-texts.ts';
import { EXPECTED, sentence } from './sentence.ts';
import { applyWaivers, type Waiver } from './waivers.ts';

/** What the measures concluded. */
export type MeasuredParts = Pick<
  Report,
  'limiter' | 'policy' | 'resources' | 'tiers' | 'tenants' | 'users' | 'fairness'
> & {
  readonly requests: Omit<RequestTotals, 'planned' | 'dropped'>;
  /** On I6. */
  readonly limits: Verdict;
};

/** What the run says of itself, and all that was found out. */
export interface RunFacts
  extends Pick<
    Report,
    | 'version'
    | 'node'
    | 'scenario'
    | 'platform'
    | 'hashes'
    | 'seed'
    | 'digest'
    | 'clock'
    | 'partial'
    | 'replay'
    | 'thresholds'
  > {
  readonly planned: number;
  /** Planned and never sent. */
  readonly dropped: number;
  /** Of the checks, and of runs compared (I2, I11); that on I6 is among the measured. */
  readonly verdicts: readonly Verdict[];
  readonly measured: MeasuredParts;
  /** Promises that must meet evidence. */
  readonly expects: readonly string[];
  readonly waivers: readonly Waiver[];
  /** YYYY-MM-DD in UTC, on which waivers are judged. */
  readonly today: string;
  readonly wallMs: number;
  readonly simulatedMs: number;
  readonly events: number;
  /** None where they are left out. */
  readonly traces?: Report['traces'];
  /** What only the command knows, such as that requests stalled. */
  readonly outcome?: Pick<Outcome, 'bug' | 'inconclusive' | 'harnessLimited' | 'regressions'>;
}

export const assembleReport = (facts: RunFacts): Report => {
  const { measured, thresholds, partial } = facts;
  const verdicts = [...facts.verdicts, measured.limits];
  const told = verdicts.flatMap(({ promise, findings }) =>
    findings.map((finding) => reportedFinding(promise, finding, facts.replay)),
  );
  const findings = applyWaivers(told, facts.waivers, facts.today);
  const promises = promisesOf(verdicts);
  const code = exitCode(outcomeOf(facts, findings, promises));
  const parts = {
    partial,
    verdict: verdictOf(code),
    findings,
    promises,
    requests: { ...measured.requests, planned: facts.planned, dropped: facts.dropped },
    limiter: measured.limiter,
    policy: measured.policy,
    thresholds,
    clock: facts.clock,
    speed: speedOf(facts),
    traces: facts.traces ?? [],
    notExercised: notExercised(facts, promises),
  };
  const { version, node, scenario, platform, hashes, seed, digest, replay } = facts;
  const { resources, tiers, tenants, users, fairness } = measured;
  return {
    schemaVersion: 1,
    ...{ version, node, scenario, platform, hashes, seed, digest, replay },
    exitCode: code,
    sentence: sentence(parts),
    ...parts,
    ...{ resources, tiers, tenants, users, fairness },
  };
};

/** A finding as reports tell it. */
export const reportedFinding = (promise: string, told: Told, replay: string): ReportedFinding => ({
  id: told.id,
  promise,
  title: told.violation.title,
  let: told.violation.let,
  then: told.violation.then,
  count: told.count,
  neighbourhood: (told.neighbourhood.length === 0
    ? [told.violation.event]
    : told.neighbourhood
  ).map(eventLine),
  replay,
  waived: null,
  note: null,
});

/** Every promise, judged by all the verdicts on it. */
const promisesOf = (verdicts: readonly Verdict[]): readonly ReportedPromise[] =>
  PROMISE_TEXTS.map(({ id, text }) => {
    const own = verdicts.filter(({ promise }) => promise === id);
    const evidence = own.reduce((sum, verdict) => sum + verdict.evidence, 0);
    const controls = own.reduce((sum, verdict) => sum + verdict.controls, 0);
    const findings = own.flatMap((verdict) => verdict.findings.map((finding) => finding.id));
    const judged = evidence > 0 ? 'held' : 'not exercised';
    const verdict = findings.length > 0 ? 'broken' : judged;
    return { id, text, verdict, evidence, controls, findings };
  });

const outcomeOf = (
  facts: RunFacts,
  findings: readonly ReportedFinding[],
  promises: readonly ReportedPromise[],
): Outcome => {
  const open = findings.filter(({ waived }) => waived === null);
  const unmet = promises.some(
    ({ id, verdict }) => verdict === 'not exercised' && facts.expects.includes(id),
  );
  // Two runs of one seed that differ are no leak, but nothing that they say can be relied on.
  const differed = open.some(({ promise }) => promise === 'I11');
  return {
    ...facts.outcome,
    findings: open.filter(({ promise }) => promise !== 'I11').length,
    thresholdsMissed: facts.thresholds.filter(({ holds }) => !holds).length,
    inconclusive: facts.partial || unmet || differed || (facts.outcome?.inconclusive ?? false),
  };
};

const notExercised = (
  { measured, expects }: RunFacts,
  promises: readonly ReportedPromise[],
): readonly string[] => [
  ...promises
    .filter(({ verdict }) => verdict === 'not exercised')
    .map(({ id }) => `${promiseTitle(id)}${expects.includes(id) ? ` ${EXPECTED}` : ''}`),
  ...(measured.requests.arrived === 0 ? ['requests: nobody asked anything'] : []),
  ...(measured.policy.decisions === 0 ? ['policies: Cedar was never asked'] : []),
];

const speedOf = ({ wallMs, simulatedMs, events, measured }: RunFacts): Report['speed'] => {
  const perSecond = (count: number): number => (wallMs > 0 ? (count * 1000) / wallMs : 0);
  return {
    requestsPerSecond: perSecond(measured.requests.arrived),
    eventsPerSecond: perSecond(events),
    wallMs,
    simulatedMs,
    events,
  };
};
