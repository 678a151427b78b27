// What did the user ask for: scenario, platform, policies and traces read, every complaint of all of them at once.

import { dirname, isAbsolute, join } from 'node:path';
import {
  behindTargets,
  HEALTHCARE_TARGETS,
  HEALTHCARE_TOOLS,
  type TargetTool,
} from '../domain/tool.ts';
import { type Complaint, UsageError } from '../domain/usage-error.ts';
import type { RunInputs } from '../engines/run.ts';
import { targetTools } from '../engines/target-tools.ts';
import { Chance } from '../kernel/chance.ts';
import { loadPolicies } from '../protocol/cedar.ts';
import { compilePolicy } from '../protocol/iam.ts';
import { readWaivers, type Waiver } from '../report.ts';
import type { Scenario, Stream } from '../scenario/schema.ts';
import { loadScenario } from '../scenario.ts';
import { decodeTrace } from '../traces/decode.ts';
import { decodeClientWindows, expandClients, logNormalSizes } from '../traces/servegen.ts';
import type { TraceRow } from '../traces/trace.ts';
import {
  PACKAGE_ROOT,
  policiesHash,
  prepareFolder,
  readCedar,
  readIam,
  readText,
  sha256,
} from './files.ts';
import { Complaints } from './options.ts';
import { type PlatformOption, platformOf } from './platform-module.ts';

/** The options of `poolproof run` that say what is run. */
export interface RunOptions {
  readonly platform: PlatformOption;
  readonly policies?: string;
  readonly seed?: string;
  readonly trace?: string;
  readonly lenient?: boolean;
  readonly waivers?: string;
  readonly out?: string;
}

export interface Asked {
  readonly inputs: RunInputs;
  readonly hashes: {
    readonly scenario: string;
    readonly platform: string;
    readonly policies: string;
  };
  readonly waivers: readonly Waiver[];
  readonly folder: string;
  /** What leniency left out of traces. */
  readonly skipped: readonly Complaint[];
}

/** Reads everything, and makes what else is to be checked. Throws one `UsageError` with every complaint of every file. */
export const readInputs = async (
  file: string,
  options: RunOptions,
  alsoCheck: readonly (() => unknown)[] = [],
): Promise<Asked> => {
  const complaints = new Complaints();
  const attempt = complaints.attempt.bind(complaints);
  for (const check of alsoCheck) attempt(check);
  const text = attempt(() => readText(file, 'scenario'));
  const scenario = text === undefined ? undefined : attempt(() => loadScenario(text, file));
  const seed = attempt(() => seedOf(options.seed, scenario?.seed ?? 1));
  // Without a sound scenario its policies are still held against the tools that ship.
  const tools =
    scenario === undefined
      ? behindTargets(HEALTHCARE_TOOLS, HEALTHCARE_TARGETS)
      : targetTools(scenario);
  const { cedar, iam } = readPolicies(options.policies, tools, complaints);
  const swaps = scenario === undefined ? undefined : attempt(() => swapsOf(scenario, file));
  const skipped: Complaint[] = [];
  const traces =
    scenario === undefined ? undefined : attempt(() => tracesOf(scenario, file, options, skipped));
  const waivers = attempt(() =>
    options.waivers === undefined
      ? []
      : readWaivers(readText(options.waivers, 'waivers'), options.waivers),
  );
  const platform = await platformOf(options.platform, complaints);
  const folder = options.out ?? join('out', scenario?.name ?? 'run');
  attempt(() => prepareFolder(folder));

  complaints.tell();
  if (scenario === undefined || cedar === undefined || iam === undefined)
    throw new UsageError(complaints.all);
  if (seed === undefined || swaps === undefined || traces === undefined || platform === undefined)
    throw new UsageError(complaints.all);
  return {
    inputs: {
      scenario,
      seed,
      platform: platform.make,
      cedarFiles: cedar,
      swaps,
      iamDocuments: iam,
      traces,
    },
    hashes: {
      scenario: sha256(text ?? ''),
      platform: platform.hash,
      policies: policiesHash(cedar, iam),
    },
    waivers: waivers ?? [],
    folder,
    skipped,
  };
};

/** The Cedar files and IAM documents of a folder, or those that ship, compiled once to be complained of. */
export const readPolicies = (
  folder: string | undefined,
  tools: readonly TargetTool[],
  complaints: Complaints,
) => {
  const from = folder ?? join(PACKAGE_ROOT, 'policies');
  const cedar = complaints.attempt(() => readCedar(from));
  const iam = complaints.attempt(() => readIam(from));
  for (const [name, document] of Object.entries(iam ?? {}))
    complaints.attempt(() => compilePolicy(document, name));
  if (cedar !== undefined) complaints.attempt(() => loadPolicies(cedar, tools));
  return { cedar, iam };
};

/** The seed that was asked for. Throws `UsageError`. */
export const seedOf = (text: string | undefined, usual: number): number => {
  if (text === undefined) return usual;
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new UsageError([
    {
      file: '--seed',
      message: `not a seed: \`${text}\``,
      hint: 'expected a whole number from 0, or `random`',
    },
  ]);
};

const swapsOf = (scenario: Scenario, file: string): RunInputs['swaps'] => {
  const swaps = new Map<string, ReturnType<typeof readCedar>>();
  const moved = scenario.moves.flatMap((move) => (move.do === 'change' ? [move.change] : []));
  for (const change of [...scenario.changes, ...moved]) {
    if (change.kind !== 'swap-policies') continue;
    const files = readCedar(join(dirname(file), change.folder));
    loadPolicies(files, targetTools(scenario));
    swaps.set(change.folder, files);
  }
  return swaps;
};

const tracesOf = (
  scenario: Scenario,
  file: string,
  options: RunOptions,
  skipped: Complaint[],
): RunInputs['traces'] => {
  const streams = scenario.traffic.filter(({ load }) => load.kind === 'trace');
  if (options.trace !== undefined && streams.length === 0) {
    throw new UsageError([
      {
        file,
        message: '`--trace` is given, and no stream of the scenario replays a trace',
        hint: 'give a stream `trace:`',
      },
    ]);
  }
  return new Map(streams.map((stream) => [stream.name, rowsOf(stream, file, options, skipped)]));
};

const rowsOf = (
  stream: Stream,
  file: string,
  options: RunOptions,
  skipped: Complaint[],
): readonly TraceRow[] => {
  if (stream.load.kind !== 'trace') return [];
  const { trace } = stream.load;
  const named = isAbsolute(trace.file) ? trace.file : join(dirname(file), trace.file);
  const path = options.trace ?? named;
  const text = readText(path, 'trace');
  const lenient = options.lenient ?? false;
  if (trace.format === 'servegen' && options.trace === undefined) {
    const { windows, skipped: left } = decodeClientWindows(text, path, { lenient });
    skipped.push(...left);
    // ServeGen's windows hold no sizes: these are assumed.
    const sizes = logNormalSizes({ median: 1000, ratioP95: 4 }, { median: 250, ratioP95: 4 });
    return expandClients([{ client: path, windows }], sizes, new Chance('servegen'));
  }
  const decoded = decodeTrace(undefined, text, path, { lenient });
  skipped.push(...decoded.skipped);
  return decoded.rows;
};
