// What is said of the traces that were received, in sentences?

import type { ReportedTraces } from '../domain/report.ts';
import type { TraceCounts } from '../domain/trace-counts.ts';
import { counted, figure } from './numbers.ts';

/** One sentence on what was whole, and one on each thing that was not; nothing is left unsaid. */
export const traceLines = (counts: TraceCounts): readonly string[] => {
  const { spans, repeated, late, complete, contradictory, unfinished, nameless } = counts;
  if (spans === 0) return ['No spans were received.'];
  const told: readonly (readonly [number, string])[] = [
    [contradictory, 'had two beginnings, or a span that is its own ancestor'],
    [unfinished.beginningMissing, 'let go of without the span that they begin with'],
    [unfinished.parentMissing, 'let go of with a span whose parent never came'],
    [unfinished.tooLarge, 'let go of with more spans than are kept of one'],
    [unfinished.crowdedOut, 'let go of early to make room, the longest quiet first'],
    [nameless, 'named nobody'],
  ];
  return [
    `${counted(spans, 'span')} of ${counted(seenIn(counts), 'trace')}: ${figure(complete)} complete.`,
    ...told.flatMap(([count, what]) =>
      count === 0 ? [] : [`${counted(count, 'trace')} ${what}.`],
    ),
    ...(late === 0
      ? []
      : [`${counted(late, 'span')} came after their traces had been let go of, judged alone.`]),
    ...(repeated === 0 ? [] : [`${counted(repeated, 'span')} came again, and counted once.`]),
  ];
};

/** The same of one source in a report, and whether each request began a trace. */
export const sourceLines = ({ source, requests, counts }: ReportedTraces): readonly string[] => [
  ...traceLines(counts),
  ...(source === 'own' && requests !== null
    ? [
        `${counted(requests, 'call')} of the front door, and ${counted(begunAtDoor(counts), 'trace')} that began there.`,
      ]
    : []),
];

/** All traces, however they ended. */
export const seenIn = ({ complete, contradictory, unfinished }: TraceCounts): number =>
  Object.values(unfinished).reduce((sum, count) => sum + count, complete + contradictory);

/** Traces that began at the front door. */
export const begunAtDoor = ({ beginnings }: TraceCounts): number =>
  beginnings.reduce((sum, [place, count]) => sum + (/^front-door /.test(place) ? count : 0), 0);
