// What does `poolproof policy check` do: read a folder strictly, and say what is weaker than it looks.

import type { ExitCode } from '../../domain/exit-code.ts';
import { type Complaint, UsageError } from '../../domain/usage-error.ts';
import { formatInstant } from '../../kernel/calendar.ts';
import { WallClock } from '../../kernel/wall-clock.ts';
import { type CheckedFinding, checkReport, checkText } from '../../policy/check-report.ts';
import { findingsOf, type PolicyFinding } from '../../policy/findings.ts';
import { CHECK_FORM } from '../../policy/forms.ts';
import type { PolicyFolder } from '../../policy.ts';
import { json, readWaivers, type Waiver } from '../../report.ts';
import { readText } from '../files.ts';
import { Complaints } from '../options.ts';
import type { Voice } from '../voice.ts';
import { readPolicyFolder } from './folder.ts';
import { checkFlags, type PolicyFlags, replayLine, tell } from './telling.ts';

export interface CheckFlags extends PolicyFlags {
  /** Names of tags with commas between. */
  readonly identity?: string;
  readonly waivers?: string;
}

export const checkCommand = (
  named: string | undefined,
  flags: CheckFlags,
  voice: Voice,
): ExitCode => {
  const complaints = new Complaints();
  checkFlags('check', flags, ['json', 'text'], complaints);
  const folder = complaints.attempt(() => withNames(() => readPolicyFolder(named)));
  const waivers = complaints.attempt(() =>
    flags.waivers === undefined
      ? []
      : readWaivers(readText(flags.waivers, 'waivers'), flags.waivers),
  );
  const identity = flags.identity?.split(',').map((tag) => tag.trim());
  if (identity?.some((tag) => tag === ''))
    complaints.wrong('--identity', flags.identity ?? '', 'names of tags with commas between');
  complaints.tell();
  if (folder === undefined || waivers === undefined) throw new Error('read without complaints');
  const report = checkReport({
    version: voice.version,
    folder: folder.folder,
    policies: folder.policies.policies.length,
    files: folder.files.length,
    tools: folder.policies.tools.length,
    findings: waivedOf(findingsOf(folder, identity), waivers),
    notes: notesOf(folder),
    replay: replayLine('check', named, { identity: flags.identity, waivers: flags.waivers }),
  });
  const text = (columns: number): string => checkText(report, columns);
  tell('check', { sentence: report.sentence, json: json(CHECK_FORM, report), text }, flags, voice);
  return report.exitCode;
};

/** What Cedar refuses for want of a test of presence gets the name that findings have, too. */
const withNames = <T>(read: () => T): T => {
  try {
    return read();
  } catch (problem) {
    if (!(problem instanceof UsageError)) throw problem;
    throw new UsageError(
      problem.complaints.map((complaint) => {
        const name = UNGUARDED.find(({ words }) => complaint.message.includes(words))?.name;
        return name === undefined
          ? complaint
          : { ...complaint, message: `${name}: ${complaint.message}` };
      }),
    );
  }
};

const UNGUARDED = [
  { name: 'unguarded-tag', words: 'unable to guarantee safety of access to tag' },
  { name: 'unguarded-field', words: 'unable to guarantee safety of access to optional attribute' },
];

/** Dates of this form are ordered as their texts are; a waiver holds through its last day. */
const waivedOf = (
  findings: readonly PolicyFinding[],
  waivers: readonly Waiver[],
): readonly CheckedFinding[] => {
  const today = formatInstant(new WallClock().nowUs()).slice(0, 10);
  return findings.map((finding) => {
    const waiver = waivers.find(({ id }) => id === finding.id);
    if (waiver === undefined) return finding;
    const { reason, owner, until } = waiver;
    if (today <= until) return { ...finding, waived: { reason, owner, until } };
    return { ...finding, note: `its waiver expired after ${until} (owner: ${owner})` };
  });
};

const notesOf = ({ policies }: PolicyFolder): readonly Complaint[] => [
  ...policies.policies
    .filter(({ json }) => (json.annotations?.['id'] ?? '').trim() === '')
    .map(({ id, file, line, column, effect }) => ({
      file,
      line,
      column,
      message: `a \`${effect}\` without \`@id\` is called \`${id}\``,
    })),
  ...policies.warnings.filter(({ message }) => !message.includes('policy is impossible')),
];
