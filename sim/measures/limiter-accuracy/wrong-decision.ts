// How is a wrong decision of a limiter told: what was promised, what was given, and the contradiction.

import { nameOf, type Violation } from '../../domain/finding.ts';
import type { LimitContract } from '../../domain/limit.ts';
import { formatInstant } from '../../kernel/calendar.ts';
import type { Stretch } from '../limiter-judge/busiest-window.ts';
import type { Judged } from './life.ts';

export const wrongDecision = (judged: Judged): Violation => {
  const { decision } = judged;
  const did = decision.admitted ? 'admitted' : 'refused';
  const caller = nameOf(decision.event.request?.principal);
  return {
    promise: 'I6',
    boundary: 'front-door',
    operation: decision.admitted ? 'admit' : 'refuse',
    relation: 'same tenant',
    sink: 'permit',
    service: 'front-door',
    title: decision.admitted
      ? 'more was admitted than the contract allows'
      : 'a request was refused that the contract allows',
    event: decision.event,
    let: [`E1 = ${timeOfDay(decision.atUs)}  the front door ${did} ${caller}`],
    then: [
      `The contract of \`${decision.tier}\` is ${contractText(judged.contract)}.`,
      ...(decision.admitted ? admissionLines(judged) : refusalLines(judged)),
    ],
  };
};

const admissionLines = ({ verdict }: Judged): readonly string[] => {
  const window = overrun(verdict.worstWindow);
  const period = overrun(verdict.quotaWorst);
  return [
    ...(window === undefined ? [] : [stretchLine(window, 'its rate and burst allow')]),
    ...(period === undefined ? [] : [stretchLine(period, 'its quota allows')]),
    'However, E1 was admitted where nothing was left: a contradiction.',
  ];
};

const refusalLines = ({ decision }: Judged): readonly string[] => [
  decision.by === undefined
    ? 'A permit was there, and of the quota something was left.'
    : `E1 was refused as \`${decision.by}\`, but that limit was not exhausted.`,
  'However, E1 was refused: a contradiction.',
];

const overrun = (stretch: Stretch | undefined): Stretch | undefined =>
  stretch !== undefined && stretch.admitted > stretch.allowed ? stretch : undefined;

const stretchLine = ({ fromUs, toUs, admitted, allowed }: Stretch, what: string): string => {
  const [from, to] = [formatInstant(fromUs), formatInstant(toUs)];
  const isOneDay = from.slice(0, 10) === to.slice(0, 10);
  const [first, last] = isOneDay ? [from.slice(11, -1), to.slice(11, -1)] : [from, to];
  return `From ${first} to ${last} ${admitted} were admitted; ${what} ${allowed}.`;
};

const contractText = ({ rate, quota }: LimitContract): string => {
  const parts = [
    ...(rate === undefined ? [] : [`${rate.requestsPerSecond} requests/s, burst ${rate.burst}`]),
    ...(quota === undefined ? [] : [`${quota.requests} a ${quota.period}`]),
  ];
  return parts.length === 0 ? 'without a limit' : parts.join(', ');
};

/** `HH:MM:SS.mmm` in UTC. */
const timeOfDay = (atUs: number): string => formatInstant(atUs).slice(11, 23);
