// What does `poolproof policy coverage` do: ask what tests or a run ask, and see what of the policies decided.

import type { ExitCode } from '../../domain/exit-code.ts';
import type { PolicyQuestion } from '../../domain/ports.ts';
import { fold } from '../../engines/run.ts';
import { wallMs } from '../../kernel/wall-clock.ts';
import { coverageReport, coverageText } from '../../policy/coverage-report.ts';
import { Coverage } from '../../policy/covered.ts';
import { COVERAGE_FORM } from '../../policy/forms.ts';
import { json } from '../../report.ts';
import { readInputs } from '../inputs.ts';
import { Complaints } from '../options.ts';
import { progressOf, type Voice } from '../voice.ts';
import { readCases } from './cases.ts';
import { readPolicyFolder } from './folder.ts';
import { checkFlags, type PolicyFlags, percentOf, replayLine, tell } from './telling.ts';

export interface CoverageFlags extends PolicyFlags {
  readonly tests?: readonly string[];
  readonly scenario?: string;
  /** False when only the scenario counts. */
  readonly suite: boolean;
  readonly seed?: string;
  readonly min: string;
}

export const coverageCommand = async (
  named: string | undefined,
  flags: CoverageFlags,
  voice: Voice,
): Promise<ExitCode> => {
  const complaints = new Complaints();
  checkFlags('coverage', flags, ['json', 'text'], complaints);
  const minPercent = percentOf('--min', flags.min, complaints);
  if (!flags.suite && flags.scenario === undefined)
    complaints.add({
      file: '--no-suite',
      message: 'leaves no questions to ask',
      hint: 'give a `--scenario`',
    });
  const folder = complaints.attempt(() => readPolicyFolder(named));
  const cases =
    folder && flags.suite
      ? complaints.attempt(() => readCases(folder.folder, flags.tests, folder))
      : [];
  complaints.tell();
  if (folder === undefined || cases === undefined) throw new Error('read without complaints');
  const coverage = new Coverage(folder);
  for (const { question } of cases) coverage.add(question, 'suite');
  const partial = await playScenario(folder.folder, flags, voice, (question) => {
    coverage.add(question, 'scenario');
  });
  const report = coverageReport(coverage.covered(), {
    version: voice.version,
    folder: folder.folder,
    asked: { ...coverage.asked },
    minPercent,
    partial,
    replay: replayLine('coverage', named, {
      tests: flags.tests,
      scenario: flags.scenario,
      seed: flags.seed,
      ...(flags.suite ? {} : { 'no-suite': [] }),
      ...(minPercent === 0 ? {} : { min: flags.min }),
    }),
  });
  const text = (columns: number): string => coverageText(report, columns);
  tell(
    'coverage',
    { sentence: report.sentence, json: json(COVERAGE_FORM, report), text },
    flags,
    voice,
  );
  return report.exitCode;
};

/** Plays the scenario on the reference with the folder's policies; says whether it was stopped. */
const playScenario = async (
  folder: string,
  { scenario, seed, quiet }: CoverageFlags,
  voice: Voice,
  ask: (question: PolicyQuestion) => void,
): Promise<boolean> => {
  if (scenario === undefined) return false;
  const { inputs } = await readInputs(scenario, {
    platform: 'reference',
    policies: folder,
    ...(seed === undefined ? {} : { seed }),
  });
  const bar = progressOf(voice, quiet, inputs.scenario.name, '% of the simulated time');
  const { played } = await fold(inputs, {
    wallMs,
    stop: voice.stopped,
    digested: false,
    observers: [
      {
        see: (event) => {
          if (event.kind === 'decided' && event.decision !== undefined) ask(event.question);
        },
      },
    ],
    between: ({ share }) => {
      bar.update(Math.floor(share * 100), 100, {});
      return Promise.resolve();
    },
  });
  bar.stop();
  return played.partial;
};
