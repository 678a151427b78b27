// What is the one sentence at the top? Every part of it was measured; what was not is said.

import type { Report } from '../domain/report.ts';
import { counted, figure, microseconds, span } from './numbers.ts';

/** How a line of `notExercised` ends whose promise was expected. */
export const EXPECTED = '(expected)';

export type SentenceParts = Pick<
  Report,
  | 'findings'
  | 'promises'
  | 'requests'
  | 'limiter'
  | 'policy'
  | 'thresholds'
  | 'partial'
  | 'verdict'
  | 'speed'
  | 'clock'
  | 'notExercised'
>;

/** One sentence, never empty. A run that failed leads with what is wrong. */
export const sentence = (parts: SentenceParts): string => {
  const text = [
    ...trouble(parts),
    leaks(parts),
    limits(parts),
    policy(parts),
    throughput(parts),
  ].join('; ');
  return `${text}.`;
};

const trouble = (parts: SentenceParts): readonly string[] => {
  const open = parts.findings.filter(({ waived }) => waived === null);
  const waived = parts.findings.length - open.length;
  const missed = parts.thresholds.filter(({ holds }) => !holds);
  const [finding] = open;
  const [threshold] = missed;
  return [
    ...(finding === undefined
      ? []
      : [`${counted(open.length, 'finding')}, the first: ${finding.title}`]),
    ...(parts.verdict === 'inconclusive' ? [inconclusive(parts)] : []),
    ...(parts.partial ? ['stopped before its end'] : []),
    ...(threshold === undefined
      ? []
      : [
          `${missed.length} of ${counted(parts.thresholds.length, 'threshold')} missed, the first: ${threshold.text}`,
        ]),
    ...(waived === 0 ? [] : [`${counted(waived, 'finding')} waived`]),
  ];
};

const inconclusive = ({ notExercised }: SentenceParts): string => {
  const expected = notExercised.filter((line) => line.endsWith(EXPECTED));
  const names = expected.map((line) => line.slice(0, -EXPECTED.length).trim());
  return names.length === 0 ? 'inconclusive' : `inconclusive: ${names.join(', ')} not exercised`;
};

const leaks = ({ promises, findings }: SentenceParts): string => {
  const flows = promises.find(({ id }) => id === 'I1')?.evidence ?? 0;
  if (flows === 0) return 'leaks not exercised';
  const found = findings.filter(({ promise }) => promise === 'I1').length;
  return `${counted(found, 'leak')} in ${figure(flows)} judged flows`;
};

const limits = ({ limiter }: SentenceParts): string => {
  const decisions = limiter.reduce((sum, { admitted, refused }) => sum + admitted + refused, 0);
  if (decisions === 0) return 'limits not exercised';
  const wrong = limiter.reduce((sum, row) => sum + row.wrongAdmissions + row.wrongRefusals, 0);
  const verdict = `${counted(wrong, 'wrong decision')} in ${figure(decisions)}`;
  return [...spentQuotas(limiter), verdict].join(', ');
};

/** Days of one tier and quota on which more was asked than the quota. */
const spentQuotas = (limiter: Report['limiter']): readonly string[] => {
  const groups = new Map<string, { tier: string; quota: number; days: number; admitted: number }>();
  for (const { tier, quota, admitted, refusedByQuota } of limiter.flatMap(({ daily }) => daily)) {
    if (quota === null || refusedByQuota === 0) continue;
    const key = `${tier} ${quota}`;
    const group = groups.get(key) ?? { tier, quota, days: 0, admitted: 0 };
    group.days += 1;
    group.admitted += admitted;
    groups.set(key, group);
  }
  return [...groups.values()].map(
    ({ tier, quota, days, admitted }) =>
      `${tier.charAt(0).toUpperCase()}${tier.slice(1)} admitted ` +
      `${figure(admitted / days, 2)} of ${figure(quota)} a day`,
  );
};

const policy = ({ policy: { decisions, evaluated, latencyUs } }: SentenceParts): string => {
  if (decisions === 0) return 'policies not exercised';
  if (latencyUs === null) return `${counted(decisions, 'policy decision')}, none timed`;
  return (
    `policy p50 ${microseconds(latencyUs.p50)}, p99 ${microseconds(latencyUs.p99)} ` +
    `over ${counted(evaluated, 'evaluation')}`
  );
};

const throughput = ({ requests, speed, clock }: SentenceParts): string => {
  if (requests.arrived === 0) return 'no requests';
  const asked = counted(requests.arrived, 'request');
  const took = `${figure(speed.wallMs / 1000, 1)} s`;
  return clock === 'wall'
    ? `${asked} in ${took}`
    : `${asked} of ${span(speed.simulatedMs)} in ${took}`;
};
