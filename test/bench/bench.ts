// How fast is the harness, and where does its time go: `npm run bench -- [NAME…] [--requests N]`.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { cedar } from './cedar.ts';
import { day } from './day.ts';
import { judge } from './judge.ts';
import { limiter } from './limiter.ts';
import { limits } from './limits.ts';
import { models } from './models.ts';
import { population } from './population.ts';
import { type Bench, type BenchOptions, shownText } from './show.ts';
import { stages } from './stages.ts';
import { stall } from './stall.ts';

const BENCHES: readonly Bench[] = [
  day,
  population,
  stages,
  models,
  cedar,
  limiter,
  judge,
  stall,
  limits,
];

const USAGE = [
  'npm run bench -- [NAME…] [--requests N] [--rounds N] [--seconds N]',
  ...BENCHES.map(({ name, question }) => `  ${name.padEnd(12)}${question}`),
  '  --requests  of the benches that play a scenario (day, population, stages)',
  '  --rounds    how often what is compared is repeated',
  '  --seconds   of each loop over HTTP (models, stall, limits)',
  '',
].join('\n');

/** A mistake in what was typed. */
class Mistyped extends Error {}

const OPTIONS = {
  requests: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const typed = () => {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS });
  } catch (problem) {
    throw new Mistyped((problem as Error).message);
  }
};

const whole = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Mistyped(`--${option}: not a whole number from 1: \`${text}\``);
};

const chosen = (names: readonly string[]): readonly Bench[] => {
  const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0) throw new Mistyped(`no such bench: \`${unknown.join('`, `')}\``);
  return BENCHES.filter(({ name }) => names.length === 0 || names.includes(name));
};

/** Runs one bench and says what it found; whether that is sound. */
const isSound = async (bench: Bench, options: BenchOptions): Promise<boolean> => {
  process.stderr.write(`${bench.name}: ${bench.question} …\n`);
  try {
    const tables = await bench.run(options);
    process.stdout.write(tables.map(shownText).join(''));
    return tables.every(({ complaints }) => complaints.length === 0);
  } catch (problem) {
    process.stdout.write(`\n${bench.name}: FAILED  ${(problem as Error).stack}\n`);
    return false;
  }
};

const main = async (): Promise<number> => {
  const { values, positionals } = typed();
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const options: BenchOptions = {
    requests: whole('requests', values.requests),
    rounds: whole('rounds', values.rounds),
    seconds: whole('seconds', values.seconds),
  };
  const benches = chosen(positionals);
  process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores\n`);
  let sound = true;
  for (const bench of benches) sound = (await isSound(bench, options)) && sound;
  return sound ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (problem) {
  if (!(problem instanceof Mistyped)) throw problem;
  process.stderr.write(`${problem.message}\n${USAGE}`);
  process.exitCode = 2;
}
