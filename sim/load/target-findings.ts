// How is it told that a target broke its limits: a finding with the stretch that shows it.

import { findingId } from '../domain/finding.ts';
import type { ReportedFinding } from '../domain/report.ts';
import { formatInstant } from '../kernel/calendar.ts';
import type { JudgedTenant } from './outside-limits.ts';

/** None, or one for too much and one for too little. */
export const limitFinding = (
  judged: JudgedTenant,
  { replay }: { readonly replay: string },
): readonly ReportedFinding[] => {
  const { wrongAdmissions, wrongRefusals } = judged.limit;
  return [
    ...(wrongAdmissions === 0 ? [] : [tooMuch(judged, replay)]),
    ...(wrongRefusals === 0 ? [] : [tooLittle(judged, replay)]),
  ];
};

const tooMuch = (judged: JudgedTenant, replay: string): ReportedFinding => {
  const { limit, contract, admissions, admissionSpreadUs } = judged;
  const { rate, quota } = contract;
  const window = admissions.worstWindow;
  const byRate =
    rate !== undefined &&
    window !== undefined &&
    window.admitted >
      window.allowed + Math.ceil((admissionSpreadUs / 1e6) * rate.requestsPerSecond);
  const stretch = byRate ? window : (admissions.quotaWorst ?? window);
  const promised = byRate
    ? `${rate.requestsPerSecond} requests a second with a burst of ${rate.burst}`
    : `${quota?.requests ?? 0} requests a ${quota?.period ?? 'period'}`;
  return finding('admission', limit.wrongAdmissions, {
    title: `${limit.tier} was admitted more than it is promised`,
    let: [
      `E1 = ${timeText(stretch?.fromUs)} to ${timeText(stretch?.toUs)}  ${limit.tenant} (${limit.tier}) was answered ${stretch?.admitted ?? 0} times with success`,
    ],
    then: [
      `The tier is promised ${promised}: at most ${stretch?.allowed ?? 0} in that time.`,
      `Answers came at most ${Math.round(admissionSpreadUs / 1000)} ms after their decisions, which explains no such excess.`,
      'However, E1 was admitted: a contradiction.',
    ],
    replay,
  });
};

const tooLittle = ({ limit, contract }: JudgedTenant, replay: string): ReportedFinding => {
  const { rate } = contract;
  return finding('refusal', limit.wrongRefusals, {
    title: `${limit.tier} was refused within its limits`,
    let: [`E1 = ${limit.tenant} (${limit.tier}) was refused ${limit.wrongRefusals} times`],
    then: [
      `The tier is promised ${rate?.requestsPerSecond ?? 0} requests a second with a burst of ${rate?.burst ?? 0}.`,
      'Even if its bucket was empty at the start, and all that failed had been admitted, a permit was left.',
      'However, E1 was refused: a contradiction, unless others used the tenant meanwhile.',
    ],
    replay,
  });
};

const finding = (
  operation: string,
  count: number,
  told: Pick<ReportedFinding, 'title' | 'let' | 'then' | 'replay'>,
): ReportedFinding => ({
  id: findingId({
    ...{ promise: 'I6', boundary: 'target', operation, service: 'target' },
    ...{ relation: told.title, sink: 'limit' },
  }),
  promise: 'I6',
  ...{ count, ...told, neighbourhood: [], waived: null, note: null },
});

const timeText = (us: number | undefined): string =>
  us === undefined ? '?' : formatInstant(Math.round(us)).slice(11, 23);
