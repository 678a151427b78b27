// What does `poolproof limiter` do: hold limiters to a contract, and say how far they are from it?

import { join } from 'node:path';
import { impliedLimits } from '../domain/ceiling.ts';
import type { Contract } from '../domain/contract.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import type {
  AdversaryRow,
  Envelope,
  LeftOut,
  LimiterFaultRow,
  LimiterReport,
  LimiterRow,
} from '../domain/limiter-report.ts';
import {
  bandOf,
  benchAdversary,
  benchFaults,
  benchLimiter,
  PATTERNS,
  type Pattern,
  usualDecisions,
} from '../engines/limiter-bench.ts';
import { wallMs } from '../kernel/wall-clock.ts';
import { LIMITER_FAULTS, LIMITERS, type LimiterPlan } from '../limiters.ts';
import {
  bandText,
  json,
  LIMITER_FORM,
  limiterMarkdown,
  limiterPicture,
  limiterReport,
  limiterText,
  limitText,
} from '../report.ts';
import { suggestion } from '../scenario/wording.ts';
import { loadContract } from '../scenario.ts';
import { PACKAGE_ROOT, prepareFolder, readText, writeWhole } from './files.ts';
import { seedOf } from './inputs.ts';
import { judgeTrialCommand } from './judge-trial.ts';
import { benchOnWallClock, WALL_LIMITERS } from './limiter-wall.ts';
import { Complaints } from './options.ts';
import { quoted } from './shell-word.ts';
import { hearSignals, progressOf, type Voice } from './voice.ts';

export interface LimiterFlags {
  readonly limiter?: string;
  readonly pattern?: string;
  readonly seed?: string;
  readonly decisions?: string;
  readonly adversary?: boolean;
  readonly faults?: boolean;
  readonly judgeDecisions?: string;
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
}

const SHIPPED = join('scenarios', 'limits', 'basic.yaml');

/** What was asked for, once all of it was understood. */
interface Asked {
  readonly file: string;
  readonly contract: Contract;
  readonly plans: readonly LimiterPlan[];
  readonly onWallClock: ReadonlySet<string>;
  readonly patterns: readonly Pattern[];
  readonly seed: number;
  /** Undefined for as many as the pattern needs. */
  readonly decisions: number | undefined;
  readonly folder: string;
  readonly isNamed: boolean;
}

export const limiterCommand = async (
  file: string | undefined,
  flags: LimiterFlags,
  voice: Voice,
): Promise<ExitCode> => {
  if (flags.judgeDecisions !== undefined)
    return judgeTrialCommand({ ...flags, judgeDecisions: flags.judgeDecisions }, voice);
  const asked = askedOf(file, flags);
  const report = await found(asked, flags, voice);
  const text = json(LIMITER_FORM, report);
  writeWhole(asked.folder, [
    { name: 'limiter.json', text },
    { name: 'limiter.txt', text: limiterText(report, 150, true) },
    { name: 'limiter.md', text: limiterMarkdown(report) },
    { name: 'limiter.svg', text: limiterPicture(report.envelopes) },
  ]);
  if (flags.stdout === 'json') voice.out(text);
  else if (flags.quiet === true) voice.out(`${report.sentence}\n`);
  else voice.out(limiterText(report, voice.columns, false));
  return report.exitCode;
};

const askedOf = (file: string | undefined, flags: LimiterFlags): Asked => {
  const complaints = new Complaints();
  const path = file ?? join(PACKAGE_ROOT, SHIPPED);
  const contract = complaints.attempt(() => loadContract(readText(path, 'contract'), path));
  const decisions =
    flags.decisions === undefined ? undefined : complaints.count('--decisions', flags.decisions);
  const seed = complaints.attempt(() => seedOf(flags.seed, 1));
  if (flags.stdout !== undefined && flags.stdout !== 'json')
    complaints.wrong('--stdout', flags.stdout, '`json`');
  const all = [...LIMITERS, ...WALL_LIMITERS].map(({ id }) => id);
  const names = chosen('--limiter', flags.limiter, all, complaints);
  const patterns = PATTERNS.map(({ id }) => id);
  const under = chosen('--pattern', flags.pattern, patterns, complaints);
  const folder = flags.out ?? join('out', 'limiter');
  complaints.attempt(() => prepareFolder(folder));
  complaints.tell();
  if (contract === undefined || seed === undefined) throw new Error('a complaint was not told');
  return {
    file: file ?? SHIPPED,
    contract,
    plans: LIMITERS.filter(({ id }) => names.includes(id)),
    onWallClock: new Set(names),
    patterns: PATTERNS.filter(({ id }) => under.includes(id)),
    ...{ seed, decisions, folder, isNamed: flags.limiter !== undefined },
  };
};

/** The names of a list with commas, or all of them; complains of what nobody is called. */
const chosen = (
  option: string,
  list: string | undefined,
  all: readonly string[],
  complaints: Complaints,
): readonly string[] => {
  if (list === undefined) return all;
  const names = list.split(',').map((name) => name.trim());
  for (const name of names) {
    if (all.includes(name)) continue;
    const hint = suggestion(name, all, 'expected one of');
    complaints.add({ file: option, message: `unknown name \`${name}\``, hint });
  }
  return names;
};

const found = async (asked: Asked, flags: LimiterFlags, voice: Voice): Promise<LimiterReport> => {
  const { contract, seed, file, isNamed, plans } = asked;
  // The wall clock first: the rest would keep the process from answering in time.
  const wall = await benchOnWallClock(asked.onWallClock, process.env['POOLPROOF_REDIS_URL']);
  const fit = plans.filter((plan) => plan.unfit(contract) === undefined);
  const unfit = plans.flatMap((plan): readonly LeftOut[] => {
    const reason = plan.unfit(contract);
    return reason === undefined ? [] : [{ limiter: plan.id, reason }];
  });
  const { rows, envelopes } = await benchAll(fit, asked, flags, voice);
  const adversary = flags.adversary === true ? await attackAll(fit, asked, voice) : [];
  const faults = flags.faults === true ? await faultRows(asked, voice) : [];
  const band = bandOf(
    contract,
    fit.some((plan) => plan.keeps(contract) === 'band') ? 'band' : 'exactly',
  );
  return limiterReport({
    version: voice.version,
    contract: {
      ...{ file, name: contract.name, title: contract.title },
      limits: contract.limits.map(limitText),
      implied: impliedLimits(contract.limits),
      band: band === undefined ? null : bandText(contract, band),
    },
    rows: [...rows, ...wall.rows],
    meanings: [
      ...fit,
      ...WALL_LIMITERS.filter(({ id }) => asked.onWallClock.has(id)),
      ...asked.patterns,
    ].map(({ id, does }) => ({ name: id, does })),
    ...{ adversary, faults, envelopes, seed },
    leftOut: [...unfit, ...wall.leftOut],
    partial: voice.stopped(),
    replay: replayOf(asked, flags),
    missing: isNamed ? unfit.length + wall.leftOut.length : 0,
  });
};

/** Every limiter under every pattern, and of each the curve that goes furthest beyond. */
const benchAll = async (
  plans: readonly LimiterPlan[],
  asked: Asked,
  flags: LimiterFlags,
  voice: Voice,
): Promise<{ readonly rows: readonly LimiterRow[]; readonly envelopes: readonly Envelope[] }> => {
  const { contract, patterns, decisions, seed, isNamed: isAsked } = asked;
  const bar = progressOf(voice, flags.quiet, 'limiters', 'tried');
  const exactly = new Map<string, number>();
  const rows: LimiterRow[] = [];
  const furthest = new Map<string, Envelope>();
  for (const plan of plans) {
    for (const pattern of patterns) {
      if (voice.stopped()) break;
      const { row, envelope } = benchLimiter(plan, pattern, contract, {
        decisions: decisions ?? usualDecisions(pattern, contract),
        ...{ seed, wallMs, isAsked, exactly },
      });
      rows.push(row);
      const known = furthest.get(plan.id);
      if (envelope !== undefined && (known === undefined || excess(envelope) > excess(known)))
        furthest.set(plan.id, envelope);
      bar.update(rows.length, plans.length * patterns.length, {});
      await hearSignals();
    }
  }
  bar.stop();
  return { rows, envelopes: [...furthest.values()] };
};

const excess = ({ points }: Envelope): number =>
  Math.max(...points.map(({ admitted, allowed }) => admitted / Math.max(1, allowed)));

const attackAll = async (
  plans: readonly LimiterPlan[],
  { contract, seed, isNamed: isAsked }: Asked,
  voice: Voice,
): Promise<readonly AdversaryRow[]> => {
  const rows: AdversaryRow[] = [];
  for (const plan of plans) {
    if (voice.stopped()) break;
    const row = benchAdversary(plan, contract, { seed, wallMs, isAsked });
    if (row !== undefined) rows.push(row);
    await hearSignals();
  }
  return rows;
};

/** Faults are planted on contracts of their own, with edges that show them. */
const FAULT_DECISIONS = 6000;

const faultRows = ({ seed }: Asked, voice: Voice): Promise<readonly LimiterFaultRow[]> =>
  benchFaults(LIMITER_FAULTS, { decisions: FAULT_DECISIONS, seed }, async () => {
    await hearSignals();
    return !voice.stopped();
  });

const replayOf = ({ file, seed, decisions }: Asked, flags: LimiterFlags): string =>
  [
    `npx poolproof limiter ${quoted(file)} --seed ${seed}`,
    ...(decisions === undefined ? [] : [`--decisions ${decisions}`]),
    ...(flags.limiter === undefined ? [] : [`--limiter ${quoted(flags.limiter)}`]),
    ...(flags.pattern === undefined ? [] : [`--pattern ${quoted(flags.pattern)}`]),
    ...(flags.adversary === true ? ['--adversary'] : []),
    ...(flags.faults === true ? ['--faults'] : []),
  ].join(' ');
