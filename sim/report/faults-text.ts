// How does the fault catalogue speak: its sentence and the kill matrix.

import type { FaultsReport, JudgedFault } from '../domain/faults-report.ts';
import { counted, figure } from './numbers.ts';
import { table, wrap } from './table.ts';

export const faultsSentence = (report: Omit<FaultsReport, 'sentence'>): string => {
  const { total, caught, attributed, unattributed, silent, usualTest, control } = report;
  const medians = report.faults.flatMap(({ executions }) => executions.median ?? []);
  const middle = medians.toSorted((a, b) => a - b)[Math.floor(medians.length / 2)];
  const cost = middle === undefined ? '' : `, found after ${counted(middle, 'execution')} (median)`;
  return (
    `${caught} of ${counted(total, 'seeded fault')} caught, ${attributed} by the check meant for them${cost}; ` +
    (unattributed.length === 0 ? '' : `${unattributed.length} never reported by that check; `) +
    (silent.length === 0 ? '' : `silent: the check of ${silent.join(', ')}; `) +
    `the usual test catches ${usualTest.caught}; ` +
    `${counted(control.findings, 'finding')} on the sound platform in ${counted(control.programs, 'program')}.`
  );
};

export const faultsText = (report: FaultsReport, columns: number): string => {
  const missed = report.faults.filter(({ caught }) => !caught);
  const astray = report.faults.filter(
    ({ caught, id }) => caught && report.unattributed.includes(id),
  );
  const blocks = [
    wrap(report.sentence, columns),
    [matrix(report.faults, columns)],
    ...(missed.length === 0
      ? []
      : [['Not caught', ...missed.map(({ id, does }) => `  ${id}: ${does}`)]]),
    ...(astray.length === 0
      ? []
      : [['Not reported by the check meant for it', ...astray.map(meantLine)]]),
    [
      `verdict  ${report.verdict} (exit code ${report.exitCode})${report.partial ? ', partial' : ''}`,
      `seeds    ${report.seeds.join(', ')}`,
      `replay   ${report.replay}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const meantLine = ({ id, promise, caughtBy }: JudgedFault): string =>
  `  ${id}: meant for ${promise}, caught by ${caughtBy.join(' ')}`;

const matrix = (faults: readonly JudgedFault[], columns: number): string =>
  table(
    [
      { title: 'fault' },
      { title: 'meant' },
      { title: 'caught by' },
      { title: 'executions', align: 'right' },
      { title: 'at most', align: 'right' },
      { title: 'moves', align: 'right' },
      { title: 'tenants', align: 'right' },
      { title: 'usual test' },
    ],
    faults.map((fault) => [
      fault.id,
      fault.promise,
      fault.caughtBy.length === 0 ? 'nothing' : fault.caughtBy.join(' '),
      shown(fault.executions.median),
      shown(fault.executions.max),
      shown(fault.moves),
      shown(fault.tenants),
      fault.usualTest ? 'caught' : '-',
    ]),
    columns,
  );

const shown = (value: number | null): string => (value === null ? '-' : figure(value));
