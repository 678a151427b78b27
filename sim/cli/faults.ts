// What does `poolproof faults` do: break the reference in every known way, and see whether that is noticed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExitCode } from '../domain/exit-code.ts';
import type { JudgedFault } from '../domain/faults-report.ts';
import { judgedOf, kill } from '../engines/kill.ts';
import { type Trial, verify } from '../engines/verify.ts';
import { FAULTS, type SeededFault } from '../faults.ts';
import { FAULTS_FORM, faultsReport, faultsText, json } from '../report.ts';
import { writeWhole } from './files.ts';
import { Complaints } from './options.ts';
import { readTrial } from './trial.ts';
import { progressOf, type Voice } from './voice.ts';

export interface FaultsFlags {
  readonly seed?: string;
  readonly searches: string;
  readonly budget: string;
  readonly only?: string;
  readonly jobs?: string;
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
  /** `2/3`: the second of three shares of the faults, told to the parent as JSON, a line each. */
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
  const complaints = new Complaints();
  const asked = planOf(flags, complaints);
  const options = {
    platform: 'reference',
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
  };
  const { trial, seed } = await readTrial(options, folder, complaints);
  const plan: Plan = { ...asked, seeds: asked.searches.map((index) => seed + index * 1_000_003) };
  if (flags.part !== undefined) {
    const tell = (fault: JudgedFault): void => voice.out(`${JSON.stringify(fault)}\n`);
    await judgeHere(shareOf(plan.faults, flags.part), trial, plan, { tell, voice });
    return 0;
  }
  const bar = progressOf(voice, flags.quiet, 'faults', 'judged, {caught} caught');
  const byId = new Map<string, JudgedFault>();
  const tell = (fault: JudgedFault): void => {
    byId.set(fault.id, fault);
    const caught = [...byId.values()].filter((one) => one.caught).length;
    bar.update(byId.size, plan.faults.length, { caught });
  };
  const judging =
    plan.jobs === 1
      ? judgeHere(plan.faults, trial, plan, { tell, voice })
      : judgeByJobs(flags, plan, tell);
  const sound = { seed, runs: plan.budget, isStopped: voice.stopped };
  const [control] = await Promise.all([verify(trial, sound), judging]);
  bar.stop();
  const judged = plan.faults.flatMap(({ id }) => byId.get(id) ?? []);
  const report = faultsReport(judged, {
    version: voice.version,
    control: { programs: control.programs, findings: control.caught.length },
    partial: control.partial || judged.length < plan.faults.length,
    seeds: plan.seeds,
    budget: plan.budget,
    replay: replayOf(flags, seed),
  });
  const text = json(FAULTS_FORM, report);
  writeWhole(folder, [
    { name: 'faults.json', text },
    { name: 'faults.txt', text: faultsText(report, 120) },
  ]);
  if (flags.stdout === 'json') voice.out(text);
  else if (flags.quiet === true) voice.out(`${report.sentence}\n`);
  else voice.out(faultsText(report, voice.columns));
  return report.exitCode;
};

const JOBS = 2;
/**
 * Programs at most. While two processes start, one plays some 110, by the times of a start and of a
 * program; and most of the budget is not played, as a fault is found before.
 */
const WORTH_SHARING = 200;

const planOf = (flags: FaultsFlags, complaints: Complaints) => {
  const searches = complaints.count('--searches', flags.searches);
  const budget = complaints.count('--budget', flags.budget);
  const asked = flags.jobs === undefined ? undefined : complaints.count('--jobs', flags.jobs);
  if (flags.stdout !== undefined && flags.stdout !== 'json')
    complaints.wrong('--stdout', flags.stdout, '`json`');
  const names = flags.only?.split(',').map((name) => name.trim());
  const faults = FAULTS.filter(
    (fault) => names === undefined || names.includes(fault.id) || names.includes(fault.class),
  );
  const jobs = asked ?? (faults.length * searches * budget < WORTH_SHARING ? 1 : JOBS);
  const known = new Set(FAULTS.flatMap((fault) => [fault.id, fault.class]));
  for (const name of names ?? [])
    if (!known.has(name))
      complaints.add({
        file: '--only',
        message: `no fault and no class is called \`${name}\``,
        hint: 'ids and classes stand in `npx poolproof faults --stdout json`',
      });
  return { faults, budget, jobs, searches: searches > 0 ? [...Array(searches).keys()] : [] };
};

const replayOf = ({ searches, budget, only }: FaultsFlags, seed: number): string =>
  [
    `npx poolproof faults --searches ${searches} --budget ${budget} --seed ${seed}`,
    ...(only === undefined ? [] : [`--only ${JSON.stringify(only)}`]),
  ].join(' ');

/** Every n-th fault, so that the shares take equally long. */
const shareOf = (faults: readonly SeededFault[], part: string): readonly SeededFault[] => {
  const [share = 1, of = 1] = part.split('/').map(Number);
  return faults.filter((_, index) => index % of === share - 1);
};

/** Judges one fault after another, until the user asks to stop. */
const judgeHere = async (
  faults: readonly SeededFault[],
  trial: Trial,
  { seeds, budget }: Plan,
  { tell, voice }: { readonly tell: (fault: JudgedFault) => void; readonly voice: Voice },
): Promise<void> => {
  for (const fault of faults) {
    if (voice.stopped()) return;
    tell(judgedOf(await kill(fault, trial, { seeds, executionsMax: budget })));
  }
};

const EXECUTABLE = fileURLToPath(new URL('../poolproof.mjs', import.meta.url));

/** Shares the faults out over processes: each uses one core, and tells a line for each fault. */
const judgeByJobs = async (
  flags: FaultsFlags,
  { jobs }: Plan,
  tell: (fault: JudgedFault) => void,
): Promise<void> => {
  const parts = Array.from({ length: jobs }, (_, index) => `${index + 1}/${jobs}`);
  await Promise.all(parts.map((part) => judgeElsewhere(flags, part, tell)));
};

const judgeElsewhere = async (
  flags: FaultsFlags,
  part: string,
  tell: (fault: JudgedFault) => void,
): Promise<void> => {
  const asked = [
    ...['faults', '--part', part, '--searches', flags.searches, '--budget', flags.budget],
    ...(flags.seed === undefined ? [] : ['--seed', flags.seed]),
    ...(flags.only === undefined ? [] : ['--only', flags.only]),
  ];
  const child = spawn(process.execPath, [EXECUTABLE, ...asked], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  for await (const line of createInterface(child.stdout)) tell(JSON.parse(line) as JudgedFault);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`a part of the faults ended with ${code}`);
};
