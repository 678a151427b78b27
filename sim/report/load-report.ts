// What does a load come to: the generator's figures and the server's report put together, and judged.

import { exitCode, verdictOf } from '../domain/exit-code.ts';
import type { Verdict } from '../domain/finding.ts';
import type { FleetReport } from '../domain/fleet-report.ts';
import type {
  Agreement,
  LoadFigures,
  LoadFinding,
  LoadReport,
  ServerConnections,
} from '../domain/load-report.ts';
import type { Report } from '../domain/report.ts';
import { reportedFinding } from './assemble.ts';
import { isPart } from './fleet-text.ts';
import { loadSentence, NOTHING_DONE } from './load-text.ts';
import { promiseTitle } from './promise-texts.ts';
import { EXPECTED } from './sentence.ts';
import { begunAtDoor, seenIn } from './trace-lines.ts';
import { applyWaivers, type Waiver } from './waivers.ts';

/** What the command found. */
export interface LoadFound
  extends Pick<
    LoadReport,
    | 'version'
    | 'node'
    | 'scenario'
    | 'platform'
    | 'target'
    | 'seed'
    | 'partial'
    | 'stage'
    | 'replay'
    | 'load'
    | 'thresholds'
    | 'saturation'
    | 'calibration'
    | 'notPlayed'
    | 'notes'
  > {
  /** The generator's own, on I1. */
  readonly verdict: Verdict;
  /** Canaries that came back to one who may read them. */
  readonly ownCanaries: number;
  /** Undefined when it died, or never opened. */
  readonly server:
    | {
        readonly report: Report;
        readonly tally: ServerConnections;
        readonly fleet?: FleetReport;
      }
    | undefined;
  /** What else was played beside the load, such as a saturation, as both sides saw it. */
  readonly others: readonly { readonly verdict: Verdict; readonly server: Report | undefined }[];
  /** Promises that must meet evidence. */
  readonly expects: readonly string[];
  readonly waivers: readonly Waiver[];
  /** YYYY-MM-DD in UTC, on which waivers are judged. */
  readonly today: string;
}

/** What only two simulated runs can show. */
const NOT_ON_THE_WALL_CLOCK: ReadonlySet<string> = new Set(['I2', 'I11']);

export const loadReport = (found: LoadFound): LoadReport => {
  const { version, node, scenario, platform, target, seed, partial, stage, replay, load } = found;
  const { thresholds, saturation, calibration, notPlayed, notes, server, verdict: own } = found;
  const findings = findingsOf(found);
  const open = findings.filter(({ waived }) => waived === null);
  const agreement = server === undefined ? [] : agreementOf(load, server);
  const unmet = unmetOf(found);
  const nothingAsked = load.requests.sent === 0;
  const nothingDone = !nothingAsked && load.requests.completed === 0;
  const code = exitCode({
    findings: open.length + brokenPlans(server?.fleet),
    thresholdsMissed: thresholds.filter(({ holds }) => !holds).length,
    harnessLimited: load.isLimited || load.dropped > 0,
    inconclusive:
      partial ||
      server === undefined ||
      (server.fleet !== undefined && isPart(server.fleet)) ||
      nothingAsked ||
      nothingDone ||
      (calibration?.wrong ?? 0) + (calibration?.unpaired ?? 0) > 0 ||
      unmet.length > 0 ||
      agreement.some(({ isEqual }) => !isEqual),
  });
  const parts = {
    schemaVersion: 1 as const,
    ...{ version, node, scenario, platform, target, seed, partial, stage },
    exitCode: code,
    verdict: verdictOf(code),
    ...{ replay, load, findings },
    scanned: { answers: own.evidence, ownCanaries: found.ownCanaries },
    agreement,
    server: server?.report ?? null,
    connections: server?.tally ?? null,
    fleet: server?.fleet ?? null,
    ...{ thresholds, saturation, calibration, notPlayed },
    notExercised: [
      ...unmet.map((id) => `${promiseTitle(id)} ${EXPECTED}`),
      ...(nothingAsked ? ['requests: nobody asked anything'] : []),
      ...(nothingDone ? [NOTHING_DONE] : []),
    ],
    notes,
  };
  return { ...parts, sentence: loadSentence(parts) };
};

/** Plans that several front doors did not keep between them. */
const brokenPlans = (fleet: FleetReport | undefined): number =>
  (fleet?.tenants ?? []).filter((one) => one.wrongAdmissions + one.wrongRefusals > 0).length;

/** A finding of several parts of the load is told once for each side. */
const findingsOf = ({ verdict, server, others, waivers, today, replay }: LoadFound) => {
  const parts = [{ verdict, server: server?.report }, ...others];
  const own = parts.flatMap((part) =>
    part.verdict.findings.map((told) => reportedFinding(part.verdict.promise, told, replay)),
  );
  const theirs = parts.flatMap((part) =>
    (part.server?.findings ?? []).map((finding) => ({ ...finding, replay })),
  );
  const sides = [
    ['generator', own],
    ['server', theirs],
  ] as const;
  return sides.flatMap(([seenBy, all]) => {
    const first = all.filter(({ id }, index) => all.findIndex((each) => each.id === id) === index);
    return applyWaivers(first, waivers, today).map((each): LoadFinding => ({ ...each, seenBy }));
  });
};

/** Expected promises for which neither side met evidence. */
const unmetOf = ({ expects, server }: LoadFound): readonly string[] =>
  server === undefined
    ? []
    : expects.filter(
        (id) =>
          !NOT_ON_THE_WALL_CLOCK.has(id) &&
          server.report.promises.find((each) => each.id === id)?.verdict === 'not exercised',
      );

/** What was sent is what came, and what was metered is what was charged. */
const agreementOf = (
  { requests, failures }: LoadFigures,
  { report, fleet }: NonNullable<LoadFound['server']>,
): readonly Agreement[] => {
  const { requests: served, resources, tiers, traces } = report;
  const own = traces.find(({ source }) => source === 'own');
  // A fault that was ordered answers in the place of the front door, and writes no span.
  const isFaulted = resources.some(
    (each) => each.kind === 'service' && each.name === 'front-door' && each.faulted > 0,
  );
  const models = resources.filter((each) => each.kind === 'model');
  const sum = <T>(all: readonly T[], count: (each: T) => number): number =>
    all.reduce((total, each) => total + count(each), 0);
  const row = (what: string, sides: readonly [string, number, string, number]): Agreement => {
    const [by, count, otherBy, otherCount] = sides;
    const isEqual = count === otherCount;
    return { what, one: { by, count }, other: { by: otherBy, count: otherCount }, isEqual };
  };
  const both = (what: string, ours: number, theirs: number): Agreement =>
    row(what, ['generator', ours, 'server', theirs]);
  const paid = (what: string, metered: number, charged: number): Agreement =>
    row(what, ['metered by the models', metered, 'charged by the platform', charged]);
  const lost = failures.filter(({ reason }) => !reason.startsWith('status '));
  const cut = requests.unanswered + sum(lost, ({ count }) => count);
  // What had no whole answer here may have ended in any way there, or never have come.
  const isPlausible = served.arrived <= requests.sent && served.arrived >= requests.sent - cut;
  const arrived = `requests arrived, of which ${cut} had no whole answer`;
  const counts =
    cut > 0
      ? [{ ...both(arrived, requests.sent, served.arrived), isEqual: isPlausible }]
      : [
          both('requests arrived', requests.sent, served.arrived),
          both('requests completed', requests.completed, served.completed),
          both('requests refused', requests.refused, served.refused),
          both('requests failed', requests.failed, served.failed),
        ];
  return [
    // A door that was lost cannot say what came to it.
    ...(fleet !== undefined && isPart(fleet) ? [] : counts),
    paid(
      'input tokens',
      sum(models, (each) => each.inputTokens),
      sum(tiers, (each) => each.inputTokens),
    ),
    paid(
      'output tokens',
      sum(models, (each) => each.outputTokens),
      sum(tiers, (each) => each.outputTokens),
    ),
    ...(own?.requests === undefined || own.requests === null || isFaulted
      ? []
      : [
          row('traces of calls', ['front door', own.requests, 'spans', begunAtDoor(own.counts)]),
          row('traces', ['seen', seenIn(own.counts), 'complete', own.counts.complete]),
        ]),
  ];
};
