// Is the judge itself right, and how fast: its decisions held against the definitions, and counted.

import { join } from 'node:path';
import { type ExitCode, exitCode, verdictOf } from '../domain/exit-code.ts';
import { judgeSpeed } from '../engines/judge-speed.ts';
import { tryJudge } from '../engines/judge-trial.ts';
import { wallMs } from '../kernel/wall-clock.ts';
import { figure } from '../report/numbers.ts';
import { prepareFolder, writeWhole } from './files.ts';
import { seedOf } from './inputs.ts';
import { Complaints } from './options.ts';
import type { Voice } from './voice.ts';

export interface JudgeTrialFlags {
  readonly judgeDecisions: string;
  readonly seed?: string;
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
}

/** Decisions of the smaller of the two sizes that are timed. */
const TIMED = 100_000;

export const judgeTrialCommand = (flags: JudgeTrialFlags, voice: Voice): ExitCode => {
  const complaints = new Complaints();
  const decisions = complaints.count('--judge-decisions', flags.judgeDecisions);
  const seed = complaints.attempt(() => seedOf(flags.seed, 1)) ?? 1;
  if (flags.stdout !== undefined && flags.stdout !== 'json')
    complaints.wrong('--stdout', flags.stdout, '`json`');
  const folder = flags.out ?? join('out', 'limiter');
  complaints.attempt(() => prepareFolder(folder));
  complaints.tell();
  const beganMs = wallMs();
  const trial = tryJudge(decisions, seed, voice.stopped);
  const seconds = (wallMs() - beganMs) / 1000;
  const speeds = voice.stopped() ? [] : judgeSpeed(TIMED, wallMs, 2);
  const partial = trial.decisions < decisions;
  const code = exitCode({ bug: trial.disagreements > 0, inconclusive: partial });
  const slowest = Math.min(...speeds.map(({ perSecond }) => perSecond));
  const sentence =
    `${figure(trial.disagreements)} disagreements between judge and oracle in ` +
    `${figure(trial.decisions)} decisions, ${figure(trial.wrongAdmissions)} wrong admissions and ` +
    `${figure(trial.wrongRefusals)} wrong refusals among them` +
    (speeds.length === 0
      ? '.'
      : `; every kind of limit is judged at ${(slowest / 1e6).toFixed(1)} M a second or more.`);
  const replay = `npx poolproof limiter --judge-decisions ${flags.judgeDecisions} --seed ${seed}`;
  const report = {
    schema: 'poolproof.judge/1',
    version: voice.version,
    ...{ sentence, verdict: verdictOf(code), exitCode: code, partial },
    ...{ ...trial, seconds, speeds, seed, replay },
  };
  const json = `${JSON.stringify(report, null, 2)}\n`;
  writeWhole(folder, [{ name: 'judge.json', text: json }]);
  if (flags.stdout === 'json') voice.out(json);
  else if (flags.quiet === true) voice.out(`${sentence}\n`);
  else {
    const lines = speeds.map(
      ({ kind, perSecond, tenfold }) =>
        `  ${kind.padEnd(32)}${(perSecond / 1e6).toFixed(1).padStart(6)} M a second, ten times as many cost ${tenfold.toFixed(1)} times as much`,
    );
    const first = trial.first === undefined ? [] : [`first    ${JSON.stringify(trial.first)}`, ''];
    voice.out(
      [
        sentence,
        '',
        ...(lines.length === 0
          ? []
          : [`Judged alone, ${figure(TIMED)} and ten times as many (wall time)`, ...lines, '']),
        ...first,
        `verdict  ${verdictOf(code)} (exit code ${code})${partial ? ', partial' : ''}`,
        `seed     ${seed}`,
        `replay   ${replay}`,
        '',
      ].join('\n'),
    );
  }
  return code;
};
