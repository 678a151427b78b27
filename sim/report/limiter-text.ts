// How does the limiter bench speak: its sentence, its tables, and a line for each curve.

import type {
  CountedShare,
  Envelope,
  LimiterReport,
  LimiterRow,
  WorstStretch,
} from '../domain/limiter-report.ts';
import { counted, figure, microseconds } from './numbers.ts';
import { table, wrap } from './table.ts';

type Told = Omit<LimiterReport, 'sentence'>;

/** More rows than this are summed up on the terminal; the files have all. */
const ROWS_MAX = 40;

export const limiterSentence = (report: Told): string => {
  const parts = [
    ...heldParts(report),
    ...freeParts(report.rows),
    ...adversaryParts(report),
    ...faultParts(report),
    ...leftOutParts(report),
  ];
  return `${parts.join('; ')}.`;
};

const heldParts = ({ rows, contract }: Told): readonly string[] => {
  const judged = rows.filter((row) => row.heldTo !== 'nothing' && row.inconclusive === null);
  if (judged.length === 0) return [];
  const broken = judged.filter((row) => wrongOf(row) > 0);
  const sound = namesOf(judged).filter((name) => !namesOf(broken).includes(name));
  const soundRows = judged.filter(({ limiter }) => sound.includes(limiter));
  const decisions = soundRows.reduce((sum, row) => sum + row.decisions, 0);
  const bound = upperBound(decisions);
  return [
    ...(sound.length === 0
      ? []
      : [
          `${listed(sound)} kept \`${contract.name}\`: 0 wrong in ${counted(decisions, 'decision')} ` +
            `(at most ${percent(bound)} at 95 %)`,
        ]),
    ...namesOf(broken).map((name) => {
      const own = broken.filter(({ limiter }) => limiter === name);
      const sum = (count: (row: LimiterRow) => number): string =>
        figure(own.reduce((total, row) => total + count(row), 0));
      return (
        `${name} broke it: ${sum((row) => row.wrongAdmissions.count)} wrong admissions and ` +
        `${sum((row) => row.wrongRefusals.count)} wrong refusals`
      );
    }),
  ];
};

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
  const [worst] = adversary.toSorted((a, b) => b.admitted - b.allowed - (a.admitted - a.allowed));
  if (worst === undefined) return [];
  const { limiter, admitted, allowed, limit } = worst;
  return [
    `at worst, sought in ${counted(adversary.length, 'limiter')}, ${limiter} lets ` +
      `${figure(admitted)} of ${figure(allowed)} through \`${limit}\``,
  ];
};

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
  const { rows, adversary, faults, leftOut, contract } = report;
  const simulated = rows.filter(({ clock }) => clock === 'simulated');
  const wall = rows.filter(({ clock }) => clock === 'wall');
  const blocks = [
    wrap(report.sentence, columns),
    [
      `Contract  ${contract.name} (${contract.file})`,
      ...contract.limits.map((limit) => `  ${limit}`),
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
    [
      `verdict  ${report.verdict} (exit code ${report.exitCode})${report.partial ? ', partial' : ''}`,
      `seed     ${report.seed}`,
      `replay   ${report.replay}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

export const limiterMarkdown = (report: LimiterReport): string =>
  [
    `# \`${report.contract.name}\` under ${counted(namesOf(report.rows).length, 'limiter')}`,
    report.sentence,
    '![what was admitted, against what the contract allows](limiter.svg)',
    `\`\`\`\n${limiterText(report, 150, true)}\`\`\``,
    '',
  ].join('\n\n');

const RIGHT = { align: 'right' } as const;

const rowsTable = (rows: readonly LimiterRow[], columns: number, all: boolean): string =>
  all || rows.length <= ROWS_MAX ? fullTable(rows, columns) : summedTable(rows, columns);

const fullTable = (rows: readonly LimiterRow[], columns: number): string =>
  table(
    [
      { title: 'limiter' },
      { title: 'pattern' },
      { title: 'decisions', ...RIGHT },
      { title: 'wrong admissions', ...RIGHT },
      { title: 'wrong refusals', ...RIGHT },
      { title: 'worst' },
      { title: 'drift', ...RIGHT },
      { title: '± µs', ...RIGHT },
      { title: 'a second', ...RIGHT },
      { title: 'held to' },
    ],
    rows.map((row) => [
      row.limiter,
      row.pattern,
      figure(row.decisions),
      shareText(row.wrongAdmissions),
      shareText(row.wrongRefusals),
      row.inconclusive ?? stretchText(row.fullest ?? row.worst),
      row.drift === null ? '-' : signed(row.drift),
      figure(row.toleranceUs),
      figure(row.decisionsPerSecond),
      row.heldTo,
    ]),
    columns,
  );

const summedTable = (rows: readonly LimiterRow[], columns: number): string => {
  const patterns = new Set(rows.map(({ pattern }) => pattern)).size;
  const drawn = table(
    [
      { title: 'limiter' },
      { title: 'decisions', ...RIGHT },
      { title: 'wrong admissions', ...RIGHT },
      { title: 'wrong refusals', ...RIGHT },
      { title: 'worst' },
      { title: 'under' },
      { title: 'held to' },
    ],
    namesOf(rows).map((name) => {
      const own = rows.filter(({ limiter }) => limiter === name);
      const sum = (count: (row: LimiterRow) => number): string =>
        figure(own.reduce((total, row) => total + count(row), 0));
      const [worst] = own.toSorted((a, b) => excess(b) - excess(a));
      return [
        name,
        sum((row) => row.decisions),
        sum((row) => row.wrongAdmissions.count),
        sum((row) => row.wrongRefusals.count),
        stretchText(worst?.fullest ?? worst?.worst ?? null),
        worst?.pattern ?? '-',
        worst?.heldTo ?? '-',
      ];
    }),
    columns,
  );
  return `${drawn}\nsummed over ${patterns} patterns; limiter.txt has each of the ${rows.length} rows`;
};

const adversaryTable = ({ adversary }: LimiterReport, columns: number): string =>
  table(
    [
      { title: 'limiter' },
      { title: 'limit' },
      { title: 'admitted', ...RIGHT },
      { title: 'allowed', ...RIGHT },
      { title: 'within', ...RIGHT },
      { title: 'by' },
    ],
    adversary.map((row) => [
      row.limiter,
      row.limit,
      figure(row.admitted),
      figure(row.allowed),
      microseconds(row.lengthUs),
      row.attack.join('; '),
    ]),
    columns,
  );

const faultsTable = ({ faults }: LimiterReport, columns: number): string =>
  table(
    [
      { title: 'fault' },
      { title: 'what it does' },
      { title: 'caught' },
      { title: 'wrong admissions', ...RIGHT },
      { title: 'wrong refusals', ...RIGHT },
      { title: 'under', ...RIGHT },
      { title: 'without it', ...RIGHT },
    ],
    faults.map((row) => [
      row.id,
      row.does,
      row.caught ? 'yes' : 'NO',
      figure(row.wrongAdmissions),
      figure(row.wrongRefusals),
      counted(row.patterns.length, 'pattern'),
      figure(row.control),
    ]),
    columns,
  );

const BLOCKS = '▁▂▃▄▅▆▇█';

/** Half of the height is what is allowed; the full height is double of it or more. */
const curves = (envelopes: readonly Envelope[]): readonly string[] => {
  const widest = Math.max(0, ...envelopes.map(({ limiter }) => limiter.length));
  const [first] = envelopes;
  if (first === undefined) return [];
  return [
    `Most admitted in any interval up to ${microseconds(first.lengthUs)} long, by its length (▄ is what \`${first.limit}\` allows)`,
    ...envelopes.map(({ limiter, pattern, points }) => {
      const line = points
        .map(
          ({ admitted, allowed }) =>
            BLOCKS[Math.min(7, Math.ceil((admitted / allowed) * 4) - 1)] ?? ' ',
        )
        .join('');
      return `  ${limiter.padEnd(widest)}  ${line}  ${pattern}`;
    }),
  ];
};

const shareText = ({ count, share, low, high }: CountedShare): string =>
  count === 0
    ? `0 (≤ ${percent(high)})`
    : `${figure(count)} = ${percent(share)} (${percent(low)}–${percent(high)})`;

const percent = (share: number): string => {
  const digits = share >= 0.1 ? 0 : share >= 0.001 ? 1 : 3;
  return `${(share * 100).toFixed(digits)} %`;
};

const stretchText = (stretch: WorstStretch | null): string =>
  stretch === null
    ? 'nothing was admitted'
    : `${figure(stretch.admitted)} of ${figure(stretch.allowed)} in ${microseconds(stretch.lengthUs)} (${stretch.limit})`;

const signed = (value: number): string => (value > 0 ? `+${figure(value)}` : figure(value));

const wrongOf = (row: LimiterRow): number => row.wrongAdmissions.count + row.wrongRefusals.count;

const excess = ({ worst, fullest }: LimiterRow): number => {
  const stretch = fullest ?? worst;
  return stretch === null ? Number.NEGATIVE_INFINITY : stretch.admitted - stretch.allowed;
};

const namesOf = (rows: readonly LimiterRow[]): readonly string[] => [
  ...new Set(rows.map(({ limiter }) => limiter)),
];

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** Wilson's upper end for none out of so many. */
const upperBound = (decisions: number): number => {
  const zz = 1.959963984540054 * 1.959963984540054;
  return zz / (decisions + zz);
};
