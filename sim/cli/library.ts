// How does a program of one's own try a platform: a scenario run, or programs generated, and the report as a value.

import { quoted } from './shell-word.ts';
import './v8-flags.ts';
import type { Verdict } from '../domain/finding.ts';
import type { Report } from '../domain/report.ts';
import { FINDINGS_MAX, type VerifyReport } from '../domain/verify-report.ts';
import { watchObserver } from '../engines/noninterference.ts';
import { type Folded, fold, type RunSurroundings } from '../engines/run.ts';
import { differentHistory, differingRange, Excerpt, sameHistory } from '../engines/twice.ts';
import { type Effort, verify as verifyTrial } from '../engines/verify.ts';
import { formatInstant } from '../kernel/calendar.ts';
import { WallClock, wallMs } from '../kernel/wall-clock.ts';
import { VERSION } from './files.ts';
import { readInputs } from './inputs.ts';
import type { PlatformOption } from './platform-module.ts';
import { reportOf } from './telling.ts';
import { readTrial } from './trial.ts';
import { reportOf as verifyReport } from './verify.ts';

/** What is tried. */
export interface Tried {
  /** The reference without it. */
  readonly platform?: PlatformOption;
  /** A folder of Cedar policies and IAM documents; those that ship without it. */
  readonly policies?: string;
  readonly seed?: number;
}

/** Runs the scenario of a file, and gives the report that the command would write. Throws `UsageError`. */
export const run = async (file: string, tried: Tried = {}): Promise<Report> => {
  const { inputs, hashes } = await readInputs(file, optionsOf(tried));
  const { scenario, seed } = inputs;
  const watched = watchObserver(scenario);
  const play: Play = (around) => fold(inputs, { wallMs, ...around });
  const folded = await play(
    watched === undefined ? {} : { watch: watched.watch, observers: [watched.view] },
  );
  const compared: Verdict[] = [];
  if (scenario.expects.includes('I11')) compared.push(await again(folded, play));
  if (watched !== undefined)
    compared.push(
      (
        await watched.withOthersVaried((varied, second, view) =>
          fold(
            { ...inputs, scenario: varied },
            { wallMs, observers: [view], digested: false, second },
          ),
        )
      ).verdict,
    );
  return reportOf(inputs, folded, {
    version: VERSION,
    node: process.version,
    hashes,
    waivers: [],
    compared,
    today: formatInstant(new WallClock().nowUs()).slice(0, 10),
    replay: replayOf(file, tried, seed),
  });
};

/** Plays generated programs, 60 without `runs`, and gives the report that the command would write. Throws `UsageError`. */
export const verify = async (
  effort: Tried & Partial<Pick<Effort, 'runs' | 'hosting'>> = {},
): Promise<VerifyReport> => {
  const { platform = 'reference', policies, runs = 60, hosting } = effort;
  const { trial, seed } = await readTrial(optionsOf(effort));
  const verified = await verifyTrial(trial, { seed, runs, hosting, findingsMax: FINDINGS_MAX });
  const isGiven = typeof platform === 'function';
  const flags = {
    platform: isGiven ? platform.name || 'platform' : platform,
    runs: String(runs),
    ...(policies === undefined ? {} : { policies }),
    ...(hosting === undefined ? {} : { hosting }),
  };
  const call = `verify({ platform, seed: ${seed}, runs: ${runs}${hosting === undefined ? '' : `, hosting: '${hosting}'`} })`;
  return verifyReport(verified, flags, {
    seed,
    version: VERSION,
    ...(isGiven ? { replay: call } : {}),
  });
};

type Play = (around: Partial<RunSurroundings>) => Promise<Folded>;

const optionsOf = ({ platform = 'reference', policies, seed }: Tried) => ({
  platform,
  ...(policies === undefined ? {} : { policies }),
  ...(seed === undefined ? {} : { seed: String(seed) }),
});

/** The command that repeats a run, or for a platform that no command can name, the call. */
const replayOf = (file: string, { platform, policies }: Tried, seed: number): string => {
  if (typeof platform === 'function') return `run('${file}', { platform, seed: ${seed} })`;
  return [
    `npx poolproof run ${quoted(file)} --seed ${seed}`,
    ...(platform === undefined || platform === 'reference'
      ? []
      : [`--platform ${quoted(platform)}`]),
    ...(policies === undefined ? [] : [`--policies ${quoted(policies)}`]),
  ].join(' ');
};

/** The same once more in this process: what depends on zone, locale or directory shows in the command only. */
const again = async (folded: Folded, play: Play): Promise<Verdict> => {
  const range = differingRange(folded, await play({}));
  if (range === undefined) return sameHistory(folded);
  const [one, other] = [new Excerpt(range), new Excerpt(range)];
  await play({ observers: [one] });
  await play({ observers: [other] });
  return differentHistory(folded, one.events, other.lines);
};
