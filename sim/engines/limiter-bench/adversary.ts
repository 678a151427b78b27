// Which calls do most harm to a contract? A search over arrivals that knows nothing of the limiter.

import type { Contract } from '../../domain/contract.ts';
import type { Chance } from '../../kernel/chance.ts';
import type { SimulatedLimiter } from '../../limiters.ts';
import { ContractJudge, type ContractVerdict } from '../../measures.ts';
import { type Tempo, tempoOf } from './tempo.ts';

/** Waits, then calls so often, so far apart, of one replica or of each in turn. */
export interface Step {
  readonly waitUs: number;
  readonly calls: number;
  readonly spacingUs: number;
  readonly replicas: 'one' | 'each';
}

export interface Attack {
  readonly steps: readonly Step[];
  readonly limit: string;
  readonly admitted: number;
  readonly allowed: number;
  readonly lengthUs: number;
  /** Of its calls; the stretch is beyond the contract only where there are any. */
  readonly wrongAdmissions: number;
  readonly evaluations: number;
  readonly decisions: number;
  /** Limits that some call of the search met, which no other limit would have refused. */
  readonly reached: ReadonlySet<string>;
  /** Whether the limits are too large for what a search may spend. */
  readonly bounded: boolean;
}

/** What the search may spend; decisions bound it where limits are large. */
export interface Effort {
  readonly evaluations: number;
  readonly decisions: number;
}

/** Some seconds where limits are large; a limit of a thousand is within it. */
const EFFORT: Effort = { evaluations: 6000, decisions: 12_000_000 };

/** Each begins anew, so that one which ends on a hill that is not the highest is not the last word. */
const ROUNDS = 4;

/** Of a round; then its best is made better by small changes. */
const RANDOM_SHARE = 0.3;

const STEPS_MAX = 5;

/** A replica's calls come in turn; more replicas than a small deployment has are not reached. */
const TURNS = 8;

/**
 * Looks for calls that break the contract, and of all stretches for the one furthest beyond it.
 * A function of its arguments: the same chance finds the same attack.
 */
export const attack = (
  make: () => SimulatedLimiter,
  contract: Contract,
  chance: Chance,
  { evaluations, decisions }: Effort = EFFORT,
): Attack | undefined => {
  const tempo = tempoOf(contract);
  const roundLength = Math.ceil(evaluations / ROUNDS);
  const first = openings(tempo);
  let best: Found | undefined;
  let current: Found | undefined;
  let spent = 0;
  let tried = 0;
  const reached = new Set<string>();
  for (; tried < evaluations && spent < decisions; tried += 1) {
    const intoRound = tried % roundLength;
    if (intoRound === 0) current = undefined;
    const isRandom = intoRound < roundLength * RANDOM_SHARE || chance.happens(0.05);
    const drawn =
      first[tried] ??
      (isRandom || current === undefined
        ? someSteps(tempo, chance)
        : varied(current.drawn, tempo, chance));
    const judge = new ContractJudge(contract);
    const made = playSteps(make(), judge, drawn, { tempo, callsMax: decisions - spent });
    spent += made.calls;
    const verdict = judge.conclude();
    for (const { name, reached: isReached } of verdict.limits) if (isReached) reached.add(name);
    const found = harm(verdict, { ...made, drawn }, tempo);
    if (found === undefined) continue;
    if (current === undefined || !isWorse(current, found)) current = found;
    if (best === undefined || isWorse(current, best)) best = current;
  }
  if (best === undefined) return undefined;
  const { worth: _, drawn: __, ...found } = best;
  const bounded = tried < evaluations || TURNS * tempo.burst > CALLS_MAX;
  return { ...found, evaluations: tried, decisions: spent, reached, bounded };
};

interface Found extends Omit<Attack, 'evaluations' | 'decisions' | 'reached' | 'bounded'> {
  /** The steps as they were drawn, without what was found to be needless in them. */
  readonly drawn: readonly Step[];
  /** Of two the one that is larger in the first place where they differ does more harm. */
  readonly worth: readonly number[];
}

const isWorse = ({ worth }: Found, other: Found): boolean => {
  const index = worth.findIndex((one, at) => one !== other.worth[at]);
  return index >= 0 && (worth[index] ?? 0) > (other.worth[index] ?? 0);
};

/** What was made of steps. */
interface Made {
  /** As they were made: without the calls at the end of a clump that would be refused anyway. */
  readonly steps: readonly Step[];
  readonly calls: number;
}

const harm = (
  { wrongAdmissions, limits }: ContractVerdict,
  { steps, calls, drawn }: Made & { readonly drawn: readonly Step[] },
  { windowUs }: Tempo,
): Found | undefined => {
  let worst: Found | undefined;
  for (const { name: limit, worst: stretch, fullest } of limits) {
    if (stretch === undefined) continue;
    const { admitted, allowed } = stretch;
    const lengthUs = stretch.toUs - stretch.fromUs;
    const worth = [
      // A promise that was broken, before any that is only far beyond in another sense.
      wrongAdmissions > 0 ? 1 : 0,
      admitted - allowed,
      // Full across an edge is no harm, and the way to it.
      fullest === undefined ? 0 : fullest.admitted - fullest.allowed,
      // Of equal excess the shorter one with fewer calls is better: it says what matters.
      -calls / 1e6 - lengthUs / windowUs / 1e3,
    ];
    const found = { steps, drawn, limit, admitted, allowed, lengthUs, wrongAdmissions, worth };
    if (worst === undefined || isWorse(found, worst)) worst = found;
  }
  return worst;
};

const playSteps = (
  limiter: SimulatedLimiter,
  judge: ContractJudge,
  drawn: readonly Step[],
  { tempo, callsMax }: { readonly tempo: Tempo; readonly callsMax: number },
): Made => {
  const steps: Step[] = [];
  let calls = 0;
  let atUs = tempo.startUs;
  for (const step of drawn) {
    atUs += step.waitUs;
    const turns = step.replicas === 'one' ? 1 : TURNS;
    let refused = 0;
    let made = 0;
    while (made < step.calls && calls < callsMax) {
      if (made > 0) atUs += step.spacingUs;
      const call = { key: 'target', atUs, clockUs: atUs, replica: made % turns };
      const isAdmitted = limiter.admit(call).kind === 'admitted';
      judge.see(call.key, atUs, isAdmitted);
      made += 1;
      calls += 1;
      refused = isAdmitted ? 0 : refused + 1;
      // At one instant, whoever was refused would be again.
      if (step.spacingUs === 0 && refused === turns) break;
    }
    steps.push({ ...step, calls: made });
  }
  return { steps, calls };
};

/** Where a contract's own edges are, before chance is asked: clumps at, around and across them. */
const openings = ({ startUs, windowUs, burst }: Tempo): readonly (readonly Step[])[] => {
  const clump = (waitUs: number, replicas: Step['replicas']): Step => {
    return { waitUs, calls: Math.min(CALLS_MAX, TURNS * burst), spacingUs: 0, replicas };
  };
  const beforeEdgeUs = windowUs - 1 - (startUs % windowUs);
  const opening: Step = { waitUs: 0, calls: 1, spacingUs: 0, replicas: 'one' };
  return (['one', 'each'] as const).flatMap((replicas) => [
    [clump(0, replicas)],
    [clump(beforeEdgeUs, replicas), clump(1, replicas)],
    [opening, clump(windowUs - 1, replicas), clump(1, replicas)],
  ]);
};

const someSteps = (tempo: Tempo, chance: Chance): readonly Step[] =>
  Array.from({ length: chance.integer(1, 3) }, () => someStep(tempo, chance));

const someStep = (tempo: Tempo, chance: Chance): Step => ({
  waitUs: someWaitUs(tempo, chance),
  calls: someCalls(tempo, chance),
  spacingUs: chance.happens(0.7) ? 0 : someSpacingUs(tempo, chance),
  replicas: chance.pick(['one', 'each'] as const) as Step['replicas'],
});

/** Lengths of every size, and the contract's own to the microsecond. */
const someWaitUs = ({ windowUs, permitNs }: Tempo, chance: Chance): number => {
  const mood = chance.float();
  if (mood < 0.2) return chance.pick([0, 1, windowUs - 1, windowUs, windowUs + 1]);
  if (mood < 0.5) return chance.integer(0, windowUs);
  if (mood < 0.6) return Math.ceil(permitNs / 1000);
  return Math.floor(Math.exp(chance.float() * Math.log(2 * windowUs + 1)));
};

const someSpacingUs = ({ windowUs, permitNs, burst }: Tempo, chance: Chance): number => {
  const permitUs = Math.ceil(permitNs / 1000);
  return chance.happens(0.3)
    ? permitUs
    : chance.integer(0, Math.max(permitUs, Math.ceil(windowUs / burst)));
};

/** Beyond so many in a step a limit is not overrun by this search, which says so. */
const CALLS_MAX = 100_000;

const someCalls = (tempo: Tempo, chance: Chance): number =>
  Math.min(CALLS_MAX, someCount(tempo, chance));

const someCount = ({ burst }: Tempo, chance: Chance): number =>
  chance.happens(0.2)
    ? chance.integer(1, 2 * burst)
    : chance.pick([1, burst, 2 * burst, TURNS * burst]);

const varied = (steps: readonly Step[], tempo: Tempo, chance: Chance): readonly Step[] => {
  const index = chance.integer(0, steps.length - 1);
  const step = steps[index];
  if (step === undefined) return someSteps(tempo, chance);
  const mood = chance.float();
  if (mood < 0.1 && steps.length < STEPS_MAX)
    return steps.toSpliced(index, 0, someStep(tempo, chance));
  if (mood < 0.2 && steps.length > 1) return steps.toSpliced(index, 1);
  if (mood < 0.35) return moved(steps, index, chance);
  return steps.with(index, variedStep(step, tempo, chance));
};

/** A step later or earlier, and all after it where they were. */
const moved = (steps: readonly Step[], index: number, chance: Chance): readonly Step[] => {
  const [step, next] = [steps[index], steps[index + 1]];
  if (step === undefined || next === undefined) return steps;
  const share = chance.happens(0.5) ? chance.float() : chance.float() / 16;
  const byUs = Math.floor((chance.happens(0.8) ? next.waitUs : -step.waitUs) * share);
  return steps
    .with(index, { ...step, waitUs: step.waitUs + byUs })
    .with(index + 1, { ...next, waitUs: next.waitUs - byUs });
};

const variedStep = (step: Step, tempo: Tempo, chance: Chance): Step => {
  switch (chance.integer(0, 6)) {
    case 0:
      return { ...step, waitUs: someWaitUs(tempo, chance) };
    case 1:
      return { ...step, waitUs: Math.floor(step.waitUs * (0.5 + chance.float())) };
    case 2:
      return { ...step, waitUs: Math.max(0, step.waitUs + chance.integer(-2, 2)) };
    case 3:
      return { ...step, calls: someCalls(tempo, chance) };
    case 4:
      return { ...step, spacingUs: Math.floor(step.spacingUs * chance.float()) };
    case 5:
      return { ...step, spacingUs: someSpacingUs(tempo, chance), calls: someCalls(tempo, chance) };
    default:
      return { ...step, replicas: step.replicas === 'one' ? 'each' : 'one' };
  }
};
