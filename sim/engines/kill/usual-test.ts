// What would the usual test have seen: A creates, B reads, and a refusal is expected?

import { findCanaries } from '../../domain/canary.ts';
import type { HistoryEvent, Observer } from '../../domain/history.ts';
import { Chance } from '../../kernel/chance.ts';
import type { Move, MoveOperation, Person, Use } from '../../scenario.ts';
import { type Program, peopleOf, scenarioOfProgram, TENANTS } from '../programs.ts';
import { player, type Trial } from '../verify.ts';

/** True when one of so many tests fails. Each is what teams write by hand: two tenants, two calls. */
export const usualTest = async (
  trial: Trial,
  effort: { readonly seed: number; readonly executions: number },
): Promise<boolean> => {
  const play = player(trial);
  for (let number = 1; number <= effort.executions; number += 1) {
    const judge = new Judge();
    const program = testOf(new Chance(effort.seed).fork('usual', number));
    await play(scenarioOfProgram(program), {}, judge);
    if (judge.hasFailed) return true;
  }
  return false;
};

const CREATES: readonly Use[] = ['talk', 'patient_context', 'clinic_config'];
const READS: readonly MoveOperation[] = [
  'front-door talk',
  'front-door patient_context',
  'front-door clinic_config',
  'front-door retrieve_clinic_documents',
  'gateway patient_context',
  'table GetItem',
  'memory RetrieveMemoryRecords',
  'memory ListEvents',
  'knowledge Retrieve',
];

const testOf = (chance: Chance): Program => {
  const one = oneOf(chance.fork('one'), peopleOf(TENANTS));
  const strangers = peopleOf(TENANTS).filter(({ tenant }) => tenant !== one.tenant);
  const other = oneOf(chance.fork('other'), strangers);
  const at = { afterUs: 0, together: false };
  const moves: readonly Move[] = [
    {
      ...at,
      do: 'ask',
      by: one,
      use: oneOf(chance.fork('use'), CREATES),
      session: 's1',
      say: undefined,
      times: 1,
      everyUs: 0,
    },
    {
      ...at,
      do: 'try',
      by: other,
      of: one,
      operation: oneOf(chance.fork('read'), READS),
      from: 'internet',
      presents: 'own',
      shadow: 'none',
      session: 's2',
    },
  ];
  return { seed: 1, hosting: 'microvm', limits: 'usual', tenants: involved(one, other), moves };
};

const involved = (...people: readonly Person[]): Program['tenants'] =>
  TENANTS.filter(({ id }) => people.some(({ tenant }) => tenant === id));

const oneOf = <T>(chance: Chance, list: readonly T[]): T => {
  const found = list[chance.integer(0, list.length - 1)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
};

/** Looks at what B got, and at nothing else: a refusal that did not come, or a text of A's. */
class Judge implements Observer {
  hasFailed = false;
  readonly #mine = new Set<number>();

  see(event: HistoryEvent): void {
    if (event.request === undefined) return;
    if (event.kind === 'exchange' && event.from === 'internet' && event.request.probe !== undefined)
      for (const { facts } of findCanaries(event.call.body)) this.#mine.add(facts.serial);
    const { probe } = event.request;
    if (event.kind !== 'ended' || probe === undefined || probe.relation === 'same user') return;
    if (probe.expects === 'refusal' && event.outcome === 'completed') this.hasFailed = true;
    for (const { facts } of findCanaries(event.reply.body))
      if (!this.#mine.has(facts.serial)) this.hasFailed = true;
  }
}
