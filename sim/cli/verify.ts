// What does `poolproof verify` do: generate, play, judge, make small, and write what it found.

import { join } from 'node:path';
import { type ExitCode, exitCode, verdictOf } from '../domain/exit-code.ts';
import { UsageError } from '../domain/usage-error.ts';
import type { FoundProgram, VerifyReport } from '../domain/verify-report.ts';
import { documentOf } from '../engines/programs.ts';
import { type Caught, type Effort, type Verified, verify } from '../engines/verify.ts';
import { wallMs } from '../kernel/wall-clock.ts';
import { PROMISE_TEXTS, reportedFinding, verifySentence, verifyText } from '../report.ts';
import { PROMISES, scenarioText } from '../scenario.ts';
import { writeWhole } from './files.ts';
import { readTrial, type TrialOptions } from './trial.ts';
import { progressOf, type Voice } from './voice.ts';

export interface VerifyFlags extends TrialOptions {
  readonly runs: string;
  readonly time?: string;
  readonly only?: string;
  readonly hosting?: string;
  readonly stopOnFirst?: boolean;
  readonly strict?: boolean;
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
}

export const verifyCommand = async (flags: VerifyFlags, voice: Voice): Promise<ExitCode> => {
  const folder = flags.out ?? join('out', 'verify');
  const effort = effortOf(flags);
  const { trial, seed } = await readTrial(flags, folder);
  const beganMs = wallMs();
  const bar = progressOf(voice, flags.quiet, 'verify', 'programs, {findings} findings');
  const isOver = (): boolean =>
    voice.stopped() || (effort.timeMs !== undefined && wallMs() - beganMs >= effort.timeMs);
  const verified = await verify(trial, {
    ...effort,
    seed,
    isOver,
    onProgress: (done, findings) => bar.update(done, effort.runs, { findings }),
  });
  bar.stop();
  const report = reportOf(verified, flags, { seed, folder, version: voice.version, voice });
  writeWhole(
    join(folder, 'found'),
    verified.caught.map((caught) => ({ name: fileOf(caught), text: foundText(caught) })),
  );
  writeWhole(folder, [
    { name: 'verify.json', text: `${JSON.stringify(report, null, 2)}\n` },
    { name: 'verify.txt', text: verifyText(report, 100) },
  ]);
  if (flags.stdout === 'json') voice.out(`${JSON.stringify(report, null, 2)}\n`);
  else if (flags.quiet === true) voice.out(`${report.sentence}\n`);
  else voice.out(verifyText(report, voice.columns));
  return report.exitCode;
};

const HOSTINGS = ['microvm', 'pooled'] as const;

const effortOf = (
  flags: VerifyFlags,
): Pick<Effort, 'runs' | 'hosting' | 'only' | 'stopOnFirst'> & { readonly timeMs?: number } => {
  const complaints: { file: string; message: string; hint: string }[] = [];
  const runs = Number(flags.runs);
  if (!Number.isSafeInteger(runs) || runs < 1)
    complaints.push(wrong('--runs', flags.runs, 'a whole number from 1'));
  const seconds = flags.time === undefined ? undefined : Number(flags.time.replace(/s$/, ''));
  if (seconds !== undefined && !(seconds > 0))
    complaints.push(wrong('--time', flags.time, 'seconds, such as `60s`'));
  const hosting = HOSTINGS.find((one) => one === flags.hosting);
  if (flags.hosting !== undefined && hosting === undefined)
    complaints.push(wrong('--hosting', flags.hosting, '`microvm` or `pooled`'));
  const only = flags.only?.split(',').map((name) => name.trim());
  const known: readonly string[] = PROMISES;
  for (const name of only ?? [])
    if (!known.includes(name)) complaints.push(wrong('--only', name, `any of ${known.join(', ')}`));
  if (flags.stdout !== undefined && flags.stdout !== 'json' && flags.stdout !== 'text')
    complaints.push(wrong('--stdout', flags.stdout, '`json` or `text`'));
  if (complaints.length > 0) throw new UsageError(complaints);
  return {
    runs,
    ...(seconds === undefined ? {} : { timeMs: seconds * 1000 }),
    ...(hosting === undefined ? {} : { hosting }),
    ...(only === undefined ? {} : { only: new Set(only) }),
    stopOnFirst: flags.stopOnFirst === true,
  };
};

const wrong = (file: string, given: string | undefined, expected: string) => ({
  file,
  message: `not understood: \`${given ?? ''}\``,
  hint: `expected ${expected}`,
});

const reportOf = (
  verified: Verified,
  flags: VerifyFlags,
  names: {
    readonly seed: number;
    readonly folder: string;
    readonly version: string;
    readonly voice: Voice;
  },
): VerifyReport => {
  const cells = verified.coverage.cells();
  const { tries } = verified.coverage;
  const findings = verified.caught.map((caught) => foundOf(caught, flags, names.folder));
  const unvisited = cells.filter(({ visits }) => visits === 0);
  const promises = PROMISE_TEXTS.map(({ id }) => ({
    id,
    evidence: verified.evidence.get(id) ?? 0,
    findings: findings.filter(({ promise }) => promise === id).map((finding) => finding.id),
  }));
  // The time that was asked for is no stop; a hand on the keyboard is one.
  const partial = verified.partial && names.voice.stopped();
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
    partial,
    notExercised: [
      ...promises.filter(({ evidence }) => evidence === 0).map(({ id }) => id),
      ...unvisited.map(({ operation, relation }) => `${operation}, ${relation}`),
    ],
    replay: replayLine(flags, names.seed),
  };
  return { ...told, sentence: verifySentence(told) };
};

const foundOf = (caught: Caught, flags: VerifyFlags, folder: string): FoundProgram => {
  const file = join(folder, 'found', fileOf(caught));
  const replay = [
    `npx poolproof run ${file}`,
    ...(flags.platform === 'reference' ? [] : [`--platform ${flags.platform}`]),
    ...(flags.policies === undefined ? [] : [`--policies ${flags.policies}`]),
  ].join(' ');
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
    ...(flags.platform === 'reference' ? [] : [`--platform ${flags.platform}`]),
    ...(flags.policies === undefined ? [] : [`--policies ${flags.policies}`]),
    ...(flags.hosting === undefined ? [] : [`--hosting ${flags.hosting}`]),
    ...(flags.only === undefined ? [] : [`--only ${flags.only}`]),
  ].join(' ');
