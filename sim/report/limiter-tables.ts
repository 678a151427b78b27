// How do the rows of the limiter bench stand in tables, and its curves in a line?

import type {
  Envelope,
  LimiterReport,
  LimiterRow,
  WorstStretch,
} from '../domain/limiter-report.ts';
import type { CountedShare } from '../domain/share.ts';
import { counted, figure, microseconds } from './numbers.ts';
import { table } from './table.ts';

/** More rows than this are summed up on the terminal; the files have all. */
const ROWS_MAX = 40;

const RIGHT = { align: 'right' } as const;

export const rowsTable = (rows: readonly LimiterRow[], columns: number, all: boolean): string =>
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
      row.inconclusive ?? worstText(row),
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
        worst === undefined ? '-' : worstText(worst),
        worst?.pattern ?? '-',
        worst?.heldTo ?? '-',
      ];
    }),
    columns,
  );
  return `${drawn}\nsummed over ${patterns} patterns; limiter.txt has each of the ${rows.length} rows`;
};

export const adversaryTable = ({ adversary }: LimiterReport, columns: number): string =>
  table(
    [
      { title: 'limiter' },
      { title: 'limit' },
      { title: 'admitted', ...RIGHT },
      { title: 'allowed', ...RIGHT },
      { title: 'within', ...RIGHT },
      { title: 'tried' },
      { title: 'by' },
    ],
    adversary.map((row) => [
      row.limiter,
      row.limit,
      figure(row.admitted),
      figure(row.allowed),
      microseconds(row.lengthUs),
      `${figure(row.evaluations)}${row.bounded ? ', bounded' : ''}`,
      row.attack.join('; '),
    ]),
    columns,
  );

export const faultsTable = ({ faults }: LimiterReport, columns: number): string =>
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
export const curves = (envelopes: readonly Envelope[]): readonly string[] => {
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

export const percent = (share: number): string => {
  const digits = share >= 0.1 ? 0 : share >= 0.001 ? 1 : 3;
  return `${(share * 100).toFixed(digits)} %`;
};

const worstText = ({ worst, fullest }: LimiterRow): string => {
  if (worst === null) return 'nothing was admitted';
  const { admitted, allowed, lengthUs, limit } = worst;
  return (
    `${figure(admitted)} of ${figure(allowed)} in ${microseconds(lengthUs)} (${limit})` +
    (isFuller(fullest, worst) ? `; ${figure(fullest.admitted)} across windows` : '')
  );
};

/** Whether an interval across two windows holds more than the worst of them. */
export const isFuller = (
  fullest: WorstStretch | null,
  worst: WorstStretch,
): fullest is WorstStretch =>
  fullest !== null && fullest.limit === worst.limit && fullest.admitted > worst.admitted;

const signed = (value: number): string => (value > 0 ? `+${figure(value)}` : figure(value));

export const wrongOf = (row: LimiterRow): number =>
  row.wrongAdmissions.count + row.wrongRefusals.count;

export const excess = ({ worst }: LimiterRow): number =>
  worst === null ? Number.NEGATIVE_INFINITY : worst.admitted - worst.allowed;

export const namesOf = (rows: readonly LimiterRow[]): readonly string[] => [
  ...new Set(rows.map(({ limiter }) => limiter)),
];
