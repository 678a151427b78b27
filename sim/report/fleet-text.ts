// How is it told what several front doors admitted between them?

import type { FleetReport, FleetTenant } from '../domain/fleet-report.ts';
import type { LimiterWindow } from '../domain/report.ts';
import { clockTime, stretchOf } from './load-tables.ts';
import { counted, figure } from './numbers.ts';
import { left, right, table } from './table.ts';

/** A part of the sentence: wrong decisions, and the stretch in which most was admitted beyond the plan. */
export const fleetWords = (fleet: FleetReport): string => {
  const { tenants, replicas, wrongAdmissions, wrongRefusals, silences } = fleet;
  const worst = tenants.reduce<LimiterWindow | null>(
    (most, { worstWindow }) => (beyond(worstWindow) > beyond(most) ? worstWindow : most),
    null,
  );
  const decided = tenants.reduce((sum, { admitted, refused }) => sum + admitted + refused, 0);
  const counting = fleet.limiter === 'redis' ? 'counting in one Redis' : 'each counting for itself';
  const closed = silences.reduce((sum, { failed }) => sum + failed, 0);
  const silent =
    closed === 0 ? '' : `, ${counted(closed, 'request')} failed closed while Redis did not answer`;
  const doors = `${counted(replicas, 'front door')} ${counting}`;
  if (isPart(fleet)) return `${doors}: not judged, for a door’s decisions are lost${silent}`;
  return (
    `${doors}: ${counted(wrongAdmissions, 'wrong admission')} and ` +
    `${counted(wrongRefusals, 'wrong refusal')} in ${counted(decided, 'decision')} ` +
    `(± ${figure(fleet.toleranceUs / 1000, 1)} ms${excusedWords(fleet.couldBeWrong)})` +
    (worst === null
      ? ''
      : `, at worst ${worst.admitted} of ${figure(worst.allowed, 0)} in ${secondsOf(worst)}`) +
    silent
  );
};

/** What a tolerance excuses, where it does. */
export const excusedWords = (couldBeWrong: number): string =>
  couldBeWrong === 0 ? '' : `, which excuses ${figure(couldBeWrong)} that could be wrong`;

/** Whether a door was lost, and what it decided with it. */
export const isPart = ({ doors }: FleetReport): boolean =>
  doors.some(({ lostUs }) => lostUs !== null);

/** One line for each door that was lost. */
export const lostWords = ({ doors }: FleetReport): readonly string[] =>
  doors.flatMap(({ lostUs }, index) =>
    lostUs === null
      ? []
      : [
          `front door ${index + 1} of ${doors.length} died at ${clockTime(lostUs)}: what it decided is lost`,
        ],
  );

/** Tenants that are told one by one, those whose plan was broken most. */
const SHOWN = 10;

/** What each door decided, then the tenants whose plans were broken most. */
export const fleetLines = (fleet: FleetReport, columns: number): readonly string[] => {
  const worst = [...fleet.tenants]
    .sort((one, other) => beyond(other.worstWindow) - beyond(one.worstWindow))
    .slice(0, SHOWN);
  return [
    ...fleet.doors.flatMap(({ decided, undecided, lostUs }, index) =>
      lostUs !== null
        ? []
        : [
            `  door ${index + 1}: ${counted(decided, 'decision')}` +
              (undecided === 0
                ? ''
                : `, ${counted(undecided, 'request')} failed closed, for its limiter could not say`),
          ],
    ),
    ...lostWords(fleet).map((line) => `  ${line}`),
    ...fleet.silences.map(
      (silence) =>
        `  Redis did not answer ${stretchOf(silence)}: ${counted(silence.failed, 'request')} failed closed`,
    ),
    ...(worst.length === 0 ? [] : [tenantTable(worst, columns)]),
    ...(fleet.tenants.length > SHOWN
      ? [
          `The ${SHOWN} of ${fleet.tenants.length} that were admitted most beyond their plan; load.json has all.`,
        ]
      : []),
  ];
};

const tenantTable = (worst: readonly FleetTenant[], columns: number): string =>
  table(
    [left('tenant'), left('tier'), ...HEADS.map(right)],
    worst.map((one) => [
      ...[one.tenant, one.tier, figure(one.admitted), figure(one.refused)],
      ...[figure(one.wrongAdmissions), figure(one.wrongRefusals), figure(one.couldBeWrong)],
      one.worstWindow === null
        ? '-'
        : `${one.worstWindow.admitted} of ${figure(one.worstWindow.allowed, 0)} in ${secondsOf(one.worstWindow)}`,
    ]),
    columns,
  );

const HEADS = ['admitted', 'refused', 'wrong adm.', 'wrong ref.', 'could be', 'worst stretch'];

const secondsOf = ({ fromUs, toUs }: LimiterWindow): string =>
  `${figure((toUs - fromUs) / 1_000_000, 1)} s`;

const beyond = (window: LimiterWindow | null): number =>
  window === null ? Number.NEGATIVE_INFINITY : window.admitted - window.allowed;
