// What does `poolproof faults` do: break the reference in every known way, and see whether that is noticed.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExitCode, exitCode, verdictOf } from '../domain/exit-code.ts';
import type { FaultsReport, JudgedFault } from '../domain/faults-report.ts';
import { UsageError } from '../domain/usage-error.ts';
import { type Kill, kill } from '../engines/kill.ts';
import { type Trial, verify } from '../engines/verify.ts';
import { FAULTS, type SeededFault } from '../faults.ts';
import { faultsSentence, faultsText } from '../report.ts';
import { writeWhole } from './files.ts';
import { readTrial } from './trial.ts';
import type { Voice } from './voice.ts';

export interface FaultsFlags {
  readonly seed?: string;
  readonly searches: string;
  readonly budget: string;
  readonly only?: string;
  readonly jobs: string;
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
  /** `2/3`: the second of three shares of the faults, told as JSON to the parent. */
  readonly part?: string;
}

interface Plan {
  readonly faults: readonly SeededFault[];
  readonly seeds: readonly number[];
  readonly budget: number;
  readonly jobs: number;
}

export const faultsCommand = async (flags: FaultsFlags, voice: Voice): Promise<ExitCode> => {
  const folder = flags.out ?? join('out', 'faults');
  const options = {
    platform: 'reference',
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
  };
  const { trial, seed } = await readTrial(options, folder);
  const plan = planOf(flags, seed);
  if (flags.part !== undefined) {
    const judged = await judgedHere(shareOf(plan.faults, flags.part), trial, plan);
    voice.out(JSON.stringify(judged));
    return 0;
  }
  const [judged, control] = await Promise.all([
    plan.jobs === 1 ? judgedHere(plan.faults, trial, plan) : judgedByJobs(flags, plan),
    verify(trial, { seed, runs: plan.budget }),
  ]);
  const report = reportOf(judged, plan, flags, {
    version: voice.version,
    control: { programs: control.programs, findings: control.caught.length },
  });
  const json = `${JSON.stringify(report, null, 2)}\n`;
  writeWhole(folder, [
    { name: 'faults.json', text: json },
    { name: 'faults.txt', text: faultsText(report, 120) },
  ]);
  if (flags.stdout === 'json') voice.out(json);
  else if (flags.quiet === true) voice.out(`${report.sentence}\n`);
  else voice.out(faultsText(report, voice.columns));
  return report.exitCode;
};

const planOf = (flags: FaultsFlags, seed: number): Plan => {
  const complaints: { file: string; message: string; hint: string }[] = [];
  const whole = (option: string, text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 1)
      complaints.push({
        file: option,
        message: `not understood: \`${text}\``,
        hint: 'expected a whole number from 1',
      });
    return value;
  };
  const searches = whole('--searches', flags.searches);
  const budget = whole('--budget', flags.budget);
  const jobs = whole('--jobs', flags.jobs);
  const names = flags.only?.split(',').map((name) => name.trim());
  const faults = FAULTS.filter(
    (fault) => names === undefined || names.includes(fault.id) || names.includes(fault.class),
  );
  const known = new Set(FAULTS.flatMap((fault) => [fault.id, fault.class]));
  for (const name of names ?? [])
    if (!known.has(name))
      complaints.push({
        file: '--only',
        message: `no fault and no class is called \`${name}\``,
        hint: 'ids and classes stand in `npx poolproof faults --stdout json`',
      });
  if (complaints.length > 0) throw new UsageError(complaints);
  const seeds = Array.from({ length: searches }, (_, index) => seed + index * 1_000_003);
  return { faults, seeds, budget, jobs };
};

/** Every n-th fault, so that the shares take equally long. */
const shareOf = (faults: readonly SeededFault[], part: string): readonly SeededFault[] => {
  const [share = 1, of = 1] = part.split('/').map(Number);
  return faults.filter((_, index) => index % of === share - 1);
};

const judgedHere = async (
  faults: readonly SeededFault[],
  trial: Trial,
  { seeds, budget }: Plan,
): Promise<readonly JudgedFault[]> => {
  const judged: JudgedFault[] = [];
  for (const fault of faults)
    judged.push(judgedOf(await kill(fault, trial, { seeds, executionsMax: budget })));
  return judged;
};

const EXECUTABLE = fileURLToPath(new URL('../poolproof.mjs', import.meta.url));
const OUTPUT_MAX = 1 << 26;

/** Shares the faults out over processes: each uses one core. */
const judgedByJobs = async (flags: FaultsFlags, plan: Plan): Promise<readonly JudgedFault[]> => {
  const parts = Array.from({ length: plan.jobs }, (_, index) => `${index + 1}/${plan.jobs}`);
  const shares = await Promise.all(parts.map((part) => judgedElsewhere(flags, part)));
  const byId = new Map(shares.flat().map((fault) => [fault.id, fault]));
  return plan.faults.flatMap(({ id }) => byId.get(id) ?? []);
};

const judgedElsewhere = (flags: FaultsFlags, part: string): Promise<readonly JudgedFault[]> =>
  new Promise((done, failed) => {
    const asked = [
      ...['faults', '--part', part, '--searches', flags.searches, '--budget', flags.budget],
      ...(flags.seed === undefined ? [] : ['--seed', flags.seed]),
      ...(flags.only === undefined ? [] : ['--only', flags.only]),
    ];
    const options = { maxBuffer: OUTPUT_MAX };
    execFile(process.execPath, [EXECUTABLE, ...asked], options, (problem, stdout, stderr) => {
      if (problem !== null) return failed(new Error(`a part failed: ${stderr || problem.message}`));
      done(JSON.parse(stdout) as readonly JudgedFault[]);
    });
  });

const judgedOf = ({
  fault,
  caughtBy,
  attributed,
  executions,
  shrunk,
  usual,
}: Kill): JudgedFault => {
  const counts = executions.flatMap((count) => count ?? []).toSorted((a, b) => a - b);
  const caught = counts.length === executions.length;
  return {
    id: fault.id,
    class: fault.class,
    does: fault.does,
    promise: fault.promise,
    boundary: fault.boundary,
    mechanism: fault.mechanism,
    caughtBy,
    caught,
    attributed,
    executions: {
      median: caught ? (counts[Math.floor(counts.length / 2)] ?? null) : null,
      max: caught ? (counts.at(-1) ?? null) : null,
    },
    moves: shrunk?.moves.length ?? null,
    tenants: shrunk?.tenants.length ?? null,
    usualTest: usual,
  };
};

const reportOf = (
  faults: readonly JudgedFault[],
  plan: Plan,
  flags: FaultsFlags,
  names: Pick<FaultsReport, 'version' | 'control'>,
): FaultsReport => {
  const caught = faults.filter((fault) => fault.caught).length;
  // A check that misses a fault lets leaks pass; a finding on the sound platform is a false one.
  const code = exitCode({ findings: faults.length - caught + names.control.findings });
  const told = {
    schema: 'poolproof.faults/1' as const,
    version: names.version,
    verdict: verdictOf(code),
    exitCode: code,
    total: faults.length,
    caught,
    attributed: faults.filter((fault) => fault.attributed).length,
    faults,
    usualTest: { caught: faults.filter((fault) => fault.usualTest).length },
    control: names.control,
    seeds: plan.seeds,
    budget: plan.budget,
    replay: [
      `npx poolproof faults --searches ${flags.searches} --budget ${flags.budget}`,
      `--seed ${plan.seeds[0]}`,
      ...(flags.only === undefined ? [] : [`--only ${JSON.stringify(flags.only)}`]),
    ].join(' '),
  };
  return { ...told, sentence: faultsSentence(told) };
};
