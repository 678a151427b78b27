// Which findings does the team accept, why, until when, and who answers for it: `waivers.yaml`.

import { z } from 'zod';
import type { ReportedFinding, Waived } from '../domain/report.ts';
import { type Complaint, UsageError } from '../domain/usage-error.ts';
import { parseInstantUs } from '../kernel/calendar.ts';
import { prose, text } from '../scenario/forms.ts';
import { readYaml } from '../scenario/positions.ts';
import { expecting, problem, problemsOf, worded } from '../scenario/wording.ts';

export interface Waiver extends Waived {
  /** Of the finding. */
  readonly id: string;
}

/**
 * Reads a list of waivers; an empty file has none. `file` is only shown. Throws a UsageError with
 * every complaint.
 */
export const readWaivers = (source: string, file: string): readonly Waiver[] => {
  const { complaints, data, complaintOf } = readYaml(source, file);
  if (complaints.length > 0) throw new UsageError(complaints);
  if (data === null || data === undefined) return [];
  const read = WAIVERS.safeParse(data, { error: worded, reportInput: true });
  if (!read.success) throw new UsageError(problemsOf(read.error.issues).map(complaintOf));
  const twice = read.data.flatMap(({ id }, index, all): Complaint[] => {
    const isFirst = all.findIndex((other) => other.id === id) === index;
    return isFirst ? [] : [complaintOf(problem([index, 'id'], `\`${id}\` is waived twice`))];
  });
  if (twice.length > 0) throw new UsageError(twice);
  return read.data;
};

/**
 * The findings with the waivers in force; `today` is YYYY-MM-DD in UTC. A waiver holds through its
 * last day; the finding of an expired one counts again, with a note.
 */
export const applyWaivers = (
  findings: readonly ReportedFinding[],
  waivers: readonly Waiver[],
  today: string,
): readonly ReportedFinding[] =>
  findings.map((finding) => {
    const waiver = waivers.find(({ id }) => id === finding.id);
    if (waiver === undefined) return finding;
    const { reason, owner, until } = waiver;
    // Dates of this form are ordered as their texts are.
    if (today <= until) return { ...finding, waived: { reason, owner, until } };
    return { ...finding, note: `its waiver expired after ${until} (owner: ${owner})` };
  });

/** Waivers that no finding met: perhaps it is mended, perhaps its id is misspelt. */
export const unusedWaivers = (
  findings: readonly ReportedFinding[],
  waivers: readonly Waiver[],
): readonly Waiver[] => waivers.filter((waiver) => findings.every(({ id }) => id !== waiver.id));

const A_DATE = 'a date such as `2026-12-31`';
const AN_ID = 'the id of a finding, 12 hexadecimal digits';

/** An id of digits alone, or with one `e`, is a number to YAML. */
const notAnId = (issue: { readonly input?: unknown }): string => {
  const message = expecting(AN_ID)(issue);
  return typeof issue.input === 'number' ? `${message}\nput the id in quotes` : message;
};

const WAIVERS = z.array(
  z.strictObject({
    id: z.string({ error: notAnId }).regex(/^[0-9a-f]{12}$/, { error: expecting(AN_ID) }),
    reason: prose(1000),
    owner: prose(200),
    until: text(/^\d{4}-\d{2}-\d{2}$/, A_DATE).refine(
      (date) => parseInstantUs(`${date}T00:00:00Z`) !== undefined,
      { error: expecting(A_DATE) },
    ),
  }),
  { error: expecting('a list of waivers') },
);
