// What does `poolproof verify` do: generate, play, judge, make small, and write what it found.

import { join } from 'node:path';
import { type ExitCode, exitCode, verdictOf } from '../domain/exit-code.ts';
import { FINDINGS_MAX, type FoundProgram, type VerifyReport } from '../domain/verify-report.ts';
import { documentOf } from '../engines/programs.ts';
import { type Caught, type Verified, verify } from '../engines/verify.ts';
import { wallMs } from '../kernel/wall-clock.ts';
import {
  json,
  PROMISE_TEXTS,
  reportedFinding,
  VERIFY_FORM,
  verifySentence,
  verifyText,
} from '../report.ts';
import { PROMISES, scenarioText } from '../scenario.ts';
import { writeWhole } from './files.ts';
import { Complaints } from './options.ts';
import { quoted } from './shell-word.ts';
import { readTrial, type TrialOptions } from './trial.ts';
import { progressOf, type Voice } from './voice.ts';

export interface VerifyFlags extends TrialOptions {
  readonly platform: string;
  readonly runs: string;
  readonly time?: string;
  readonly only?: string;
  readonly hosting?: string;
  readonly stopOnFirst?: boolean;
  readonly maxFindings?: string;
  readonly strict?: boolean;
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
}

export const verifyCommand = async (flags: VerifyFlags, voice: Voice): Promise<ExitCode> => {
  const folder = flags.out ?? join('out', 'verify');
  const complaints = new Complaints();
  const { timeMs, ...effort } = effortOf(flags, complaints);
  const { trial, seed } = await readTrial(flags, folder, complaints);
  const beganMs = wallMs();
  const bar = progressOf(voice, flags.quiet, 'verify', 'programs, {findings} findings');
  const isOver = (): boolean => wallMs() - beganMs >= timeMs;
  const verified = await verify(trial, {
    ...effort,
    seed,
    stopOnFirst: flags.stopOnFirst === true,
    isOver,
    isStopped: voice.stopped,
    onProgress: (done, findings) => bar.update(done, effort.runs, { findings }),
  });
  bar.stop();
  const report = reportOf(verified, flags, { seed, folder, version: voice.version });
  const found = verified.caught.map((one) => ({ name: fileOf(one), text: foundText(one) }));
  if (found.length > 0) writeWhole(join(folder, 'found'), found);
  const text = json(VERIFY_FORM, report);
  writeWhole(folder, [
    { name: 'verify.json', text },
    { name: 'verify.txt', text: verifyText(report, 100) },
  ]);
  if (flags.stdout === 'json') voice.out(text);
  else if (flags.quiet === true) voice.out(`${report.sentence}\n`);
  else voice.out(verifyText(report, voice.columns));
  return report.exitCode;
};

const HOSTINGS = ['microvm', 'pooled'] as const;

const effortOf = (flags: VerifyFlags, complaints: Complaints) => {
  const runs = complaints.count('--runs', flags.runs);
  const findingsMax = complaints.count('--max-findings', flags.maxFindings ?? `${FINDINGS_MAX}`);
  const { time, hosting: asked, stdout } = flags;
  const seconds = time === undefined ? undefined : Number(time.replace(/s$/, ''));
  if (time !== undefined && !((seconds ?? 0) > 0))
    complaints.wrong('--time', time, 'seconds, such as `60s`');
  const hosting = HOSTINGS.find((one) => one === asked);
  if (asked !== undefined && hosting === undefined)
    complaints.wrong('--hosting', asked, '`microvm` or `pooled`');
  const only = flags.only?.split(',').map((name) => name.trim());
  const known: readonly string[] = PROMISES;
  for (const name of only ?? [])
    if (!known.includes(name)) complaints.wrong('--only', name, `any of ${known.join(', ')}`);
  if (stdout !== undefined && stdout !== 'json') complaints.wrong('--stdout', stdout, '`json`');
  const timeMs = seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000;
  return {
    runs,
    hosting,
    findingsMax,
    only: only === undefined ? undefined : new Set(only),
    timeMs,
  };
};

/** What is told beside the flags of a verification. */
interface VerifyNames {
  readonly seed: number;
  /** Where what was found is written; undefined when it is not. */
  readonly folder?: string;
  readonly version: string;
  /** What repeats it, where that is no command. */
  readonly replay?: string;
}

export const reportOf = (
  verified: Verified,
  flags: VerifyFlags,
  names: VerifyNames,
): VerifyReport => {
  const cells = verified.coverage.cells();
  const { tries } = verified.coverage;
  const findings = verified.caught.map((caught) => foundOf(caught, flags, names));
  const unvisited = cells.filter(({ visits }) => visits === 0);
  const promises = PROMISE_TEXTS.map(({ id }) => ({
    id,
    evidence: verified.evidence.get(id) ?? 0,
    findings: findings.filter(({ promise }) => promise === id).map((finding) => finding.id),
  }));
  const { partial } = verified;
  const code = exitCode({
    findings: findings.length,
    inconclusive: partial || tries === 0 || (flags.strict === true && unvisited.length > 0),
  });
  const told = {
    schema: 'poolproof.verify/1' as const,
    version: names.version,
    platform: flags.platform,
    seed: names.seed,
    verdict: verdictOf(code),
    exitCode: code,
    programs: verified.programs,
    moves: verified.moves,
    tries,
    boundAt95: tries === 0 ? 1 : Math.min(1, 3 / tries),
    cells,
    promises,
    findings,
    interference: verified.interference,
    partial,
    end: verified.end,
    notExercised: [
      ...promises.filter(({ evidence }) => evidence === 0).map(({ id }) => id),
      ...unvisited.map(({ operation, relation }) => `${operation}, ${relation}`),
    ],
    replay: names.replay ?? replayLine(flags, names.seed),
  };
  return { ...told, sentence: verifySentence(told) };
};

const foundOf = (caught: Caught, flags: VerifyFlags, names: VerifyNames): FoundProgram => {
  const { folder, seed } = names;
  const file = folder === undefined ? null : join(folder, 'found', fileOf(caught));
  const run = [
    `npx poolproof run ${quoted(file ?? '')}`,
    ...(flags.platform === 'reference' ? [] : [`--platform ${quoted(`${flags.platform}`)}`]),
    ...(flags.policies === undefined ? [] : [`--policies ${quoted(flags.policies)}`]),
  ].join(' ');
  const replay = file === null ? (names.replay ?? replayLine(flags, seed)) : run;
  return {
    ...reportedFinding(caught.promise, caught.told, replay),
    executions: caught.executions,
    moves: caught.shrunk.moves.length,
    tenants: caught.shrunk.tenants.length,
    file,
    also: caught.also.map(
      ({ promise, told }) => `${promise}, ${told.violation.title} (${told.id})`,
    ),
  };
};

const fileOf = ({ told }: Caught): string => `${told.id}.yaml`;

const foundText = ({ promise, told, shrunk }: Caught): string => {
  const { title } = told.violation;
  const document = documentOf(shrunk, `found-${told.id}`, `${promise}: ${title}`);
  return `# Found by \`poolproof verify\`: ${promise}, ${title}. Shows the finding ${told.id}.\n${scenarioText(document)}`;
};

const replayLine = (flags: VerifyFlags, seed: number): string =>
  [
    'npx poolproof verify',
    `--runs ${flags.runs}`,
    `--seed ${seed}`,
    ...(flags.platform === 'reference' ? [] : [`--platform ${quoted(`${flags.platform}`)}`]),
    ...(flags.policies === undefined ? [] : [`--policies ${quoted(flags.policies)}`]),
    ...(flags.hosting === undefined ? [] : [`--hosting ${flags.hosting}`]),
    ...(flags.only === undefined ? [] : [`--only ${flags.only}`]),
    ...(flags.maxFindings === undefined || flags.maxFindings === `${FINDINGS_MAX}`
      ? []
      : [`--max-findings ${flags.maxFindings}`]),
  ].join(' ');
