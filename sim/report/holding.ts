// Does a report hold what was promised, and what is to be said when it does not?

import type { ReportedFinding } from '../domain/report.ts';
import { findingLines, headingOf } from './finding-text.ts';
import { PROMISE_TEXTS, promiseTitle } from './promise-texts.ts';

/** What the reports of a run and of a verification have in common. */
export interface Judged {
  readonly sentence: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly partial: boolean;
  readonly findings: readonly ReportedFinding[];
  readonly promises: readonly { readonly id: string; readonly evidence: number }[];
  readonly replay: string;
}

/** `unknown` is no pass: what met no evidence was not tried. */
export interface Holding {
  readonly held: 'yes' | 'no' | 'unknown';
  readonly message: string;
}

/** Whether these promises were tried and held; all that were tried, when none is named. */
export const holding = (report: Judged, ...named: readonly string[]): Holding => {
  const known = PROMISE_TEXTS.map(({ id }) => id);
  const unknown = named.filter((id) => !known.includes(id));
  if (unknown.length > 0)
    throw new TypeError(`no promise is called ${unknown.join(', ')}: expected ${known.join(', ')}`);
  const concerns = (id: string): boolean => named.length === 0 || named.includes(id);
  const findings = report.findings.filter(
    ({ promise, waived }) => waived === null && concerns(promise),
  );
  if (findings.length > 0) return { held: 'no', message: foundText(report, findings) };
  const tried = new Set(report.promises.flatMap(({ id, evidence }) => (evidence > 0 ? [id] : [])));
  const untried = (named.length === 0 ? known : named).filter((id) => !tried.has(id));
  const isUnproved = report.partial || tried.size === 0;
  const isMissing = named.length === 0 ? report.verdict === 'inconclusive' : untried.length > 0;
  if (!isUnproved && !isMissing) return { held: 'yes', message: heldText(report, named) };
  const why = report.partial
    ? 'it was stopped before its end'
    : `no evidence was met on ${untried.map(promiseTitle).join(', ')}`;
  return {
    held: 'unknown',
    message: `${report.sentence}\n\nNothing was found, but ${why}: that is no pass.\nReplay: ${report.replay}`,
  };
};

const foundText = (report: Judged, findings: readonly ReportedFinding[]): string =>
  [
    [report.sentence],
    ...findings.map((finding, index) => [
      headingOf(finding, `finding ${index + 1} of ${findings.length}`).join('   '),
      ...findingLines({ ...finding, neighbourhood: [] }),
    ]),
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n');

const heldText = ({ sentence, replay }: Judged, named: readonly string[]): string => {
  const what = named.length === 0 ? 'every promise' : named.map(promiseTitle).join(', ');
  return `${sentence}\n\nA finding was expected, and ${what} held.\nReplay: ${replay}`;
};
