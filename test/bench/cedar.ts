// What does the memory of Cedar's answers save, and what does Cedar itself take?

import type { HistoryEvent } from '../../sim/domain/history.ts';
import type { PolicyDecision, PolicyQuestion } from '../../sim/domain/ports.ts';
import type { RunInputs } from '../../sim/engines/run.ts';
import { targetTools } from '../../sim/engines/target-tools.ts';
import { Samples } from '../../sim/measures.ts';
import { loadPolicies, PolicyEngine } from '../../sim/protocol/cedar.ts';
import { dayInputs, play } from './play.ts';
import { type Compared, compare } from './ratio.ts';
import { type Bench, figure, figures, ratioText, type Shown, words } from './show.ts';

/** Batches in the order A B B A: 1,000 pairs in all. */
const FOURS_A_ROUND = 100;
const ROUNDS = 5;
const QUESTIONS = 1_000;

export const cedar: Bench = {
  name: 'cedar',
  question: 'a real decision by Cedar, remembered and not',
  run: async ({ rounds = ROUNDS }) => {
    const fours = rounds * FOURS_A_ROUND;
    const inputs = await dayInputs(QUESTIONS);
    const policies = loadPolicies(inputs.cedarFiles, targetTools(inputs.scenario));
    const realUs = new Samples();
    const remembering = new PolicyEngine(policies);
    const asking = new PolicyEngine(policies, { cacheEntries: 0, measure: timedInto(realUs) });
    const questions = await questionsOf(inputs);
    const complaints = disagreements(questions, asking, remembering);
    const [asked, remembered] = [inTurn(questions, asking), inTurn(questions, remembering)];
    const compared = {
      'asked to remembered': compare(asked, remembered, fours),
      'asked to asked (control)': compare(asked, asked, fours),
      'remembered to remembered (control)': compare(remembered, remembered, fours),
    };
    return [ratiosShown(compared, complaints), latencyShown(realUs)];
  },
};

/** What the gateway asked Cedar in a small day. */
const questionsOf = async (inputs: RunInputs): Promise<readonly PolicyQuestion[]> => {
  const questions: PolicyQuestion[] = [];
  const see = (event: HistoryEvent): void => {
    if (event.kind === 'decided') questions.push(event.question);
  };
  await play(inputs, ['checks', 'measures', 'digest'], [{ see }]);
  return questions;
};

/** Both must decide alike, and not always the same. */
const disagreements = (
  questions: readonly PolicyQuestion[],
  asking: PolicyEngine,
  remembering: PolicyEngine,
): readonly string[] => {
  const seen = new Set<string>();
  const wrong = questions.filter((question) => {
    const asked = textOf(asking.decide(question));
    seen.add(asked.slice(0, 5));
    return [1, 2].some(() => textOf(remembering.decide(question)) !== asked);
  });
  return [
    ...(wrong.length === 0 ? [] : [`${wrong.length} remembered decisions are not Cedar's`]),
    ...(seen.size > 1 ? [] : [`the questions show nothing: every answer is ${[...seen].join()}`]),
  ];
};

const textOf = ({ decision, determining, errors }: PolicyDecision): string =>
  [decision, ...determining, ...errors].join('\n');

/** A call decides the next question. */
const inTurn = (questions: readonly PolicyQuestion[], engine: PolicyEngine): (() => void) => {
  let turn = 0;
  return () => {
    const question = questions[turn % questions.length];
    turn += 1;
    if (question !== undefined) engine.decide(question);
  };
};

const timedInto =
  (timesUs: Samples) =>
  <T>(work: () => T): T => {
    const beganMs = performance.now();
    const result = work();
    timesUs.add((performance.now() - beganMs) * 1000);
    return result;
  };

const ratiosShown = (
  compared: Readonly<Record<string, Compared>>,
  complaints: readonly string[],
): Shown => ({
  title: 'cedar: one decision of the policy engine, in wall µs at the 10th percentile',
  columns: [words('compared'), ...figures('µs', 'µs', 'ratio')],
  rows: Object.entries(compared).map(([name, { oneUs, otherUs, ratio }]) => [
    name,
    figure(oneUs, 2),
    figure(otherUs, 2),
    ratioText(ratio),
  ]),
  notes: [
    `What the gateway asked in a day of ${figure(QUESTIONS)} requests, in batches of about 1 ms`,
    'in the order A B B A. A control compares a thing with itself: what it is off 1 is noise.',
  ],
  complaints,
});

const latencyShown = (realUs: Samples): Shown => {
  const at = (share: number): string => figure(realUs.quantile(share) ?? Number.NaN, 1);
  return {
    title: 'cedar: Cedar’s own call, without what the engine does around it, in wall µs',
    columns: figures('calls', 'p10', 'p50', 'p90', 'p99', 'max'),
    rows: [[figure(realUs.count), at(10), at(50), at(90), at(99), at(100)]],
    notes: [],
    complaints: [],
  };
};
