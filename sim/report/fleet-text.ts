// How is it told what several front doors admitted between them?

import type { FleetReport } from '../domain/fleet-report.ts';
import type { LimiterWindow } from '../domain/report.ts';
import { counted, figure } from './numbers.ts';
import { left, right, table } from './table.ts';

/** A part of the sentence: wrong decisions, and the stretch in which most was admitted beyond the plan. */
export const fleetWords = (fleet: FleetReport): string => {
  const { tenants, replicas, wrongAdmissions, wrongRefusals, toleranceUs } = fleet;
  const worst = tenants.reduce<LimiterWindow | null>(
    (most, { worstWindow }) => (beyond(worstWindow) > beyond(most) ? worstWindow : most),
    null,
  );
  const decided = tenants.reduce((sum, { admitted, refused }) => sum + admitted + refused, 0);
  const counting = fleet.limiter === 'redis' ? 'counting in one Redis' : 'each counting for itself';
  return (
    `${counted(replicas, 'front door')} ${counting}: ${counted(wrongAdmissions, 'wrong admission')} and ` +
    `${counted(wrongRefusals, 'wrong refusal')} in ${counted(decided, 'decision')} ` +
    `(± ${figure(toleranceUs / 1000, 1)} ms)` +
    (worst === null
      ? ''
      : `, at worst ${worst.admitted} of ${figure(worst.allowed, 0)} in ${secondsOf(worst)}`)
  );
};

/** Tenants that are told one by one, those whose plan was broken most. */
const SHOWN = 10;

/** What each door decided, then the tenants whose plans were broken most. */
export const fleetLines = (fleet: FleetReport, columns: number): readonly string[] => {
  const worst = [...fleet.tenants]
    .sort((one, other) => beyond(other.worstWindow) - beyond(one.worstWindow))
    .slice(0, SHOWN);
  return [
    ...fleet.doors.map(
      ({ decided, undecided }, index) =>
        `  door ${index + 1}: ${counted(decided, 'decision')}` +
        (undecided === 0
          ? ''
          : `, ${counted(undecided, 'request')} failed closed, for its limiter could not say`),
    ),
    table(
      [left('tenant'), left('tier'), ...HEADS.map(right)],
      worst.map((one) => [
        ...[one.tenant, one.tier, figure(one.admitted), figure(one.refused)],
        ...[figure(one.wrongAdmissions), figure(one.wrongRefusals)],
        one.worstWindow === null
          ? '-'
          : `${one.worstWindow.admitted} of ${figure(one.worstWindow.allowed, 0)} in ${secondsOf(one.worstWindow)}`,
      ]),
      columns,
    ),
    ...(fleet.tenants.length > SHOWN
      ? [
          `The ${SHOWN} of ${fleet.tenants.length} that were admitted most beyond their plan; load.json has all.`,
        ]
      : []),
  ];
};

const HEADS = ['admitted', 'refused', 'wrong adm.', 'wrong ref.', 'worst stretch'];

const secondsOf = ({ fromUs, toUs }: LimiterWindow): string =>
  `${figure((toUs - fromUs) / 1_000_000, 1)} s`;

const beyond = (window: LimiterWindow | null): number =>
  window === null ? Number.NEGATIVE_INFINITY : window.admitted - window.allowed;
