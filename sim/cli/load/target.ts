// What does `poolproof load --target` do: try or load a user's own gateway, and leave it as it was.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { TargetLoadReport } from '../../domain/target-report.ts';
import { UsageError } from '../../domain/usage-error.ts';
import { formatInstant } from '../../kernel/calendar.ts';
import { WallClock } from '../../kernel/wall-clock.ts';
import {
  assertAllowed,
  figuresOf,
  type LoadedTarget,
  loadTarget,
  notPlayed,
  runTarget,
  targetScenario,
} from '../../load.ts';
import { json, TARGET_LOAD_FORM, targetReport, targetText } from '../../report.ts';
import { parseDurationUs } from '../../scenario.ts';
import { readText, sha256, writeWhole } from '../files.ts';
import { readInputs } from '../inputs.ts';
import { Complaints } from '../options.ts';
import { quoted } from '../shell-word.ts';
import { progressOf, type Voice } from '../voice.ts';
import { dryRunCommand, wasTried } from './dry-run.ts';
import { delaysOf } from './event-loop.ts';
import type { TargetedFlags, TargetFlags, TargetOrder } from './order.ts';

/** Whether anything about a target was typed; an option for one without the file is a mistake then. */
export const isTargeted = (flags: TargetFlags): boolean =>
  flags.target !== undefined ||
  flags.targetUrl !== undefined ||
  flags.maxRate !== undefined ||
  flags.dryRun === true ||
  (flags.allowHost ?? []).length > 0;

/** A load takes so long unless the scenario is shorter or something else is asked for. */
const DURATION_US = 60_000_000;

export const targetCommand = async (
  file: string,
  flags: TargetedFlags,
  voice: Voice,
): Promise<ExitCode> => {
  const order = await read(file, flags, voice);
  if (flags.dryRun === true) return dryRunCommand(order);
  const report = await play(order);
  const { folder } = order.asked;
  const text = json(TARGET_LOAD_FORM, report);
  writeWhole(folder, [
    { name: 'target.json', text },
    { name: 'target.txt', text: targetText(report, { columns: 100 }) },
  ]);
  if (flags.stdout === 'json') voice.out(text);
  else if (flags.quiet === true) voice.out(`${report.sentence}\n`);
  else {
    voice.out(
      `report   ${['target.json', 'target.txt'].map((name) => join(folder, name)).join(', ')}\n\n`,
    );
    voice.out(targetText(report, { columns: voice.columns }));
  }
  return report.exitCode;
};

/** Everything is read, and every mistake told, before anything is sent. */
const read = async (file: string, flags: TargetedFlags, voice: Voice): Promise<TargetOrder> => {
  const options = new Complaints();
  const target: { loaded?: LoadedTarget; text?: string } = {};
  const numbers = numbersOf(flags, options);
  options.add(...ownServerOnly(flags));
  const asked = await readInputs(file, { ...flags, out: flags.out ?? join('out', 'load') }, [
    () => options.tell(),
    () => {
      target.text = targetTextOf(flags);
      target.loaded = loadTarget(target.text, flags.target ?? '', process.env);
    },
  ]);
  const { loaded, text = '' } = target;
  if (loaded === undefined) throw new Error('a target was neither read nor complained of');
  const hash = sha256(text, flags.targetUrl ?? '');
  const hosts = flags.allowHost ?? [];
  const placed =
    flags.targetUrl === undefined
      ? loaded
      : { ...loaded, target: { ...loaded.target, url: flags.targetUrl.replace(/\/+$/, '') } };
  assertAllowed(
    placed.target,
    {
      ...{ hosts, maxRate: numbers.maxRate, isDryRun: flags.dryRun === true },
      tried: wasTried(asked.folder, hash),
    },
    flags.target ?? '',
  );
  const durationUs = Math.min(numbers.durationUs ?? DURATION_US, asked.inputs.scenario.durationUs);
  return { file, flags, asked, loaded: placed, hash, maxRate: numbers.maxRate, durationUs, voice };
};

/** What only the server that the command itself starts can be told. */
const ownServerOnly = ({ replicas, limiter, saturate, policies }: TargetedFlags) => {
  const given = { '--replicas': replicas === '1' ? undefined : replicas, '--limiter': limiter };
  return Object.entries({ ...given, '--saturate': saturate, '--policies': policies })
    .filter(([, value]) => value !== undefined)
    .map(([file]) => ({ file, message: 'is for the bundled server only', hint: 'leave it out' }));
};

const targetTextOf = ({ target, targetUrl }: TargetFlags): string => {
  if (target === undefined)
    throw new UsageError([
      {
        file: '--target',
        message: 'is missing beside the other options for a target',
        hint: 'expected a target file (YAML); see scenarios/targets/bundled.yaml',
      },
    ]);
  if (targetUrl !== undefined && !/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(targetUrl))
    throw new UsageError([
      {
        file: '--target-url',
        message: 'expected an http or https URL without user, query or fragment',
      },
    ]);
  return readText(target, 'target file');
};

const numbersOf = ({ maxRate, duration, stdout }: TargetedFlags, complaints: Complaints) => {
  if (stdout !== undefined && stdout !== 'json') complaints.wrong('--stdout', stdout, '`json`');
  const rate = maxRate === undefined ? undefined : Number(maxRate);
  if (rate !== undefined && !(rate > 0 && rate <= 1_000_000))
    complaints.wrong('--max-rate', maxRate ?? '', 'requests a second, above 0');
  const durationUs = duration === undefined ? undefined : parseDurationUs(duration);
  if (duration !== undefined && (durationUs === undefined || durationUs === 0))
    complaints.wrong('--duration', duration, 'a duration such as `2s`, `30s` or `5m`');
  return { maxRate: rate, durationUs };
};

const play = async (order: TargetOrder): Promise<TargetLoadReport> => {
  const { file, flags, asked, loaded, durationUs, voice } = order;
  const { inputs } = asked;
  const { scenario, notes } = targetScenario(inputs.scenario, loaded.target, file);
  const shiftUs = scenario.startUs - new WallClock().nowUs();
  const clock = new WallClock(shiftUs);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  try {
    const replay = replayOf(order);
    const seconds = Math.ceil(durationUs / 1_000_000);
    const bar = progressOf(voice, flags.quiet, 'load', 's, {requests} requests');
    const { generated, target, traced } = await runTarget(
      { ...inputs, scenario },
      durationUs,
      loaded,
      {
        ...{ clock, shiftUs, hosts: flags.allowHost ?? [], maxRate: order.maxRate },
        ...{ run: randomBytes(4).toString('hex'), hash: order.hash, replay },
        stopped: voice.stopped,
        progress: (played, requests) =>
          bar.update(Math.min(seconds, Math.max(0, Math.floor(played))), seconds, { requests }),
      },
    );
    bar.stop();
    return targetReport({
      ...{ version: voice.version, node: process.version, scenario: scenario.name },
      ...{ seed: inputs.seed, partial: generated.partial, stage: generated.stage, replay, target },
      load: figuresOf(generated, durationUs, delaysOf(delay)),
      ...{ verdict: generated.verdict, traced, waivers: asked.waivers },
      today: formatInstant(new WallClock().nowUs()).slice(0, 10),
      notPlayed: [...notPlayed(inputs.scenario, durationUs), ...notes],
    });
  } finally {
    delay.disable();
    clock.close();
  }
};

const replayOf = ({ file, flags, asked, durationUs }: TargetOrder): string =>
  [
    `npx poolproof load ${quoted(file)} --target ${quoted(flags.target ?? '')} --seed ${asked.inputs.seed}`,
    `--duration ${flags.duration ?? `${durationUs / 1_000_000}s`}`,
    ...(flags.targetUrl === undefined ? [] : [`--target-url ${quoted(flags.targetUrl)}`]),
    ...(flags.allowHost ?? []).map((host) => `--allow-host ${host}`),
    ...(flags.maxRate === undefined ? [] : [`--max-rate ${flags.maxRate}`]),
    ...(flags.trace === undefined ? [] : [`--trace ${quoted(flags.trace)}`]),
  ].join(' ');
