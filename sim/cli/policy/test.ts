// What does `poolproof policy test` do: ask the policies what the suites ask, and compare.

import type { ExitCode } from '../../domain/exit-code.ts';
import { TEST_FORM } from '../../policy/forms.ts';
import { testJunit, testReport, testText } from '../../policy/test-report.ts';
import { answers } from '../../policy/testing.ts';
import { json } from '../../report.ts';
import { Complaints } from '../options.ts';
import type { Voice } from '../voice.ts';
import { filtered, readCases } from './cases.ts';
import { readPolicyFolder } from './folder.ts';
import { checkFlags, type PolicyFlags, replayLine, tell } from './telling.ts';

export interface TestFlags extends PolicyFlags {
  readonly tests?: readonly string[];
  readonly filter?: string;
}

export const testCommand = (
  named: string | undefined,
  flags: TestFlags,
  voice: Voice,
): ExitCode => {
  const complaints = new Complaints();
  checkFlags('test', flags, ['json', 'text', 'junit'], complaints);
  const folder = complaints.attempt(() => readPolicyFolder(named));
  const cases =
    folder &&
    complaints.attempt(() => filtered(readCases(folder.folder, flags.tests, folder), flags.filter));
  complaints.tell();
  if (folder === undefined || cases === undefined) throw new Error('read without complaints');
  const answered = answers(cases, folder.policies);
  const report = testReport(answered, {
    version: voice.version,
    folder: folder.folder,
    replay: replayLine('test', named, { tests: flags.tests, filter: flags.filter }),
  });
  tell(
    'test',
    {
      sentence: report.sentence,
      json: json(TEST_FORM, report),
      text: (columns) => testText(report, columns),
      others: { junit: () => testJunit(answered) },
    },
    flags,
    voice,
  );
  return report.exitCode;
};
