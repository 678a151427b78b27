// Who is entitled to what: the table that the harness holds against the platform's own policies.

import { localTime } from '../kernel/calendar.ts';

/** One line of the table: these tiers and roles may use the tool, on what is their own, in these hours. */
export interface EntitlementLine {
  readonly tool: string;
  readonly tiers: readonly string[];
  readonly roles: readonly string[];
  readonly object: 'own' | 'none';
  /** Minutes after midnight in the tenant's zone; always, when undefined. */
  readonly hours: { readonly fromMinutes: number; readonly toMinutes: number } | undefined;
}

/** Who asks, by the authority that the ledger knows. */
export interface Asker {
  readonly tier: string;
  readonly role: string;
  readonly zone: string;
}

/** True when a line of the table allows it. What is not listed is forbidden. */
export const entitled = (
  table: readonly EntitlementLine[],
  asker: Asker,
  use: { readonly tool: string; readonly own: boolean; readonly atUs: number },
): boolean =>
  table.some(
    (line) =>
      line.tool === use.tool &&
      line.tiers.includes(asker.tier) &&
      line.roles.includes(asker.role) &&
      (line.object === 'none' || use.own) &&
      open(line, asker.zone, use.atUs),
  );

const open = (line: EntitlementLine, zone: string, atUs: number): boolean => {
  if (line.hours === undefined) return true;
  const { minutesOfDay } = localTime(atUs, zone);
  return line.hours.fromMinutes <= minutesOfDay && minutesOfDay < line.hours.toMinutes;
};
