// What does `poolproof run` do: read, simulate, judge, write the reports and say it in words.

import { join } from 'node:path';
import type { ExitCode } from '../domain/exit-code.ts';
import type { Verdict } from '../domain/finding.ts';
import type { Observer } from '../domain/history.ts';
import type { Report } from '../domain/report.ts';
import { UsageError } from '../domain/usage-error.ts';
import { type Watched, watchObserver } from '../engines/noninterference.ts';
import { type Folded, fold, type RunSurroundings } from '../engines/run.ts';
import { differentHistory, differingRange, Excerpt, sameHistory } from '../engines/twice.ts';
import { formatInstant } from '../kernel/calendar.ts';
import { WallClock, wallMs } from '../kernel/wall-clock.ts';
import { json, markdown, RUN_FORM, terminal, unusedWaivers } from '../report.ts';
import { writeWhole } from './files.ts';
import { keepHeapSmall } from './heap.ts';
import { HistoryFile } from './history-file.ts';
import { type Asked, type RunOptions, readInputs } from './inputs.ts';
import { secondRun } from './second-run.ts';
import { quoted } from './shell-word.ts';
import { reportOf } from './telling.ts';
import { traceExport } from './trace-export.ts';
import { progressOf, type Voice } from './voice.ts';

export interface RunFlags extends RunOptions {
  readonly platform: string;
  readonly twice?: boolean;
  readonly history?: boolean;
  readonly format: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
  readonly exportTraces?: string;
  readonly cache: boolean;
}

const FORMATS: Readonly<
  Record<string, { readonly name: string; readonly render: (report: Report) => string }>
> = {
  json: { name: 'report.json', render: (report) => json(RUN_FORM, report) },
  markdown: { name: 'report.md', render: markdown },
  text: {
    name: 'report.txt',
    render: (report) => terminal(report, { columns: 100, colour: false }),
  },
};

/** `again` is how the scenario is played a second time, where that is asked for. */
export const runCommand = async (
  file: string,
  flags: RunFlags,
  voice: Voice,
  again = secondRun,
): Promise<ExitCode> => {
  const asked = await readInputs(file, flags, [
    () => formatsOf(flags),
    () => flags.exportTraces === undefined || traceExport(flags.exportTraces),
  ]);
  const formats = formatsOf(flags);
  for (const complaint of asked.skipped) voice.err(`${new UsageError([complaint]).message}\n`);
  const { report, folded } = await play(file, flags, { asked, again }, voice);
  writeWhole(
    asked.folder,
    formats.map(({ name, render }) => ({ name, text: render(report) })),
  );
  const printed = flags.stdout === undefined ? undefined : FORMATS[flags.stdout];
  if (printed !== undefined) voice.out(printed.render(report));
  else if (flags.quiet !== true) {
    voice.out(terminal(report, { columns: voice.columns, colour: voice.colour }));
    voice.out(`report  ${formats.map(({ name }) => join(asked.folder, name)).join(', ')}\n`);
  } else voice.out(`${report.sentence}\n`);
  // Perhaps it is mended, perhaps its id is misspelt: either way the list is to be looked at.
  for (const { id, owner } of unusedWaivers(report.findings, asked.waivers))
    voice.err(`${flags.waivers}: the waiver of \`${id}\` met no finding (owner: ${owner})\n`);
  if (folded.played.stalled > 0) {
    voice.err(
      `${folded.played.stalled} requests never ended: the platform waits for something outside simulated time\n`,
    );
  }
  return report.exitCode;
};

/** What was asked, and how it is played a second time. */
interface Playing {
  readonly asked: Asked;
  readonly again: typeof secondRun;
}

const play = async (file: string, flags: RunFlags, playing: Playing, voice: Voice) => {
  const { asked, again } = playing;
  const { inputs } = asked;
  const twice = flags.twice === true || inputs.scenario.expects.includes('I11');
  const child = { scenario: file, ...flags, seed: inputs.seed };
  // The second run goes on beside the first, in a process of its own.
  const ending = new AbortController();
  const second = twice
    ? again(child, { signal: ending.signal }).then(
        (retold) => ({ retold }),
        (problem: Error) => ({ problem }),
      )
    : undefined;
  const watched = watchObserver(inputs.scenario);
  const surroundings = surround(flags, asked, voice, watched);
  const folded = await fold(inputs, surroundings.around)
    .then(async (done) => {
      await surroundings.close();
      return done;
    })
    .catch(async (problem: unknown) => {
      ending.abort();
      await surroundings.abandon();
      throw problem;
    });
  if (folded.played.partial) ending.abort();
  const compared: Verdict[] = [];
  if (second !== undefined && !folded.played.partial) {
    const outcome = await second;
    if ('problem' in outcome) throw outcome.problem;
    const range = differingRange(folded, outcome.retold);
    compared.push(
      range === undefined
        ? sameHistory(folded)
        : await tellDifference(child, playing, folded, range),
    );
  }
  if (watched !== undefined && !folded.played.partial)
    compared.push(
      (
        await watched.withOthersVaried((scenario, second, view) =>
          fold({ ...inputs, scenario }, { wallMs, observers: [view], digested: false, second }),
        )
      ).verdict,
    );
  const today = formatInstant(new WallClock().nowUs()).slice(0, 10);
  const report = reportOf(inputs, folded, {
    version: voice.version,
    node: process.version,
    hashes: asked.hashes,
    waivers: asked.waivers,
    compared,
    today,
    replay: replayLine(file, flags, inputs.seed),
  });
  return { report, folded };
};

const tellDifference = async (
  child: Parameters<typeof secondRun>[0],
  { asked, again }: Playing,
  folded: Folded,
  range: { readonly from: number; readonly to: number },
): Promise<Verdict> => {
  const excerpt = new Excerpt(range);
  await fold(asked.inputs, { wallMs, observers: [excerpt] });
  const { lines } = await again(child, { lines: range });
  return differentHistory(folded, excerpt.events, lines);
};

/** Everything that listens to a run: the history file, the exporter, the progress bar. */
const surround = (
  flags: RunFlags,
  asked: Asked,
  voice: Voice,
  watched: Watched | undefined,
): {
  readonly around: RunSurroundings;
  readonly close: () => Promise<void>;
  readonly abandon: () => Promise<void>;
} => {
  const traces = flags.exportTraces === undefined ? undefined : traceExport(flags.exportTraces);
  const history = flags.history === true ? new HistoryFile(asked.folder) : undefined;
  const tail = '% of the simulated time, {events} events';
  const bar = progressOf(voice, flags.quiet, asked.inputs.scenario.name, tail);
  const observers: readonly Observer[] = [history, watched?.view].filter(
    (one) => one !== undefined,
  );
  return {
    around: {
      wallMs,
      observers,
      spanProcessors: traces === undefined ? [] : [traces],
      stop: voice.stopped,
      ...(watched && { watch: watched.watch }),
      ...(flags.cache ? {} : { cacheEntries: 0 }),
      between: async ({ share, events }) => {
        bar.update(Math.floor(share * 100), 100, { events });
        await history?.drain();
        await traces?.drain();
        keepHeapSmall();
      },
    },
    close: async () => {
      bar.stop();
      // The spans first: a collector that refuses them leaves no history behind.
      await traces?.shutdown();
      await history?.close();
    },
    abandon: async () => {
      bar.stop();
      await history?.abandon();
    },
  };
};

const formatsOf = (flags: RunFlags) => {
  const hint = `expected ${Object.keys(FORMATS)
    .map((name) => `\`${name}\``)
    .join(', ')}`;
  const names = [...new Set(flags.format.split(',').map((name) => name.trim()))];
  const printed = flags.stdout === undefined ? [] : [flags.stdout];
  const unknown = [
    ...names.map((name) => ({ file: '--format', name })),
    ...printed.map((name) => ({ file: '--stdout', name })),
  ].filter(({ name }) => !Object.hasOwn(FORMATS, name));
  if (unknown.length > 0) {
    throw new UsageError(
      unknown.map(({ file, name }) => ({ file, message: `unknown format \`${name}\``, hint })),
    );
  }
  return names.flatMap((name) => FORMATS[name] ?? []);
};

/** The line that repeats the run. */
const replayLine = (file: string, flags: RunFlags, seed: number): string =>
  [
    'npx poolproof run',
    quoted(file),
    '--seed',
    seed,
    ...(flags.platform === 'reference' ? [] : ['--platform', quoted(`${flags.platform}`)]),
    ...(flags.policies === undefined ? [] : ['--policies', quoted(flags.policies)]),
    ...(flags.trace === undefined ? [] : ['--trace', quoted(flags.trace)]),
    ...(flags.lenient === true ? ['--lenient'] : []),
    ...(flags.twice === true ? ['--twice'] : []),
    ...(flags.waivers === undefined ? [] : ['--waivers', quoted(flags.waivers)]),
  ].join(' ');

/** The digest of a run as JSON: what the first run asks of its second. */
export const digestCommand = async (
  file: string,
  flags: RunOptions & { readonly lines?: string },
  voice: Voice,
): Promise<ExitCode> => {
  const { inputs } = await readInputs(file, flags);
  const [from, to] = (flags.lines ?? '0:0').split(':').map(Number);
  const excerpt = new Excerpt({ from: from ?? 0, to: to ?? 0 });
  const { digest, checkpoints } = await fold(inputs, { wallMs, observers: [excerpt] });
  voice.out(JSON.stringify({ digest, checkpoints, lines: excerpt.lines }));
  return 0;
};
