// What should a user do about what was measured: only what a ratio, its interval and its control bear out.

import type { BenchedRatio, PolicyBench } from '../domain/policy-bench.ts';
import { counted, figure } from './numbers.ts';
import { ratioText, shortTime } from './policy-bench-text.ts';

/** Saving less than this is not worth a line. Assumed. */
const WORTH = 1.1;
/** Memory that grows by less in a run is the heap's own, which grows while it warms up. Assumed. */
const GROWTH_BYTES = 64 * 1_048_576;
/** Of fewer decisions the memory tells nothing: a leak of 671 bytes each is to show. Assumed. */
const DECISIONS_MIN = 100_000;

export const benchAdvice = ({
  ways,
  byPolicies,
  byEntities,
  memory,
}: Pick<PolicyBench, 'ways' | 'byPolicies' | 'byEntities' | 'memory'>): readonly string[] => {
  const naive = ways.find(({ way }) => way === 'naive')?.ratio;
  const whole = ways.find(({ way }) => way === 'prepared')?.ratio;
  const engine = ways.find(({ way }) => way === 'engine')?.ratio;
  const remembered = ways.find(({ way }) => way === 'remembered')?.ratio;
  const most = byPolicies.at(-1);
  return [
    isMore(naive)
      ? `Parse policies once (\`preparsePolicySet\`, \`statefulIsAuthorized\`) and hand over those of the action: the naive call takes ${ratioText(naive)}.`
      : 'Parsing policies beforehand made no difference here that could be measured.',
    isMore(whole)
      ? `Slice by action: the whole set, prepared, takes ${ratioText(whole)}${most !== undefined && isMore(most.preparedToSliced) ? `, and among ${figure(most.policies)} policies ${ratioText(most.preparedToSliced)}, because each call copies the set that it is given` : ''}.`
      : most !== undefined && isMore(most.preparedToSliced)
        ? `Slicing by action makes no difference yet; among ${figure(most.policies)} policies the whole set takes ${ratioText(most.preparedToSliced)}, because each call copies the set that it is given.`
        : 'Slicing by action made no difference here that could be measured.',
    ...entitiesAdvice(byEntities),
    ...(engine?.clearsControl !== true || !((engine.high ?? Number.NaN) < 1 / WORTH)
      ? []
      : [
          `Send only the tags and inputs that the policies of the action read: that takes ${figure(engine.value, 2)} of the time of sending all.`,
        ]),
    ...(remembered?.clearsControl !== true || !(remembered.value < 0.5)
      ? []
      : [
          `Remember answers by what the policies can tell apart: one that is remembered takes 1/${figure(1 / remembered.value)} of the time.`,
        ]),
    memoryAdvice(memory),
  ];
};

const memoryAdvice = ({ decisions, grownBytes }: PolicyBench['memory']): string => {
  const made = counted(decisions, 'decision');
  if (decisions < DECISIONS_MIN)
    return `Whether memory grows is not told by ${made}: ask for ${figure(DECISIONS_MIN)} (\`--memory\`).`;
  return grownBytes < GROWTH_BYTES
    ? `Memory needs no care as long as names of prepared sets are used again: ${made} left less than 64 MiB behind.`
    : `Watch memory: ${made} left ${figure(grownBytes / 1_048_576)} MiB behind.`;
};

const isMore = (ratio: BenchedRatio | undefined): ratio is BenchedRatio =>
  ratio?.clearsControl === true && (ratio.low ?? 0) > WORTH;

const entitiesAdvice = (rows: PolicyBench['byEntities']): readonly string[] => {
  const [few, most] = [rows.find(({ entities }) => entities === 5), rows.at(-1)];
  if (few === undefined || most === undefined || few.controlIsOff || most.controlIsOff) return [];
  const eachUs = (most.wholeUs.value - few.wholeUs.value) / (most.entities - few.entities);
  const share = (most.serialisationUs + most.entitiesUs) / most.wholeUs.value;
  return [
    `Send no entity that the policies do not ask for: each takes ${shortTime(eachUs)}, so that ${figure(most.entities)} take ${shortTime(most.wholeUs.value)}, of which ${figure(share * 100)} % is taking in entities and not deciding.`,
  ];
};
