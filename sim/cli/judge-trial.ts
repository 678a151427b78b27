// Is the judge itself right, and how fast: its decisions held against the definitions, and counted.

import { join } from 'node:path';
import { type ExitCode, exitCode, verdictOf } from '../domain/exit-code.ts';
import { type JudgeSpeed, judgeSpeed } from '../engines/judge-speed.ts';
import { type JudgeTrial, tryJudge } from '../engines/judge-trial.ts';
import { wallMs } from '../kernel/wall-clock.ts';
import { counted, figure } from '../report/numbers.ts';
import { json } from '../report.ts';
import { prepareFolder, writeWhole } from './files.ts';
import { seedOf } from './inputs.ts';
import { JUDGE_FORM, type JudgeReport } from './judge-form.ts';
import { Complaints } from './options.ts';
import { hearSignals, progressOf, type Voice } from './voice.ts';

export interface JudgeTrialFlags {
  readonly judgeDecisions: string;
  readonly seed?: string;
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
}

/** Decisions of the smaller of the two sizes that are timed. */
const TIMED = 100_000;

export const judgeTrialCommand = async (
  flags: JudgeTrialFlags,
  voice: Voice,
): Promise<ExitCode> => {
  const { decisions, seed, folder } = askedOf(flags);
  const beganMs = wallMs();
  const bar = progressOf(voice, flags.quiet, 'decisions', 'judged');
  const trial = await tryJudge(decisions, seed, async (judged) => {
    bar.update(judged, decisions, {});
    await hearSignals();
    return !voice.stopped();
  });
  bar.stop();
  const seconds = (wallMs() - beganMs) / 1000;
  const speeds = voice.stopped() ? [] : judgeSpeed(TIMED, () => process.cpuUsage().user / 1000, 2);
  const partial = trial.decisions < decisions;
  const code = exitCode({ bug: trial.disagreements > 0, inconclusive: partial });
  const report: JudgeReport = {
    schema: 'poolproof.judge/1',
    version: voice.version,
    sentence: sentenceOf(trial, speeds),
    ...{ verdict: verdictOf(code), exitCode: code, partial },
    ...{ ...trial, seconds, speeds, seed },
    replay: `npx poolproof limiter --judge-decisions ${flags.judgeDecisions} --seed ${seed}`,
  };
  const text = json(JUDGE_FORM, report);
  writeWhole(folder, [{ name: 'judge.json', text }]);
  if (flags.stdout === 'json') voice.out(text);
  else voice.out(flags.quiet === true ? `${report.sentence}\n` : textOf(report));
  return code;
};

const askedOf = (flags: JudgeTrialFlags) => {
  const complaints = new Complaints();
  const decisions = complaints.count('--judge-decisions', flags.judgeDecisions);
  const seed = complaints.attempt(() => seedOf(flags.seed, 1)) ?? 1;
  if (flags.stdout !== undefined && flags.stdout !== 'json')
    complaints.wrong('--stdout', flags.stdout, '`json`');
  const folder = flags.out ?? join('out', 'limiter');
  complaints.attempt(() => prepareFolder(folder));
  complaints.tell();
  return { decisions, seed, folder };
};

const sentenceOf = (trial: JudgeTrial, speeds: readonly JudgeSpeed[]): string => {
  const slowest = Math.min(...speeds.map(({ perSecond }) => perSecond));
  return (
    `${counted(trial.disagreements, 'disagreement')} between judge and oracle in ` +
    `${figure(trial.decisions)} decisions, ${figure(trial.wrongAdmissions)} wrong admissions and ` +
    `${figure(trial.wrongRefusals)} wrong refusals among them` +
    (speeds.length === 0
      ? '.'
      : `; every kind of limit is judged at ${(slowest / 1e6).toFixed(1)} M a second or more.`)
  );
};

const textOf = (report: JudgeReport): string => {
  const { sentence, first, verdict, exitCode: code, partial, seed, replay } = report;
  const speeds = report.speeds.map(({ kind, perSecond, tenfold }) => {
    const millions = (perSecond / 1e6).toFixed(1).padStart(6);
    return `  ${kind.padEnd(32)}${millions} M a second, ten times as many cost ${tenfold.toFixed(1)} times as much`;
  });
  const heading = `Judged alone, ${figure(TIMED)} and ten times as many (processor time)`;
  return [
    ...[sentence, ''],
    ...(speeds.length === 0 ? [] : [heading, ...speeds, '']),
    ...(first === undefined ? [] : [`first    ${JSON.stringify(first)}`, '']),
    `verdict  ${verdict} (exit code ${code})${partial ? ', partial' : ''}`,
    `seed     ${seed}`,
    `replay   ${replay}`,
    '',
  ].join('\n');
};
