// What does `poolproof policy mutants` do: change policies in every small way, and see whether tests notice.

import type { ExitCode } from '../../domain/exit-code.ts';
import { MUTANTS_FORM } from '../../policy/forms.ts';
import { judgeMutants, leftOut } from '../../policy/mutants.ts';
import { mutantsReport, mutantsText } from '../../policy/mutants-report.ts';
import { json } from '../../report.ts';
import { Complaints } from '../options.ts';
import { progressOf, type Voice } from '../voice.ts';
import { readCases } from './cases.ts';
import { readPolicyFolder } from './folder.ts';
import { checkFlags, type PolicyFlags, percentOf, replayLine, tell } from './telling.ts';

export interface MutantsFlags extends PolicyFlags {
  readonly tests?: readonly string[];
  readonly only?: string;
  readonly min: string;
}

export const mutantsCommand = (
  named: string | undefined,
  flags: MutantsFlags,
  voice: Voice,
): ExitCode => {
  const complaints = new Complaints();
  checkFlags('mutants', flags, ['json', 'text'], complaints);
  const minPercent = percentOf('--min', flags.min, complaints);
  const folder = complaints.attempt(() => readPolicyFolder(named));
  const cases = folder && complaints.attempt(() => readCases(folder.folder, flags.tests, folder));
  const { only } = flags;
  const ids = (folder?.policies.policies ?? [])
    .map(({ id }) => id)
    .filter((id) => only === undefined || id.toLowerCase().includes(only.toLowerCase()));
  if (folder !== undefined && ids.length === 0)
    complaints.wrong('--only', only ?? '', 'a part of the id of a policy');
  complaints.tell();
  if (folder === undefined || cases === undefined) throw new Error('read without complaints');
  const bar = progressOf(voice, flags.quiet, 'mutants', 'judged, {killed} killed');
  let killed = 0;
  let all = 0;
  const judged = judgeMutants(folder, cases, {
    policies: new Set(ids),
    stopped: voice.stopped,
    tell: ({ fate }, done, total) => {
      if (fate.kind === 'killed') killed += 1;
      all = total;
      bar.update(done, total, { killed });
    },
  });
  bar.stop();
  const report = mutantsReport(judged, {
    version: voice.version,
    folder: folder.folder,
    policies: ids.length,
    cells: cases.length,
    minPercent,
    partial: judged.length < all,
    leftOut: leftOut(folder).filter((id) => ids.includes(id)),
    replay: replayLine('mutants', named, {
      tests: flags.tests,
      only,
      ...(minPercent === 100 ? {} : { min: flags.min }),
    }),
  });
  const text = (columns: number): string => mutantsText(report, columns);
  tell(
    'mutants',
    { sentence: report.sentence, json: json(MUTANTS_FORM, report), text },
    flags,
    voice,
  );
  return report.exitCode;
};
