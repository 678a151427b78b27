// How does the limiter bench speak: its sentence, its tables, and a line for each curve.

import type { LimiterReport, LimiterRow } from '../domain/limiter-report.ts';
import { shareOf } from '../domain/share.ts';
import {
  adversaryTable,
  curves,
  excess,
  faultsTable,
  isFuller,
  namesOf,
  percent,
  rowsTable,
  wrongOf,
} from './limiter-tables.ts';
import { counted, figure } from './numbers.ts';
import { wrap } from './table.ts';

type Told = Omit<LimiterReport, 'sentence'>;

export const limiterSentence = (report: Told): string => {
  const parts = [
    ...heldParts(
      onClock(report.rows, 'simulated'),
      // What a pattern does not show the search may.
      `\`${report.contract.name}\`${report.adversary.length > 0 ? ' under the patterns' : ''}`,
    ),
    // On the real clock it is a short contract of their own: the user's may take a day.
    ...heldParts(onClock(report.rows, 'wall'), '20 in 1 s on the real clock'),
    ...unreachedParts(report),
    ...freeParts(report.rows),
    ...adversaryParts(report),
    ...faultParts(report),
    ...leftOutParts(report),
  ];
  return `${parts.join('; ')}.`;
};

const onClock = (rows: readonly LimiterRow[], clock: LimiterRow['clock']): readonly LimiterRow[] =>
  rows.filter((row) => row.clock === clock);

const heldParts = (rows: readonly LimiterRow[], what: string): readonly string[] => {
  const judged = rows.filter((row) => row.heldTo !== 'nothing' && row.inconclusive === null);
  if (judged.length === 0) return [];
  const broken = judged.filter((row) => wrongOf(row) > 0);
  const sound = namesOf(judged).filter((name) => !namesOf(broken).includes(name));
  const soundRows = judged.filter(({ limiter }) => sound.includes(limiter));
  const decisions = soundRows.reduce((sum, row) => sum + row.decisions, 0);
  const bound = shareOf(0, decisions).high;
  return [
    ...(sound.length === 0
      ? []
      : [
          `${listed(sound)} kept ${what}: 0 wrong in ${counted(decisions, 'decision')} ` +
            `(at most ${percent(bound)} at 95 %)`,
        ]),
    ...namesOf(broken).map((name) => {
      const own = broken.filter(({ limiter }) => limiter === name);
      const sum = (count: (row: LimiterRow) => number): string =>
        figure(own.reduce((total, row) => total + count(row), 0));
      const [row] = own.toSorted((a, b) => excess(b) - excess(a));
      return (
        `${name} broke ${what}: ${sum((row) => row.wrongAdmissions.count)} wrong ` +
        `admissions and ${sum((row) => row.wrongRefusals.count)} wrong refusals` +
        (row === undefined ? '' : atWorst(row))
      );
    }),
  ];
};

const atWorst = ({ worst, fullest }: LimiterRow): string =>
  worst === null || worst.admitted <= worst.allowed
    ? ''
    : `, at worst ${figure(worst.admitted)} of ${figure(worst.allowed)}` +
      (isFuller(fullest, worst)
        ? `, and ${figure(fullest.admitted)} in some interval of that length`
        : '');

/** What those who kept the contract never had to keep. */
const unreachedParts = ({ unreached }: Told): readonly string[] =>
  unreached.length === 0 ? [] : [`not reached: ${unreached.join(', ')}`];

/** Those that nobody holds to the contract: the one that lets most through. */
const freeParts = (rows: readonly LimiterRow[]): readonly string[] => {
  const free = rows.filter(({ heldTo, worst }) => heldTo === 'nothing' && worst !== null);
  const [worst] = free.toSorted((a, b) => excess(b) - excess(a));
  if (worst?.worst == null || excess(worst) <= 0) return [];
  const { admitted, allowed, limit } = worst.worst;
  return [
    `${worst.limiter} admitted ${figure(admitted)} where \`${limit}\` allows ${figure(allowed)}`,
  ];
};

const adversaryParts = ({ adversary }: Told): readonly string[] => {
  if (adversary.length === 0) return [];
  const beyond = adversary
    .filter(({ wrongAdmissions }) => wrongAdmissions > 0)
    .toSorted((a, b) => b.admitted - b.allowed - (a.admitted - a.allowed));
  const sought = `a search for the worst calls of ${counted(adversary.length, 'limiter')}`;
  const bounded = adversary
    .filter((row) => row.bounded && row.wrongAdmissions === 0)
    .map(({ limiter }) => limiter);
  const limit =
    bounded.length === 0 ? '' : `, bounded for ${listed(bounded)} as the limits are so large`;
  if (beyond.length === 0) return [`${sought} got no more through than is allowed${limit}`];
  const told = beyond
    .slice(0, TOLD_MOST)
    .map(
      ({ limiter, admitted, allowed }) => `${limiter} ${figure(admitted)} of ${figure(allowed)}`,
    );
  const more = beyond.length > TOLD_MOST ? ` and ${beyond.length - TOLD_MOST} more` : '';
  return [`${sought} got through ${told.join(', ')}${more}${limit}`];
};

/** A sentence is still read with so many. */
const TOLD_MOST = 3;

const faultParts = ({ faults }: Told): readonly string[] => {
  if (faults.length === 0) return [];
  const caught = faults.filter((fault) => fault.caught).length;
  const control = faults.reduce((most, fault) => Math.max(most, fault.control), 0);
  return [
    `${caught} of ${counted(faults.length, 'seeded fault')} caught, ` +
      `${figure(control)} wrong decisions without one`,
  ];
};

const leftOutParts = ({ leftOut, rows }: Told): readonly string[] => {
  const failed = rows.flatMap(({ limiter, inconclusive }) =>
    inconclusive === null ? [] : [`${limiter} inconclusive: ${inconclusive}`],
  );
  const redis = leftOut.filter(({ limiter }) => limiter.includes('redis'));
  return [...failed, ...redis.map(({ limiter, reason }) => `${limiter} left out: ${reason}`)];
};

/** The text of the report; `all` rows, or summed up when there are many. */
export const limiterText = (report: LimiterReport, columns: number, all: boolean): string => {
  const { rows, adversary, faults, leftOut, contract, meanings } = report;
  const simulated = rows.filter(({ clock }) => clock === 'simulated');
  const wall = rows.filter(({ clock }) => clock === 'wall');
  const blocks = [
    wrap(report.sentence, columns),
    [
      `Contract  ${contract.name} (${contract.file})`,
      ...contract.limits.map((limit) => `  ${limit}`),
      ...(contract.implied.length === 0
        ? []
        : [`  never decides, as another lets no more through: ${contract.implied.join(', ')}`]),
      ...(contract.band === null ? [] : [`  ${contract.band}`]),
    ],
    ...(simulated.length === 0
      ? []
      : [
          ['Computed (simulated time)', rowsTable(simulated, columns, all)],
          curves(report.envelopes),
        ]),
    ...(wall.length === 0 ? [] : [['Measured (wall time)', rowsTable(wall, columns, true)]]),
    ...(adversary.length === 0
      ? []
      : [['The worst that was found', adversaryTable(report, columns)]]),
    ...(faults.length === 0 ? [] : [['Seeded faults', faultsTable(report, columns)]]),
    ...(leftOut.length === 0
      ? []
      : [['Left out', ...leftOut.map(({ limiter, reason }) => `  ${limiter}: ${reason}`)]]),
    ...(all ? [['Limiters and patterns', ...meaningLines(meanings)]] : []),
    [
      `verdict  ${report.verdict} (exit code ${report.exitCode})${report.partial ? ', partial' : ''}`,
      `seed     ${report.seed}`,
      `replay   ${report.replay}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const meaningLines = (meanings: LimiterReport['meanings']): readonly string[] => {
  const widest = Math.max(0, ...meanings.map(({ name }) => name.length));
  return meanings.map(({ name, does }) => `  ${name.padEnd(widest)}  ${does}`);
};

export const limiterMarkdown = (report: LimiterReport): string =>
  [
    `# \`${report.contract.name}\` under ${counted(namesOf(report.rows).length, 'limiter')}`,
    report.sentence,
    '![what was admitted, against what the contract allows](limiter.svg)',
    `\`\`\`\n${limiterText(report, 150, true)}\`\`\``,
    '',
  ].join('\n\n');

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
