// How many decisions does the judge of each kind of limit judge in a second, and is it linear?

import { judgeSpeed } from '../../sim/engines/judge-speed.ts';
import { processorUs } from './play.ts';
import { type Bench, figure, figures, ratioText, words } from './show.ts';

const DECISIONS = 1_000_000;
const ROUNDS = 3;

/** What was promised: so many a second, and ten times as many for eleven times the cost at most. */
const PER_SECOND = 5_000_000;
const TENFOLD_MOST = 11;

export const judge: Bench = {
  name: 'judge',
  question: 'decisions judged in a second, for each kind of limit',
  run: async ({ rounds = ROUNDS }) => {
    const speeds = judgeSpeed(DECISIONS, () => processorUs() / 1000, rounds);
    return [
      {
        title: `judge: ${figure(DECISIONS)} decisions and ten times as many, by processor time`,
        columns: [words('limit'), ...figures('a second', 'ten times as many cost', 'judged wrong')],
        rows: speeds.map(({ kind, perSecond, tenfold, wrong }) => [
          kind,
          figure(perSecond),
          ratioText(tenfold),
          figure(wrong),
        ]),
        notes: [
          'One limit, 100 keys; four of five decisions are admissions, drawn without a limiter.',
        ],
        complaints: speeds.flatMap(({ kind, perSecond, tenfold, wrong }) => [
          ...(perSecond >= PER_SECOND ? [] : [`${kind}: below ${figure(PER_SECOND)} a second`]),
          ...(tenfold <= TENFOLD_MOST ? [] : [`${kind}: not linear, ${ratioText(tenfold)}`]),
          ...(wrong > 0 ? [] : [`${kind}: nothing was judged wrong, so nothing was judged`]),
        ]),
      },
    ];
  },
};
