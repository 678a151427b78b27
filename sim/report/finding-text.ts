// How does a finding speak: its events, what follows from them, and the line that repeats it.

import type { ReportedFinding } from '../domain/report.ts';
import { counted } from './numbers.ts';

const KINDS: Readonly<Record<string, string>> = {
  I5: 'ATTRIBUTION',
  I6: 'LIMITS',
  I9: 'INTEGRITY',
  I10: 'SERVICE',
  I11: 'DETERMINISM',
};

/** `ISOLATION`, or what else was broken. */
export const kindOf = ({ promise }: ReportedFinding): string => KINDS[promise] ?? 'ISOLATION';

/** The heading's two halves; `place` is e.g. `finding 1 of 2`. */
export const headingOf = (finding: ReportedFinding, place: string): readonly [string, string] => [
  `${kindOf(finding)}  ${finding.title}`,
  place,
];

/** All below the heading. Lines may be as long as the events' own texts. */
export const findingLines = (finding: ReportedFinding): readonly string[] => [
  `${finding.promise}, id ${finding.id}, seen ${counted(finding.count, 'time')}`,
  ...(finding.waived === null
    ? []
    : [
        `Waived until ${finding.waived.until} by ${finding.waived.owner}: ${finding.waived.reason}`,
      ]),
  ...(finding.note === null ? [] : [`Note: ${finding.note}`]),
  'Let:',
  ...finding.let.map((line) => `  ${line}`),
  'Then:',
  ...finding.then.map((line) => `  - ${line}`),
  ...(finding.neighbourhood.length === 0
    ? []
    : ['What went before:', ...finding.neighbourhood.map((line) => `  ${line}`)]),
  `Replay: ${finding.replay}`,
];
